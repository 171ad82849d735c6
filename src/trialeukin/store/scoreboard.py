"""The scoreboard as plain values that JSON can hold."""

from collections.abc import Sequence
from typing import Any

from trialeukin.inference.case import Unusable
from trialeukin.inference.prediction import Effort, Prediction
from trialeukin.inference.score import Line, Share, inside, meets, ratio, scoreboard, yardstick
from trialeukin.store.finite import finite

FORMAT = "trialeukin scoreboard 1"


def scoreboard_document(
    predictions: Sequence[Prediction], unusable: Sequence[Unusable], effort: Effort
) -> dict[str, Any]:
    """Return shares, every case with its prediction, and every row without one."""
    return {
        "format": FORMAT,
        "seed": effort.seed,
        "draws": effort.draws,
        "patients": effort.patients,
        "patients_a_draw": effort.patients_a_draw,
        "shares": [_line(line) for line in scoreboard(predictions)],
        "cases": [_case(each) for each in predictions],
        "unusable": [
            {
                "case": each.name,
                "group": each.group.value,
                "study": each.study,
                "key": each.source.key,
                "printed": each.source.place,
                "reason": each.reason,
                "rows": list(each.rows),
            }
            for each in unusable
        ],
    }


def _line(line: Line) -> dict[str, Any]:
    return {
        "group": "all" if line.group is None else line.group.value,
        "use": line.use.value,
        "met": _share(line.met),
        "inside_interval": _share(line.covered),
    }


def _share(counted: Share) -> dict[str, Any]:
    low, high = counted.interval
    return {"hits": counted.hits, "of": counted.count, "share": finite(counted.value), "low": low, "high": high}


def _case(prediction: Prediction) -> dict[str, Any]:
    case, population = prediction.case, prediction.case.scenario.population
    return {
        "case": case.name,
        "group": case.group.value,
        "study": case.study,
        "use": case.use.value,
        "model": case.scenario.model,
        "patients": population.cohort or "typical",
        "factors": dict(population.factors),
        "regimen": case.scenario.regimen,
        "start_day": case.scenario.start_day,
        "quantity": case.quantity,
        "reading": case.reading.value,
        "from_day": case.start,
        "to_day": case.end,
        "threshold": case.threshold,
        "unit": case.unit,
        "observed": {
            "value": case.value,
            "bound": case.bound.value,
            "spread": case.spread,
            "low": case.low,
            "high": case.high,
            "n": case.patients or None,
        },
        "predicted": {
            "value": finite(prediction.value),
            "low": finite(prediction.low),
            "high": finite(prediction.high),
            "interval_of": prediction.part.value,
            "draws": prediction.draws,
        },
        "ratio": finite(ratio(prediction)),
        "yardstick": yardstick(prediction).value,
        "met": meets(prediction),
        "inside_interval": inside(prediction),
        "assumed": case.reason,
        "source": {"key": case.source.key, "place": case.source.place},
        "rows": list(case.rows),
    }
