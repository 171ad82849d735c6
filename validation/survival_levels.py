"""Writes docs/survival-levels.md: how often 95 % intervals miss, and 5 % tests reject, where they should.

Each case draws data under a known truth and marks what missed or rejected; a chunk of replicates has a seed of its
own, and finished chunks are kept in survival_levels.json, so that the work can stop and go on.
"""

import hashlib
import inspect
import json
import sys
import types
import warnings
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import survival_level_cases as usual
import survival_level_more_cases as more
from survival_inference import page_of_inferences
from survival_level_cases import Marks

ROOT = Path(__file__).parents[1]
RESULTS, PAGE = ROOT / "validation" / "survival_levels.json", ROOT / "docs" / "survival-levels.md"
REPLICATES, CHUNK = 20_000, 500
TWO_ARMS = "200 patients in two arms alike, a third censored"


@dataclass(frozen=True)
class Case:
    """How replicates are drawn, and what the page says of them."""

    draw: Callable[[np.random.Generator], Marks]
    data: str

    @property
    def digest(self) -> str:
        """Of the code and the numbers that draw and judge: others ask for new replicates."""
        return hashlib.sha256("".join(sorted(_parts(self.draw))).encode()).hexdigest()[:16]


def _parts(function: Callable) -> set[str]:
    """Return the sources of a function and of those of these modules that it calls, and the values it names."""
    parts, seen, waiting = set(), set(), [function]
    while waiting:
        one = waiting.pop()
        parts.add(inspect.getsource(one))
        for name in _names(one.__code__) - seen:
            seen.add(name)
            value = one.__globals__.get(name)
            if inspect.isfunction(value) and value.__module__.startswith("survival_level"):
                waiting.append(value)
            elif isinstance(value, float | int | tuple | dict | np.ndarray):
                parts.add(f"{name} = {value!r}")
    return parts


def _names(code: types.CodeType) -> set[str]:
    inner = (part for part in code.co_consts if isinstance(part, types.CodeType))
    return set(code.co_names).union(*(_names(part) for part in inner))


CASES: dict[str, Case] = {
    "one arm": Case(usual.one_arm, "100 patients, a third censored; at a survival of 0.61"),
    "effects": Case(usual.effects_of_two_arms, TWO_ARMS),
    "competing": Case(usual.competing, "200 patients in two arms alike, two causes"),
    "adjusted": Case(usual.adjusted, "300 patients; risk decides treatment, treatment does nothing"),
    "tests": Case(usual.tests_of_two_arms, TWO_ARMS),
    "combined": Case(usual.combined, TWO_ARMS),
    "cured": Case(usual.cured, "300 patients, 40 % cured, followed well beyond the last relapse"),
    "wider": Case(more.wider_family, TWO_ARMS),
    "one-sided": Case(more.one_sided, TWO_ARMS),
    "tied": Case(more.tied, f"{TWO_ARMS}; times in eighths, some 24 events at the first"),
    "landmark": Case(more.from_a_landmark, "300 patients; a response, which does nothing, by the landmark or not"),
    "states": Case(more.several_states, "150 patients in three states, the last final; at 0.5"),
    "laws": Case(more.other_laws, "200 patients in two arms, time ratio 1.65, censored"),
    "one arm, more": Case(more.more_of_one_arm, "100 patients, a third censored"),
    "strata": Case(more.competing_in_strata, "200 patients in two arms alike, two causes; 2 strata unlike"),
    "jackknife": Case(more.incidence_by_jackknife, "200 patients, two causes"),
    "scales": Case(more.on_scales_of_time, TWO_ARMS),
    "centres": Case(more.in_centres, "80 centres of 4 patients, alike within; arms by centre do nothing"),
    "reweighted": Case(more.reweighted, "300 patients; risk decides treatment, treatment does nothing"),
    "arms with cured": Case(more.arms_with_cured, "300 patients in two arms alike, 40 % cured, followed long"),
    "looks": Case(more.looked_at, "a trial of three looks, with O'Brien and Fleming's spending"),
    "standardised": Case(
        more.standardised_effects,
        f"200 patients; risk decides treatment, which does nothing; {more.RESAMPLES} resamples",
    ),
}

