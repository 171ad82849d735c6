"""Which parameters decide what a regimen does."""

import math
from functools import cache

import numpy as np
import pytest

from trialeukin.core.errors import InputError
from trialeukin.engine.dosing import planned_doses
from trialeukin.engine.problem import Exposure, Problem
from trialeukin.engine.solve import solve
from trialeukin.population.cohort import draw_typical
from trialeukin.regimen.course import Regimen
from trialeukin.regimen.expand import expand
from trialeukin.regimen.parse import parse
from trialeukin.trial.background import background
from trialeukin.trial.influence import Influence, Influences, MeasureInfluences, Spread, influences_of
from trialeukin.trial.response import Body, typical_row

PLACE = background("first-remission")
IL2, DAUNORUBICIN = "aldesleukin 1 MIU/m2/day sc days 1-5", "daunorubicin 60 mg/m2 iv over 1 h day 1"
DRAWS, SEED = 400, 11
TOLERANCE = 1e-3  # relative; an area at the tolerance of `WHILE_WAITED_FOR`, some ten times its local error
STANDARD_ERRORS = 4.0


@cache
def found(text: str) -> Influences:
    place = background("new-aml") if text == DAUNORUBICIN else PLACE
    return influences_of(parse(text), place, draws=DRAWS, seed=SEED)


def measure(text: str, start: str) -> MeasureInfluences:
    return next(each for each in found(text).measures if each.name.startswith(start))


def influence(spread: Spread, parameter: str) -> Influence:
    return next(each for each in spread.influences if each.parameter == parameter)


def test_an_area_of_linear_kinetics_moves_as_the_clearance_does() -> None:
    area = measure(DAUNORUBICIN, "area under the curve (AUC) of daunorubicin")
    clearance = found(DAUNORUBICIN).system.parameters["daunorubicin_clearance"]

    for spread, deviation in ((area.unknown, clearance.uncertainty), (area.between, clearance.between_patients)):
        moved = influence(spread, "daunorubicin_clearance")
        assert deviation > 0.0
        assert moved.lower == pytest.approx(area.typical * math.exp(deviation), rel=TOLERANCE)
        assert moved.higher == pytest.approx(area.typical * math.exp(-deviation), rel=TOLERANCE)


@pytest.mark.parametrize("parameter", ["il2_linear_clearance", "il2_bioavailability_sc", "receptor_access"])
def test_what_knowing_a_parameter_takes_away_is_its_squared_correlation_over_draws(parameter: str) -> None:
    """The share is of a linear law; the draws move all parameters at once, tied as their fit has them."""
    system = PLACE.system()
    rows = draw_typical(system, seed=SEED, draws=np.arange(DRAWS))
    given = expand(parse(IL2))
    solved = solve(
        Problem(
            system=system,
            parameters=rows,
            doses=planned_doses(system, given, bsa=np.full(DRAWS, Body().bsa), weight=np.full(DRAWS, Body().weight)),
            horizon=65.0,
            save_times=np.empty(0),
            save=(),
            examinations=np.empty(0),
            exposures=(Exposure(quantity="il2_concentration"),),
        )
    )
    column = rows[:, list(system.parameters).index(parameter)]
    scaled = np.log(column / (1.0 - column)) if column.max() < 1.0 else np.log(column)
    correlation = float(np.corrcoef(scaled, np.log(solved.area[:, 0, 0]))[0, 1])
    learned = influence(measure(IL2, "area under").unknown, parameter).learned

    error = (1.0 - correlation**2) / math.sqrt(DRAWS)
    assert abs(math.sqrt(learned) - abs(correlation)) < STANDARD_ERRORS * error


def test_shares_are_of_the_whole_and_the_largest_stand_first() -> None:
    for each in found(IL2).measures:
        for spread in (each.unknown, each.between):
            shares = [one.share for one in spread.influences]
            assert shares == sorted(shares, reverse=True)
            assert sum(shares) == pytest.approx(1.0) or sum(shares) == 0.0
            assert spread.low <= spread.high


def test_where_nothing_ties_parameters_knowing_one_takes_away_what_it_makes() -> None:
    for one in measure(IL2, "highest NK").between.influences:
        assert one.learned == pytest.approx(one.share)


def test_the_typical_patient_is_the_one_of_a_plain_course() -> None:
    system = PLACE.system()
    solved = solve(
        Problem(
            system=system,
            parameters=typical_row(system, Body())[None, :],
            doses=planned_doses(system, expand(parse(IL2)), bsa=np.array([1.84]), weight=np.array([70.0])),
            horizon=65.0,
            save_times=np.empty(0),
            save=(),
            examinations=np.array([30.0, 60.0]),
            exposures=(Exposure(quantity="il2_concentration"),),
        )
    )

    assert measure(IL2, "peak (Cmax)").typical == pytest.approx(float(solved.highest[0, 0, 0]), rel=TOLERANCE)
    assert measure(IL2, "area under").typical == pytest.approx(float(solved.area[0, 0, 0]), rel=TOLERANCE)


def test_a_drug_that_is_not_given_has_no_row() -> None:
    none = influences_of(Regimen(), PLACE, draws=40)

    assert not [each.name for each in none.measures if "IL-2" in each.name or "histamine" in each.name]
    assert "treg_baseline" in {each.parameter for each in none.measures[0].unknown.influences}


def test_fewer_draws_than_a_range_needs_are_refused() -> None:
    with pytest.raises(InputError, match="draws 39: give 40 or more"):
        influences_of(parse(IL2), PLACE, draws=39)


def test_a_regimen_beyond_the_place_is_refused() -> None:
    with pytest.raises(InputError, match="daunorubicin"):
        influences_of(parse("daunorubicin 60 mg/m2 iv over 1 h day 1"), PLACE)
