"""Evidence on surrogacy: whether biologic and clinical effects go together, and the plain answer to why not."""

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field

from trialeukin.evidence.published_markers import WentTogether, both_effects, trials_of, went_together
from trialeukin.evidence.surrogacy_answers import surrogacy_answers
from trialeukin.evidence.vocabulary import GoesWith, JudgedOn
from trialeukin.report.surrogacy_words import over_trials
from trialeukin.trial.endpoint import Endpoint
from trialeukin.web.evidence_base import base_of
from trialeukin.web.problems import ANSWERS

router = APIRouter(prefix="/evidence", tags=["evidence"], responses=ANSWERS)


class StatementPublished(BaseModel):
    """What a paper says of a marker and the clinical effect."""

    study: str
    marker: str
    went_with: GoesWith | None
    judged_on: JudgedOn | None
    words: str | None


class AnswerOfTrial(BaseModel):
    """What was found in the virtual patients of a published trial, in sentences."""

    study: str = Field(examples=["calgb-19808"])
    title: str
    answer: list[str]
    refutation: list[str] = Field(description="What trials could refute it, and by how many events.")


class SurrogacyFound(BaseModel):
    """Surrogacy over published trials, in what papers say of patients, and in virtual patients."""

    over_trials: str
    published: list[StatementPublished]
    virtual_patients: int = Field(description="Of each trial, under every arm; followed once and recorded.")
    answers: list[AnswerOfTrial]


@router.get("/surrogacy", summary="Biologic and clinical effect")
def surrogacy(request: Request) -> SurrogacyFound:
    """Return whether biologic and clinical effects go together, and why they need not."""
    studies, recorded = base_of(request).studies, surrogacy_answers()
    return SurrogacyFound(
        over_trials=over_trials(both_effects(trials_of(studies, Endpoint.LFS))),
        published=[_statement(each) for each in went_together(studies.values())],
        virtual_patients=recorded.patients,
        answers=[
            AnswerOfTrial(
                study=each.study, title=each.title, answer=list(each.answer), refutation=list(each.refutation)
            )
            for each in recorded.studies
        ],
    )


def _statement(found: WentTogether) -> StatementPublished:
    row = found.row
    return StatementPublished(
        study=found.study,
        marker=row.marker,
        went_with=row.goes_with,
        judged_on=row.judged_on,
        words=row.with_clinical,
    )
