import pytest

from trialeukin.core.errors import ModelError
from trialeukin.core.units import same_dimension
from trialeukin.model.whole import MODELS, model, models

UNITS = {
    "il2_concentration": "pmol/L",
    "nk_count": "cell/uL",
    "nk_bright_count": "cell/uL",
    "cd8_count": "cell/uL",
    "treg_count": "cell/uL",
    "lymphocyte_count": "cell/uL",
    "nk_killing": "1",
    "cd8_killing": "1",
    "treg_suppression": "1",
    "platelets": "G/L",
    "eosinophil_count": "G/L",
    "soluble_receptor": "ng/mL",
    "capillary_leak_grade": "1",
    "constitutional_grade": "1",
}


def test_every_model_composes_under_its_own_name() -> None:
    assert {name: system.name for name, system in models().items()} == {name: name for name in MODELS}


@pytest.mark.parametrize(
    "name", ["il2-immune", "il2-products", "aml-maintenance", "autologous-transplant", "allogeneic-transplant"]
)
@pytest.mark.parametrize("quantity", UNITS)
def test_a_quantity_that_others_rely_on_is_there_in_its_unit(name: str, quantity: str) -> None:
    system = model(name)
    known = {each.name: each.unit for each in (*system.states, *system.definitions)}

    assert known[quantity] == UNITS[quantity]
    assert same_dimension(known[quantity], UNITS[quantity])


def test_a_model_that_does_not_exist_is_refused_with_those_that_do() -> None:
    with pytest.raises(ModelError, match=r"unknown model 'cml': there are il2-pharmacokinetics, il2-immune"):
        model("cml")
    with pytest.raises(ModelError, match=r"trialeukin.model.published.library; did you mean 'il2-immune'\?"):
        model("il2-imune")


def test_every_parameter_of_every_model_says_what_it_is() -> None:
    for system in models().values():
        for name, parameter in system.parameters.items():
            assert parameter.meaning, name
