"""A small result that has everything a report shows, made up without a simulation."""

import numpy as np
import pytest

from trialeukin.core.parameter import Parameter, Scale
from trialeukin.core.sources import Source, assumed
from trialeukin.regimen.administration import Administration, Per, Route
from trialeukin.survival.design.group_sequential import Boundaries
from trialeukin.trial.arm_result import Adherence, ArmResult, Course, Curve, DosePeriod, Fan, GradeCourse, Toxicity
from trialeukin.trial.endpoint import Cause, Endpoint
from trialeukin.trial.estimate import Estimate, Interval, Spread
from trialeukin.trial.in_whom_result import Group, Hidden, InWhom, PrincipalStratum, Split, Stratum
from trialeukin.trial.monitoring import Monitored
from trialeukin.trial.power import LogRankTests
from trialeukin.trial.replicate import Replicates
from trialeukin.trial.replicate_rows import TYPICAL, ReplicateRows
from trialeukin.trial.result import (
    Chance,
    Component,
    EndpointResult,
    EstimandResult,
    Milestone,
    Provenance,
    StudyResult,
)
from trialeukin.trial.simulation.estimand import Strategy
from trialeukin.trial.simulation.operating import LookShares, Operating
from trialeukin.trial.study import Study
from trialeukin.trial.tables import PatientTable

SOURCE = "Example 2020, table 1"
REGIMEN = "aldesleukin 1 MIU/m2/day sc days 1-14, 19-28, 33-42; aldesleukin 12 MIU/m2/day sc days 15-17, 29-31"
STUDY = {
    "study": {
        "name": "example-1",
        "title": "Example trial of interleukin-2 <maintenance>",
        "question": "Does interleukin-2 after consolidation prolong remission of AML in patients under 60?",
        "source": "Example 2020",
    },
    "population": {"cohort": "aml-cr1-under-60", "start_after_days": 14.0},
    "arms": [
        {"name": "interleukin-2", "n": 107, "regimen": "aldesleukin 1 MIU/m2/day sc days 1-14"},
        {"name": "observation", "n": 107, "control": True},
    ],
    "accrual": {"months": 60.0},
    "follow_up": {
        "after_last_entry_months": 36.0,
        "horizon_months": 84.0,
        "drop_out_per_year": 0.01,
        "examinations": [{"every_months": 3.0, "until_months": 84.0}],
    },
    "published": {
        "hazard_ratios": [
            {"endpoint": "lfs", "origin": "printed", "value": 0.75, "lower": 0.52, "source": SOURCE, "note": "a copy"},
            {
                "endpoint": "os",
                "origin": "reconstructed",
                "value": 0.82,
                "lower": 0.54,
                "upper": 1.24,
                "formula": "ln S1 / ln S0",
                "source": SOURCE,
            },
        ],
        "probabilities": [
            {"endpoint": "lfs", "arm": "observation", "months": 36.0, "value": 0.45, "fitted": True, "source": SOURCE},
            {"endpoint": "lfs", "arm": "interleukin-2", "months": 36.0, "value": 0.56, "source": SOURCE},
        ],
        "dispositions": [
            {"arm": "interleukin-2", "disposition": "never started", "count": 25, "of": 107, "source": SOURCE}
        ],
        "toxicities": [
            {"arm": "interleukin-2", "item": "platelets", "grade": 4, "fraction": 0.65, "source": SOURCE},
        ],
    },
}


def falling(rate: float, plateau: float) -> Curve:
    times = np.linspace(0.25, 96.0, 384)
    values = plateau + (1.0 - plateau) * np.exp(-rate * times)
    risk_times = np.arange(0.0, 97.0, 6.0)
    at_risk = np.round(2000.0 * np.exp(-rate * risk_times / 3.0)).astype(np.int64)
    return Curve(
        times=times,
        values=values,
        lower=values - 0.02,
        upper=np.minimum(values + 0.02, 1.0),
        risk_times=risk_times,
        at_risk=at_risk,
    )


def rising(curve: Curve, share: float) -> Curve:
    return Curve(
        times=curve.times,
        values=share * (1.0 - curve.values),
        lower=share * (1.0 - curve.upper),
        upper=share * (1.0 - curve.lower),
        risk_times=curve.risk_times,
        at_risk=curve.at_risk,
    )


