"""Freeze what the model says of published studies: add predictions to their files, and change none.

    python validation/freeze_predictions.py

takes the predictions of `published_trials.json`, `frozen_prediction.json` and `refractory.json`, which must be of the
models as they stand, and adds each to ``src/trialeukin/evidence/predictions/`` where the newest one of the same
question was made with another model. The day is that of the run.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType
from typing import Any

import frozen_runs
import numpy as np
import published_trials
import refractory_runs
from frozen_prediction import PATIENTS as ENTERED
from frozen_prediction import SIZE, errors_of, with_chance
from model_digest import results_of

from trialeukin.core.arrays import Floats
from trialeukin.evidence.frozen import (
    FrozenPrediction,
    Known,
    Measure,
    chances_of,
    file_name,
    frozen,
    in_toml,
    latest,
    predictions_from_text,
)
from trialeukin.model.digest import model_digest
from trialeukin.model.structures import STRUCTURES
from trialeukin.trial.endpoint import Endpoint

FOLDER = Path(__file__).parents[1] / "src" / "trialeukin" / "evidence" / "predictions"
TRIALS = {
    "calgb-19808": ("KOLITZ2014", "all randomised"),
    "calgb-9720": ("BAER2008", "all randomised"),
    "alfa-9801": ("PAUTAS2010", "all randomised"),
    "ccg-2961": ("LANGE2008", "all randomised"),
    "mp-ma-0201": ("BRUNE2006", "CR1"),
    "blaise-2000": ("BLAISE2000", "AML"),
    "eortc-gimema-aml12": ("AML12_06991", "all randomised"),
    "elam02": ("PETIT2018", "all randomised"),
}
SERIES = {
    ("FOA1991", "limited"): "limited, 8-15% marrow blasts",
    ("FOA1991", "advanced"): "advanced, 20-90% marrow blasts",
    ("MELONI1994", "limited"): "all",
    ("MELONI1996", "limited"): "all",
    ("MELONI1997", "limited"): "all",
}
IN_PART = {
    ("BAER2008", "lfs"),  # p values alone
    ("BAER2008", "os"),
    ("BRUNE2006", "os"),
    ("PETIT2018", "os"),  # "similar", without a number
}
MAINTENANCE, REFRACTORY = "aml-maintenance", "aml-refractory"
EVERYBODY = {"monocytic": "FAB M4/M5", "others": "not FAB M4/M5"}
POOL = "aml-cr1-ipd"
WITH_EVENT = 0.5  # share of the pool's patients, near what its published error implies


def _digests(model: str) -> dict[str, str]:
    return {each.name: model_digest(each.system(model)) for each in STRUCTURES}


def _read(module: ModuleType) -> dict[str, Any]:
    found, fresh = results_of(module)
    if not fresh:
        raise SystemExit(f"{module.RESULTS.name} is of other models than those that stand: run {module.__name__} first")
    return found


def _digits(value: float) -> float:
    return float(f"{value:.4g}")


def of_trials() -> Iterator[dict[str, Any]]:
    """Yield the predictions of hazard ratios of published trials."""
    digest = _digests(MAINTENANCE)[STRUCTURES[0].name]
    for row in _read(published_trials)["studies"]:
        study, population = TRIALS[row["study"]]
        for endpoint, found in row["endpoints"].items():
            value, lower, upper = map(_digits, found["predicted"])
            yield {
                "of": study,
                "measure": Measure.HAZARD_RATIO,
                "endpoint": Endpoint(endpoint),
                "treatment": "histamine + IL-2" if study == "BRUNE2006" else "IL-2",
                "population": population,
                "n": sum(row["n"]),
                "result_known": Known.IN_PART if (study, endpoint) in IN_PART else Known.NUMBER,
                "model": MAINTENANCE,
                "structure": STRUCTURES[0].name,
                "model_sha256": digest,
                "inputs": f"studies/{row['study']}.toml",
                "effort": "2,000 patients, 60 draws of the parameters, 1,000 replicate trials",
                "value": value,
                "lower": lower,
                "upper": upper,
            }


def of_pool_and_subtypes() -> Iterator[dict[str, Any]]:
    """Yield the predictions of the pool of five trials, and of histamine by monocytic subtype."""
    found, digests = _read(frozen_runs), _digests(MAINTENANCE)
    for structure, row in found["pooled"].items():
        ratios, error = np.array(row["log_ratio"]), 2.0 / np.sqrt(WITH_EVENT * row["patients"])
        yield _of_draws(ratios, error, row["patients"]) | {
            "of": POOL,
            "treatment": "IL-2",
            "population": "five trials with individual data, n 905",
            "result_known": Known.NUMBER,
            "structure": structure,
            "model_sha256": digests[structure],
            "inputs": ", ".join(f"studies/{name}.toml" for name in frozen_runs.ALONE),
            "effort": f"{found['draws']} draws of the parameters, {found['patients_of_pool']} patients each; chance of "
            "a pool with events in half of its patients",
        }
    for structure, groups in found["subtype"].items():
        for group, population in EVERYBODY.items():
            for treatment in ("IL-2", "histamine + IL-2"):
                row = groups[f"{treatment}, {group}"]
                n = round(ENTERED * SIZE[group])
                yield _of_draws(np.array(row["log_ratio"]), errors_of(row, group), n) | {
                    "of": "BRUNE2006",
                    "treatment": treatment,
                    "population": population,
                    "result_known": Known.IN_PART,
                    "structure": structure,
                    "model_sha256": digests[structure],
                    "inputs": f"studies/{frozen_runs.HISTAMINE}.toml",
                    "effort": f"{found['draws']} draws of the parameters, {found['patients']} patients each",
                }


def _of_draws(ratios: Floats, errors: Floats | float, n: int) -> dict[str, Any]:
    """Return median, 95 % with and without a trial's chance, of draws of a log hazard ratio."""
    low, high = np.exp(with_chance(ratios, errors))
    expected = np.exp(np.quantile(ratios, [0.025, 0.975]))
    return {
        "measure": Measure.HAZARD_RATIO,
        "endpoint": Endpoint.LFS,
        "n": n,
        "model": MAINTENANCE,
        "value": _digits(float(np.exp(np.median(ratios)))),
        "lower": _digits(float(low)),
        "upper": _digits(float(high)),
        "expected": (_digits(float(expected[0])), _digits(float(expected[1]))),
    }


