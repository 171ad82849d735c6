"""Non-compartmental analysis of what followed each dose of records, as predicted and as measured.

A profile is all looks from a dose to the next. What the model has just after a dose, and just before the next, is
part of what it predicts. Where an earlier dose may be there still, area to infinity and clearance are undefined; at
steady state (SS 1) clearance is the dose over the area of its interval.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from trialeukin.core.arrays import Floats
from trialeukin.core.errors import InputError
from trialeukin.core.units import convert, same_dimension
from trialeukin.engine.concentration_profiles import INTO_A_VEIN, GivenDose
from trialeukin.engine.exposure_summary import ExposureSummary
from trialeukin.engine.noncompartmental import noncompartmental
from trialeukin.engine.terminal_slope import FEWEST
from trialeukin.regimen.administration import Route
from trialeukin.trial.followed_records import FollowedRecords
from trialeukin.trial.record_looks import Occasion, grouped, plain

ERROR = 1e-9
"""Of a profile's peak: below is the solver's error, no concentration."""
CARRIED = "an earlier dose may be there still"
NOT_AT_THE_DOSE = "DV is not there at the time of the dose, and an earlier one may be there still"
LAST_DOSE = "no dose follows, and it is not at steady state"
NOTHING_BEFORE_NEXT = "nothing was quantified just before the next dose"
SEVERAL = "doses of several kinds at one time"
NOT_ITS_DRUG = "it is no concentration of the drug given"
NUMBERS = {
    "Cmax": "peak",
    "Tmax": "peak_time",
    "Clast": "last",
    "Tlast": "last_time",
    "AUClast": "area_to_last",
    "AUCinf": "observed.area",
    "AUCextrapolated": "observed.extrapolated_percent",
    "half_life": "terminal.half_life",
    "CL": "observed.clearance",
    "AUCtau": "area_of_interval",
    "Ctrough": "at_interval_end",
    "Cavg": "average",
}
"""What is told of a profile, and its name in `ExposureSummary`."""
TO_INFINITY = ("AUCinf", "AUCextrapolated", "CL")
TO_NEXT_DOSE = ("AUCtau", "Ctrough", "Cavg")


@dataclass(frozen=True, slots=True, kw_only=True)
class DoseExposure:
    """What is told of the profile after one dose.

    Attributes
    ----------
    occasion : Occasion
        The dose.
    measured : bool
        Whether it is of DV, not of what the model predicts.
    points : int
        How many looks it has.
    numbers : mapping of str to float
        Those of `NUMBERS`; NaN where undefined.
    lacking : mapping of str to str
        Why each of those is undefined.
    """

    occasion: Occasion
    measured: bool
    points: int
    numbers: Mapping[str, float]
    lacking: Mapping[str, str]


def units_of_exposure(found: FollowedRecords) -> dict[str, str]:
    """Return the unit of each of `NUMBERS` for the first quantity."""
    time, unit = found.looks.records.unit.value, found.quantities[0].unit
    area = f"{unit}*{time}"
    given = {"Cmax": unit, "Clast": unit, "Ctrough": unit, "Cavg": unit, "AUCextrapolated": "%", "CL": f"L/{time}"}
    return dict.fromkeys(NUMBERS, time) | given | dict.fromkeys(("AUClast", "AUCinf", "AUCtau"), area)


def exposures_of(found: FollowedRecords) -> tuple[DoseExposure, ...]:
    """Return what is told of each dose of the first quantity's drug that at least three looks follow.

    Raises
    ------
    InputError
        When DV is below zero, or is there twice at one time.
    """
    predicted, observed = np.maximum(found.answers[:, 0], 0.0), found.observed
    exposures: list[DoseExposure] = []
    for occasion, places in grouped(found.looks):
        followed = [place for place in places if not np.isnan(predicted[place])]
        if found.shown[followed].sum() >= FEWEST:
            exposures.append(_predicted(found, occasion, followed, predicted))
        seen = [place for place in places if not np.isnan(observed[place])]
        if len(seen) >= FEWEST:
            before = _before(found, occasion, places[0]) if found.times[seen[0]] > occasion.time else []
            exposures.append(_measured(found, occasion, before + seen, observed))
    return tuple(exposures)


def _predicted(found: FollowedRecords, occasion: Occasion, places: Sequence[int], values: Floats) -> DoseExposure:
    at = found.times[places]
    if occasion.until is not None and not found.shown[places[-1]]:
        at[-1] = occasion.until
    times = {plain(time - occasion.time): value for time, value in zip(at, values[places], strict=True)}
    summary = _summary(occasion, times, limit=ERROR * max(times.values()))
    return _told(found, occasion, summary, points=len(times), measured=False)


def _measured(found: FollowedRecords, occasion: Occasion, places: Sequence[int], values: Floats) -> DoseExposure:
    times: dict[float, float] = {}
    for place in places:
        value, time = values[place], plain(found.times[place] - occasion.time)
        where = f"DV {value:g} of ID {occasion.patient} at TIME {found.times[place]:g}"
        if value < 0.0:
            raise InputError(
                f"{where}: a summary is of concentrations, not of logarithms or changes: give zero or more"
            )
        if time in times:
            raise InputError(f"{where}: it is the second one there: keep one for a summary")
        times[time] = value
    exposure = _told(found, occasion, _summary(occasion, times), points=len(times), measured=True)
    if occasion.carried and min(times) > 0.0:
        return _without(exposure, ("AUClast", "AUCtau", "Cavg"), NOT_AT_THE_DOSE)
    return exposure


def _before(found: FollowedRecords, occasion: Occasion, place: int) -> list[int]:
    """Return the look before a dose at its time where an earlier dose was measured, unless a bolus changes all there.

    ``place`` is that of the first look after the dose.
    """
    bolus = occasion.dose.route in INTO_A_VEIN and occasion.duration == 0.0
    if bolus or not (occasion.carried or occasion.interval is not None):
        return []
    before = place - 1
    while before >= 0 and (found.patients[before], found.times[before]) == (occasion.patient, occasion.time):
        if not np.isnan(found.observed[before]):
            return [before]
        before -= 1
    return []


def _summary(occasion: Occasion, profile: Mapping[float, float], *, limit: float = 0.0) -> ExposureSummary:
    vein = occasion.dose.route in INTO_A_VEIN
    infused = vein and occasion.duration > 0.0
    route = (Route.IV_INFUSION if infused else Route.IV_BOLUS) if vein else occasion.dose.route
    return noncompartmental(
        np.array(list(profile)),
        np.array([list(profile.values())]),
        GivenDose(
            amount=occasion.amount or None,
            route=route,
            duration=occasion.duration if infused else 0.0,
            interval=occasion.interval,
        ),
        limit=limit,
    )


def _told(
    found: FollowedRecords, occasion: Occasion, summary: ExposureSummary, *, points: int, measured: bool
) -> DoseExposure:
    numbers = {name: float(summary.number(of)[0]) for name, of in NUMBERS.items()}
    numbers["CL"] *= _litres(found, occasion)
    lacking = {name: summary.why(of)[0].value for name, of in NUMBERS.items() if np.isnan(summary.number(of)[0])}
    told = DoseExposure(occasion=occasion, measured=measured, points=points, numbers=numbers, lacking=lacking)
    if occasion.interval is None:
        told = _to_next_dose(told)
    if occasion.amount == 0.0:
        told = _without(told, ("CL",), SEVERAL)
    if found.quantities[0].name not in occasion.dose.concentrations:
        told = _without(told, ("half_life", *TO_INFINITY), NOT_ITS_DRUG)
    if occasion.carried:
        told = _without(told, TO_INFINITY, CARRIED)
    if occasion.interval is not None:
        told = _without(told, ("AUCinf", "AUCextrapolated"), CARRIED)
    return told


def _to_next_dose(told: DoseExposure) -> DoseExposure:
    """Return what is told with what there is up to the next dose, which needs no steady state."""
    if told.occasion.until is None:
        return _without(told, TO_NEXT_DOSE, LAST_DOSE)
    tau, last, area = plain(told.occasion.until - told.occasion.time), told.numbers["Clast"], told.numbers["AUClast"]
    if told.numbers["Tlast"] != tau:
        return _without(told, TO_NEXT_DOSE, NOTHING_BEFORE_NEXT)
    found = {"AUCtau": area, "Ctrough": last, "Cavg": area / tau}
    return replace(
        told,
        numbers=dict(told.numbers) | found,
        lacking={name: why for name, why in told.lacking.items() if name not in found},
    )


def _without(told: DoseExposure, names: Sequence[str], why: str) -> DoseExposure:
    return replace(
        told,
        numbers=dict(told.numbers) | dict.fromkeys(names, np.nan),
        lacking=dict(told.lacking) | dict.fromkeys(names, why),
    )


def _litres(found: FollowedRecords, occasion: Occasion) -> float:
    """Return what a dose over an area is multiplied by to be in litres for each unit of time."""
    asked = found.quantities[0]
    volume = f"({occasion.dose.state_unit}) / ({asked.own_unit})"
    return asked.factor * convert(1.0, volume, "L") if same_dimension(volume, "L") else np.nan
