"""The figures of a run as JSON: fractions, months, and hazard ratios of treatment over control."""

from typing import Any

import numpy as np

from trialeukin.core.parameter import Parameter
from trialeukin.store.finite import finite
from trialeukin.store.in_whom_document import in_whom_document
from trialeukin.store.numbers import computed_document, interval_document
from trialeukin.trial.arm_result import ArmResult, Curve
from trialeukin.trial.endpoint import MONTHS_A_YEAR
from trialeukin.trial.monitoring import Monitored
from trialeukin.trial.multiplicity import Claims, Family
from trialeukin.trial.parameter_section import StudyParameter
from trialeukin.trial.result import Component, EndpointResult, EstimandResult, Milestone, StudyResult
from trialeukin.trial.simulation.operating import Operating

YEARS = (1, 2, 3, 5)


def summary(result: StudyResult) -> dict[str, Any]:
    """Return what ``summary.json`` holds; numbers that are not defined are null."""
    study, provenance = result.study, result.provenance
    primary = result.endpoints[0]
    return {
        "study": study.study.name,
        "title": study.study.title,
        "seed": provenance.seed,
        "effect": provenance.effect,
        "patients": provenance.patients,
        "replicates": provenance.replicates,
        "draws": provenance.draws,
        "model": provenance.model,
        "cohort": provenance.cohort,
        "method": provenance.method,
        "versions": provenance.versions,
        "statuses": provenance.statuses,
        "comparison": {
            "treatment": study.treatment.name,
            "control": study.control.name,
            "alpha": study.analysis.alpha,
            "primary": primary.endpoint.value,
        },
        "arms": [_arm(arm) for arm in result.arms],
        "endpoints": _endpoints(study.treatment.name, result),
        **_power(primary),
        "treatments": None if result.family is None else _treatments(result, result.family),
        "estimands": [_estimand(each) for each in result.estimands],
        "in_whom": in_whom_document(result.in_whom),
        "monitoring": None if result.monitored is None else _monitoring(result.monitored),
        "published": study.published.model_dump(mode="json", exclude_none=True, exclude_defaults=True),
        "assumed": dict(provenance.assumptions),
        "changed_parameters": [_changed(each, result.parameters[each.name]) for each in study.parameters],
    }


def _changed(said: StudyParameter, parameter: Parameter) -> dict[str, Any]:
    """Return a parameter that the study changes, as it is in this run."""
    return {
        "name": said.name,
        "value": parameter.value,
        "unit": parameter.unit,
        "between_patients": parameter.between_patients,
        "uncertainty": parameter.uncertainty,
        "reason": parameter.source.place,
    }


def _arm(arm: ArmResult) -> dict[str, Any]:
    adherence = arm.adherence
    return {
        "name": arm.name,
        "regimen": arm.regimen,
        "n": arm.n,
        "control": arm.control,
        "patients": arm.patients,
        "dose_intensity": None if adherence is None else finite(adherence.intensity.mean),
        "dose_intensity_median": None if adherence is None else finite(adherence.intensity.median),
        "dose_intensity_per_time": None if adherence is None or adherence.per_time is None else adherence.per_time.mean,
        "days_put_off": None if adherence is None or adherence.put_off is None else adherence.put_off.mean,
        "never_started": None if adherence is None else adherence.never_started,
        "stopped": None if adherence is None else adherence.stopped,
        "completed": None if adherence is None else adherence.completed,
        "doses_not_given_as_planned": {} if adherence is None else dict(adherence.reasons),
        "toxicity": {each.item: dict(zip("1234", each.fractions, strict=True)) for each in arm.toxicities},
    }


def _endpoints(treatment: str, result: StudyResult) -> dict[str, Any]:
    """Return the comparison of one treatment with control, by endpoint."""
    return {found.endpoint.value: _endpoint(treatment, found, result) for found in result.comparisons[treatment]}


def _treatments(result: StudyResult, family: Family) -> dict[str, Any]:
    """Return all treatments, and how often trials claim them where their tests keep one level together."""
    return {
        "multiplicity": family.procedure.value,
        "endpoint": family.endpoint.value,
        "each": [
            {
                "treatment": name,
                "endpoints": _endpoints(name, result),
                "benefit_claimed": _claims(family.benefit[name]),
                "best": _claims(family.best[name]),
            }
            for name in result.comparisons
        ],
        "any_benefit_claimed": _claims(family.any_benefit),
        "all_benefit_claimed": _claims(family.all_benefit),
        "any_difference_claimed": _claims(family.any_difference),
    }


