"""What decides a regimen's effects, computed while its reader waits and kept for whoever asks again."""

from starlette.datastructures import State

from trialeukin.regimen.course import Regimen
from trialeukin.regimen.render import render
from trialeukin.trial.background import Background
from trialeukin.trial.influence import DRAWS, Influences, influences_of
from trialeukin.trial.response import SEED, Body


def influences_shown(
    state: State, regimen: Regimen, place: Background, *, body: Body, draws: int = DRAWS, seed: int = SEED
) -> Influences:
    """Return what `trialeukin.trial.influence.influences_of` finds."""
    key = ("influences", render(regimen), place, body, draws, seed)
    found: Influences = state.previews.of(key, lambda: influences_of(regimen, place, body=body, draws=draws, seed=seed))
    return found
