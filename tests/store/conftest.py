"""A small result made up without a simulation, and a directory of a test's own for data."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from trialeukin.core.random import Stream
from trialeukin.population.cohort import Cohort
from trialeukin.store.data_directory import DataDirectory
from trialeukin.trial.accrual import conduct_of
from trialeukin.trial.arm_plan import PlannedArm, plan_arms
from trialeukin.trial.arm_result import Adherence, ArmResult, Course, Fan, Toxicity
from trialeukin.trial.comparison import Question, compare
from trialeukin.trial.curves import incidence_curve, survival_curve
from trialeukin.trial.divisions import divisions
from trialeukin.trial.endpoint import Cause, Endpoint
from trialeukin.trial.estimate import spread
from trialeukin.trial.in_whom import in_whom
from trialeukin.trial.laboratory.assay import Results
from trialeukin.trial.laboratory.catalogue import assay
from trialeukin.trial.laboratory.collect import LaboratoryTable
from trialeukin.trial.monitoring import monitored
from trialeukin.trial.outcomes import Outcomes
from trialeukin.trial.pair import Pair
from trialeukin.trial.result import Provenance, StudyResult
from trialeukin.trial.study_file import study_from_text
from trialeukin.trial.tables import DoseTable, PatientTable

PATIENTS, HORIZON = 60, 60.0
STUDY = """
[study]
name = "small"
title = "A small trial"
question = "Does it help?"
source = "made up"

[population]
cohort = "aml-cr1-under-60"
start_after_days = 7
assumed.start_after_days = "made up"

[[arms]]
name = "rIL-2"
n = 20
regimen = "aldesleukin 1 MIU/m2/day sc days 1-2"

[[arms]]
name = "observation"
n = 20
control = true

[accrual]
months = 12

[follow_up]
after_last_entry_months = 36
horizon_months = 60
drop_out_per_year = 0.0
examinations = [{ every_months = 3, until_months = 60 }]

[monitoring]
looks = [0.5, 1.0]

