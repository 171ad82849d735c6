"""Write the page and the figure of refractory disease from what `refractory_runs.py` found.

python validation/refractory.py
"""

import json
from collections.abc import Iterator
from typing import Any

import numpy as np
from page_text import filled, table
from refractory_figure import Mark, draw
from refractory_runs import COHORTS_OF_NK, RESULTS, ROOT, Target, digest, read_targets
from scipy.special import betaln, gammaln
from scipy.stats import beta, binom

from trialeukin.core.arrays import Floats
from trialeukin.core.sources import citation
from trialeukin.model.structures import STRUCTURES
from trialeukin.population.settings import settings

__all__ = ["PAGE", "RESULTS", "digest", "page"]
PAGE = ROOT / "docs" / "validation-refractory.md"
TEXT = ROOT / "validation" / "refractory_page.md"
FIGURE = PAGE.with_suffix(".svg")
LIMITED, ADVANCED = "aml-refractory-8-to-15", "aml-refractory-20-to-90"
SHOWN = ("saturating; oxygen of the marrow", "mass action; oxygen of the marrow")
SCORED = {  # series that share no patients
    "Foa 1991": ("FOA1991",),
    "and 1998": ("FOA1991", "MARANINCHI1998"),
    "and, for 1998, 1991 and phase II": ("FOA1991", "HD IL-2 in relapse", "HD IL-2 phase II"),
}
VARIANTS = {
    "escalated": "8 to 18 MIU/m2/day in even steps, four courses",
    "lowest": "8 MIU/m2/day throughout",
    "highest": "18 MIU/m2/day throughout",
    "two courses": "the first two of the four courses",
    "none": "no drug",
}
ARMS = dict(zip(COHORTS_OF_NK, ("without depletion of Treg", "with depletion of Treg"), strict=True))
PUBLISHED = {"remissions": (21, 53), "100": (10, 27)}  # percent; Bachanova 2014, abstract
COUNTABLE = 1e-3  # cell/uL: fewer are rounded in the results
RUBNITZ = 5.8  # cell/uL; Rubnitz 2010, abstract


def interval_of(successes: int, patients: int) -> tuple[float, float]:
    """Return the exact 95 % interval of a share (Clopper and Pearson)."""
    low = 0.0 if successes == 0 else float(beta.ppf(0.025, successes, patients - successes + 1))
    high = 1.0 if successes == patients else float(beta.ppf(0.975, successes + 1, patients - successes))
    return low, high


def predictive(shares: Floats, patients: int) -> tuple[int, int]:
    """Return the 95 % interval of remissions among so many patients, over draws of the share and their chance."""
    counts = np.arange(patients + 1)
    below = binom.cdf(counts[:, None], patients, shares[None, :]).mean(axis=1)
    return int(np.searchsorted(below, 0.025)), int(np.searchsorted(below, 0.975))


def tail(shares: Floats, successes: int, patients: int) -> float:
    """Return the smaller of the predictive chances of as many or more and of as few or fewer."""
    more = float(binom.sf(successes - 1, patients, shares).mean())
    fewer = float(binom.cdf(successes, patients, shares).mean())
    return min(more, fewer)


def log_score(rows: list[tuple[Floats, Target]]) -> float:
    """Return the log predictive probability of series together: the draws are shared by them."""
    logs = sum(binom.logpmf(row.remissions, row.patients, np.clip(shares, 1e-6, 1 - 1e-6)) for shares, row in rows)
    return float(np.log(np.mean(np.exp(logs))))


def null_score(rows: list[tuple[Floats, Target]]) -> float:
    """Return the same of one share of remission at every burden, anything from 0 to 1 alike beforehand."""
    hits = sum(row.remissions for _, row in rows)
    misses = sum(row.patients - row.remissions for _, row in rows)
    ways = sum(
        gammaln(row.patients + 1) - gammaln(row.remissions + 1) - gammaln(row.patients - row.remissions + 1)
        for _, row in rows
    )
    return float(ways + betaln(hits + 1, misses + 1))


def _of(found: dict[str, Any], structure: str, cohort: str, regimen: str) -> Floats:
    return np.array(found["il2"][structure][f"{cohort}, {regimen}"]["remissions"])


