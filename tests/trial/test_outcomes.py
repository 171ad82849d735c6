"""Events of trajectories become outcomes, curves and chosen patients."""

import numpy as np
import pytest

from trialeukin.core.errors import RunError
from trialeukin.engine.trajectories import Status, Trajectories
from trialeukin.trial.arm_result import FAN_LEVELS
from trialeukin.trial.curves import incidence_curve, survival_curve
from trialeukin.trial.endpoint import DAYS_A_MONTH, Cause, Endpoint
from trialeukin.trial.fans import alive_quantiles, chosen_patients
from trialeukin.trial.outcomes import Outcomes, outcomes_of
from trialeukin.trial.pair import Pair

EVENTS = ("relapse_crossing", "relapse", "death_in_remission", "death_after_relapse", "extinction")
DEATHS = ("death_in_remission", "death_after_relapse")
NEVER = np.nan


def trajectories(months: list[list[float]], status: list[int] | None = None) -> Trajectories:
    count = len(months)
    return Trajectories(
        times=np.empty(0),
        save=(),
        values=np.empty((count, 0, 0)),
        exposures=(),
        windows=(),
        lowest=np.empty((count, 0, 0)),
        lowest_at=np.empty((count, 0, 0)),
        highest=np.empty((count, 0, 0)),
        highest_at=np.empty((count, 0, 0)),
        area=np.empty((count, 0, 0)),
        above=np.empty((count, 0, 0)),
        last=np.empty((count, 0)),
        events=EVENTS,
        event_times=np.array(months) * DAYS_A_MONTH,
        given=np.empty((count, 0)),
        put_off=np.empty((count, 0)),
        fates=np.empty((count, 0), dtype=np.int64),
        status=np.array(status or [Status.REACHED_HORIZON] * count),
        end_times=np.full(count, 60.0 * DAYS_A_MONTH),
        steps=np.ones(count, dtype=np.int64),
        method="made up",
    )


@pytest.fixture
def four() -> Outcomes:
    """Relapse and death; death in remission; crossing after which death comes first; nothing."""
    months = [
        [5.2, 6.0, NEVER, 10.0, NEVER],
        [NEVER, NEVER, 20.0, NEVER, 3.0],
        [29.5, NEVER, 29.7, NEVER, NEVER],
        [NEVER, NEVER, NEVER, NEVER, 1.0],
    ]
    return outcomes_of(trajectories(months), deaths=DEATHS, horizon_days=60.0 * DAYS_A_MONTH)


def test_leukaemia_free_survival_ends_at_the_detected_relapse_or_any_death(four: Outcomes) -> None:
    assert four.times(Endpoint.LFS) == pytest.approx([6.0, 20.0, 29.7, np.inf])
    assert four.times(Endpoint.OS) == pytest.approx([10.0, 20.0, 29.7, np.inf])
    assert four.crossing == pytest.approx([5.2, np.inf, 29.5, np.inf])
    assert four.died_in_remission.tolist() == [False, True, True, False]
    assert four.horizon == pytest.approx(60.0)


def test_curves_of_four_patients_fall_in_quarters(four: Outcomes) -> None:
    lfs = survival_curve(four, Endpoint.LFS)
    relapse = incidence_curve(four, Cause.RELAPSE)
    death = incidence_curve(four, Cause.DEATH_IN_REMISSION)

    assert lfs.times == pytest.approx([6.0, 20.0, 29.7])
    assert lfs.values == pytest.approx([0.75, 0.5, 0.25])
    assert lfs.at_risk.tolist() == [4, 3, 2, 1, 1, 1]
    assert relapse.values == pytest.approx([0.25])
    assert death.values == pytest.approx([0.25, 0.5])


def test_a_cause_that_nobody_has_is_an_empty_curve() -> None:
    alive = outcomes_of(trajectories([[NEVER] * 5] * 3), deaths=DEATHS, horizon_days=60.0 * DAYS_A_MONTH)

    assert incidence_curve(alive, Cause.RELAPSE).times.size == 0
    assert survival_curve(alive, Endpoint.OS).values.size == 0


def test_a_failed_patient_is_left_out_and_many_are_refused() -> None:
    months = [[NEVER] * 5] * 200
    one, three = [int(Status.NOT_FINITE)] + [0] * 199, [int(Status.STEP_TOO_SMALL)] * 3 + [0] * 197

    outcomes = outcomes_of(trajectories(months, one), deaths=DEATHS, horizon_days=100.0)

    assert outcomes.valid.sum() == 199
    with pytest.raises(RunError, match="3 of 200 trajectories failed, more than 1%"):
        outcomes_of(trajectories(months, three), deaths=DEATHS, horizon_days=100.0)


def test_a_patient_who_failed_in_one_arm_is_in_neither() -> None:
    months = [[5.0, 6.0, NEVER, NEVER, NEVER]] * 200
    whole = outcomes_of(trajectories(months), deaths=DEATHS, horizon_days=100.0)
    broken = outcomes_of(
        trajectories(months, [0, int(Status.NOT_FINITE)] + [0] * 198), deaths=DEATHS, horizon_days=100.0
    )

    pair = Pair(control=whole, treated=broken)

    assert pair.patients.size == 199
    assert 1 not in pair.patients
    assert pair.first(10).patients.size == 9


def test_one_patient_of_each_fate_is_chosen(four: Outcomes) -> None:
    months = [[NEVER] * 5, [5.0, 6.0, NEVER, NEVER, NEVER], [NEVER] * 5, [NEVER] * 5]
    treated = outcomes_of(trajectories(months), deaths=DEATHS, horizon_days=60.0 * DAYS_A_MONTH)

    chosen = chosen_patients(Pair(control=four, treated=treated))

    assert chosen == (
        (0, "relapses under control only"),
        (1, "relapses under treatment only"),
        (2, "relapses under neither arm"),
    )


def test_quantiles_are_over_those_alive() -> None:
    values = np.array([[0.0, 1.0, np.nan], [1.0, np.nan, np.nan], [2.0, 3.0, np.nan]])

    quantiles = alive_quantiles(values)

    assert quantiles[2, :2] == pytest.approx([1.0, 2.0])
    assert quantiles[0, 1] == pytest.approx(1.1)
    assert np.isnan(quantiles[:, 2]).all()


@pytest.mark.parametrize("patients", [1, 2, 3, 7, 200])
def test_quantiles_are_those_of_numpy_to_the_bit(patients: int) -> None:
    values = np.random.default_rng(patients).lognormal(sigma=3.0, size=(patients, 50))

    quantiles = alive_quantiles(values)

    assert np.array_equal(quantiles, np.quantile(values, FAN_LEVELS, axis=0))
