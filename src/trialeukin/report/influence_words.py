"""Which parameters decide what a regimen does, as tables."""

from trialeukin.model.fitted import fit_of_parameter
from trialeukin.model.system import System
from trialeukin.report.contrast_words import NOTHING
from trialeukin.report.table import Table
from trialeukin.report.wording import percent, shortly, unit_words, with_unit
from trialeukin.trial.influence import Influence, Influences, MeasureInfluences, Spread

NAMED = 3  # parameters of a measure in the table of all
LEAST = 0.01  # of the variance, from which on a parameter has a row of its own
TELLING = 0.03  # of the variance that knowing it takes away, from which on it has one too: above the draws' chance
FITS = ("immune",)
REASONS = {
    "unknown": "What is not known of the parameters",
    "between": "How patients differ",
}


def spread_of(measure: MeasureInfluences, reason: str) -> Spread:
    """Return the spread of a measure for one of `REASONS`."""
    return measure.unknown if reason == "unknown" else measure.between


def noticed(spread: Spread) -> tuple[Influence, ...]:
    """Return the parameters that make a hundredth of the variance or more."""
    return tuple(each for each in spread.influences if each.share >= LEAST)


def overview_table(found: Influences, reason: str) -> Table:
    """Return a row a measure: the typical patient, the range of all parameters at once, and those that move it most."""
    rows = (
        (
            with_unit(each.name, each.unit),
            shortly(each.typical),
            _range(spread_of(each, reason)),
            _most(spread_of(each, reason)),
        )
        for each in found.measures
    )
    head = ("", "typical patient", f"central 95 % of {found.draws:,}", "moved most by, share of the variance")
    return Table(caption=REASONS[reason], head=head, rows=tuple(rows), numeric=(False, True, True, False))


def measure_table(found: Influences, measure: MeasureInfluences, reason: str) -> Table:
    """Return a row a parameter that makes or tells enough of a measure's variance, and one of all the others."""
    spread = spread_of(measure, reason)
    shown = [each for each in spread.influences if each.share >= LEAST or (each.learned or 0.0) >= TELLING]
    rows = [_row(found.system, each, reason) for each in shown]
    others = [each for each in spread.influences if each not in shown]
    if others:
        rows.append((f"{len(others)} others", "", "", "", percent(sum(each.share for each in others)), "", ""))
    head = ("parameter", "value", "at −1 SD", "at +1 SD", "share", "if known", "what it is")
    kept = [column for column, name in enumerate(head) if reason == "unknown" or name != "if known"]
    return Table(
        caption=f"{REASONS[reason]}: {_summary(spread)}",
        head=tuple(head[column] for column in kept),
        rows=tuple(tuple(row[column] for column in kept) for row in rows),
        numeric=tuple(0 < column < len(head) - 1 for column in kept),
    )


def _summary(spread: Spread) -> str:
    alone = percent(spread.one_at_a_time)
    return f"{_range(spread)}; one at a time they make {alone} of the standard deviation of all at once"


def _row(system: System, found: Influence, reason: str) -> tuple[str, ...]:
    parameter = system.parameters[found.parameter]
    fit = fit_of_parameter(FITS, found.parameter, parameter)
    said = f"{parameter.meaning} ({fit.verdict.value})" if fit and reason == "unknown" else parameter.meaning
    value = f"{shortly(parameter.value)} {unit_words(parameter.unit)}".rstrip()
    return (
        found.parameter,
        value,
        shortly(found.lower),
        shortly(found.higher),
        percent(found.share),
        "" if found.learned is None else percent(found.learned),
        said,
    )


def _range(spread: Spread) -> str:
    return f"{shortly(spread.low)} to {shortly(spread.high)}" if spread.high > spread.low else NOTHING


def _most(spread: Spread) -> str:
    return ", ".join(f"{each.parameter} {percent(each.share)}" for each in noticed(spread)[:NAMED]) or NOTHING
