"""Pools and the exposure of their arms, computed once and kept: for pages and for programs."""

from starlette.datastructures import State

from trialeukin.evidence.arm_exposure import ArmExposure, ExposureMeasure, exposure_of_regimen, not_computed
from trialeukin.evidence.choice import Choice
from trialeukin.evidence.decision import Decision, decide, model_on
from trialeukin.evidence.dose_response import DoseResponse, dose_response
from trialeukin.evidence.frozen import frozen_predictions
from trialeukin.evidence.selection import Taken
from trialeukin.evidence.synthesis import Method, Synthesis
from trialeukin.evidence.verdict import Standard
from trialeukin.trial.endpoint import Endpoint


def pooled(state: State, choice: Choice, outcome: Endpoint, method: Method) -> Synthesis:
    """Return the pool that is chosen, and what a judge made of it; computed once."""
    found: Synthesis = state.previews.of(
        ("pool", choice, outcome, method), lambda: choice.synthesis(state.base.studies, outcome, method)
    )
    return choice.judged(found, state.base.assessments)


def decided(state: State, choice: Choice, outcome: Endpoint, standard: Standard) -> Decision:
    """Return what the pool that is chosen decides; computed once."""
    found = pooled(state, choice, outcome, Method())

    def compute() -> Decision:
        return decide(found, standard, model_on(found, frozen_predictions(), state.base.studies))

    decision: Decision = state.previews.of(("decision", choice, outcome, standard), compute)
    return decision


def responses(
    state: State, found: Synthesis, measures: tuple[ExposureMeasure, ...]
) -> tuple[tuple[DoseResponse, ...], dict[str, ArmExposure]]:
    """Return what exposure says of a pool; arms are followed one by one, so that others need not wait for all."""
    exposures = {
        taken.name: exposure for taken in found.selection.taken if (exposure := _exposure(state, taken)) is not None
    }
    return tuple(dose_response(found.selection, found.pooled, measure) for measure in measures), exposures


def _exposure(state: State, taken: Taken) -> ArmExposure | None:
    arm = taken.study.arm(taken.effect.treated)
    text = arm.regimen
    if text is None or not_computed(arm) is not None:
        return None
    found: ArmExposure = state.previews.of(("exposure", text), lambda: exposure_of_regimen(text))
    return found