def _by_blasts(found: dict[str, Any], structure: str, cohort: str, regimen: str) -> Floats:
    return np.array(found["il2"][structure][f"{cohort}, {regimen}"]["blasts cleared"])


def _span(values: Floats, scale: float = 100.0, digits: int = 0) -> str:
    low, high = np.quantile(values, (0.025, 0.975)) * scale
    return f"{np.mean(values) * scale:.{digits}f} ({low:.{digits}f} to {high:.{digits}f})"


def _series(found: dict[str, Any]) -> list[str]:
    rows = []
    for target in read_targets():
        low, high = (100.0 * end for end in interval_of(target.remissions, target.patients))
        cells = [
            f"{target.study}: {target.disease}",
            f"{citation(target.key)}, {target.place}; {target.assumed}",
            f"{target.remissions} of {target.patients} ({low:.0f} to {high:.0f} %)",
        ]
        for structure in SHOWN:
            shares = _of(found, structure, target.cohort, target.regimen)
            first, last = predictive(shares, target.patients)
            cells += [
                _span(shares),
                f"{first} to {last}",
                f"{tail(shares, target.remissions, target.patients):.2g}",
            ]
        rows.append(cells)
    head = ["series", "source; assumed", "published remissions (95 %)"]
    for law in ("saturating", "mass action"):
        head += [f"{law}: % (parameters)", "of so many (95 %)", "tail"]
    return table(head, rows, numeric=2)


def _pairs_by_counts(found: dict[str, Any], target: Target) -> Iterator[tuple[Floats, Floats]]:
    for law in SHOWN:
        asked = (found, law, target.cohort, target.regimen)
        yield _by_blasts(*asked), _of(*asked)


def _by_counts(found: dict[str, Any]) -> list[str]:
    rows = []
    for target in read_targets():
        cells = [f"{target.study}: {target.disease}", f"{citation(target.key)}, {target.place}"]
        cells.append(f"{target.remissions} of {target.patients}")
        for pair in _pairs_by_counts(found, target):
            cells += [_span(each) for each in pair]
        rows.append(cells)
    head = ["series", "source", "published remissions"]
    for law in ("saturating", "mass action"):
        head += [f"{law}: by blasts, %", "with counts, %"]
    return table(head, rows, numeric=2)


def _taken(found: dict[str, Any]) -> str:
    lost = [
        100.0 * float(np.mean(by_blasts - strict))
        for target in read_targets()
        for by_blasts, strict in _pairs_by_counts(found, target)
    ]
    return f"{min(lost):.1f} to {max(lost):.1f}"


def _order(found: dict[str, Any]) -> list[str]:
    groups = [[target for target in read_targets() if target.study in names] for names in SCORED.values()]
    rows = []
    for structure in (each.name for each in STRUCTURES):
        limited, advanced = (_of(found, structure, cohort, "escalated") for cohort in (LIMITED, ADVANCED))
        scored = [[(_of(found, structure, t.cohort, t.regimen), t) for t in group] for group in groups]
        rows.append(
            [
                structure,
                _span(limited - advanced),
                f"{100.0 * np.mean(limited > advanced):.0f} / {100.0 * np.mean(limited == advanced):.0f} / "
                f"{100.0 * np.mean(limited < advanced):.0f}",
                *(f"{log_score(each):.2f}" for each in scored),
            ]
        )
    nothing: list[list[tuple[Floats, Target]]] = [[(np.zeros(1), t) for t in group] for group in groups]
    rows.append(["null: one share at every burden", "0", "–", *(f"{null_score(each):.2f}" for each in nothing)])
    head = ["structure", "limited less advanced, points", "draws: more / same / fewer, %", *SCORED]
    return table(head, rows, numeric=1)


def _doses(found: dict[str, Any]) -> list[str]:
    rows = [
        [words, *(_span(_of(found, law, cohort, regimen)) for law in SHOWN for cohort in (LIMITED, ADVANCED))]
        for regimen, words in VARIANTS.items()
    ]
    head = [
        "what is assumed of the doses",
        *(f"{law}, {who}" for law in ("saturating", "mass action") for who in ("8 to 15 %", "20 to 90 %")),
    ]
    return table(head, rows, numeric=1)


