"""A decision as one HTML file that needs nothing else."""

from trialeukin import __version__
from trialeukin.evidence.decision import Decision
from trialeukin.report.answer import CAUTION
from trialeukin.report.decision_words import (
    answer,
    chance,
    decision_forest,
    further_table,
    harms_table,
    in_readings,
    relevant_table,
    statements,
    views_table,
    whose_readings,
)
from trialeukin.report.evidence_figures import described
from trialeukin.report.forest_figure import forest_on
from trialeukin.report.page import Headline, Page, Section, html
from trialeukin.report.picture import Words, picture

NAME = "views"


def decision_page(found: Decision) -> str:
    """Return the page of a decision."""
    asked, pooled = found.standard, found.found
    endpoint = pooled.selection.endpoint.label.lower()
    forest = decision_forest(found)
    words = Words(
        name=NAME,
        title="Hazard ratios, seen in other ways",
        description="; ".join(f"{row.label} {row.numbers}" for row in forest.rows if row.numbers),
        caption=f"{forest.foot[1].capitalize()}.",
    )
    return html(
        Page(
            title=f"{pooled.title}: {endpoint}",
            question=f"Is it known whether a hazard ratio for {endpoint} of {asked.relevant:g} or better is there?",
            answer=answer(found),
            comparison=f"{described(pooled.pooled)}.",
            caution=CAUTION,
            headlines=(
                Headline(
                    value=in_readings(found, lambda each: f"{each.median:.2f}"),
                    detail=f"{in_readings(found, lambda each: f'{each.lower:.2f} to {each.upper:.2f}')} (95 %)",
                    label=f"hazard ratio, {whose_readings(found)}",
                ),
                Headline(
                    value=in_readings(found, lambda each: chance(each.benefit)),
                    detail="",
                    label="probability of any benefit",
                ),
                Headline(
                    value=in_readings(found, lambda each: chance(each.worth)),
                    detail="",
                    label=f"probability of a hazard ratio below {asked.relevant:g}",
                ),
            ),
            sections=(
                Section(
                    name="beside",
                    title="What stands beside it",
                    notes=statements(found),
                    blocks=(picture(words, lambda screen: forest_on(screen, forest), views_table(found)),),
                ),
                *(
                    Section(name=name, title=title, blocks=(shown,))
                    for name, title, shown in (
                        ("worth", "What is worth having", relevant_table(found)),
                        ("more", "One more trial", further_table(found)),
                        ("harms", "Harms", harms_table(found)),
                    )
                    if shown is not None
                ),
            ),
            footer=f"Made by trialeukin {__version__}.",
        )
    )
