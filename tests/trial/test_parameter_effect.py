"""What one parameter does to the typical patient: the body, the days and the doses of a response."""

import numpy as np
import pytest

from trialeukin.core.errors import RegimenError
from trialeukin.model.whole import model
from trialeukin.regimen.course import Regimen
from trialeukin.regimen.parse import parse
from trialeukin.trial.background import background
from trialeukin.trial.parameter_effect import WITHOUT_DOSES, effect_of
from trialeukin.trial.response import AFTER, Body, response_of

PARAMETER, QUANTITY = "marrow_gain", "il2_concentration"
SAMPLED = 2e-3  # relative: a peak is read from courses kept at other instants and at another tolerance


def effect(text: str, name: str = "aml-maintenance", **asked: object):
    system = model(name)
    usual = {"parameter": PARAMETER, "value": system.parameters[PARAMETER].value, "quantity": QUANTITY}
    return effect_of(system, parse(text) if text else Regimen(), **(usual | asked))


def test_the_typical_patient_is_the_one_of_a_response() -> None:
    text = "aldesleukin 9 MIU/m2/day sc days 1-5"

    found = effect(text)
    response = response_of(parse(text), background("first-remission"), patients=2)

    peak = next(each for each in response.measures if each.name.startswith("peak (Cmax) of administered IL-2"))
    assert found.extremes[0].highest[0] == pytest.approx(peak.typical, rel=SAMPLED)


def test_the_usual_body_is_the_one_that_the_doses_are_for() -> None:
    found = effect("aldesleukin 9 MIU/m2/day sc days 1-5", parameter="body_surface_area", value=2.2)

    assert (found.usual, found.other) == (Body().bsa, 2.2)
    assert found.extremes[0].highest[1] < found.extremes[0].highest[0]


def test_courses_go_on_past_the_last_dose_or_for_a_year_without_one() -> None:
    assert effect("aldesleukin 1 MIU/m2/day sc days 1-14").times[-1] == pytest.approx(13.0 + AFTER)
    assert effect("").times[-1] == WITHOUT_DOSES


def test_doses_after_what_is_followed_are_refused_and_not_dropped() -> None:
    with pytest.raises(RegimenError, match="the last dose ends after 1,503 days"):
        effect("aldesleukin 9 MIU/m2/day sc days 1-5, 1500-1504")


def test_the_usual_value_tried_gives_the_usual_course() -> None:
    found = effect("aldesleukin 1 MIU/m2/day sc days 1-3")

    np.testing.assert_array_equal(found.courses[0], found.courses[1])