[[published.hazard_ratios]]
endpoint = "lfs"
origin = "printed"
value = 0.8
source = "made up, page 1"
"""


@pytest.fixture
def data(tmp_path: Path) -> Iterator[DataDirectory]:
    opened = DataDirectory.open(tmp_path)
    yield opened
    opened.close()


def _outcomes(hazard: float) -> Outcomes:
    thresholds = Stream(1, "thresholds").exponential(np.arange(PATIENTS), 2)
    relapse = thresholds[:, 0] / hazard
    return Outcomes(
        crossing=np.where(relapse > HORIZON, np.inf, relapse - 0.5),
        relapse=np.where(relapse > HORIZON, np.inf, relapse),
        death=np.where(thresholds[:, 1] > 1.0, np.inf, 50.0 * thresholds[:, 1]),
        valid=np.ones(PATIENTS, dtype=np.bool_),
        horizon=HORIZON,
    )


def _arm(planned: PlannedArm, outcomes: Outcomes) -> ArmResult:
    treated = bool(planned.administrations)
    times = np.array([0.0, 30.0])
    fan = Fan(
        quantity="nk_cells", unit="cell/uL", meaning="NK cells", times=times, quantiles=np.ones((5, 2)), patients=60
    )
    course = Course(
        patient=3, label="relapses", quantity="nk_cells", unit="cell/uL", times=times, values=np.array([1.0, np.nan])
    )
    adherence = Adherence(
        never_started=0.1,
        stopped=0.2,
        completed=0.7,
        reasons=(("never started", 0.1),),
        intensity=spread(np.array([0.0, 0.5, 1.0])),
    )
    return ArmResult(
        name=planned.arm.name,
        regimen=planned.text,
        sentence=planned.sentence,
        control=planned.arm.control,
        n=planned.arm.n,
        patients=PATIENTS,
        planned=planned.administrations,
        adherence=adherence if treated else None,
        fans=(fan,),
        exposure_fans=(),
        courses=(course,),
        survival={endpoint: survival_curve(outcomes, endpoint) for endpoint in Endpoint},
        incidence={cause: incidence_curve(outcomes, cause) for cause in Cause},
        toxicities=(Toxicity(item="fever_grade", meaning="fever", fractions=(0.9, 0.5, 0.1, 0.0)),),
    )


def _laboratory() -> LaboratoryTable:
    """Two visits: the second patient missed the second, the first has a result below the limit at the first."""
    test = replace(assay("IL-2 immunoassay"), upper_limit=None)
    values = np.full((PATIENTS, 2), 120.0)
    values[0, 0] = np.nan
    sampled = np.ones((PATIENTS, 2), dtype=np.bool_)
    sampled[1, 1] = False
    results = Results(values=values, below=np.isnan(values), above=np.zeros_like(sampled))
    days = np.array([7.0, 21.0])
    return LaboratoryTable(
        arm="rIL-2",
        planned=days,
        drawn=np.tile(days, (PATIENTS, 1)),
        sampled=sampled,
        results={test: results},
    )


def _cohort() -> Cohort:
    covariates = {"age": np.linspace(20.0, 59.0, PATIENTS)}
    return Cohort(
        name="made-up", patients=np.arange(PATIENTS), covariates=covariates, parameters=np.empty((PATIENTS, 0))
    )


@pytest.fixture(scope="session")
def result() -> StudyResult:
    study = study_from_text(STUDY).with_digest("0" * 64)
    arms = plan_arms(study)
    treated, control = _outcomes(0.02), _outcomes(0.04)
    question = Question(
        control="observation",
        treatment="rIL-2",
        conduct=conduct_of(study),
        endpoints=study.analysis.endpoints,
        milestones=study.analysis.milestones_months,
        alpha=0.05,
        replicates=40,
    )
    both = (treated, control)
    pair = Pair(control=control, treated=treated)
    return StudyResult(
        study=study,
        arms=tuple(_arm(planned, outcomes) for planned, outcomes in zip(arms, both, strict=True)),
        comparisons={"rIL-2": compare(question, pair, (), seed=1)},
        family=None,
        estimands=(),
        in_whom=in_whom(question, pair, (), divided=divisions((), _cohort()), own={}, seed=1),
        monitored=monitored(study, pair, expected_events=20.0, trials=50, seed=1),
        patients=PatientTable(
            indices=np.arange(PATIENTS),
            covariates=dict(_cohort().covariates),
            covariate_units={"age": "year"},
            relapse_crossing=np.stack([each.crossing for each in both]),
            relapse=np.stack([each.relapse for each in both]),
            death=np.stack([each.death for each in both]),
            death_in_remission=np.stack([each.died_in_remission for each in both]),
            intensity=np.stack([np.ones(PATIENTS), np.full(PATIENTS, np.nan)]),
            status=np.zeros((2, PATIENTS), dtype=np.int64),
        ),
        laboratory=(_laboratory(),),
        doses=(
            DoseTable(
                arm="rIL-2",
                days=np.array([7.0, 8.0]),
                durations=np.zeros(2),
                drugs=("aldesleukin", "aldesleukin"),
                routes=("sc", "sc"),
                units=("MIU", "MIU"),
                planned=np.full((PATIENTS, 2), 1.8),
                given=np.tile([1.8, 0.0], (PATIENTS, 1)),
                put_off=np.tile([0.0, 7.0], (PATIENTS, 1)),
                fates=np.tile(np.array([0, 32], dtype=np.int64), (PATIENTS, 1)),
                reasons={0: "given", 1: "missed", 32: "held or reduced: platelets < 25 G/L"},
            ),
        ),
        parameters={},
        provenance=Provenance(
            effect=True,
            seed=1,
            patients=PATIENTS,
            replicates=40,
            draws=0,
            patients_a_draw=50,
            versions={"trialeukin": "0.1.0"},
            method="none",
            model="made up",
            cohort="aml-cr1-under-60",
            statuses={"reached_horizon": 120},
            seconds={"patients": 0.1},
            study_digest=study.digest,
            assumptions=study.assumptions(""),
        ),
    )
