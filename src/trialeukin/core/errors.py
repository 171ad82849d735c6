"""What can go wrong, as a tree: the leaves say which part of the input or the run is at fault.

A message shows the value, says what is allowed and names the way out.
"""


class TrialeukinError(Exception):
    """Any failure that trialeukin explains to its user."""


class InputError(TrialeukinError):
    """The input is wrong; nothing has been run (exit code 2)."""


class RegimenError(InputError):
    """A regimen's text or its meaning is at fault."""


class StudyError(InputError):
    """A study file is at fault."""


class UnitError(InputError):
    """A quantity has the wrong unit, or one that has no meaning for its product."""


class ParameterError(InputError):
    """A parameter is unknown, out of its range or without a source."""


class ModelError(InputError):
    """Components do not compose into a model."""


class AnalysisError(InputError):
    """Data on which the statistic asked for is not defined."""


class RunError(TrialeukinError):
    """The run failed part-way; the message says what is kept (exit code 3)."""
