"""The published trials: what their files say holds together."""

import math
from pathlib import Path

import pytest
from freeze_predictions import TRIALS
from model_digest import plan_text
from scipy.stats import norm

from trialeukin.core.normal import NORMAL_975
from trialeukin.core.sources import ASSUMED
from trialeukin.evidence.catalogue import own_studies
from trialeukin.evidence.reconstructed_ratio import ratio_from_rates
from trialeukin.trial.arm_plan import plan_arms
from trialeukin.trial.endpoint import Endpoint
from trialeukin.trial.published import Disposition, Origin, Published, PublishedRatio
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
def test_a_reconstructed_ratio_is_that_of_the_evidence_base(name: str, ratio: PublishedRatio) -> None:
    published, population = TRIALS[name]
    (effect,) = (
        each
        for each in own_studies()[published].effects
        if (each.endpoint, each.population) == (ratio.endpoint, population)
    )
    assert effect.se is not None

    limits = [math.exp(effect.log_hazard_ratio + side * NORMAL_975 * effect.se) for side in (0.0, -1.0, 1.0)]

    assert [ratio.value, ratio.lower, ratio.upper] == [round(limit, 2) for limit in limits]
    assert effect.p is None or f"of p {effect.p:g}" in (ratio.formula or "")


@pytest.mark.parametrize(("name", "ratio"), RECONSTRUCTED, ids=lambda value: getattr(value, "value", value))
def test_beside_a_reconstructed_ratio_stands_what_its_rates_alone_give(name: str, ratio: PublishedRatio) -> None:
    study = load(name)
    rates = {
        (each.arm, each.months): each.value for each in study.published.probabilities if each.endpoint is ratio.endpoint
    }
    months = max(months for _, months in rates)
    arms = study.treatment, study.control

    found = ratio_from_rates(
        *(rates[arm.name, months] for arm in arms), n_treated=study.treatment.n, n_control=study.control.n
    )

    value, lower, upper = (
        math.exp(found.log_ratio + side * NORMAL_975 * found.standard_error) for side in (0.0, -1.0, 1.0)
    )
    p = 2.0 * norm.sf(abs(found.log_ratio) / found.standard_error)
    assert f"rates alone give {value:.2f} ({lower:.2f} to {upper:.2f}; p {p:.2f})" in (ratio.note or "")


def test_what_was_published_makes_no_prediction_stale_and_a_regimen_does() -> None:
    study = load("ccg-2961")

    unpublished = study.model_copy(update={"published": Published()})
    observed = study.model_copy(update={"arms": (study.arms[0].model_copy(update={"regimen": None}), study.arms[1])})

    assert plan_text(unpublished) == plan_text(study) != plan_text(observed)


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
