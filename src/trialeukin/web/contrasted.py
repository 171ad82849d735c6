"""Regimens compared while their reader waits; the courses under each are kept, since one is edited at a time."""

from starlette.datastructures import State

from trialeukin.regimen.course import Regimen
from trialeukin.regimen.render import render
from trialeukin.trial.background import Background
from trialeukin.trial.contrast import DRAWS, contrasts_of
from trialeukin.trial.contrast_result import Contrasts
from trialeukin.trial.response import PATIENTS, SEED


def contrasted(
    state: State,
    regimens: tuple[Regimen, ...],
    place: Background,
    *,
    patients: int = PATIENTS,
    draws: int = DRAWS,
    seed: int = SEED,
) -> Contrasts:
    """Return what `trialeukin.trial.contrast.contrasts_of` finds, kept for whoever asks again."""
    key = (tuple(render(each) for each in regimens), place, patients, draws, seed)
    found: Contrasts = state.contrasts.of(
        key,
        lambda: contrasts_of(regimens, place, patients=patients, draws=draws, seed=seed, kept=state.courses.of),
    )
    return found
