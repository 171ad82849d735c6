"""Which parameters decide what a regimen does, as JSON; what has no meaning is null."""

from dataclasses import asdict
from typing import Any

from trialeukin.regimen.course import Regimen
from trialeukin.regimen.render import render
from trialeukin.store.finite import finite
from trialeukin.trial.changed_background import changes_shown
from trialeukin.trial.influence import Influences, MeasureInfluences, Spread


def influence_document(found: Influences, regimen: Regimen) -> dict[str, Any]:
    """Return every measure of the typical patient with what every parameter does to it."""
    return {
        "regimen": render(regimen),
        "background": found.background.name,
        "model": found.system.name,
        "changed": [asdict(each) for each in changes_shown(found.background)],
        "followed_days": found.days,
        "draws": found.draws,
        "events": dict(found.events),
        "measures": [_measure(each) for each in found.measures],
    }


def _measure(found: MeasureInfluences) -> dict[str, Any]:
    return {
        "topic": found.topic.value,
        "name": found.name,
        "unit": found.unit,
        "typical": found.typical,
        "unknown": _spread(found.unknown),
        "between_patients": _spread(found.between),
    }


def _spread(found: Spread) -> dict[str, Any]:
    return {
        "low": finite(found.low),
        "high": finite(found.high),
        "one_at_a_time": finite(found.one_at_a_time),
        "parameters": [
            {
                "name": each.parameter,
                "lower": finite(each.lower),
                "higher": finite(each.higher),
                "share": each.share,
                "learned": each.learned,
            }
            for each in found.influences
        ],
    }
