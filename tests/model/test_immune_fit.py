"""The fitted parameters are what the fit gives, from no study that is held out; the page says what they meet."""

import json
import re
import tomllib
from dataclasses import replace

import numpy as np
import pytest
from fit_immune import FITTED, FITTED_WITH, entries, fitted_priors, fitted_targets, nuisance_priors, residuals
from fit_toxicity import COURSES, most_likely, surprise
from fitted_fractions import as_typical
from gauss_newton import covariance, jacobian, maximise
from observed_predicted import GOALS, PAGE, discussion, goals_document, page, patient_spread, shares, usable

from trialeukin.core.arrays import Floats
from trialeukin.core.parameter import Scale
from trialeukin.inference.case import Case, Group, Reading, Unusable, Use
from trialeukin.inference.cases import all_cases
from trialeukin.inference.prediction import Effort, predict, predict_typical
from trialeukin.inference.score import meets
from trialeukin.inference.split import held_out, studies

FLAT = 0.02  # slope of half the sum of squares a prior standard deviation; the values are kept to six digits
CASES = {case.name: case for case in usable()}


def fitted_deviations() -> Floats:
    """Return the fitted values as distances from their priors."""
    values = tomllib.loads(FITTED.read_text(encoding="utf-8"))
    moved = []
    for name, prior in fitted_priors().items():
        ends = [Scale.LOGIT, Scale.LOG].index(prior.scale)
        middle, now = prior.value, values[name]["value"]
        onto = [lambda x: np.log(x / (1.0 - x)), np.log][ends]
        moved.append((onto(now) - onto(middle)) / prior.spread)
    return np.array(moved)


def test_the_fitted_values_are_where_the_fit_ends() -> None:
    at, priors = fitted_deviations(), fitted_priors()

    misses, slopes = jacobian(lambda rows: residuals(priors, rows), at)

    assert np.abs(slopes.T @ misses + at).max() < FLAT


def test_no_target_of_a_fit_is_of_a_study_that_is_held_out() -> None:
    assert len(fitted_targets()) == 26
    assert not [target.study for target in fitted_targets() if held_out(target.study)]
    assert not [course.name for course in COURSES if course.fitted and held_out(course.name)]
    assert not set(entries()) & set(nuisance_priors())


def test_no_prior_cites_a_study_that_is_held_out() -> None:
    kept_apart = {each.publication for each in studies() if held_out(each.name)}

    assert not [name for name, entry in entries().items() if entry["key"] in kept_apart]


@pytest.mark.parametrize(
    "name",
    [
        "piscitelli_time_of_peak",
        "meropol_pulse_peak",
        "koreth_treg_week_4",
        "koreth_2011_ratio_week_8",
        "todd_single_dose",
        "saadoun_courses",
        "thompson_rebound",
        "remission_nk",
        "remission_bright_between",
        "remission_dim",
        "bachanova_treg",
        "lange_receptor_day_4",
        "lange_receptor_day_18",
    ],
)
def test_a_published_number_is_met_within_its_stated_error(name: str) -> None:
    case = CASES[name]

    (predicted,) = predict_typical([case], [{}])[0]

    wrong_side = {"": abs, "at least": lambda x: -x, "at most": lambda x: x}[case.bound.value]
    assert case.spread is not None
    assert wrong_side(np.log(predicted / case.value)) < case.spread, case.source


def test_a_share_of_patients_says_where_the_typical_one_is() -> None:
    start = {name: prior.value for name, prior in fitted_priors().items()}
    half, more = (as_typical(_share(percent), start) for percent in (50.0, 84.134))

    assert half.value == pytest.approx(3.0)  # at half, the typical patient is at the threshold
    assert more.value > 3.0
    assert more.reading is Reading.HIGHEST
    assert more.scenario.population.typical
    deviation = np.log(more.value / 3.0)  # 84 % are below one standard deviation
    expected = deviation * np.hypot(np.sqrt(0.25 / 66.0), 0.1) * np.sqrt(2.0 * np.pi)
    assert half.spread == pytest.approx(expected, rel=1e-3)


