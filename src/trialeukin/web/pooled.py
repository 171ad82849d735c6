"""Pools and the exposure of their arms, computed once and kept: for pages and for programs."""

from trialeukin.evidence.arm_exposure import ArmExposure, ExposureMeasure, exposure_of_regimen
from trialeukin.evidence.assessments import assessments_with
from trialeukin.evidence.catalogue import own_studies
from trialeukin.evidence.dose_response import DoseResponse, dose_response
from trialeukin.evidence.selection import Taken, named_pool
from trialeukin.evidence.synthesis import Method, Synthesis, judged, synthesis_of_pool
from trialeukin.trial.endpoint import Endpoint
from trialeukin.web.previews import Previews


def pooled(previews: Previews, pool: str, outcome: Endpoint, method: Method) -> Synthesis:
    """Return a pool with a name and what a judge made of it, computed once."""
    key = ("pool", pool, outcome, method)
    found: Synthesis = previews.of(key, lambda: synthesis_of_pool(own_studies(), named_pool(pool), outcome, method))
    return judged(found, pool, assessments_with(None))


def responses(
    previews: Previews, found: Synthesis, measures: tuple[ExposureMeasure, ...]
) -> tuple[tuple[DoseResponse, ...], dict[str, ArmExposure]]:
    """Return what exposure says of a pool; arms are followed one by one, so that others need not wait for all."""
    exposures = {
        taken.name: exposure for taken in found.selection.taken if (exposure := _exposure(previews, taken)) is not None
    }
    return tuple(dose_response(found.selection, found.pooled, measure) for measure in measures), exposures


def _exposure(previews: Previews, taken: Taken) -> ArmExposure | None:
    arm = taken.study.arm(taken.effect.treated)
    text = arm.regimen
    if text is None or arm.not_known() is not None:
        return None
    found: ArmExposure = previews.of(("exposure", text), lambda: exposure_of_regimen(text))
    return found
