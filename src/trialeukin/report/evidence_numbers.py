"""What was found of surrogacy in a study's virtual patients, as numbers for JSON."""

from typing import Any

import numpy as np

from trialeukin.evidence.mediation import Estimate, Mediation
from trialeukin.evidence.surrogacy import StructureSurrogacy, Within
from trialeukin.store.finite import estimate_document

UNKNOWN = (np.nan, np.nan)


def surrogacy_document(found: StructureSurrogacy) -> dict[str, Any]:
    """Return everything found under one structure."""
    return {
        "structure": found.structure.name,
        "mediation": mediation_document(found.mediation),
        "within": [_within(each) for each in found.within],
        "explanations": [
            {
                "without": each.reason.value,
                "gain_months": _estimate(each.gain),
                "hazard_ratio": estimate_document(
                    *np.exp([each.log_ratio.value, *(each.log_ratio.limits or UNKNOWN)]).tolist()
                ),
                "log_hazard_ratio": _estimate(each.log_ratio),
                "events_for_80_percent_power": each.events,
            }
            for each in found.explanations
        ],
    }


def mediation_document(found: Mediation) -> dict[str, Any]:
    """Return where an effect goes through."""
    return {
        "structure": found.structure,
        "horizon_months": found.horizon,
        "patients": found.patients,
        "draws": found.draws,
        "total": _estimate(found.total),
        "others": _estimate(found.others),
        "paths": [
            {
                "through": each.path.value,
                "alone": _estimate(each.alone),
                "lost_if_closed": _estimate(each.lost),
                "part": _estimate(each.part),
            }
            for each in found.paths
        ],
        "longer": found.longer,
        "shorter": found.shorter,
    }


def _estimate(found: Estimate) -> dict[str, Any]:
    limits = {} if found.limits is None else {"limits": list(found.limits)}
    return {"value": found.value, "monte_carlo_error": found.error} | limits


def _within(found: Within) -> dict[str, Any]:
    treated, own = found.treated, found.association
    return {
        "cells": found.path.value,
        "rise": list(found.rise),
        "r2_in_treated": None if treated is None else [treated.value, treated.lower, treated.upper],
        "p_value": None if treated is None else treated.p_value,
        "hazard_ratio_per_doubling": None if treated is None else treated.per_doubling,
        "correlation_with_own_gain": None if own is None else [own.value, own.lower, own.upper],
        "r2_individual": None if own is None else own.squared,
        "refusal": found.refusal or None,
    }
