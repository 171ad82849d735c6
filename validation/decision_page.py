"""What the published trials decide, and what they leave open: docs/decision.md and its figure.

    python validation/decision_page.py

Everything follows from the base and the frozen predictions by quadrature, in seconds; a test writes the page again.
"""

from collections.abc import Iterator
from functools import cache
from pathlib import Path

from page_text import table, written

from trialeukin.evidence.catalogue import own_studies
from trialeukin.evidence.decision import Decision, Kind, decide, model_on
from trialeukin.evidence.frozen import frozen_predictions
from trialeukin.evidence.selection import Criteria, named_pool, select
from trialeukin.evidence.synthesis import Method, synthesis_of_pool
from trialeukin.evidence.verdict import Standard
from trialeukin.evidence.vocabulary import Role, Setting
from trialeukin.report.decision_words import (
    SHORT,
    answer,
    better_than,
    chance,
    decision_forest,
    further_table,
    harms_table,
    in_readings,
    relevant_table,
    statements,
    verdict_in_short,
    views_table,
)
from trialeukin.report.evidence_figures import described
from trialeukin.report.forest_figure import forest_figure
from trialeukin.report.printed_figure import as_svg
from trialeukin.report.wording import with_limits
from trialeukin.trial.endpoint import Endpoint

PAGE = Path(__file__).parents[1] / "docs" / "decision.md"
FIGURE = PAGE.with_suffix(".svg")
USUAL = Standard()
QUESTIONS = (
    ("aml-cr1-all", Endpoint.LFS),
    ("aml-cr1-all", Endpoint.OS),
    ("aml-cr1-histamine", Endpoint.LFS),
    ("all-autologous", Endpoint.LFS),
)


@cache
def decisions() -> tuple[Decision, ...]:
    """Return the decision of every question of the page."""
    studies, told = own_studies(), frozen_predictions()
    pools = [synthesis_of_pool(studies, named_pool(name), endpoint, Method()) for name, endpoint in QUESTIONS]
    return tuple(decide(found, USUAL, model_on(found, told, studies)) for found in pools)


def page() -> str:
    """Return the page."""
    relevant, certainty = USUAL.relevant, USUAL.certainty
    lines = [
        "# What the trials decide",
        "",
        "Does IL-2 keep leukaemia in remission? A reader says which hazard ratio is just worth having and how sure to",
        f"be; this page asks for {relevant:g} and {100 * certainty:.0f} %, which nobody else has to agree with:",
        "`trialeukin evidence decide --relevant 0.9` asks again, and each question below has a table of other ratios.",
        "The verdict is of real trials alone, on average over them, under vague priors; where the sign of a trial is",
        "not known, with either sign; no prediction takes part in it. `make figures` writes this page.",
        *_summary(),
        f"![Hazard ratios with their 95 %, seen in other ways]({FIGURE.name})",
        "",
        f"*{_title(decisions()[0])}, seen in other ways. Solid line: {relevant:g}.*",
        "",
        "Where this is no answer: a hazard ratio is an average over patients and over regimens of unlike dose,",
        "schedule and route; [exposure](evidence.md) does not explain why trials differ, and who gains more cannot be",
        "told from these trials. What the model would say is beside each verdict, with how well it has done so far.",
        "",
    ]
    for found in decisions():
        lines += _question(found)
    return "\n".join([*lines, *_never_asked()])


def _summary() -> list[str]:
    ratio, benefit, worth = "hazard ratio (95 %)", better_than(1.0), better_than(USUAL.relevant)
    head = ("question", "a benefit worth having is", "in a further trial", ratio, benefit, worth)
    rows = [_row(found) for found in decisions()]
    return table(head, rows, 3)


def _row(found: Decision) -> tuple[str, ...]:
    return (
        _title(found),
        verdict_in_short(found),
        ", ".join(SHORT[each.verdict] for each in found.of(Kind.FURTHER)) or "–",
        in_readings(found, lambda each: with_limits(each.median, each.lower, each.upper)),
        in_readings(found, lambda each: chance(each.benefit)),
        in_readings(found, lambda each: chance(each.worth)),
    )


def _question(found: Decision) -> Iterator[str]:
    yield f"## {_title(found)}"
    yield ""
    yield f"**{answer(found)}** {described(found.found.pooled)}."
    yield ""
    yield from (f"- {line}" for line in statements(found))
    for each in (views_table(found), relevant_table(found), further_table(found), harms_table(found)):
        if each is not None:
            yield from written(each)


def _never_asked() -> Iterator[str]:
    """Yield where studies gave IL-2 and none has a hazard ratio against doing without."""
    yield "## Where the evidence cannot answer"
    yield ""
    yield "Studies gave IL-2 in these settings, and none of them has a hazard ratio against doing without it:"
    rows = []
    for role in (role for role in Role if role.has_il2):
        for setting in Setting:
            asked = Criteria(role=role, setting=setting)
            given = [
                study
                for study in own_studies().values()
                if asked.against(study) is None and any(arm.role is role for arm in study.arms)
            ]
            found = [select(own_studies(), endpoint, asked) for endpoint in Endpoint]
            if given and not any(each.taken or each.unsigned for each in found):
                rows.append((role.label, setting.label, str(len(given))))
    yield from table(("treatment", "setting", "studies"), rows, 2)


def _title(found: Decision) -> str:
    return f"{found.found.title}: {found.found.selection.endpoint.label.lower()}"


def main() -> None:
    PAGE.write_text(page(), encoding="utf-8")
    FIGURE.write_bytes(as_svg("decision", lambda: forest_figure(decision_forest(decisions()[0]))))
    print(f"written: {PAGE.name}, {FIGURE.name}")


if __name__ == "__main__":
    main()
