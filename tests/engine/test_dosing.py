from collections.abc import Callable

import numpy as np
import pytest

from trialeukin.core.errors import InputError, ModelError, UnitError
from trialeukin.core.units import convert
from trialeukin.engine.dosing import planned_doses
from trialeukin.engine.problem import Fate
from trialeukin.model.system import System
from trialeukin.model.whole import model
from trialeukin.regimen.administration import Administration, Per, Route
from trialeukin.regimen.course import Regimen
from trialeukin.regimen.products import product, to_pmol

BSA = np.array([1.5, 2.0])
WEIGHT = np.array([50.0, 80.0])
Make = Callable[..., System]


def converted(drug: str, amount: float, source: str, target: str) -> float:
    assert drug == "drug"
    return convert(amount, source, target)


def given(amount: float | None = 2.0, **other: object) -> Administration:
    usual: dict[str, object] = {"drug": "drug", "unit": "nmol", "per": Per.PATIENT, "route": Route.SC, "start": 12.0}
    return Administration(amount=amount, **(usual | other))  # type: ignore[arg-type]


def test_doses_are_scaled_capped_converted_and_put_in_order_of_time(linear_system: Make) -> None:
    administrations = [
        given(per=Per.SQUARE_METRE, start=48.0, cap=3.5),
        given(0.1, per=Per.KILOGRAM, route=Route.IV_INFUSION, start=0.0, duration=6.0),
        given(),
    ]

    doses = planned_doses(
        linear_system(CL=1.0, V=1.0),
        administrations,
        bsa=BSA,
        weight=WEIGHT,
        start_day=3.0,
        fates=np.array([[Fate.MISSED, 0, 0], [0, 0, 0]]),
        amount_in=converted,
    )

    assert doses.times.tolist() == [3.0, 3.5, 5.0]
    assert doses.durations.tolist() == [0.25, 0.0, 0.0]
    assert doses.inputs.tolist() == [1, 0, 0]
    assert doses.amounts == pytest.approx(np.array([[5e3, 2e3, 3e3], [8e3, 2e3, 3.5e3]]))
    assert doses.fates.tolist() == [[0, 0, Fate.MISSED], [0, 0, 0]]


def test_the_amount_is_converted_as_the_product_says() -> None:
    administration = given(1.0, drug="aldesleukin", unit="MIU", route=Route.SC)

    doses = planned_doses(model("il2-pharmacokinetics"), [administration], bsa=BSA, weight=WEIGHT)

    assert doses.amounts.tolist() == [[to_pmol(1.0, "MIU", product("aldesleukin"))]] * 2


def test_the_amount_of_a_drug_of_ones_own_is_converted_as_asked(linear_system: Make) -> None:
    def ten_a_unit(drug: str, amount: float, source: str, target: str) -> float:
        assert (drug, source, target) == ("drug", "MIU", "pmol")
        return 10.0 * amount

    doses = planned_doses(
        linear_system(CL=1.0, V=1.0), [given(unit="MIU")], bsa=BSA, weight=WEIGHT, amount_in=ten_a_unit
    )

    assert doses.amounts.tolist() == [[20.0], [20.0]]


def test_what_cannot_be_given_is_refused_with_what_can(linear_system: Make) -> None:
    system = linear_system(CL=1.0, V=1.0)

    with pytest.raises(ModelError, match=r"drug ip enters nowhere.*drug sc; drug iv bolus, iv"):
        planned_doses(system, [given(route=Route.IP)], bsa=BSA, weight=WEIGHT)
    with pytest.raises(ModelError, match="histamine sc enters nowhere"):
        planned_doses(system, [given(drug="histamine")], bsa=BSA, weight=WEIGHT)
    with pytest.raises(InputError, match=r"bsa: float 1.8: give a NumPy array"):
        planned_doses(system, [given()], bsa=1.8, weight=WEIGHT)  # type: ignore[arg-type]
    with pytest.raises(InputError, match=r"a regimen as it is written: give .* expand\(regimen\)"):
        planned_doses(system, Regimen(), bsa=BSA, weight=WEIGHT)  # type: ignore[arg-type]
    with pytest.raises(InputError, match="is unknown"):
        planned_doses(system, [given(None)], bsa=BSA, weight=WEIGHT)
    with pytest.raises(UnitError, match="MIU cannot be given in pmol"):
        planned_doses(system, [given(unit="MIU")], bsa=BSA, weight=WEIGHT, amount_in=converted)
    with pytest.raises(InputError, match=r"fates of shape \(2, 2\): give \(2, 1\), one for each patient"):
        planned_doses(
            system, [given()], bsa=BSA, weight=WEIGHT, amount_in=converted, fates=np.zeros((2, 2), dtype=np.int64)
        )


def test_a_regimen_without_doses_is_an_empty_plan(linear_system: Make) -> None:
    doses = planned_doses(linear_system(CL=1.0, V=1.0), [], bsa=BSA, weight=WEIGHT)

    assert doses.amounts.shape == doses.fates.shape == (2, 0)