def _claims(claims: Claims) -> dict[str, Any]:
    """Return a share of trials at the typical parameters, and averaged over what is not known of them."""
    drawn = claims.drawn
    return computed_document(claims.typical) | {
        "averaged_over_parameters": None if drawn is None else computed_document(drawn)
    }


def _endpoint(treatment: str, found: EndpointResult, result: StudyResult) -> dict[str, Any]:
    curves = {
        "control": result.arm(result.study.control.name).survival[found.endpoint],
        "treatment": result.arm(treatment).survival[found.endpoint],
    }
    horizon = result.study.follow_up.horizon_months
    at_years = {
        f"{role}_{year}y": _value_at(curve, year * MONTHS_A_YEAR, horizon)
        for role, curve in curves.items()
        for year in YEARS
    }
    return at_years | {
        "milestones": [_milestone(each) for each in found.milestones],
        "hazard_ratio": interval_document(found.hazard_ratio),
        "hazard_ratio_monte_carlo_error": finite(found.ratio_error),
        "hazard_ratio_at_typical_parameters": finite(found.population_ratio),
        "variance": [_component(each) for each in found.components],
        **_power(found),
        "events": interval_document(found.events),
        "not_estimable": found.not_estimable,
    }


def _power(found: EndpointResult) -> dict[str, Any]:
    """Return the power, a fraction in favour of the treatment, with its Monte Carlo error, and what is beside it."""
    return {
        "power": found.power.value,
        "power_monte_carlo_error": finite(found.power.error),
        "significant": computed_document(found.significant),
        "power_averaged_over_parameters": None if found.assurance is None else computed_document(found.assurance),
    }


def _estimand(found: EstimandResult) -> dict[str, Any]:
    """Return what trials find under a strategy for refusals and early stops, at the typical parameters."""
    return {
        "strategy": found.strategy.value,
        "hazard_ratio": interval_document(found.hazard_ratio),
        "power": computed_document(found.power),
        "significant": computed_document(found.significant),
        "events": interval_document(found.events),
        "not_estimable": found.not_estimable,
    }


def _monitoring(found: Monitored) -> dict[str, Any]:
    """Return a trial's looks: limits, and what trials do with the effect and where all fare as controls."""
    limits = found.boundaries
    return {
        "endpoint": found.endpoint.value,
        "events_planned": found.planned,
        "looks": [
            {
                "fraction": float(limits.fractions[place]),
                "events": events,
                "efficacy_z": finite(limits.upper[place]),
                "efficacy_hazard_ratio": finite(found.efficacy_ratios[place]),
                "futility_z": finite(limits.lower[place]),
                "futility_hazard_ratio": finite(found.futility_ratios[place]),
            }
            for place, events in enumerate(found.events)
        ],
        "effect": _operating(found.effect),
        "no_effect": _operating(found.null),
    }


def _operating(found: Operating) -> dict[str, Any]:
    return {
        "trials": found.trials,
        "benefit_found": computed_document(found.rejected),
        "stopped_for_benefit": [computed_document(look.efficacy) for look in found.looks],
        "stopped_for_futility": [computed_document(look.futility) for look in found.looks],
        "events": computed_document(found.events),
        "patients": computed_document(found.patients),
        "months": computed_document(found.months),
        "hazard_ratio": interval_document(found.hazard_ratio),
        "not_estimable": found.not_estimable,
    }


def _milestone(each: Milestone) -> dict[str, Any]:
    return {
        "arm": each.arm,
        "months": each.months,
        "population": computed_document(each.population),
        "trial": interval_document(each.trial),
    }


def _component(each: Component) -> dict[str, Any]:
    return {
        "chance": each.chance.name.lower(),
        "variance": computed_document(each.variance),
        "share": finite(each.share),
        "hazard_ratio": interval_document(each.interval),
    }


def _value_at(curve: Curve, months: float, horizon: float) -> float | None:
    if months > horizon:
        return None
    place = int(np.searchsorted(curve.times, months, side="right"))
    return 1.0 if place == 0 else float(curve.values[place - 1])
