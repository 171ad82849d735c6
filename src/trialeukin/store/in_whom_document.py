"""In whom a treatment acts, as JSON."""

from typing import Any

from trialeukin.store.finite import finite
from trialeukin.store.numbers import computed_document, interval_document
from trialeukin.trial.estimate import Interval
from trialeukin.trial.in_whom_result import Group, InWhom, Split


def in_whom_document(found: InWhom) -> dict[str, Any]:
    """Return whose course the treatment changes in the primary endpoint; gains are treatment less control."""
    return {
        "endpoint": found.endpoint.value,
        "months": found.months,
        "months_gained": computed_document(found.gained),
        "months_gained_over_parameters": _limits(found.gained_by_draw),
        "patients_needed": found.needed,
        "principal_strata": {
            each.kind.name.lower(): {"share": computed_document(each.share), "adds_months": finite(each.gained)}
            for each in found.strata
        },
        "splits": [_split(each) for each in found.splits],
        "own_parameters": [
            {
                "name": each.name,
                "months_gained_lowest_fifth": finite(each.lowest),
                "months_gained_highest_fifth": finite(each.highest),
                "standard_error_of_difference": finite(each.error),
            }
            for each in found.hidden
        ],
        "own_parameters_searched": found.searched,
    }


def _split(found: Split) -> dict[str, Any]:
    return {
        "covariate": found.name,
        "cut": found.cut,
        "without": _group(found.without),
        "having": _group(found.having),
        "difference_months": computed_document(found.difference),
        "difference_months_over_parameters": _limits(found.difference_by_draw),
        "having_gain_more_over_parameters": found.likely,
        "ratio_of_hazard_ratios": finite(found.ratio),
        "standard_error_of_its_logarithm": finite(found.doubt),
        "power_of_interaction_test": computed_document(found.power),
        "significant_the_other_way": computed_document(found.misleading),
        "patients_needed": found.needed,
    }


def _group(found: Group) -> dict[str, Any]:
    control, treatment = found.free
    return {
        "share": found.share,
        "event_free_control": control,
        "event_free_treatment": treatment,
        "months_gained": computed_document(found.gained),
        "months_gained_over_parameters": _limits(found.gained_by_draw),
        "hazard_ratio_at_typical_parameters": finite(found.hazard_ratio),
        "power": computed_document(found.power),
        "patients_needed": found.needed,
    }


def _limits(found: Interval | None) -> dict[str, float | None] | None:
    return None if found is None else interval_document(found)
