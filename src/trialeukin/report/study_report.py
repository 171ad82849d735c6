"""The report of one study's run: one HTML file that needs nothing else."""

from trialeukin.report.answer import CAUTION, answer, comparison, headlines
from trialeukin.report.evidence_section import evidence_section
from trialeukin.report.exposure_section import exposure_section
from trialeukin.report.in_whom_section import in_whom_section
from trialeukin.report.method_section import limits_section, method_section, parameters_section
from trialeukin.report.outcome_section import outcome_section
from trialeukin.report.page import Page, html
from trialeukin.report.ratio_section import ratio_section
from trialeukin.report.response_section import response_section
from trialeukin.report.safety_section import safety_section
from trialeukin.report.trial_section import trial_section
from trialeukin.trial.result import StudyResult

SECTIONS = (
    trial_section,
    exposure_section,
    response_section,
    outcome_section,
    ratio_section,
    in_whom_section,
    evidence_section,
    safety_section,
    parameters_section,
    method_section,
    limits_section,
)


def study_report(result: StudyResult) -> str:
    """Return the report of a run as one HTML document."""
    version = result.provenance.versions.get("trialeukin", "")
    return html(
        Page(
            title=result.study.study.title,
            question=result.study.study.question,
            answer=answer(result),
            comparison=comparison(result),
            caution=CAUTION,
            headlines=headlines(result),
            sections=tuple(section(result) for section in SECTIONS),
            footer=f"Made by trialeukin {version} from {result.study.study.name}, seed {result.provenance.seed}.",
        )
    )
