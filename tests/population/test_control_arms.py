"""Control arms of published trials, and the engine against the closed form of an untreated patient."""

import control_arms
import numpy as np
import pytest
from untreated import untreated_course

from trialeukin.engine.problem import Doses, Problem
from trialeukin.engine.solve import solve
from trialeukin.evidence.catalogue import own_studies
from trialeukin.model.whole import model
from trialeukin.population.cohort import draw_cohort, typical_values
from trialeukin.population.description import load_description

PATIENTS = 4_000
POINTS = 0.07  # what the project asks of a fitted control arm
SEED = 7  # not that of the fit
HORIZON = 1_800.0
SOLVER = 0.1  # day: a relative tolerance of 1e-5 on some 20 units of log burden, over a slow growth of 0.01 a day
NOTHING = np.zeros(0)


FITTED = [target for target in control_arms.read_targets() if target.fitted and not target.in_months]


@pytest.mark.parametrize("target", FITTED, ids=lambda target: f"{target.study} {target.arm} {target.quantity}")
def test_a_fitted_control_arm_is_met_within_seven_points(target: object) -> None:
    system = model("aml-maintenance")

    course = control_arms.simulate(target, system, typical_values(system), patients=PATIENTS, seed=SEED)

    assert control_arms.reading(target, course) == pytest.approx(target.value, abs=POINTS)  # type: ignore[attr-defined]


def test_control_arms_were_told_apart_into_fitted_and_predicted() -> None:
    roles = {(target.study, target.quantity, target.months): target.fitted for target in control_arms.read_targets()}

    assert roles["ALFA-9801", "lfs", 48.0] is False
    assert roles["CALGB 19808", "lfs", 36.0] is True
    assert sum(roles.values()) <= 14
    assert sum(not fitted for fitted in roles.values()) >= 15


PUBLISHED = {
    "CALGB 19808": "KOLITZ2014",
    "CCG-2961": "LANGE2008",
    "ALFA-9801": "PAUTAS2010",
    "AML-12": "AML12_06991",
    "BGMT": "BLAISE2000",
}
PRINTED_AS = {"DFS": "lfs", "LFS": "lfs", "EFS": "lfs", "OS": "os"}


@pytest.mark.parametrize(("study", "of_base"), PUBLISHED.items())
def test_a_control_arm_has_the_size_and_the_share_of_the_evidence_base(study: str, of_base: str) -> None:
    printed: dict[tuple[str, float | None], set[tuple[float, int | None]]] = {}
    for curve in own_studies()[of_base].curves:
        if curve.arm == "control":
            printed.setdefault((PRINTED_AS.get(curve.endpoint, ""), curve.months), set()).add((curve.survival, curve.n))
    targets = [each for each in control_arms.read_targets() if each.study == study]

    shared = [each for each in targets if (each.quantity, each.months) in printed]

    assert shared
    for each in shared:
        assert (each.value, each.n) in printed[each.quantity, each.months], each


def test_the_whole_model_without_doses_follows_the_closed_form_of_every_patient() -> None:
    system = model("aml-maintenance")
    patients = 200
    cohort = draw_cohort(load_description("aml-cr1-adults"), system, seed=SEED, patients=np.arange(patients))
    examinations = control_arms.EXAMINATIONS[control_arms.EXAMINATIONS <= HORIZON]
    empty = np.zeros((patients, 0))
    doses = Doses(
        times=NOTHING,
        durations=NOTHING,
        inputs=NOTHING.astype(np.int64),
        manners=NOTHING.astype(np.int64),
        amounts=empty,
        fates=empty.astype(np.int64),
    )

    closed = untreated_course(cohort, system, examinations=examinations)
    solved = solve(
        Problem(
            system=system,
            parameters=cohort.parameters,
            doses=doses,
            horizon=HORIZON,
            save_times=NOTHING,
            save=(),
            examinations=examinations,
        )
    )

    assert not solved.failed.any()
    assert np.isnan(solved.event_time("discontinuation")).all()
    assert (np.isnan(solved.event_time("extinction")) | (solved.event_time("extinction") == 0.0)).all()
    death = np.fmin(solved.event_time("death_in_remission"), solved.event_time("death_after_relapse"))
    for times, expected in (
        (solved.event_time("relapse_crossing"), closed.crossing),
        (solved.event_time("relapse"), closed.relapse),
        (death, closed.death),
    ):
        seen = (expected <= HORIZON) & (expected <= closed.death)
        np.testing.assert_allclose(times[seen], expected[seen], rtol=0.0, atol=SOLVER)
        assert np.isnan(times[~seen]).all()
