"""Which quantities are a drug's own concentration, found from where its amount goes."""

import pytest

from trialeukin.model.disposition import concentrations_of
from trialeukin.model.whole import model

DRUGS = {
    "il2-products": {"aldesleukin": "il2_concentration", "rezpegaldesleukin": "rezpegaldesleukin_concentration"},
    "aml-induction": {"cytarabine": "cytarabine_concentration", "daunorubicin": "daunorubicin_concentration"},
}


@pytest.mark.parametrize("name", DRUGS)
def test_by_every_route_a_drug_makes_its_own_concentration_and_no_other(name: str) -> None:
    system = model(name)

    for entry in system.inputs:
        if entry.drug in DRUGS[name]:
            assert concentrations_of(system, entry) == (DRUGS[name][entry.drug],)


def test_what_acts_without_a_volume_has_no_concentration() -> None:
    system = model("aml-maintenance")

    (histamine,) = (entry for entry in system.inputs if entry.drug == "histamine")

    assert concentrations_of(system, histamine) == ()