def _share(percent: float) -> Case:
    return replace(CASES["baer_constitutional"], value=percent)


def test_the_hazard_of_giving_up_is_the_most_likely_one() -> None:
    course = COURSES[0]
    burden, remains = np.full(4, 10.0), np.ones(4)  # all alike: completing is exp(-10 h), so h = -ln(42/66) / 10

    hazard, error = most_likely([(course, burden, remains)])

    share = course.completed / course.started
    assert hazard == pytest.approx(-np.log(share) / 10.0, rel=1e-4)
    # the delta method: var(ln h) = (1 - p) / (n p ln(p)^2)
    assert error == pytest.approx(np.sqrt((1.0 - share) / (course.started * share)) / -np.log(share), rel=0.01)
    assert surprise(np.log(hazard), [(course, burden, remains)]) < surprise(
        np.log(hazard) + 0.1, [(course, burden, remains)]
    )


def test_the_page_says_what_the_model_meets_as_it_stands() -> None:
    predictions = predict(usable(), Effort(draws=1, patients_a_draw=1))  # what is met does not depend on draws
    written = PAGE.read_text(encoding="utf-8")

    for line in shares(predictions):
        assert line in written, "stale: run `make figures`"
    assert json.loads(GOALS.read_text(encoding="utf-8")) == goals_document(predictions), "stale: run `make figures`"
    missed = {each.case.name for each in predictions if not meets(each)}
    assert {name for name in missed if CASES[name].scenario.model in FITTED_WITH} <= set(discussion()) <= missed


OF_DRAWS = re.compile(r" \([-\d.e+]+ to [-\d.e+]+\)|, (in|out)side the interval| \d+/\d+, \d+ % \(\d+ to \d+\) \|$")
"""What of a line of the page depends on how many draws were made: intervals, and the last column of shares."""


def test_the_page_written_is_the_page_of_the_script() -> None:
    predictions = predict(usable(), Effort(draws=1, patients_a_draw=1))
    unusable = [each for each in all_cases() if isinstance(each, Unusable)]

    made = page(predictions, unusable).splitlines()

    assert [OF_DRAWS.sub("", line) for line in PAGE.read_text(encoding="utf-8").splitlines()] == [
        OF_DRAWS.sub("", line) for line in made
    ], "stale: run validation/observed_predicted.py"


def test_most_cell_counts_are_within_two_fold() -> None:
    cells = [case for case in usable() if case.group is Group.CELL_COUNTS]
    predictions = predict(cells, Effort(draws=1))

    for use in (Use.FITTED, Use.HELD_OUT):
        met = [meets(each) for each in predictions if each.case.use is use]
        assert np.mean(met) >= 0.8, use


def test_patients_differ_about_as_much_as_published() -> None:
    """Piscitelli 1996: the range of 28 peaks is that of a standard deviation of 0.41 on the log scale."""
    assert patient_spread(CASES["piscitelli_peak"]) == pytest.approx(0.41, abs=0.2)  # of 28, to a factor of 1.5


def test_the_fit_finds_a_known_optimum_and_its_spread() -> None:
    design = np.array([[2.0, 0.0], [1.0, 1.0], [0.0, 3.0]])
    seen = np.array([2.0, -1.0, 0.5])
    information = design.T @ design + np.eye(2)

    found = maximise(lambda rows: rows @ design.T - seen, 2, iterations=20, gain=1e-12)
    spread = covariance(lambda rows: rows @ design.T - seen, found.deviations, misfit=1.0)

    np.testing.assert_allclose(found.deviations, np.linalg.solve(information, design.T @ seen), atol=1e-8)
    np.testing.assert_allclose(spread, np.linalg.inv(information), atol=1e-8)
    assert found.converged
