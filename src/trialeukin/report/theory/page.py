"""The theory of one model as a Markdown page, written from the model itself."""

from collections.abc import Iterable, Sequence

from trialeukin.core.counting import counted
from trialeukin.core.parameter import Parameter, Scale
from trialeukin.core.sources import bibliography, citation
from trialeukin.model.component import Component, parameters_of
from trialeukin.model.fitted import fitted_names
from trialeukin.model.system import System
from trialeukin.report.theory.equations import equations_of
from trialeukin.report.theory.prose import prose_of, title_of
from trialeukin.report.wording import words

WIDE = {Scale.LOG: 0.69, Scale.LOGIT: 1.0, Scale.LINEAR: float("inf"), Scale.EXPONENTIAL: float("inf")}
"""Uncertainty from which a parameter is called hardly known: a factor of two, or a unit of log odds."""

HEAD = "| parameter | value | unit | between patients | uncertainty | from | what |\n|---|--:|---|--:|--:|---|---|"


def theory_page(system: System, components: Sequence[Component], picture: str) -> str:
    """Return the page.

    Parameters
    ----------
    system : System
        The composed model; its parameters are shown, with what fits left unknown of them.
    components : sequence of Component
        What it is composed of, in order.
    picture : str
        The file of its diagram, seen from the page.
    """
    sections = [_section(component, system) for component in components]
    return "\n\n".join(
        [
            f"# The model {system.name}",
            "Written by `trialeukin theory` from the equations and parameters that the engine runs. Time is in days; "
            "symbols are in words; `+=` is what one component adds to a state of another. Equations are between "
            "quantities: a parameter may have any unit of the right kind. Spreads are standard deviations on the "
            "parameter's scale.",
            f"![Components of {system.name} and what acts on what]({picture})",
            _overview(system),
            *sections,
            _works(system),
            "",
        ]
    )


def sizes_of(system: System) -> str:
    """Return how much a model holds, such as ``13 states, 9 readings, 1 event, 61 parameters``."""
    held = (
        (system.states, "state"),
        (system.definitions, "reading"),
        (system.events, "event"),
        (system.parameters, "parameter"),
    )
    return ", ".join(counted(len(each), name) for each, name in held)


def _overview(system: System) -> str:
    parameters = system.parameters
    fitted = [name for name in parameters if name in fitted_names()]
    assumed = [name for name, each in parameters.items() if each.source.assumed and name not in fitted]
    open_ones = sorted(
        (name for name, each in parameters.items() if each.uncertainty >= WIDE[each.scale]),
        key=lambda name: -parameters[name].uncertainty,
    )
    counts = (
        f"{sizes_of(system)}: {len(parameters) - len(assumed) - len(fitted)} from sources, "
        f"{len(fitted)} fitted by this project, {len(assumed)} assumed."
    )
    lines = [f"- {words(name)}: {parameters[name].source.place}" for name in assumed]
    unknown = ", ".join(words(name) for name in open_ones) or "none"
    return "\n\n".join(
        [
            "## What is known, assumed and unknown",
            counts,
            f"Hardly known (a factor of two or more, or a unit of log odds): {unknown}.",
            "Assumed, each with its reason:",
            "\n".join(lines) or "- nothing",
        ]
    )


def _section(component: Component, system: System) -> str:
    rows = [_row(name, system.parameters[name]) for name in parameters_of(component)]
    return "\n\n".join(
        [
            f"## {title_of(component)}",
            prose_of(component),
            *(f"$$\n{display}\n$$" for display in equations_of(component.piece())),
            *(["\n".join([HEAD, *rows])] if rows else []),
        ]
    )


def _row(name: str, parameter: Parameter) -> str:
    source = parameter.source
    work = "assumed: " if source.assumed else f"[{citation(source.key)}](#{source.key}), "
    spreads = f"{parameter.between_patients:.3g} | {parameter.uncertainty:.3g}"
    cells = f"{parameter.value:.4g} | {parameter.unit} | {spreads}"
    return f"| {words(name)} | {cells} | {_cell(work + source.place)} | {_cell(parameter.meaning)} |"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _works(system: System) -> str:
    keys = sorted({each.source.key for each in system.parameters.values() if not each.source.assumed})
    return "\n\n".join(["## Sources", *(f'<a id="{key}"></a>{in_full(key)}' for key in keys)])


def in_full(key: str) -> str:
    """Return a work in full: people, title, where, and its DOI as a link."""
    entry = bibliography().entries[key]
    fields = entry.fields
    authors = entry.persons.get("author", [])
    people = "; ".join(" ".join([*person.last_names, *person.first_names]) for person in authors)
    number = ":".join(_given(fields.get("volume"), fields.get("pages")))
    where = " ".join(_given(fields.get("journal"), fields.get("year"), number))
    told = ". ".join(_given(people, fields.get("title"), where, fields.get("howpublished"), fields.get("note")))
    doi = fields.get("doi")
    return f"{told}." + (f" [doi:{doi}](https://doi.org/{doi})" if doi else "")


def _given(*parts: str | None) -> Iterable[str]:
    return (part for part in parts if part)