BOOTSTRAPPED = "200 patients: the bootstrap's standard error is {} (+- 0.008) of the spread between 8,000 samples"
KNOWN = {
    "survival, plain limits": "symmetric limits of a skew estimate",
    "survival, arcsin limits": "a hundred patients: the variance is estimated",
    "cumulative hazard (Nelson-Aalen), plain limits": "symmetric limits of a skew estimate",
    "restricted mean": "Greenwood's variance without a small-sample factor, 39 events",
    "concordance of a marker without meaning": "a hundred patients: the variance is estimated",
    "hazard ratio by inverse-probability weights": "weights are taken as known: wide",
    "log-rank by inverse-probability weights": "weights are taken as known: it rejects less",
    "hazard ratio, Breslow's ties": "heavy ties draw Breslow's estimate to one: take Efron's or exact ones",
    "occupancy of the second state, plain limits": "symmetric limits of a skew estimate",
    "cumulative hazard of weighted patients, plain limits": "symmetric limits of a skew estimate",
    "cumulative incidence, log-log limits, jackknife": "log-log limits of an incidence of 0.24 are a little wide",
    "hazard ratio of arms by centre (robust interval)": "80 centres: a robust variance of few clusters is too small",
    "survival difference by inverse-probability weights": "weights are taken as known: wide",
    "survival difference by g-computation": BOOTSTRAPPED.format("0.967"),
    "difference of restricted means by g-computation": BOOTSTRAPPED.format("0.976"),
}


def chunk(case: str, number: int) -> dict[str, int]:
    rng = np.random.default_rng([list(CASES).index(case), number])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        marks = [CASES[case].draw(rng) for _ in range(CHUNK)]
    return {name: sum(bool(mark[name]) for mark in marks) for name in marks[0]}


def saved() -> dict[str, dict]:
    """Return the chunks that are kept of each case whose code is still the same."""
    kept = json.loads(RESULTS.read_text(encoding="utf-8")) if RESULTS.exists() else {}
    fresh = {name: {"digest": case.digest, "chunks": {}} for name, case in CASES.items()}
    return {
        name: kept[name] if kept.get(name, {}).get("digest") == fresh[name]["digest"] else fresh[name] for name in CASES
    }


def measure(workers: int) -> dict[str, dict]:
    found = saved()
    wanted = [
        (name, number)
        for name in CASES
        for number in range(REPLICATES // CHUNK)
        if str(number) not in found[name]["chunks"]
    ]
    with ProcessPoolExecutor(workers) as pool:
        running = {pool.submit(chunk, case, number): (case, number) for case, number in wanted}
        for done in as_completed(running):
            case, number = running[done]
            found[case]["chunks"][str(number)] = done.result()
            RESULTS.write_text(json.dumps(found) + "\n", encoding="utf-8")
    return found


HEAD = """# How often intervals miss and tests reject

Simulated under a known truth: the fraction of 95 % intervals that miss it, and of two-sided 5 % tests that reject a
null hypothesis that holds. Five per cent is right; by chance alone it lies within 3.3 Monte Carlo standard errors,
{low} to {high} % of {replicates:,} replicates. What lies outside is bold and explained.
`validation/survival_levels.py` writes this page.

| what | data | replicates | misses or rejects, % | |
|---|---|---:|---:|---|
"""


def totals(found: dict) -> tuple[dict[str, int], int]:
    """Return how many missed or rejected, by name, and of how many replicates."""
    parts = found["chunks"]
    names = next(iter(parts.values()), {})
    return {name: sum(part[name] for part in parts.values()) for name in names}, CHUNK * len(parts)


def width(replicates: int) -> float:
    """Return 3.3 Monte Carlo standard errors of a true 5 %."""
    return float(3.3 * (0.05 * 0.95 / replicates) ** 0.5)


def band(replicates: int) -> tuple[str, str]:
    """Return between which percentages 5 % lies by chance alone."""
    return f"{5 - 100 * width(replicates):.2f}", f"{5 + 100 * width(replicates):.2f}"


def page(found: dict[str, dict]) -> str:
    low, high = band(REPLICATES)
    lines = [HEAD.format(low=low, high=high, replicates=REPLICATES)]
    for name, case in CASES.items():
        hits, replicates = totals(found[name])
        for what, count in hits.items():
            share = count / replicates
            away = abs(share - 0.05) > width(replicates)
            shown = f"**{100 * share:.2f}**" if away else f"{100 * share:.2f}"
            lines.append(
                f"| {what} | {case.data} | {replicates:,} | {shown} | {KNOWN.get(what, '') if away else ''} |\n"
            )
    waiting = [name for name, case in CASES.items() if CHUNK * len(found[name]["chunks"]) < REPLICATES]
    if waiting:
        lines.append(f"\nNot all drawn yet: {', '.join(waiting)}; the script goes on where it stopped.\n")
    return "".join(lines) + page_of_inferences()


def main() -> None:
    found = measure(int(sys.argv[1]) if len(sys.argv) > 1 else 1)
    PAGE.write_text(page(found), encoding="utf-8")
    print(f"wrote {PAGE.relative_to(ROOT)}")


if __name__ == "__main__":
    sys.exit(main())
