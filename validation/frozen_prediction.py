"""Write the page of the frozen prediction from what `frozen_runs.py` found.

python validation/frozen_prediction.py
"""

import json
import math
from typing import Any

import numpy as np
from frozen_runs import RESULTS, ROOT, digest
from page_text import filled, table
from scipy.special import logsumexp
from scipy.stats import norm, rankdata, spearmanr

from trialeukin.core.arrays import Floats

__all__ = ["PAGE", "RESULTS", "digest", "page"]
PAGE = ROOT / "docs" / "frozen-prediction.md"
TEXT = ROOT / "validation" / "frozen_page.md"
GROUPS = ("monocytic", "others", "all")
DRUGS = ("IL-2", "histamine + IL-2")
SIZE = {"monocytic": 0.35, "others": 0.65, "all": 1.0}  # of the 261 patients in first remission of MP-MA-0201
PATIENTS = 261
POOL = (0.97, 0.74)  # hazard ratio of leukaemia-free survival of IL-2 alone and its p value; Buyse 2011, abstract
BOTH = (0.68, 0.50, 0.91)  # reconstructed from p and events of Brune 2006, with 95 % limits
LISTED = 6
RESAMPLES, SEED = 400, 1


def errors_of(row: dict[str, Any], group: str) -> Floats:
    """Return the standard error of a log hazard ratio in a trial of that size, 2 / sqrt(events), of every draw."""
    return np.asarray(2.0 / np.sqrt(PATIENTS * SIZE[group] * np.array(row["events"])))


def with_chance(ratios: Floats, errors: Floats | float) -> tuple[float, float]:
    """Return the 95 % interval of a log hazard ratio over draws and the chance of one trial."""
    levels = norm.ppf((np.arange(200) + 0.5) / 200.0)
    spread = ratios[:, None] + np.broadcast_to(errors, ratios.shape)[:, None] * levels[None, :]
    low, high = np.quantile(spread, (0.025, 0.975))
    return float(low), float(high)


def score(ratios: Floats, observed: float, error: float) -> float:
    """Return the log predictive density of an observed log hazard ratio over the draws."""
    densities = norm.logpdf(observed, ratios, error)
    return float(logsumexp(densities) - math.log(ratios.size))


def joint_score(pool: Floats, both: Floats) -> float:
    """Return the log predictive density of both published results together: the draws are shared by them."""
    observed = published()
    logs = norm.logpdf(observed[DRUGS[0]][0], pool, observed[DRUGS[0]][1])
    logs = logs + norm.logpdf(observed[DRUGS[1]][0], both, observed[DRUGS[1]][1])
    return float(logsumexp(logs) - math.log(logs.size))


def published() -> dict[str, tuple[float, float]]:
    """Return both published log hazard ratios with their standard errors."""
    middle, p = POOL
    value, low, high = BOTH
    return {
        "IL-2": (math.log(middle), abs(math.log(middle)) / float(norm.isf(p / 2.0))),
        "histamine + IL-2": (math.log(value), math.log(high / low) / (2.0 * float(norm.isf(0.025)))),
    }


def _ratios(found: dict[str, Any], structure: str, drug: str, group: str) -> Floats:
    return np.array(found["subtype"][structure][f"{drug}, {group}"]["log_ratio"])


def _words(ratios: Floats, ends: tuple[float, float] | None = None) -> str:
    low, high = np.quantile(ratios, (0.025, 0.975)) if ends is None else ends
    return f"{math.exp(float(np.median(ratios))):.2f} ({math.exp(low):.2f} to {math.exp(high):.2f})"


def _subtypes(found: dict[str, Any]) -> list[str]:
    rows = []
    for structure, of_structure in found["subtype"].items():
        for group in GROUPS:
            alone, both = (_ratios(found, structure, drug, group) for drug in DRUGS)
            ends = with_chance(both, errors_of(of_structure[f"{DRUGS[1]}, {group}"], group))
            better = 100.0 * float(np.mean(both < alone - 1e-4))
            same = 100.0 * float(np.mean(np.abs(both - alone) <= 1e-4))
            rows.append(
                [
                    structure,
                    group,
                    _words(alone),
                    _words(both),
                    f"{math.exp(ends[0]):.2f} to {math.exp(ends[1]):.2f}",
                    f"{better:.0f} %" if same < 100.0 else "0 % (equal)",
                ]
            )
    head = ["structure", "patients", "IL-2 alone", "histamine + IL-2", "with trial chance", "P(lower with histamine)"]
    return table(head, rows, numeric=2)


