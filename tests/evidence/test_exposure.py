"""Exposure of published arms: bounds that must hold, a second integration, and slopes whose answer is known."""

import json
import math

import evidence_page
import numpy as np
import pytest
from scipy.integrate import trapezoid

from trialeukin.core.errors import AnalysisError, ModelError
from trialeukin.engine.dosing import planned_doses
from trialeukin.engine.problem import Problem
from trialeukin.engine.solve import Backend, solve
from trialeukin.evidence.arm_exposure import AFTER, MODEL, ExposureMeasure, exposure_of, exposure_of_regimen
from trialeukin.evidence.catalogue import own_studies, study_from_text
from trialeukin.evidence.dose_response import Verdict, dose_response
from trialeukin.evidence.pooling import pool
from trialeukin.evidence.published_study import PublishedStudy
from trialeukin.evidence.selection import Criteria, Selection, select
from trialeukin.model.fitted import fitted
from trialeukin.model.whole import model
from trialeukin.regimen.expand import expand
from trialeukin.regimen.parse import parse
from trialeukin.trial.endpoint import Endpoint

PICOMOLES = 3994.0  # of 1 MIU of aldesleukin (trialeukin.regimen.products)
AREA, TREG = ExposureMeasure.AREA, ExposureMeasure.ABOVE_TREG
BRIGHT, NK = ExposureMeasure.ABOVE_BRIGHT, ExposureMeasure.ABOVE_NK


def test_area_and_time_above_are_those_of_a_trapezoid_under_the_reference_solver() -> None:
    text = "aldesleukin 5 MIU/m2/day sc days 1-2"
    system = model(MODEL)
    values = {name: parameter.value for name, parameter in system.parameters.items()}
    values |= {"body_surface_area": 1.84, "marrow_gain": fitted("immune", "marrow_gain").value}
    times = np.linspace(0.0, 4.0, 8001)
    curve = solve(
        Problem(
            system=system,
            parameters=np.array([list(values.values())]),
            doses=planned_doses(system, expand(parse(text)), bsa=np.array([1.84]), weight=np.array([70.0])),
            horizon=4.0 + 1e-6,
            save_times=times,
            save=("il2_concentration",),
            examinations=np.zeros(0),
        ),
        backend=Backend.REFERENCE,
    ).values[0, :, 0]

    found = exposure_of_regimen(text)

    # two days after the last dose next to nothing is left; a step of the lattice is 0.0005 d
    assert found.typical(AREA) == pytest.approx(trapezoid(curve, times) / 1000.0, rel=2e-3)
    for measure, name in ((TREG, "treg_half_signal"), (BRIGHT, "nk_bright_half_signal")):
        above = float(np.mean(curve > system.parameters[name].value)) * 4.0
        assert found.typical(measure) == pytest.approx(above, abs=0.005)


@pytest.mark.parametrize("name", ["BLAISE2000", "VEY1999"])
def test_area_is_below_what_the_kidney_alone_would_leave(name: str) -> None:
    """All of the dose enters plasma and every other loss adds to that of the linear clearance."""
    exposure = exposure_of(own_studies()[name].arm("il2"))
    assert exposure is not None
    clearance = model(MODEL).parameters["il2_linear_clearance"].value * 1440.0 / 1000.0  # L/day/m2

    bound = exposure.typical(ExposureMeasure.DOSE) * PICOMOLES / clearance / 1000.0

    assert 0.3 * bound < exposure.typical(AREA) < bound


def test_time_above_a_higher_threshold_is_never_longer() -> None:
    for name in ("KOLITZ2014", "PAUTAS2010", "BERGMANN1995"):
        exposure = exposure_of(own_studies()[name].arm("il2"))
        assert exposure is not None
        assert exposure.typical(TREG) >= exposure.typical(BRIGHT) >= exposure.typical(NK)
        assert exposure.typical(TREG) < exposure.span + AFTER
        low, high = exposure.interval(AREA)
        assert low < exposure.typical(AREA) < high


@pytest.mark.parametrize(
    ("name", "arm", "total", "days"),
    [
        ("LANGE2008", "il2", 52.0, 14),  # Buyse, table 1
        ("PAUTAS2010", "il2", 300.0, 60),  # Buyse, table 1
        ("PETIT2018", "il2", 270.0, 60),  # 2.5 and four times 5, twelve times (registry entry)
        ("KOLITZ2014", "il2", 250.0, 85),  # the sum of the blocks of the abstract, pulses at 12
        ("BLAISE2000", "il2", 156.0, 13),  # 120 received are 77 % of it
        ("BERGMANN1995", "il2", 360.0, 40),  # 9 on 10 days of 4 cycles
        ("ROBINSON1996", "level_III", 39.0, 15),  # 5 days at 6, 10 at 0.9
        ("BRUNE2006", "hdc_il2", 262.0, 210),  # 16,400 IU/kg twice daily at 70 kg and 1.84 m2
    ],
)
def test_planned_doses_are_those_of_the_published_totals(name: str, arm: str, total: float, days: int) -> None:
    exposure = exposure_of(own_studies()[name].arm(arm))

    assert exposure is not None
    assert exposure.typical(ExposureMeasure.DOSE) == pytest.approx(total, rel=1e-3)
    assert exposure.dosing_days == days


