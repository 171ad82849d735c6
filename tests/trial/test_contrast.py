from collections.abc import Callable, Hashable
from dataclasses import astuple

import numpy as np
import pytest

from trialeukin.core.errors import InputError
from trialeukin.engine.trajectories import Trajectories
from trialeukin.regimen.course import Regimen
from trialeukin.regimen.parse import parse
from trialeukin.trial.background import background
from trialeukin.trial.contrast import contrasts_of
from trialeukin.trial.contrast_result import Contrast, Contrasts

SHORT = "aldesleukin 1 MIU/m2/day sc days 1-14"
HALF = "aldesleukin 0.5 MIU/m2/day sc days 1-14"
FEW, DRAWS = 20, 4
ROUND_OFF = 1e-9


@pytest.fixture(scope="module")
def remission() -> Contrasts:
    """Observation, a short regimen and the same again."""
    regimens = (Regimen(), parse(SHORT), parse(SHORT))
    return contrasts_of(regimens, background("first-remission"), patients=FEW, draws=DRAWS)


def test_courses_that_are_kept_are_followed_once_and_change_nothing(remission: Contrasts) -> None:
    courses: dict[Hashable, Trajectories] = {}
    computed = []

    def kept(key: Hashable, compute: Callable[[], Trajectories]) -> Trajectories:
        if key not in courses:
            courses[key] = compute()
            computed.append(key)
        return courses[key]

    def found(*texts: str) -> Contrasts:
        regimens = (Regimen(), *(parse(text) for text in texts))
        return contrasts_of(regimens, background("first-remission"), patients=FEW, draws=DRAWS, kept=kept)

    same, _ = found(SHORT, SHORT), found(SHORT, HALF)

    assert len(computed) == 3
    assert in_words(same.measures) == in_words(remission.measures)


def in_words(measures: tuple[Contrast, ...]) -> list[str]:
    return [repr(each) for each in measures]


def measure(found: Contrasts, name: str) -> Contrast:
    return next(each for each in found.measures if each.name == name)


def test_a_regimen_differs_in_nothing_from_itself() -> None:
    same = parse(SHORT)

    found = contrasts_of((same, same), background("first-remission"), patients=FEW, draws=DRAWS)

    known = [each.differences[0] for each in found.measures]
    assert all((each.mean, each.low, each.high, each.lower, each.upper) == (0.0,) * 5 for each in known)


def test_two_regimens_alike_differ_alike_from_a_third(remission: Contrasts) -> None:
    for each in remission.measures:
        np.testing.assert_array_equal(*(astuple(one) for one in each.differences))


def test_the_mean_of_differences_in_the_same_patients_is_the_difference_of_means(remission: Contrasts) -> None:
    for name in ("highest NK cells in blood", "lowest platelets in blood", "relapse within 24 months"):
        found = measure(remission, name)

        assert found.differences[0].mean == pytest.approx(found.levels[1].mean - found.levels[0].mean, abs=1e-6)


def test_exposure_of_a_drug_not_given_is_none_and_that_of_one_given_is_certainly_more(remission: Contrasts) -> None:
    area = measure(remission, "area under the curve (AUC) of administered IL-2 in plasma")

    assert area.levels[0].mean == 0.0
    assert 0.0 < area.differences[0].lower < area.differences[0].mean < area.differences[0].upper
    assert 0.0 < area.differences[0].low < area.differences[0].high


def test_a_difference_of_means_lies_within_the_differences_of_patients(remission: Contrasts) -> None:
    shares = [each for each in remission.measures if each.is_share and np.isfinite(each.differences[0].mean)]

    for each in shares:
        one = each.differences[0]
        assert one.mean == pytest.approx(one.high - one.low, abs=ROUND_OFF)
        assert -100.0 <= one.lower <= one.upper <= 100.0


def test_what_is_known_only_without_draws_has_no_interval() -> None:
    found = contrasts_of((parse(HALF), parse(SHORT)), background("first-remission"), patients=FEW, draws=0)

    area = measure(found, "area under the curve (AUC) of administered IL-2 in plasma")
    assert area.differences[0].mean > 0.0
    assert np.isnan(area.differences[0].lower)
    assert np.isnan(area.differences[0].upper)


def test_survival_starts_with_everybody_falls_and_meets_its_milestone(remission: Contrasts) -> None:
    free = next(each for each in remission.survivals if each.name == "alive without relapse")

    milestone = measure(remission, "alive without relapse at 24 months")
    assert (free.shares[:, 0] == 1.0).all()
    assert (np.diff(free.shares, axis=1) <= 0.0).all()
    assert free.shares[:, -1] * 100.0 == pytest.approx([level.mean for level in milestone.levels], abs=ROUND_OFF)


def test_patients_who_have_no_remission_to_lose_have_no_leukaemia_free_survival() -> None:
    found = contrasts_of((Regimen(), Regimen()), background("cml-relapse"), patients=FEW, draws=0)

    assert [each.name for each in found.survivals] == ["alive"]


@pytest.mark.parametrize(
    ("patients", "draws", "said"),
    [(19, 0, "patients 19: give 20 or more"), (20, 3, "draws 3: give 0 for none, or 4 or more")],
)
def test_too_few_patients_or_draws_are_refused(patients: int, draws: int, said: str) -> None:
    with pytest.raises(InputError, match=said):
        contrasts_of((Regimen(),), background("first-remission"), patients=patients, draws=draws)


def test_a_reduced_dose_is_given_in_part_and_its_course_is_completed() -> None:
    whole = "aldesleukin 9 MIU/m2/day sc days 1-5"
    regimens = [parse(text) for text in (whole, f"{whole}; reduce to 50 % when platelets < 100000 G/L")]

    found = contrasts_of(regimens, background("first-remission"), patients=FEW, draws=0)

    given = measure(found, "planned doses given, reduced ones in part")
    completed = measure(found, "course completed, whatever was held or missed")
    assert [level.mean for level in given.levels] == pytest.approx([100.0, 50.0], abs=20.0)
    assert given.levels[1].mean == pytest.approx(0.5 * given.levels[0].mean, abs=ROUND_OFF)
    assert completed.levels[1].mean == completed.levels[0].mean > 0.0


def test_who_got_no_dose_has_not_completed_the_course() -> None:
    held = parse("aldesleukin 9 MIU/m2/day sc days 1-5; hold while platelets < 100000 G/L")

    found = contrasts_of([held], background("first-remission"), patients=FEW, draws=0)

    assert measure(found, "planned doses given, reduced ones in part").levels[0].mean == 0.0
    assert measure(found, "course completed, whatever was held or missed").levels[0].mean == 0.0
