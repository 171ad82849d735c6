"""What a pool of trials decides, what it leaves open, and what one more trial would add."""

from dataclasses import dataclass, replace
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import HTMLResponse

from trialeukin.core.errors import AnalysisError, InputError
from trialeukin.evidence.decision import Decision
from trialeukin.evidence.verdict import CERTAINTY, RELEVANT, Standard
from trialeukin.report.decision_page import decision_page
from trialeukin.report.decision_words import (
    VERDICTS,
    decision_forest,
    further_table,
    grounds,
    harms_table,
    relevant_table,
    statements,
    views_table,
)
from trialeukin.report.evidence_figures import described
from trialeukin.web.charts.forest_chart import forest_chart
from trialeukin.web.pages.pool_page import WIDEST_POOL, PoolAsked, asked, choices, not_pooled
from trialeukin.web.pages.render import fragment, page
from trialeukin.web.pooled import decided

router = APIRouter()


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionAsked:
    """What a form asks for."""

    of: PoolAsked
    standard: Standard

    def address(self, path: str) -> str:
        """Return the address at which a page or a part of one shows it."""
        given = {"relevant": repr(self.standard.relevant), "certainty": repr(self.standard.certainty)}
        return f"{self.of.address(path)}&{urlencode(given)}"


def decision_asked(of: Annotated[PoolAsked, Depends(asked)], relevant: str = "", certainty: str = "") -> DecisionAsked:
    """Return what a request's form asks for; the usual where a field is empty."""
    standard = Standard(
        relevant=_number("hazard ratio just worth having", relevant, RELEVANT),
        certainty=_number("certainty", certainty, CERTAINTY),
    )
    return DecisionAsked(of=of, standard=standard)


Form = Annotated[DecisionAsked, Depends(decision_asked)]


@router.get("/evidence/decision")
def decision(request: Request, form: Form) -> Response:
    """Return the page on which a decision is asked for."""
    asked_for = {"standard": form.standard, "part": form.address("/evidence/decision/answer")}
    return page(request, "decision.html.j2", choices(form.of, WIDEST_POOL) | asked_for)


@router.get("/evidence/decision/answer")
def decision_part(request: Request, form: Form) -> Response:
    """Return the verdict with everything that stands beside it; where nothing can be pooled, why."""
    headers = {"HX-Replace-Url": form.address("/evidence/decision")}
    try:
        found = _decided(request, form)
    except AnalysisError as fault:
        return not_pooled(request, fault, headers)
    values = {
        "found": found,
        "verdict": VERDICTS[found.verdict],
        "grounds": grounds(found),
        "described": described(found.found.pooled),
        "statements": statements(found),
        "chart": forest_chart(decision_forest(found), "views"),
        "views": views_table(found),
        "relevant": relevant_table(found),
        "further": further_table(found),
        "harms": harms_table(found),
        "pool": replace(form.of, choice=form.of.chosen(WIDEST_POOL)).address("/evidence/pools"),
        "file": form.address("/evidence/decision/file"),
    }
    return fragment(request, "parts/decision.html.j2", values, headers=headers)


@router.get("/evidence/decision/file")
def decision_file(request: Request, form: Form) -> Response:
    """Return the decision as one file to keep."""
    name = f"decision-{form.of.chosen(WIDEST_POOL).pool.replace(' ', '-')}-{form.of.outcome.value}.html"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HTMLResponse(decision_page(_decided(request, form)), headers=headers)


def _decided(request: Request, form: DecisionAsked) -> Decision:
    return decided(request.app.state, form.of.chosen(WIDEST_POOL), form.of.outcome, form.standard)


def _number(name: str, text: str, usual: float) -> float:
    try:
        return float(text) if text else usual
    except ValueError:
        raise InputError(f"{name} {text[:40]!r}: give a number such as {usual:g}") from None