def test_histamine_is_left_out_by_name_and_changes_no_il2() -> None:
    text = "aldesleukin 16400 IU/kg sc twice daily days 1-3"

    both = exposure_of_regimen(f"{text} + histamine 0.5 mg sc twice daily days 1-3")

    assert both.left_out == ("histamine",)
    assert both.typical(AREA) == exposure_of_regimen(text).typical(AREA)
    with pytest.raises(ModelError, match="no IL-2"):
        exposure_of_regimen("histamine 0.5 mg sc twice daily days 1-3")


def test_arms_that_say_what_is_missing_have_no_exposure() -> None:
    for name, arm in (("FOA1991", "il2"), ("BRUNE1996", "hdc_il2"), ("KOLITZ2014", "control")):
        assert exposure_of(own_studies()[name].arm(arm)) is None


def made_up(place: int, dose: float, log_ratio: float) -> PublishedStudy:
    p = math.erfc(abs(log_ratio) / 0.1 / math.sqrt(2.0))
    text = f"""
study = {{ id = "MADE{place:02d}", design = "randomised", design_as_published = "rct", disease = "AML", lineage = "myeloid", settings = ["cr1"], setting_as_published = "CR1", source = "report", place = "abstract", quality = "printed" }}
arms = [
  {{ name = "il2", role = "il2", treatment = "IL-2", regimen = "aldesleukin {dose:.4f} MIU/m2/day sc days 1-2", source = "report", place = "abstract", quality = "printed" }},
  {{ name = "control", role = "control", treatment = "none", source = "report", place = "abstract", quality = "printed" }},
]
effects = [
  {{ endpoint = "lfs", treated = "il2", control = "control", population = "all", origin = "hazard ratio and p", log_hazard_ratio = {log_ratio:.6f}, se = 0.1, hazard_ratio = {math.exp(log_ratio):.9f}, p = {p:.12f}, source = "report", place = "abstract", quality = "derived" }},
]

[sources.report]
work = "made up for a test"
"""  # noqa: E501
    return study_from_text(text, name=f"made-up-{place}")


def selection_of(slope: float, count: int) -> Selection:
    """Return trials whose log hazard ratio is a line in the log of the dose, with a little scatter."""
    logs = np.linspace(-1.0, 1.0, count)
    scatter = 0.02 * np.where(np.arange(count) % 2, 1.0, -1.0)
    studies = [
        made_up(place, 5.0 * math.exp(log), 0.05 + slope * log + wobble)
        for place, (log, wobble) in enumerate(zip(logs, scatter, strict=True))
    ]
    return select({study.study.id: study for study in studies}, Endpoint.LFS, Criteria())


def test_a_planted_slope_is_found_and_its_absence_is_said() -> None:
    steep = selection_of(-0.4, 12)

    found = dose_response(steep, pool(steep.effects()), ExposureMeasure.DOSE)

    spread = np.linspace(-1.0, 1.0, 12).std(ddof=1)
    assert found.regression.slopes[1].value == pytest.approx(-0.4 * spread, abs=0.01)
    assert found.better_with_more > 0.99
    assert found.verdict is Verdict.EXPLAINED
    flat = selection_of(0.001, 12)
    assert dose_response(flat, pool(flat.effects()), ExposureMeasure.DOSE).verdict is Verdict.NOT_EXPLAINED


def test_few_trials_cannot_tell_whatever_their_slope() -> None:
    few = selection_of(-0.4, 5)

    assert dose_response(few, pool(few.effects()), ExposureMeasure.DOSE).verdict is Verdict.TOO_FEW
    agreeing = selection_of(0.001, 5)
    found = dose_response(agreeing, pool(agreeing.effects()), ExposureMeasure.DOSE)
    assert found.verdict is Verdict.NOTHING_TO_EXPLAIN
    two = selection_of(-0.4, 2)
    with pytest.raises(AnalysisError, match="exposure is known of MADE00, MADE01: a slope needs at least three"):
        dose_response(two, pool(two.effects()), ExposureMeasure.DOSE)


def test_the_page_on_the_evidence_is_of_the_base_and_the_model_as_they_stand() -> None:
    found = json.loads(evidence_page.RESULTS.read_text(encoding="utf-8"))

    assert found["digest"] == evidence_page.digest(), "stale: run validation/evidence_page.py"
    assert evidence_page.PAGE.read_text(encoding="utf-8") == evidence_page.page(found)
    computed = {(arm["study"], arm["arm"]) for arm in found["arms"]}
    missing = {(study, arm) for study, arm, _ in found["missing"]}
    il2 = {(name, arm.name) for name, study in own_studies().items() for arm in study.arms if arm.role.has_il2}
    assert computed | missing == il2
    assert not computed & missing
