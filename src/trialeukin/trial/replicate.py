"""Replicate trials drawn from a virtual population, many at once.

Every patient's outcome under every arm is known; a trial sees only that of the arm it randomised
the patient to, and only until the patient is lost or the trial is analysed.
"""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trialeukin.core.arrays import Floats, Integers
from trialeukin.core.random import Stream
from trialeukin.survival.two_arm import two_arms
from trialeukin.trial.accrual import Conduct, observation_times
from trialeukin.trial.randomisation import randomise

RANDOMISATIONS = 2  # of each set of patients: the least that tells patients from the chance of the trial
TRIALS_AT_ONCE = 256


@dataclass(frozen=True, slots=True, kw_only=True)
class Trials:
    """s sets of n patients, each randomised m times.

    Attributes
    ----------
    patients : (s, n), 1
        Place of each patient in the population; patients are drawn with replacement.
    seen : (s, n), month
        Until when each is followed, from randomisation.
    given : (s, m, n), 1
        What each gets in each randomisation: zero for control, else the treatment, counted from one.
    strata : (s, n), 1
        Stratum of each patient; None: all are of one.
    """

    patients: Integers
    seen: Floats
    given: Integers
    strata: Integers | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Replicates:
    """What s sets of patients, each randomised m times, show of one endpoint.

    Attributes
    ----------
    log_ratio, error : (s, m), 1
        Log hazard ratio, treatment over control, and its standard error; NaN without an estimate.
    z : (s, m), 1
        Log-rank statistic; negative favours the treatment, NaN without information.
    events : (s, m, 2), 1
        Events seen under control and treatment.
    survival : (s, m, 2, t), 1
        Kaplan-Meier estimates at the t times asked for.
    restricted : (s, m), month
        Difference of restricted means up to the latest of those times, treatment less control; NaN where either curve
        is not known so far, or no time was asked for.
    """

    log_ratio: Floats
    error: Floats
    z: Floats
    events: Integers
    survival: Floats
    restricted: Floats


def draw_trials(
    sets: Integers, conduct: Conduct, *, population: int, stream: Stream, strata: Integers | None = None
) -> Trials:
    """Draw sets of patients from a population, their entry, their loss, and their randomisations.

    Parameters
    ----------
    sets : (s,), 1
        Numbers of the sets; a set's trials depend on its number and the stream alone.
    conduct : Conduct
        How the trial runs.
    population : int
        Patients to draw from.
    stream : Stream
        Chance.
    strata : (population,), 1
        Stratum of each patient of the population; None: all are of one.
    """
    n = conduct.patients
    patients = np.floor(stream.child("patients").uniform(sets, n) * population).astype(np.int64)
    entry = conduct.entry(np.sort(stream.child("entry").uniform(sets, n), axis=1))
    seen = observation_times(entry, stream.child("loss").exponential(sets, n), conduct)
    inside = None if strata is None else strata[patients]
    given = [
        randomise(
            stream.child(f"randomisation/{turn}").uniform(sets, n),
            control=conduct.control,
            treatments=conduct.treatments,
            block=conduct.block,
            strata=inside,
            factors=conduct.factors,
        )
        for turn in range(RANDOMISATIONS)
    ]
    return Trials(patients=patients, seen=seen, given=np.stack(given, axis=1), strata=inside)


def analyse_trials(
    trials: Trials,
    control: Floats,
    treated: Floats,
    at: Floats,
    *,
    treatment: int = 1,
    until: tuple[Floats, Floats] | None = None,
) -> Replicates:
    """Analyse one endpoint of drawn trials: one treatment against control, from the patients of these two arms alone.

    Parameters
    ----------
    trials : Trials
        Who enters, how long each is seen, who gets what.
    control, treated : (population,), month
        When each patient of the population has the event under either arm; infinity for never.
    at : (t,), month
        When to read the Kaplan-Meier curves.
    treatment : int
        Which, counted from one.
    until : (control, treated) of (population,), month
        Until when the event of each is looked for under either arm; None: as long as the trial goes on.
    """
    sets, turns, n = trials.given.shape
    place, chosen = trials.patients[:, None, :], trials.given == treatment
    compared = chosen | (trials.given == 0)
    event = np.where(chosen, treated[place], control[place])
    seen = np.where(compared, trials.seen[:, None, :], 0.0)  # who gets another treatment is at no event time at risk
    if until is not None:
        seen = np.minimum(seen, np.where(chosen, until[1][place], until[0][place]))
    rows = (sets * turns, n)
    happened = (compared & (event <= seen)).reshape(rows)
    latest = np.sort(at)[-1:]
    found = two_arms(
        np.minimum(event, seen).reshape(rows),
        happened,
        chosen.reshape(rows),
        strata=None if trials.strata is None else np.repeat(trials.strata, turns, axis=0),
        at=at,
        horizons=latest,
    )

    def shaped(values: NDArray[Any]) -> NDArray[Any]:
        return values.reshape((sets, turns, *values.shape[1:]))

    return Replicates(
        log_ratio=shaped(found.log_hazard_ratio),
        error=shaped(found.standard_error),
        z=shaped(found.z),
        events=shaped(found.events),
        survival=shaped(found.survival),
        restricted=shaped(_difference(found.restricted)),
    )


def _difference(means: Floats) -> Floats:
    """Return treatment less control of restricted means, (r, 2, h, 2) of h horizons, none or one."""
    if means.shape[2] == 0:
        return np.full(means.shape[0], np.nan)
    return np.asarray(means[:, 1, 0, 0] - means[:, 0, 0, 0])


def joined(parts: list[Replicates]) -> Replicates:
    """Return replicates of several batches as one."""
    names = Replicates.__dataclass_fields__
    return Replicates(**{name: np.concatenate([getattr(part, name) for part in parts]) for name in names})


def expected_log_ratio(
    control: Floats,
    treated: Floats,
    conduct: Conduct,
    stream: Stream,
    *,
    patients: Integers | None = None,
    strata: Integers | None = None,
) -> float:
    """Return the log hazard ratio of a whole population, every patient under both arms.

    Follow-up is cut as in the trial, for a patient alike under both arms, so that it is what large
    trials of this conduct tend to. NaN where it has no finite value.

    Parameters
    ----------
    control, treated : (n,), month
        When each patient has the event under either arm; infinity for never.
    conduct : Conduct
        How the trial runs.
    stream : Stream
        Chance of entry and loss, by patient.
    patients : (n,), 1
        The patients' indices; by default they are counted.
    strata : (n,), 1
        Stratum of each patient; None: all are of one.
    """
    if control.size == 0:
        return math.nan
    indices = np.arange(control.size) if patients is None else patients
    entry = conduct.entry(stream.child("entry").uniform(indices))
    seen = observation_times(entry, stream.child("loss").exponential(indices), conduct)[:, 0]
    event, end = np.concatenate((control, treated)), np.concatenate((seen, seen))
    arms = np.repeat(np.array([False, True]), control.size)
    inside = None if strata is None else np.concatenate((strata, strata))
    found = two_arms(np.minimum(event, end)[None], (event <= end)[None], arms[None], strata=inside)
    return float(found.log_hazard_ratio[0])
