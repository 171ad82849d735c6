import numpy as np
import pytest

from trialeukin.core.errors import InputError
from trialeukin.regimen.course import Regimen
from trialeukin.regimen.library import load, names
from trialeukin.regimen.parse import parse
from trialeukin.trial.background import BACKGROUNDS, background, background_for, check_takes
from trialeukin.trial.response import AFTER, LONGEST, Body, days_followed, response_of

PATIENTS = 20
STILL_FOLLOWED = 0.05  # a curve is of those alive at an instant, a peak of everybody
SHORT = parse("aldesleukin 1 MIU/m2/day sc days 1-14")


def test_a_model_is_found_for_every_regimen_whose_doses_and_half_lives_are_known() -> None:
    refused = []
    for name in names():
        try:
            background_for([load(name)])
        except InputError:
            refused.append(name)

    assert refused == [  # doses or half-lives that no source gives
        "artistry-1", "bentebibel-2019", "efavaleukin-sle", "hammer", "meloni-1994", "whangbo-2019",
    ]  # fmt: skip


def test_a_rule_never_changes_in_whom_a_regimen_is_followed() -> None:
    for rule in ("hold while platelets < 25 G/L", "stop at fever grade 3", "stop when relapsed >= 1"):
        assert background_for([parse(f"aldesleukin 1 MIU sc days 1-28; {rule}")]).name == "first-remission"
    for rule, where in (("hold while neutrophils < 1 G/L", "refractory"), ("stop when gvhd >= 1", "cml-relapse")):
        regimen = parse(f"aldesleukin 1 MIU sc days 1-28; {rule}")
        with pytest.raises(InputError) as fault:
            background_for([regimen])

        said = str(fault.value)
        assert "(first-remission), where the drugs are followed, has no marker for" in said
        assert f"({where})" in said
        assert "--in of 'trialeukin compare'" in said
        check_takes(background(where), regimen)


def test_a_rule_that_no_place_of_the_drugs_can_look_up_is_refused_as_before() -> None:
    with pytest.raises(InputError, match="aml-maintenance has no marker 'mood'"):
        background_for([parse("aldesleukin 1 MIU sc days 1-28; hold while mood < 2")])


@pytest.mark.parametrize("place", BACKGROUNDS, ids=lambda place: place.name)
def test_without_doses_no_drug_is_drawn_and_every_patient_is_followed(place) -> None:
    found = response_of(Regimen(), place, patients=PATIENTS, days=10.0)

    assert found.exposure == ()
    assert found.failed == 0
    assert all(np.isfinite(fan.quantiles[2, 0]) for fan in found.cells)


def test_the_typical_patient_and_the_median_one_agree_on_peak_within_the_spread_between_patients() -> None:
    found = response_of(SHORT, background("first-remission"), patients=PATIENTS)

    peak = found.measures[0]
    assert peak.name.startswith("peak (Cmax)")
    assert peak.low <= peak.median <= peak.high
    assert peak.low < peak.typical < peak.high


def test_a_larger_body_gets_a_larger_dose_in_square_metres_but_much_the_same_peak() -> None:
    place = background("first-remission")

    small = response_of(SHORT, place, patients=PATIENTS, body=Body(bsa=1.5, weight=50.0)).measures[0]
    large = response_of(SHORT, place, patients=PATIENTS, body=Body(bsa=2.3, weight=110.0)).measures[0]

    assert small.typical == pytest.approx(large.typical, rel=0.05)  # clearance and volume go with surface too
    assert small.median == large.median  # virtual patients have bodies of their own


def test_patients_are_followed_past_the_last_dose_and_longer_regimens_are_refused() -> None:
    long = parse("aldesleukin 1 MIU/m2/day sc days 1-5, repeat every 28 days for 60 cycles")

    assert days_followed([SHORT]) == pytest.approx(13.0 + AFTER, abs=1.0)
    with pytest.raises(InputError, match=f"{LONGEST:,.0f} days are followed here"):
        days_followed([SHORT, long])


def test_a_drug_that_the_background_does_not_take_is_refused() -> None:
    with pytest.raises(InputError, match="cytarabine"):
        check_takes(background("first-remission"), load("seven-plus-three"))


def test_the_curve_of_a_short_infusion_reaches_the_peak_beside_it() -> None:
    regimen = parse("aldesleukin 600000 IU/kg iv over 15 min every 8 h days 1-5")

    found = response_of(regimen, background("first-remission"), patients=PATIENTS)

    (peak,) = [each for each in found.measures if each.name.startswith("peak (Cmax) of administered IL-2")]
    assert np.nanmax(found.exposure[0].quantiles[2]) == pytest.approx(peak.median, rel=STILL_FOLLOWED)
