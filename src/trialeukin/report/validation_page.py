"""The scoreboard as one HTML page: shares, plots of predicted against observed, and every row with its reason."""

from collections.abc import Sequence

from trialeukin import __version__
from trialeukin.core.counting import counted
from trialeukin.inference.case import Case, Group, Unusable, Use
from trialeukin.inference.prediction import Effort, Prediction
from trialeukin.inference.score import Line, meets, scoreboard
from trialeukin.report.answer import CAUTION
from trialeukin.report.case_words import (
    error_of,
    gap,
    observed,
    predicted,
    share,
    treatment,
    verdict,
    what,
    where,
    work,
)
from trialeukin.report.observed_figure import observed_figure
from trialeukin.report.page import Headline, Page, Section, html
from trialeukin.report.picture import Picture, Words
from trialeukin.report.table import Table
from trialeukin.report.wording import percent

HEAD = ("case", "study", "what", "treatment", "observed", "its error", "predicted (95 %)", "ratio", "verdict")
CASES = (*HEAD, "assumed", "source")
SAID = {Use.FITTED: "that were fitted", Use.HELD_OUT: "that this fit has not seen", Use.OWN: "of your own"}
SPLIT = (
    "Held out is every study whose name has a SHA-256 that begins with 0 to 4, decided before this fit. "
    "Earlier fits of this project had seen many of these rows, and the structure of the model was chosen "
    "then: the rows are unseen by the parameters, not by the modellers."
)


def validation_page(predictions: Sequence[Prediction], unusable: Sequence[Unusable], effort: Effort) -> str:
    """Return the page as one HTML document."""
    lines = scoreboard(predictions)
    return html(
        Page(
            title="Observed and predicted",
            question="How well does the model predict what was observed in people?",
            answer=_answer(lines),
            comparison=_comparison(predictions, unusable),
            caution=CAUTION,
            headlines=tuple(_headlines(lines)),
            sections=(
                _shares(lines),
                *_groups(predictions),
                _misses(predictions),
                *([_not_used(unusable)] if unusable else []),
                _method(effort),
            ),
            footer=f"Made by trialeukin {__version__}, seed {effort.seed}.",
        )
    )


def _overall(lines: Sequence[Line]) -> dict[Use, Line]:
    return {line.use: line for line in lines if line.group is None}


def _answer(lines: Sequence[Line]) -> str:
    overall = _overall(lines)
    said = [
        f"of {counted(line.met.count, 'observation')} {SAID[use]}, {line.met.hits} ({percent(line.met.value)}) "
        f"{'is' if line.met.hits == 1 else 'are'} met"
        for use, line in overall.items()
        if use in SAID
    ]
    text = "; ".join(said) or "no observation is fitted or held out here"
    return f"{text[0].upper()}{text[1:]}: within two-fold, within 10 points of percent, or beyond the bound."


def _comparison(predictions: Sequence[Prediction], unusable: Sequence[Unusable]) -> str:
    rows = {row for made in predictions for row in made.case.rows} | {row for each in unusable for row in each.rows}
    if not rows:
        return f"{counted(len(predictions), 'prediction')} of the model as it was fitted without them."
    return (
        f"{counted(len(predictions), 'observation')} with a prediction, and {len(unusable)} without, listed with the "
        f"reason; together they carry {counted(len(rows), 'row')} of the tables of observations."
    )


def _headlines(lines: Sequence[Line]) -> list[Headline]:
    found = []
    for use, line in _overall(lines).items():
        for label, found_share in (("met", line.met), ("inside the interval", line.covered)):
            low, high = found_share.interval
            detail = f"{100.0 * low:.0f} to {100.0 * high:.0f} %"
            found.append(Headline(value=percent(found_share.value), detail=detail, label=f"{use.value}: {label}"))
    return found[:4]