def _nk(found: dict[str, Any]) -> list[str]:
    rows = []
    for place, (cohort, words) in enumerate(ARMS.items()):
        for law in SHOWN:
            of_nk = found["nk"][law][f"{cohort}, nk"]
            alone = found["nk"][law][f"{cohort}, il2 alone"]
            rows.append(
                [
                    f"{words}; {law.split(';')[0]}",
                    f"{PUBLISHED['remissions'][place]}",
                    _span(np.array(of_nk["remissions"])),
                    _span(np.array(alone["remissions"])),
                    f"{PUBLISHED['100'][place]}",
                    *(_span(np.array(of_nk["above"][level])) for level in ("10", "100", "1000")),
                    citation("bachanova2014"),
                ]
            )
    head = [
        "",
        "published CR, %",
        "with NK cells",
        "the same without",
        "published expansion, %",
        "> 10 /uL",
        "> 100 /uL",
        "> 1,000 /uL",
        "published in",
    ]
    return table(head, rows, numeric=1)


def _pairs(found: dict[str, Any]) -> str:
    law = SHOWN[0]
    arms = [found["nk"][law][f"{cohort}, nk"] for cohort in COHORTS_OF_NK]
    gain = np.array(arms[1]["remissions"]) - np.array(arms[0]["remissions"])
    before, after = (np.array(arm["median"]) for arm in arms)
    cells = after[before > COUNTABLE] / before[before > COUNTABLE]
    low, middle, high = np.quantile(cells, (0.025, 0.5, 0.975))
    children = np.array(found["nk"][law][f"{COHORTS_OF_NK[0]}, nk of children"]["median"])
    first, second, third = np.quantile(children, (0.025, 0.5, 0.975))
    return (
        f"Depletion of Treg adds {_span(gain, digits=1)} points of remission (published: 32) and multiplies the median "
        f"count of donor cells by {middle:.2f} ({low:.2f} to {high:.2f}). After 29e6 NK/kg the median count on day 14 "
        f"is {second:.2g} ({first:.2g} to {third:.2g}) per uL; Rubnitz 2010 has {RUBNITZ:g} in children in remission."
    )


def _refused() -> list[str]:
    rows = [
        [
            each.disease.value,
            each.name,
            ", ".join(f"`{name}`" for name in each.models) or "refused",
            each.known,
            each.missing,
            str(each.source.source()),
        ]
        for each in settings()
    ]
    return table(["leukaemia", "setting", "model", "known", "missing", "source"], rows, numeric=6)


def page(found: dict[str, Any]) -> str:
    """Return the page of what was found: its text with the tables in their places."""
    parts = {
        "effort": f"{found['draws']} draws of all parameters with {found['patients']} virtual patients each",
        "series": "\n".join(_series(found)).strip(),
        "counts": "\n".join(_by_counts(found)).strip(),
        "taken": _taken(found),
        "order": "\n".join(_order(found)).strip(),
        "means": _means(found),
        "doses": "\n".join(_doses(found)).strip(),
        "nk": "\n".join(_nk(found)).strip(),
        "nk in words": _pairs(found),
        "refused": "\n".join(_refused()).strip(),
        "digest": found["digest"][:16],
    }
    return filled(TEXT.read_text(encoding="utf-8"), parts)


def _means(found: dict[str, Any]) -> str:
    words = []
    for law in SHOWN:
        low, high = (100.0 * float(np.mean(_of(found, law, cohort, "escalated"))) for cohort in (LIMITED, ADVANCED))
        words.append(f"from {low:.0f} to {high:.0f} % ({law.split(';')[0]})")
    return " and ".join(words)


def marks(found: dict[str, Any]) -> list[Mark]:
    """Return what the figure shows, one a series."""
    made = []
    for target in read_targets():
        shares = [_of(found, law, target.cohort, target.regimen) for law in SHOWN]
        made.append(
            Mark(
                label=f"{target.study}\n{target.disease.split(',')[0]} (n = {target.patients})",
                published=(target.remissions / target.patients, *interval_of(target.remissions, target.patients)),
                predicted=tuple(
                    (float(np.mean(each)), *(count / target.patients for count in predictive(each, target.patients)))
                    for each in shares
                ),
            )
        )
    return made


if __name__ == "__main__":
    results = json.loads(RESULTS.read_text(encoding="utf-8"))
    PAGE.write_text(page(results), encoding="utf-8")
    draw(marks(results), ("saturating kill", "kill by mass action"), FIGURE)