def _scores(found: dict[str, Any]) -> list[str]:
    observed = published()
    pools = {name.split(";")[0]: np.array(row["log_ratio"]) for name, row in found["pooled"].items()}
    rows = []
    for structure in found["subtype"]:
        pool = pools[structure.split(";")[0]]
        both = _ratios(found, structure, DRUGS[1], "all")
        scores = (score(pool, *observed[DRUGS[0]]), score(both, *observed[DRUGS[1]]))
        told = [*scores, joint_score(pool, both)]
        rows.append([structure, _words(pool), _words(both), *(f"{each:.2f}" for each in told)])
    nothing = [score(np.zeros(1), *observed[drug]) for drug in DRUGS]
    rows.append(["null: 1 for all", "1", "1", *(f"{each:.2f}" for each in nothing), f"{sum(nothing):.2f}"])
    head = ["structure", "five trials of IL-2 alone", "histamine + IL-2", "score of 0.97", "score of 0.68", "both"]
    return table(head, rows, numeric=1)


def gains(found: dict[str, Any]) -> list[tuple[str, float, float]]:
    """Return by how much each structure's joint score exceeds the null's, and its error from the number of draws."""
    observed = published()
    null = sum(score(np.zeros(1), *observed[drug]) for drug in DRUGS)
    pools = {name.split(";")[0]: np.array(row["log_ratio"]) for name, row in found["pooled"].items()}
    gained = []
    for structure in found["subtype"]:
        pool, both = pools[structure.split(";")[0]], _ratios(found, structure, DRUGS[1], "all")
        again = np.random.default_rng(SEED).integers(pool.size, size=(RESAMPLES, pool.size))
        error = float(np.std([joint_score(pool[rows], both[rows]) for rows in again]))
        gained.append((structure, joint_score(pool, both) - null, error))
    return gained


def verdict(found: dict[str, Any]) -> str:
    """Return in words whether the model, or any structure, beats the null."""
    gained = gains(found)
    name, named, error = gained[0]
    beats = "beats" if named > 0.0 else "does not beat"
    best = max(gained, key=lambda each: each[1])
    return (
        f"The named model ({name}) **{beats} the null**: {named:+.2f} in log predictive density\n"
        f"of both results together, with a standard error of {error:.2f} from the number of draws.\n"
        f"The best of the four is {best[0]} with {best[1]:+.2f}. A difference of one is a factor of 2.7."
    )


def _deciders(found: dict[str, Any]) -> list[str]:
    """Return the parameters whose draws go with the predictions, by rank, and with the others listed held fixed."""
    structure = next(iter(found["subtype"]))
    names = list(found["unknowns"])
    draws = np.array([found["unknowns"][name] for name in names])
    alone, both = (_ratios(found, structure, drug, "all") for drug in DRUGS)
    gain = _ratios(found, structure, DRUGS[1], "monocytic") - _ratios(found, structure, DRUGS[0], "monocytic")
    asked = {"IL-2 alone, all": alone, "histamine + IL-2, all": both, "what histamine adds, monocytic": gain}
    rows = []
    for words, values in asked.items():
        ranks = np.array([spearmanr(row, values).statistic for row in draws])
        first = np.argsort(-np.abs(ranks))[:LISTED]
        partial = _partial(np.array([rankdata(draws[place]) for place in first]), rankdata(values))
        rows += [
            [words if step == 0 else "", f"`{names[place]}`", f"{ranks[place]:+.2f}", f"{partial[step]:+.2f}"]
            for step, place in enumerate(first)
        ]
    return table(["prediction (log hazard ratio)", "parameter", "rank correlation", "partial"], rows, numeric=2)


def _partial(columns: Floats, values: Floats) -> Floats:
    """Return the correlation of every column with the values, the other columns held fixed."""
    inverse = np.linalg.pinv(np.corrcoef(np.vstack((columns, values))))
    scale = np.sqrt(np.diag(inverse)[:-1] * inverse[-1, -1])
    return np.asarray(-inverse[:-1, -1] / scale)


def page(found: dict[str, Any]) -> str:
    """Return the page of what was found: its text with the tables in their places."""
    parts = {
        "effort": f"{found['draws']} draws of all parameters, {found['patients']} virtual patients each",
        "pool": f"{found['patients_of_pool']}",
        "noise": f"{2.0 / math.sqrt(found['draws']):.2f}",
        "subtypes": "\n".join(_subtypes(found)).strip(),
        "scores": "\n".join(_scores(found)).strip(),
        "verdict": verdict(found),
        "deciders": "\n".join(_deciders(found)).strip(),
        "digest": found["digest"][:16],
    }
    return filled(TEXT.read_text(encoding="utf-8"), parts)


if __name__ == "__main__":
    PAGE.write_text(page(json.loads(RESULTS.read_text(encoding="utf-8"))), encoding="utf-8")
