"""The page of a design: one HTML file with the protocol's table, its sentence and three pictures."""

import re
from collections.abc import Sequence

import numpy as np

from trialeukin import __version__
from trialeukin.core.counting import counted
from trialeukin.report.accrual_figure import accrual_figure
from trialeukin.report.answer import CAUTION
from trialeukin.report.boundary_figure import RatioLimits, boundary_figure
from trialeukin.report.design_result import DesignResult, whole
from trialeukin.report.design_sentence import conduct_sentences, notes, size_sentence
from trialeukin.report.design_tables import EFFICACY_COLUMNS, looks_table, sizes_head, sizes_table
from trialeukin.report.page import Headline, Page, Section, html
from trialeukin.report.picture import Picture, Words
from trialeukin.report.power_figure import power_figure
from trialeukin.report.table import Table
from trialeukin.report.wording import percent


def design_page(result: DesignResult) -> str:
    """Return the page of a design."""
    found = result.schedule
    *boundaries, calendar, power = pictures(result)
    where = f" in {result.endpoint}" if result.endpoint else ""
    asked = f"What does it take to detect {result.effect}{where}?"
    if result.sized:
        asked = f"What can {found.patients:.0f} patients show of {result.effect}{where}?"
    elif found.trial.margin > 1.0:
        asked = f"What does it take to show non-inferiority with a margin of {found.trial.margin:g}{where}?"
    return html(
        Page(
            title=result.title,
            question=asked,
            answer=size_sentence(result),
            comparison=" ".join((*conduct_sentences(result), *notes(result))),
            caution=CAUTION,
            headlines=(
                Headline(value=str(whole(found.patients)), detail="", label="patients"),
                Headline(value=str(whole(found.events)), detail="", label="events"),
                Headline(value=f"{found.trial.end:.0f}", detail="", label="months to the final analysis"),
                Headline(value=percent(found.alternative.reject, 1), detail="", label="power"),
            ),
            sections=(
                _looks(result, boundaries),
                Section(name="dates", title="Calendar", blocks=(calendar,)),
                Section(name="chances", title="Power", blocks=(power,)),
                _sizes(result),
            ),
            footer=f"Made by trialeukin {__version__}.",
        )
    )


def standing_alone(drawn: Picture) -> str:
    """Return the wide drawing of a picture as an SVG file in the colours of a light page."""
    resolved = re.sub(r"var\(--[a-z0-9-]+,(#[0-9a-f]{6})\)", r"\1", drawn.desk)
    frame = '<svg xmlns="http://www.w3.org/2000/svg" font-family="Helvetica, Arial, sans-serif"'
    return resolved.replace("<svg", frame, 1).replace("max-width:", "background:#ffffff;max-width:", 1) + "\n"


def pictures(result: DesignResult) -> tuple[Picture, ...]:
    """Return the pictures of a design: boundaries where there are several analyses, calendar, power."""
    found = result.schedule
    limits = "; ".join(
        f"{counted(whole(look.events), 'event')}: " + ", ".join(
            f"{name} {limit.hazard_ratio_at_limit:.2f}"
            for name, limit in (("efficacy", look.efficacy), ("futility", look.futility)) if limit is not None
        )
        for look in result.looks
    )  # fmt: skip
    dates = "; ".join(f"month {look.month:.0f}: {counted(whole(look.events), 'event')}" for look in result.looks)
    return (
        *boundary_figure(
            Words(
                name="boundaries",
                title="Boundaries as estimated hazard ratios",
                description=limits,
                caption="About the estimated hazard ratio at which the trial stops, by the events at each analysis.",
            ),
            RatioLimits(
                events=np.array([effect.events for effect in found.effects]),
                efficacy=found.hazard_ratios(found.boundaries.upper),
                futility=found.hazard_ratios(found.boundaries.lower),
                margin=found.trial.margin,
            ),
        ),
        accrual_figure(
            Words(
                name="calendar",
                title="Patients and events on the calendar",
                description=dates,
                caption="Patients entered and events expected, with the dates of the analyses under the plan.",
            ),
            found,
        ),
        power_figure(
            Words(
                name="power",
                title="Power over the true hazard ratio",
                description=f"Power {percent(found.alternative.reject, 1)} for {result.effect}.",
                caption="Chances with the planned events if one hazard ratio holds at all times; the dot is the plan.",
            ),
            found,
        ),
    )


def _looks(result: DesignResult, boundaries: Sequence[Picture]) -> Section:
    head, rows = looks_table(result)
    rules = result.schedule.rules
    futility = "none" if rules.futility is None else rules.futility.name
    tables = [
        Table(
            caption="Analyses and limits of efficacy. p is one-sided; HR is about the estimated hazard ratio at the "
            "limit; chances of having stopped add up over the analyses",
            head=head[:EFFICACY_COLUMNS],
            rows=tuple(row[:EFFICACY_COLUMNS] for row in rows),
        )
    ]
    if len(head) > EFFICACY_COLUMNS:
        tables.append(
            Table(
                caption="Limits of futility, in the same way",
                head=(head[0], *head[EFFICACY_COLUMNS:]),
                rows=tuple((row[0], *row[EFFICACY_COLUMNS:]) for row in rows),
            )
        )
    words = (f"Efficacy: {rules.efficacy.name}. Futility: {futility}.",)
    return Section(name="analyses", title="Analyses", words=words, blocks=(*tables, *boundaries))


def _sizes(result: DesignResult) -> Section:
    rows = sizes_table(result)
    sources = tuple(f"{stated.words} [{stated.source}]" for stated in result.sources)
    if not rows:
        words = ("Hazards are not proportional: sizes are by average hazard ratio and information of both hypotheses.",)
        return Section(name="inputs", title="Method and inputs", words=words, notes=sources)
    table = Table(caption="One analysis, by the formulas in use", head=sizes_head(result), rows=tuple(rows))
    words = ("Events and boundaries above are Schoenfeld's, with the information taken as events times both shares.",)
    return Section(name="inputs", title="Method and inputs", words=words, notes=sources, blocks=(table,))