def fan(*, quantity: str, unit: str, meaning: str, times: np.ndarray, middle: np.ndarray) -> Fan:
    spread = np.array([0.4, 0.7, 1.0, 1.5, 2.6])[:, None]
    return Fan(quantity=quantity, unit=unit, meaning=meaning, times=times, quantiles=spread * middle, patients=500)


def fans(peak: float) -> tuple[Fan, ...]:
    days = np.linspace(0.0, 84.0 * 30.4375, 300)
    wave = np.exp(-(((days - 60.0) / 40.0) ** 2))
    return (
        fan(quantity="nk_relative", unit="1", meaning="NK cells, x baseline", times=days, middle=1 + peak * wave),
        fan(quantity="treg_relative", unit="1", meaning="regulatory T cells, multiple of baseline", times=days,
            middle=1 + 2 * peak * wave),
        fan(quantity="cd8_relative", unit="1", meaning="CD8 T cells, multiple of baseline", times=days,
            middle=1 + 0.2 * peak * wave),
        fan(quantity="platelets", unit="Gcell/L", meaning="platelets", times=days, middle=200.0 - 20.0 * peak * wave),
        fan(quantity="leukaemia_cells", unit="cell", meaning="residual leukaemia", times=days,
            middle=1e8 * np.exp(-days / (200.0 / (1.0 + peak)))),
    )  # fmt: skip


def courses(peak: float) -> tuple[Course, ...]:
    days = np.linspace(0.0, 84.0 * 30.4375, 300)
    growing = np.where(days < 1500.0, 10.0 * np.exp(days / (60.0 + 40.0 * peak)), np.nan)
    found = (("relapses under both arms", np.minimum(growing, 1e12)), ("relapses under neither arm", 0.0 * days))
    return tuple(
        Course(patient=index, label=label, quantity="leukaemia_cells", unit="cell", times=days, values=values)
        for index, (label, values) in enumerate(found)
    )


def planned() -> tuple[Administration, ...]:
    low = [day for first, last in ((1, 14), (19, 28), (33, 42)) for day in range(first, last + 1)]
    doses = [(day, 1.0) for day in low] + [(day, 12.0) for day in (15, 16, 17, 29, 30, 31)]
    return tuple(
        Administration(
            drug="aldesleukin", amount=amount, unit="MIU", per=Per.SQUARE_METRE, route=Route.SC, start=24.0 * (day - 1)
        )
        for day, amount in sorted(doses)
    )


def grade_courses() -> tuple[GradeCourse, ...]:
    days = np.arange(0.0, 121.0)
    pulse = np.where((days >= 20.0) & (days < 30.0), 1.0, 0.0)
    return tuple(
        GradeCourse(
            item=item,
            meaning=item,
            times=days,
            moderate=0.5 * share * pulse,
            severe=0.2 * share * pulse,
            ever_severe=0.2 * share * (days >= 20.0),
            median_days_to_severe=20.0 if share else float("nan"),
            patients=1000,
        )
        for item, share in (("low platelets", 1.0), ("fever_grade", 0.5), ("hypotension_grade", 0.0))
    )


def arm(*, control: bool) -> ArmResult:
    peak = 0.0 if control else 2.0
    survival = {
        Endpoint.LFS: falling(0.08, 0.40 if control else 0.44),
        Endpoint.OS: falling(0.04, 0.5 if control else 0.53),
    }
    hours = np.arange(14.0, 42.0, 1.0 / 24.0)
    plasma = 20.0 * np.abs(np.sin(np.pi * hours)) + 0.5
    return ArmResult(
        name="observation" if control else "interleukin-2",
        regimen="" if control else REGIMEN,
        sentence="" if control else "Aldesleukin 1 MIU/m2 a day under the skin, with pulses of 12 MIU/m2.",
        control=control,
        n=107,
        patients=2000,
        planned=() if control else planned(),
        adherence=None
        if control
        else Adherence(
            never_started=0.2,
            stopped=0.3,
            completed=0.5,
            reasons=(("never started", 0.2), ("hold while platelets < 25e9/L", 0.05)),
            intensity=Spread(mean=0.66, lowest=0.0, lower_quartile=0.4, median=0.8, upper_quartile=1.0, highest=1.0),
        ),
        fans=fans(peak),
        exposure_fans=()
        if control
        else (fan(quantity="il2", unit="pmol/L", meaning="free IL-2 in plasma", times=hours, middle=plasma),),
        courses=courses(peak),
        survival=survival,
        incidence={
            Cause.RELAPSE: rising(survival[Endpoint.LFS], 0.9),
            Cause.DEATH_IN_REMISSION: rising(survival[Endpoint.LFS], 0.1),
        },
        toxicities=tuple(
            Toxicity(item=item, meaning=item, fractions=(0.8 * share, 0.5 * share, 0.3 * share, 0.1 * share))
            for item, share in (("low platelets", 0.4 if control else 0.9), ("capillary leak", 0.5))
        ),
        grade_courses=() if control else grade_courses(),
        dose_periods=()
        if control
        else (DosePeriod(start=14.0, end=42.0, doses=30, intensity=0.81, reasons=(("never started", 0.2),)),),
    )  # fmt: skip


