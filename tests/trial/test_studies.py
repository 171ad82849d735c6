"""The published trials: what their files say holds together."""

import math
from pathlib import Path

import pytest

from trialeukin.core.sources import ASSUMED
from trialeukin.trial.arm_plan import plan_arms
from trialeukin.trial.endpoint import Endpoint
from trialeukin.trial.published import Disposition, Origin, PublishedRatio
from trialeukin.trial.study import Study
from trialeukin.trial.study_file import load_study

FOLDER = Path(__file__).parents[2] / "studies"
STATED_ACCRUAL = {"mp-ma-0201", "eortc-gimema-aml12"}
SIZES = {
    "alfa-9801": (77, 84),
    "blaise-2000": (40, 38),
    "calgb-19808": (107, 107),
    "calgb-9720": (81, 82),
    "ccg-2961": (144, 145),
    "elam02": (77, 77),
    "eortc-gimema-aml12": (276, 274),
    "mp-ma-0201": (129, 132),
}
NAMES = tuple(SIZES)
RECONSTRUCTED = [
    (name, ratio)
    for name in NAMES
    for ratio in load_study(FOLDER / f"{name}.toml").published.hazard_ratios
    if ratio.origin is Origin.RECONSTRUCTED
]


def load(name: str) -> Study:
    return load_study(FOLDER / f"{name}.toml")


def test_every_study_file_is_looked_at() -> None:
    assert {path.stem for path in FOLDER.glob("*.toml")} == set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_arms_have_the_published_sizes(name: str) -> None:
    study = load(name)

    assert (study.treatment.n, study.control.n) == SIZES[name]


@pytest.mark.parametrize("name", NAMES)
def test_what_no_source_states_is_marked_assumed(name: str) -> None:
    study = load(name)
    marked = dict(study.assumptions(""))

    assert "follow_up.examinations" in marked
    assert "follow_up.drop_out_per_year" in marked
    assert any(key.endswith("regimen") for key in marked)
    assert ("accrual.months" in marked) == (name not in STATED_ACCRUAL)
    assert all(reason != ASSUMED for reason in marked.values())


@pytest.mark.parametrize("name", NAMES)
def test_the_fraction_who_never_start_is_the_published_one(name: str) -> None:
    study = load(name)
    treated = next(planned for planned in plan_arms(study) if planned.arm.name == study.treatment.name)
    counts = [each for each in study.published.dispositions if each.disposition is Disposition.NEVER_STARTED]
    published = counts[0].count / counts[0].of if counts else 0.0

    assert treated.regimen.adherence.never_started == pytest.approx(published, abs=0.0005)  # written with one decimal


@pytest.mark.parametrize(("name", "ratio"), RECONSTRUCTED, ids=lambda value: getattr(value, "value", value))
def test_a_reconstructed_ratio_follows_from_its_rates(name: str, ratio: PublishedRatio) -> None:
    study = load(name)
    rates = {
        (each.arm, each.months): each.value for each in study.published.probabilities if each.endpoint is ratio.endpoint
    }
    months = max(months for _, months in rates)
    treated, control = rates[study.treatment.name, months], rates[study.control.name, months]

    value = math.log(treated) / math.log(control)
    error = math.sqrt(1 / (study.treatment.n * (1 - treated)) + 1 / (study.control.n * (1 - control)))
    rounding = 0.0051
    assert f"{treated:g}" in (ratio.formula or "") or f"{treated:.2f}" in (ratio.formula or "")
    assert ratio.value == pytest.approx(value, abs=rounding)
    assert ratio.lower == pytest.approx(value * math.exp(-1.96 * error), abs=rounding)
    assert ratio.upper == pytest.approx(value * math.exp(1.96 * error), abs=2 * rounding)


def test_calgb_9720_has_no_hazard_ratio() -> None:
    published = load("calgb-9720").published

    assert published.ratio(Endpoint.LFS) is None
    assert published.ratio(Endpoint.OS) is None


def test_follow_up_of_aml_12_is_as_short_as_entry_over_97_months_lets_it_be() -> None:
    study = load("eortc-gimema-aml12")

    assert study.accrual.months / 2 > 43.0  # half of the patients enter before; 43 is Buyse 2011, table 1
    assert study.follow_up.after_last_entry_months == 0.0


def test_median_follow_up_is_the_published_one_where_it_was_chosen_so() -> None:
    medians = {"calgb-19808": 69.0, "calgb-9720": 100.0, "alfa-9801": 40.0, "ccg-2961": 54.0}

    for name, published in medians.items():
        study = load(name)
        assert study.follow_up.after_last_entry_months + study.accrual.months / 2 == published


def test_only_the_control_arms_that_the_cohorts_were_fitted_to_are_marked_fitted() -> None:
    fitted = {
        (name, each.endpoint.value, each.months, each.arm == load(name).control.name)
        for name in NAMES
        for each in load(name).published.probabilities
        if each.fitted
    }

    assert fitted == {
        ("calgb-19808", "lfs", 36.0, True),
        ("calgb-19808", "os", 36.0, True),
        ("ccg-2961", "lfs", 60.0, True),
        ("ccg-2961", "os", 60.0, True),
        ("mp-ma-0201", "lfs", 36.0, True),
    }
