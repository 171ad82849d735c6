"""What a study file says that a design needs: control curve, effect, accrual, follow-up, loss, size, level."""

import math
from dataclasses import dataclass

import numpy as np

from trialeukin.core.counting import counted
from trialeukin.core.errors import StudyError
from trialeukin.survival.design.enrolment import Enrolment
from trialeukin.survival.design.hazard import PiecewiseHazard, constant, of_median, through
from trialeukin.trial.endpoint import MONTHS_A_YEAR, Endpoint
from trialeukin.trial.monitoring_section import Monitoring
from trialeukin.trial.section import Section
from trialeukin.trial.study import Study


@dataclass(frozen=True, slots=True, kw_only=True)
class Stated:
    """A design's input with where it is from.

    Attributes
    ----------
    words : str
        What it is, for a reader.
    source : str
        Work and place, ``assumed: reason``, or the option that gave it.
    """

    words: str
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedDesign:
    """A study read as a design.

    Attributes
    ----------
    endpoint : Endpoint
        The primary one.
    control : PiecewiseHazard or None
        Of the control arm; None: nothing of it is published.
    hazard_ratio : float or None
        What the study found, treated over control.
    enrolment : Enrolment
        Its accrual, with the patients it had.
    follow_up : float, month
        After the last entry.
    drop_out : PiecewiseHazard, 1/month
        Of loss to follow-up.
    allocation : float, 1
        Treated patients for one control.
    level : float, 1
        Two-sided.
    monitoring : Monitoring or None
        Its looks; None: there is one analysis.
    sources : tuple of Stated
        Where all of it is from.
    """

    endpoint: Endpoint
    control: PiecewiseHazard | None
    hazard_ratio: float | None
    enrolment: Enrolment
    follow_up: float
    drop_out: PiecewiseHazard
    allocation: float
    level: float
    monitoring: Monitoring | None
    sources: tuple[Stated, ...]


def planned_design(study: Study) -> PlannedDesign:
    """Return what a study says of its design; what it found stands in for what it planned, and is marked so.

    Raises
    ------
    StudyError
        When nobody is said to enter over any time.
    """
    if study.accrual.months <= 0.0:
        raise StudyError(f"accrual of {study.accrual.months:g} months: give --accrual-months above zero")
    endpoint = study.analysis.endpoints[0]
    control, of_control = _control(study, endpoint)
    ratio, of_ratio = _ratio(study, endpoint)
    patients = study.control.n + study.treatment.n
    follow_up = study.follow_up
    return PlannedDesign(
        endpoint=endpoint,
        control=control,
        hazard_ratio=ratio,
        enrolment=study.accrual.enrolment(float(patients)),
        follow_up=follow_up.after_last_entry_months,
        drop_out=yearly_loss(follow_up.drop_out_per_year),
        allocation=study.treatment.n / study.control.n,
        level=study.analysis.alpha,
        monitoring=study.monitoring,
        sources=(
            of_control,
            of_ratio,
            Stated(words=f"accrual over {study.accrual.words}", source=_assumed(study.accrual, "months")),
            Stated(
                words=f"follow-up of {counted(follow_up.after_last_entry_months, 'month')} after the last entry",
                source=_assumed(follow_up, "after_last_entry_months"),
            ),
            Stated(
                words=f"{100.0 * follow_up.drop_out_per_year:g} % lost to follow-up a year",
                source=_assumed(follow_up, "drop_out_per_year"),
            ),
        ),
    )


def yearly_loss(fraction: float) -> PiecewiseHazard:
    """Return the constant hazard of losing a fraction of the patients a year, 1/month."""
    if not 0.0 <= fraction < 1.0:
        raise StudyError(f"drop-out {fraction!r} a year: give a fraction, 0 or more and below 1")
    return constant(-math.log1p(-fraction) / MONTHS_A_YEAR)


def _control(study: Study, endpoint: Endpoint) -> tuple[PiecewiseHazard | None, Stated]:
    points = sorted(
        (
            each
            for each in study.published.probabilities
            if each.endpoint is endpoint and each.arm == study.control.name
        ),
        key=lambda each: each.months,
    )
    if points:
        curve = through(np.array([each.months for each in points]), np.array([each.value for each in points]))
        shown = ", ".join(f"{100.0 * each.value:g} % at {counted(each.months, 'month')}" for each in points)
        return curve, Stated(words=f"control: {shown}", source="; ".join(dict.fromkeys(each.source for each in points)))
    for each in study.published.medians:
        if each.endpoint is endpoint and each.arm in {None, study.control.name}:
            whose = "" if each.arm else " (both arms together)"
            words = f"control: median {counted(each.months, 'month')}{whose}, constant hazard"
            return of_median(each.months), Stated(words=words, source=each.source)
    return None, Stated(words="control: not published", source="")


def _ratio(study: Study, endpoint: Endpoint) -> tuple[float | None, Stated]:
    found = study.published.ratio(endpoint)
    if found is not None:
        words = f"hazard ratio {found.value:g}: what the study found; what it was planned for is not stated"
        return found.value, Stated(words=words, source=f"{found.source}, {found.origin.value}")
    return None, Stated(words="hazard ratio: not published", source="")


def _assumed(table: Section, key: str) -> str:
    return f"assumed: {table.assumed[key]}" if key in table.assumed else "study file"