def comparison(endpoint: Endpoint, median: float) -> EndpointResult:
    quantiles = (np.arange(400) + 0.5) / 400.0
    ratios = median * np.exp(0.2 * np.log(quantiles / (1.0 - quantiles)))
    milestones = tuple(
        Milestone(
            arm=name,
            months=months,
            population=Estimate(value=value, error=0.011),
            trial=Interval(median=value, lower=value - 0.1, upper=value + 0.1),
        )
        for months in (36.0, 60.0)
        for name, value in (("observation", 0.44), ("interleukin-2", 0.48))
    )
    return EndpointResult(
        endpoint=endpoint,
        milestones=milestones,
        population_ratio=median,
        at_typical=LogRankTests(
            trials=Replicates(
                log_ratio=np.log(ratios)[:, None],
                error=np.full((400, 1), 0.2),
                z=np.log(ratios)[:, None] / 0.2,
                events=np.full((400, 1, 2), 56),
                survival=np.full((400, 1, 2, 2), 0.5),
                restricted=np.zeros((400, 1)),
            ),
            moves=np.zeros(400),
            owners=np.arange(400),
            alpha=0.05,
            doubt=0.02,
        ),
        at_drawn=None,
        hazard_ratio=Interval(median=median, lower=median / 1.6, upper=median * 1.6),
        ratio_error=0.012,
        components=tuple(
            Component(
                chance=chance,
                variance=Estimate(value=0.03, error=0.002),
                share=share,
                interval=Interval(median=median, lower=median / 1.2, upper=median * 1.2),
            )
            for chance, share in zip(Chance, (0.3, -0.01, 0.71), strict=True)
        ),
        ratios=ratios,
        ratios_at_typical=ratios,
        power=Estimate(value=0.10, error=0.01),
        significant=Estimate(value=0.11, error=0.01),
        assurance=Estimate(value=0.13, error=0.01),
        events=Interval(median=112.0, lower=98.0, upper=126.0),
        not_estimable=0,
        trials=ReplicateRows(
            draw=np.full(400, TYPICAL),
            patients=np.arange(400),
            randomisation=np.zeros(400, dtype=np.int64),
            log_ratio=np.log(ratios),
            error=np.full(400, 0.2),
            z=np.log(ratios) / 0.2,
            restricted=np.zeros(400),
            events=np.full((400, 2), 56),
        ),
        restricted_to=60.0,
    )


def operating(rejected: float, *, stopped: float) -> Operating:
    def share(value: float) -> Estimate:
        return Estimate(value=value, error=0.01)

    return Operating(
        trials=400,
        precise=True,
        rejected=share(rejected),
        looks=(
            LookShares(efficacy=share(0.1 * rejected), futility=share(stopped)),
            LookShares(efficacy=share(0.9 * rejected), futility=share(0.0)),
        ),
        events=Estimate(value=88.0, error=0.5),
        patients=Estimate(value=201.4, error=0.7),
        months=Estimate(value=61.2, error=0.4),
        hazard_ratio=Interval(median=0.93, lower=0.6, upper=1.4),
        restricted=None,
        not_estimable=0,
    )


def group(share: float, gained: float, ratio: float, needed: float | None) -> Group:
    return Group(
        share=share,
        free=(0.31, 0.33),
        gained=Estimate(value=gained, error=0.2),
        gained_by_draw=Interval(median=gained, lower=gained - 2.0, upper=gained + 9.0),
        hazard_ratio=ratio,
        power=Estimate(value=0.071, error=0.004),
        needed=needed,
    )


