"""Which parameters decide what a regimen does."""

import math
from functools import cache

import numpy as np
import pytest

from trialeukin.core.arrays import Floats
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
MANY = 3_000
LEFT_TO_DRAWS = 0.5  # of the variance at most, that the moves do not tell; one without them


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


@cache
def many_drawn() -> tuple[Floats, Floats]:
    """The parameters and the highest concentration of draws that are not those of the program."""
    system = PLACE.system()
    rows = draw_typical(system, seed=SEED + 1, draws=np.arange(MANY))
    solved = solve(
        Problem(
            system=system,
            parameters=rows,
            doses=planned_doses(
                system, expand(parse(IL2)), bsa=np.full(MANY, Body().bsa), weight=np.full(MANY, Body().weight)
            ),
            horizon=6.0,
            save_times=np.empty(0),
            save=(),
            examinations=np.empty(0),
            exposures=(Exposure(quantity="il2_concentration", area=False),),
        )
    )
    return rows, solved.highest[:, 0, 0]


@pytest.mark.parametrize(
    "parameter", ["il2_linear_clearance", "il2_bioavailability_sc", "receptor_access", "capillary_leak_half_signal"]
)
def test_what_knowing_a_parameter_takes_away_is_its_squared_correlation_over_draws(parameter: str) -> None:
    """Straight lines through the moves alone would say 0.36 of the clearance, where draws have 0.21."""
    rows, peaks = many_drawn()
    scale, column = PLACE.system().parameters[parameter].scale, list(PLACE.system().parameters).index(parameter)
    moved = scale.deviation(np.asarray(PLACE.system().parameters[parameter].value), rows[:, column])
    correlation = float(np.corrcoef(moved, np.log(peaks))[0, 1])

    learned = influence(measure(IL2, "peak (Cmax)").unknown, parameter).learned

    error = (1.0 - correlation**2) * math.sqrt(1.0 / MANY + LEFT_TO_DRAWS / DRAWS)
    assert learned is not None
    assert abs(math.sqrt(learned) - abs(correlation)) < STANDARD_ERRORS * error


def test_shares_are_of_the_whole_and_the_largest_stand_first() -> None:
    for each in found(IL2).measures:
        for spread in (each.unknown, each.between):
            shares = [one.share for one in spread.influences]
            assert shares == sorted(shares, reverse=True)
            assert sum(shares) == pytest.approx(1.0) or sum(shares) == 0.0
            assert spread.low <= spread.high


def test_how_patients_differ_is_not_to_be_learned() -> None:
    assert {one.learned for one in measure(IL2, "highest NK").between.influences} == {None}


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
