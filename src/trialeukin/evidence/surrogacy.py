"""Why biologic and clinical effects need not go together: a study's virtual patients looked at in three ways.

Within patients (`individual_level`), through which cells (`mediation`), and with one reason taken away at a time
(`explanations`); each under every structure that data do not tell apart.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import count

import numpy as np

from trialeukin.core.arrays import Floats
from trialeukin.core.errors import AnalysisError
from trialeukin.core.random import Stream
from trialeukin.evidence.explanations import Explanation, Reason, explanations
from trialeukin.evidence.individual_level import Correlation, Explained, causal_association, explained_in_treated
from trialeukin.evidence.marker_runs import (
    Done,
    LeukaemiaFree,
    MarkersAndTime,
    MarkerStudy,
    leukaemia_free,
    markers_and_time,
)
from trialeukin.evidence.mediation import Mediation, mediation, subsets
from trialeukin.model.structures import STRUCTURES, MarkerPath, Structure
from trialeukin.population.cohort import draw_typical
from trialeukin.trial.study import Study

SEED, PATIENTS, HORIZON = 1998, 1_000, 60.0
QUANTILES = (0.5, 0.05, 0.95)
STEPS = 2 + len(subsets()) + len(Reason)


@dataclass(frozen=True, slots=True, kw_only=True)
class Within:
    """One marker within the patients of a study.

    Attributes
    ----------
    path : MarkerPath
        Whose cells.
    rise : (median, 5 %, 95 %), times baseline
        Highest count up to the landmark over patients.
    treated : Explained or None
        What the rise tells of survival in treated patients; None where it cannot be said.
    association : Correlation or None
        Of the rise with the gain in leukaemia-free time, both caused by treatment.
    refusal : str
        Why one of them is None.
    """

    path: MarkerPath
    rise: tuple[float, float, float]
    treated: Explained | None
    association: Correlation | None
    refusal: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StructureSurrogacy:
    """Everything found under one structure."""

    structure: Structure
    mediation: Mediation
    within: tuple[Within, ...]
    explanations: tuple[Explanation, ...]

    def explanation(self, reason: Reason) -> Explanation:
        """Return what is left of the effect with one reason taken away."""
        return next(each for each in self.explanations if each.reason is reason)


def surrogacy_in(
    study: Study,
    *,
    patients: int = PATIENTS,
    horizon: float | None = None,
    seed: int = SEED,
    progress: Callable[[float], None] | None = None,
) -> tuple[StructureSurrogacy, ...]:
    """Look for surrogacy in the virtual patients of a study, under each of `STRUCTURES`.

    Parameters
    ----------
    study : Study
        With a treatment and a control.
    patients : int
        Followed under every arm and variant.
    horizon : float or None, month
        Leukaemia-free time is counted up to it; `HORIZON`, or the study's own where that is shorter, if none is given.
    seed : int
        Of patients and of resampling.
    progress : callable
        Called with the fraction that is done.

    Raises
    ------
    AnalysisError
        When the numbers asked for make no sense, or the study's patients are not followed up to the horizon.
    """
    end, steps = _end(study, horizon), count(1)

    def done() -> None:
        if progress is not None:
            progress(min(1.0, next(steps) / (STEPS * len(STRUCTURES))))

    return tuple(
        _under(MarkerStudy(study=study, structure=each, seed=seed, patients=patients, horizon=end), done)
        for each in STRUCTURES
    )


def mediation_over_draws(study: Study, structure: Structure, *, draws: int, patients: int) -> Mediation:
    """Return where the effect goes through at draws of what is not known of the parameters; see `mediation`."""
    plain = MarkerStudy(study=study, structure=structure, seed=SEED, patients=patients, horizon=_end(study))
    typical = draw_typical(plain.setting().system, seed=SEED, draws=np.arange(draws))
    return mediation(replace(plain, typical=typical))


def _end(study: Study, horizon: float | None = None) -> float:
    return min(HORIZON, study.follow_up.horizon_months) if horizon is None else horizon


def _under(asked: MarkerStudy, done: Done) -> StructureSurrogacy:
    control, markers = leukaemia_free(asked, treated=False), markers_and_time(asked)
    done()
    return StructureSurrogacy(
        structure=asked.structure,
        mediation=mediation(asked, done),
        within=tuple(_within(asked, markers, control, path) for path in MarkerPath),
        explanations=explanations(asked, _generator(asked.seed, "explanations"), done),
    )


def _generator(seed: int, name: str) -> np.random.Generator:
    words = Stream(seed, f"surrogacy/{name}").uniform(np.arange(1), 1)
    return np.random.default_rng(int(words[0, 0] * 2**53))


def _within(asked: MarkerStudy, markers: MarkersAndTime, control: LeukaemiaFree, path: MarkerPath) -> Within:
    treated, rises = markers.free, markers.rises[path][0]
    free = (
        (treated.valid[0] & control.valid[0])
        & (treated.times[0] > markers.landmark)
        & (control.times[0] > markers.landmark)
        & np.isfinite(rises)
    )
    if not free.any():
        raise AnalysisError(
            f"no patient is free of leukaemia under both arms at month {markers.landmark:.3g}, up to which markers are "
            "read: follow more patients, or those of another study"
        )
    after = treated.times[0][free] - markers.landmark
    gains = treated.times[0][free] - control.times[0][free]
    explained, association, refusals = None, None, []
    try:
        explained = explained_in_treated(rises[free], after, treated.events[0][free])
    except AnalysisError as fault:
        refusals.append(str(fault))
    try:
        association = causal_association(rises[free], gains, _generator(asked.seed, path.value))
    except AnalysisError as fault:
        refusals.append(str(fault))
    return Within(
        path=path,
        rise=_quantiles(rises[free]),
        treated=explained,
        association=association,
        refusal="; ".join(refusals),
    )


def _quantiles(values: Floats) -> tuple[float, float, float]:
    middle, low, high = np.quantile(values, QUANTILES)
    return float(middle), float(low), float(high)