def split(name: str, cut: float | None, needed: float | None) -> Split:
    gains = (0.6, 1.8) if needed else (1.0, 1.1)
    return Split(
        name=name,
        cut=cut,
        without=group(0.66, gains[0], 0.97, None),
        having=group(0.34, gains[1], 0.89, 4_202.0 if needed else None),
        difference=Estimate(value=gains[1] - gains[0], error=0.2),
        difference_by_draw=Interval(median=0.5, lower=-3.2, upper=3.5),
        likely=0.73,
        ratio=0.92,
        doubt=0.01,
        power=Estimate(value=0.042, error=0.004),
        misleading=Estimate(value=0.015, error=0.003),
        needed=needed,
    )


def who() -> InWhom:
    kinds = zip(PrincipalStratum, (0.22, 0.35, 0.33, 0.10), (0.0, -0.01, 1.25, -0.2), strict=True)
    return InWhom(
        endpoint=Endpoint.LFS,
        months=60.0,
        gained=Estimate(value=1.04, error=0.09),
        gained_by_draw=Interval(median=1.2, lower=-0.9, upper=12.7),
        needed=15_000.0,
        strata=tuple(
            Stratum(kind=kind, share=Estimate(value=share, error=0.01), gained=gained) for kind, share, gained in kinds
        ),
        splits=(split("age", 56.6, None), split("monocytic", None, 38_653.0)),
        hidden=(Hidden(name="treg_growth", lowest=3.3, highest=-0.3, error=0.3),),
        searched=41,
    )


@pytest.fixture(scope="session")
def result() -> StudyResult:
    two = np.zeros((2, 1))
    return StudyResult(
        study=Study.model_validate(STUDY),
        arms=(arm(control=False), arm(control=True)),
        comparisons={"interleukin-2": (comparison(Endpoint.LFS, 0.92), comparison(Endpoint.OS, 0.95))},
        family=None,
        estimands=(
            EstimandResult(
                strategy=Strategy.COMPOSITE,
                hazard_ratio=Interval(median=1.31, lower=0.9, upper=1.8),
                power=Estimate(value=0.0, error=0.0),
                significant=Estimate(value=0.25, error=0.02),
                events=Interval(median=131.0, lower=110.0, upper=150.0),
                not_estimable=0,
            ),
        ),
        in_whom=who(),
        monitored=Monitored(
            endpoint=Endpoint.LFS,
            events=(60, 120),
            planned=False,
            boundaries=Boundaries(
                fractions=np.array([0.5, 1.0]), upper=np.array([2.963, 1.969]), lower=np.array([0.5, 1.969])
            ),
            treated_share=0.5,
            effect=operating(0.07, stopped=0.4),
            null=operating(0.021, stopped=0.7),
        ),
        patients=PatientTable(
            indices=np.zeros(1, dtype=np.int64),
            covariates={},
            covariate_units={},
            relapse_crossing=two,
            relapse=two,
            death=two,
            death_in_remission=two,
            intensity=two,
            status=two.astype(np.int64),
        ),
        doses=(),
        laboratory=(),
        parameters={
            "il2_linear_clearance": Parameter(
                value=105.0,
                unit="mL/min",
                between_patients=0.3,
                uncertainty=0.1,
                source=Source("fit_control_arms", "the example"),
                meaning="clearance",
            ),
            "capillary_leak_rate": Parameter(
                value=0.2, unit="1/day", between_patients=0.0, uncertainty=0.7, source=assumed("no data <yet> & none")
            ),
            "half": Parameter(
                value=0.5, unit="1", between_patients=0.1, uncertainty=0.1, scale=Scale.LOGIT,
                source=Source("farhat2021", "figure 2"),
            ),
        },
        provenance=Provenance(
            effect=True,
            seed=1,
            patients=2000,
            replicates=400,
            draws=40,
            patients_a_draw=500,
            versions={"trialeukin": "0.1.0", "python": "3.11.7"},
            method="Rodas5P, 8 lanes, rtol 1e-5",
            model="aml-maintenance",
            cohort="aml-cr1-under-60",
            statuses={"reached horizon": 2400, "ended by event": 1600},
            seconds={"simulate": 12.3, "replicate": 3.4},
            study_digest="0" * 64,
            assumptions=(("accrual.months", "no source states it"),),
        ),
    )  # fmt: skip