def of_series() -> Iterator[dict[str, Any]]:
    """Yield the predictions of remissions in refractory disease."""
    found, digests = _read(refractory_runs), _digests(REFRACTORY)
    for target in refractory_runs.read_targets():
        population = SERIES.get((target.study, target.group))
        if population is None:
            continue
        for structure, digest in digests.items():
            shares = np.array(found["il2"][structure][f"{target.cohort}, {target.regimen}"]["remissions"])
            chances = chances_of(shares, target.patients)
            ends = np.searchsorted(np.cumsum(chances), [0.025, 0.5, 0.975]) / target.patients
            low, middle, high = map(_digits, ends)
            yield {
                "of": target.study,
                "measure": Measure.REMISSIONS,
                "treatment": "IL-2",
                "population": population,
                "n": target.patients,
                "result_known": Known.NUMBER,
                "model": REFRACTORY,
                "structure": structure,
                "model_sha256": digest,
                "inputs": f"cohort {target.cohort}, doses {target.regimen}",
                "effort": f"{found['draws']} draws of the parameters, {found['patients']} patients each",
                "value": middle,
                "lower": low,
                "upper": high,
                "expected": tuple(map(_digits, np.quantile(shares, [0.025, 0.975]))),
                "chances": tuple(float(f"{each:.5f}") for each in chances),
            }


def add(contents: list[dict[str, Any]]) -> list[str]:
    """Add predictions to their files where the newest of the same question is of another model; return what was."""
    today = datetime.now(UTC).date()
    added = []
    for content in contents:
        new = frozen(content | {"made": today})
        path = FOLDER / file_name(new.of)
        text = path.read_text(encoding="utf-8") if path.is_file() else ""
        before = predictions_from_text(text, name=path.name) if text else ()
        if _is_new(new, before):
            path.write_text("\n".join(filter(None, (text, in_toml(new)))), encoding="utf-8")
            added.append(f"{new.of}: {new.population}, {new.structure}")
    return added


def _is_new(new: FrozenPrediction, before: tuple[FrozenPrediction, ...]) -> bool:
    same = [each for each in latest(before) if each.key == new.key]
    return not same or same[0].model_sha256 != new.model_sha256


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for line in add([*of_trials(), *of_pool_and_subtypes(), *of_series()]):
        print(line)