def _shares(lines: Sequence[Line]) -> Section:
    rows = tuple(
        (
            "all" if line.group is None else line.group.value,
            line.use.value,
            share(line.met),
            share(line.covered),
        )
        for line in lines
    )
    return Section(
        name="shares",
        title="Shares",
        words=(SPLIT,) if any(line.use is not Use.OWN for line in lines) else (),
        blocks=(
            Table(
                caption="Predictions that meet their yardstick, observations inside the interval, Wilson's 95 %",
                head=("group", "use", "met", "inside the interval"),
                rows=rows,
                numeric=(False, False, True, True),
            ),
        ),
    )


def _groups(predictions: Sequence[Prediction]) -> list[Section]:
    sections = []
    for group in Group:
        mine = [each for each in predictions if each.case.group is group]
        parts = [[each for each in mine if each.case.in_points is points] for points in (False, True)]
        blocks = tuple(_figure(group, part) for part in parts if part)
        if blocks:
            name = group.value.replace(" ", "-")
            sections.append(Section(name=name, title=group.value.capitalize(), blocks=blocks))
    return sections


def _figure(group: Group, predictions: Sequence[Prediction]) -> Picture:
    points = predictions[0].case.in_points
    band = "10 points" if points else "two-fold"
    met = sum(meets(each) for each in predictions)
    name = f"{group.value.replace(' ', '-')}-{'points' if points else 'ratios'}"
    words = Words(
        name=name,
        title=f"{group.value.capitalize()}: predicted against observed{', shares of patients' if points else ''}",
        description=f"{met} of {len(predictions)} predictions meet their yardstick.",
        caption=f"Grey: {band}. Lines: 95 % interval of the observed number. Open marks miss, and are named on a wide "
        "screen with predicted over observed; triangles are limits and point to the side they allow.",
    )
    table = Table(
        caption=f"{group.value.capitalize()}: every case",
        head=CASES,
        rows=tuple(_row(each) for each in predictions),
        numeric=(False,) * len(CASES),
    )
    return observed_figure(words, predictions, table)


def _row(prediction: Prediction) -> tuple[str, ...]:
    case: Case = prediction.case
    return (
        f"{case.name} ({case.use.value})",
        case.study,
        what(case),
        treatment(case),
        observed(case),
        error_of(case),
        predicted(prediction),
        gap(prediction),
        verdict(prediction),
        case.reason,
        where(case),
    )


def _misses(predictions: Sequence[Prediction]) -> Section:
    missed = [each for each in predictions if not meets(each)]
    rows = tuple(
        (
            f"{each.case.name} ({each.case.use.value})",
            each.case.study,
            what(each.case),
            observed(each.case),
            predicted(each),
            gap(each),
            each.case.reason,
        )
        for each in missed
    )
    table = Table(
        caption=f"{counted(len(missed), 'prediction')} missing its yardstick",
        head=("case", "study", "what", "observed", "predicted (95 %)", "ratio", "assumed, or why not used"),
        rows=rows,
        numeric=(False,) * 7,
    )
    return Section(name="misses", title="Misses", blocks=(table,) if rows else (), words=() if rows else ("None.",))


def _not_used(unusable: Sequence[Unusable]) -> Section:
    table = Table(
        caption=f"{counted(len(unusable), 'observation')} without a prediction, and why",
        head=("case", "study", "what is printed", "why it has none", "source"),
        rows=tuple((each.name, each.study, each.source.place, each.reason, work(each)) for each in unusable),
        numeric=(False,) * 5,
        folded=True,
    )
    return Section(name="not-used", title="Rows that cannot be used", blocks=(table,))


def _method(effort: Effort) -> Section:
    return Section(
        name="method",
        title="How it was computed",
        words=(
            "A prediction is that of the typical adult (1.8 m², 70 kg) at the fitted values, or of a cohort "
            f"({counted(effort.patients, 'patient')}; for shares their mean, else their median).",
            f"An interval comes from {counted(effort.draws, 'draw')} of the parameters' joint uncertainty "
            f"({effort.patients_a_draw} of a cohort's patients each, counted as often as they stand for others who are "
            "like them at the fitted values). On each draw lies the error of the observation: for shares the binomial "
            "sampling of as many patients as were observed, else its stated standard deviation. Where neither is known "
            "the interval has the parameters alone.",
        ),
    )
