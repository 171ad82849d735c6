"""What regimens do in the same patients, as JSON; what has no meaning is null."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from trialeukin.regimen.course import Regimen
from trialeukin.regimen.render import render
from trialeukin.store.finite import finite
from trialeukin.trial.changed_background import changes_shown
from trialeukin.trial.contrast_result import Contrast, Contrasts


def contrast_document(found: Contrasts, regimens: Sequence[Regimen]) -> dict[str, Any]:
    """Return every measure under each regimen and its difference from the first."""
    return {
        "regimens": [render(each) for each in regimens],
        "background": found.background.name,
        "model": found.background.model,
        "changed": [asdict(each) for each in changes_shown(found.background)],
        "patients": found.patients,
        "failed": found.failed,
        "draws": found.draws,
        "patients_of_draw": found.patients_of_draw,
        "treated_days": found.treated,
        "followed_days": found.followed,
        "measures": [_measure(each) for each in found.measures],
        "survivals": [
            {"name": each.name, "days": each.days.tolist(), "shares": each.shares.tolist()} for each in found.survivals
        ],
    }


def _measure(found: Contrast) -> dict[str, Any]:
    return {
        "topic": found.topic.value,
        "name": found.name,
        "unit": found.unit,
        "is_share": found.is_share,
        "levels": [
            {"mean": finite(each.mean), "low": finite(each.low), "high": finite(each.high)} for each in found.levels
        ],
        "differences": [
            {
                "mean": finite(each.mean),
                "low": finite(each.low),
                "high": finite(each.high),
                "lower": finite(each.lower),
                "upper": finite(each.upper),
                "resolved": each.resolved,
            }
            for each in found.differences
        ],
    }
