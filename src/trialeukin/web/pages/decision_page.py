"""What a pool of trials decides, what it leaves open, and what one more trial would add."""

from dataclasses import dataclass
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import HTMLResponse

from trialeukin.core.errors import AnalysisError, InputError
from trialeukin.evidence.decision import Decision
from trialeukin.evidence.selection import named_pool, named_pools
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
from trialeukin.trial.endpoint import Endpoint
from trialeukin.web.charts.forest_chart import forest_chart
from trialeukin.web.pages.pool_page import WIDEST_POOL
from trialeukin.web.pages.render import fragment, page
from trialeukin.web.pooled import decided

router = APIRouter()


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionAsked:
    """What a form asks for."""

    pool: str
    outcome: Endpoint
    standard: Standard

    def address(self, path: str) -> str:
        """Return the address at which a page or a part of one shows it."""
        given = {
            "pool": self.pool,
            "outcome": self.outcome.value,
            "relevant": f"{self.standard.relevant:g}",
            "certainty": f"{self.standard.certainty:g}",
        }
        return f"{path}?{urlencode(given)}"


def asked(pool: str = "", outcome: str = "", relevant: str = "", certainty: str = "") -> DecisionAsked:
    """Return what a request's form asks for; the usual where a field is empty."""
    outcomes = [each.value for each in Endpoint]
    if outcome and outcome not in outcomes:
        raise InputError(f"outcome {outcome[:40]!r}: there are {', '.join(map(repr, outcomes))}")
    return DecisionAsked(
        pool=named_pool(pool or WIDEST_POOL).name,
        outcome=Endpoint(outcome or Endpoint.LFS.value),
        standard=Standard(
            relevant=_number("hazard ratio just worth having", relevant, RELEVANT),
            certainty=_number("certainty", certainty, CERTAINTY),
        ),
    )


Form = Annotated[DecisionAsked, Depends(asked)]


@router.get("/evidence/decision")
def decision(request: Request, form: Form) -> Response:
    """Return the page on which a decision is asked for."""
    values = {
        "form": form,
        "pools": named_pools().values(),
        "outcomes": Endpoint,
        "part": form.address("/evidence/decision/answer"),
    }
    return page(request, "decision.html.j2", values)


@router.get("/evidence/decision/answer")
def decision_part(request: Request, form: Form) -> Response:
    """Return the verdict with everything that stands beside it; where nothing can be pooled, why."""
    headers = {"HX-Replace-Url": form.address("/evidence/decision")}
    try:
        found = _decided(request, form)
    except AnalysisError as fault:
        refused = {"found": None, "why": str(fault).splitlines()}
        return fragment(request, "parts/decision.html.j2", refused, headers=headers)
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
        "pool": f"/evidence/pools?{urlencode({'pool': form.pool, 'outcome': form.outcome.value})}",
        "file": form.address("/evidence/decision/file"),
    }
    return fragment(request, "parts/decision.html.j2", values, headers=headers)


@router.get("/evidence/decision/file")
def decision_file(request: Request, form: Form) -> Response:
    """Return the decision as one file to keep."""
    name = f"decision-{form.pool}-{form.outcome.value}.html"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HTMLResponse(decision_page(_decided(request, form)), headers=headers)


def _decided(request: Request, form: DecisionAsked) -> Decision:
    return decided(request.app.state, form.pool, form.outcome, form.standard)


def _number(name: str, text: str, usual: float) -> float:
    try:
        return float(text) if text else usual
    except ValueError:
        raise InputError(f"{name} {text[:40]!r}: give a number such as {usual:g}") from None
