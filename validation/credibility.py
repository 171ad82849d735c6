"""What may be believed of this software, claim by claim: docs/credibility.md.

    python validation/credibility.py

A claim says what was asked and what was found. What was found is read from the results that other pages are
written from; where the model, the cohorts or the base have changed since these were computed, the claim is stale. A
test writes the page again and fails where it differs or anything is stale.
"""

import json
import math
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

import chemotherapy_table
import donor_lymphocyte_page
import frozen_prediction
import observed_predicted
import published_trials
import refractory
import survival_levels
import transplant_table
from chemotherapy_runs import read_targets as chemotherapy_targets
from donor_lymphocyte_text import ASKED, STRUCTURES, target_named, within_points
from model_digest import results_of
from page_text import table

from trialeukin.cli.evidence_scoreboard import current_digests, is_current
from trialeukin.core.counting import counted
from trialeukin.evidence.catalogue import own_studies
from trialeukin.evidence.frozen import frozen_predictions, latest
from trialeukin.evidence.scoreboard import scoreboard, totals
from trialeukin.inference.split import held_out, studies
from trialeukin.model.fitted import fit_of_parameter
from trialeukin.model.structures import STRUCTURES as LAWS
from trialeukin.model.whole import models
from trialeukin.report.wording import percent

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "credibility.md"
SPEED = PAGE.with_name("performance.md")
CONTROL_POINTS = 7.0  # percentage points that a fitted control arm may miss by
HISTAMINE = "histamine"
BOTH = ("hazard ratio LFS",)
NULLS = ("a hazard ratio of 1 held for certain", "any share alike")
CONSOLIDATION = "continuous remission at 4 years"
TESTS = {
    "Every state of every named model agrees with CVODE at 1e-10 to 1e-4, every library regimen at full length": (
        "tests/engine/test_library_full_length.py",
        "test_",
    ),
    "The same bits for any threads, batches, order and lane width": (
        "tests/engine/test_agreement.py",
        "test_bits_do_not_depend_on_threads_batches_order_or_lanes",
    ),
    "Balances of every model": ("tests/model/test_balances_of_every_model.py", "test_"),
    "No effect at no dose, more exposure from more dose, for every model": (
        "tests/model/test_doses_of_every_model.py",
        "test_",
    ),
    "Exposure by routes agrees at equal dose, for every model": (
        "tests/model/test_rest_and_routes_of_every_model.py",
        "test_",
    ),
}


class Status(Enum):
    """How a claim stands."""

    MET = "met"
    MISSED = "**missed**"
    STALE = "**stale**"
    OPEN = "stated"


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """One claim.

    Attributes
    ----------
    what, asked, found : str
        The claim, what was asked of it before, and what was found.
    met : bool or None
        Whether what was asked was found; None where nothing was asked.
    page : str
        Where it is shown, with the way to repeat it.
    fresh : bool
        Whether it was computed with what stands.
    """

    what: str
    asked: str
    found: str
    met: bool | None
    page: str
    fresh: bool = True

    @property
    def status(self) -> Status:
        """How it stands."""
        if not self.fresh:
            return Status.STALE
        return Status.OPEN if self.met is None else (Status.MET if self.met else Status.MISSED)


def biology() -> Iterator[Claim]:
    """Yield what is claimed of exposure, cells and disease."""
    for goal in json.loads(observed_predicted.GOALS.read_text(encoding="utf-8")):
        reached = 100.0 * goal["met"] >= goal["asked_percent"] * goal["count"]
        yield Claim(
            what=f"Observed and predicted, {goal['of']}: within two-fold, or beyond a limit",
            asked=f"{goal['asked_percent']} %",
            found=f"{goal['met']} of {goal['count']}, {percent(goal['met'] / goal['count'])}",
            met=reached,
            page="validation.md",
        )
    found, fresh = results_of(chemotherapy_table)
    pairs = list(zip(chemotherapy_targets(), found["rows"], strict=False))
    doses = [(target.value, row["model"]) for target, row in pairs if target.quantity == CONSOLIDATION]
    yield Claim(
        what="Continuous remission at four years by dose of consolidation (100, 400, 3,000 mg/m²), fitted",
        asked=f"{' / '.join(f'{100 * seen:.0f}' for seen, _ in doses)} %, each within 10 points",
        found=f"{' / '.join(f'{100 * told:.0f}' for _, told in doses)} %",
        met=all(abs(seen - told) <= 0.1 for seen, told in doses),
        page="validation-chemotherapy.md",
        fresh=fresh,
    )
    yield from donor_lymphocytes()
    found, fresh = results_of(transplant_table)
    targets = transplant_table.read_targets()
    inside = [low <= target.value <= high for target, (_, low, high) in zip(targets, found["rows"], strict=False)]
    yield Claim(
        what="Engraftment and reconstitution after transplantation: published medians inside the predicted 95 %",
        asked="",
        found=f"{sum(inside)} of {len(inside)}",
        met=None,
        page="validation-transplant.md",
        fresh=fresh,
    )
    found, fresh = results_of(refractory)
    named = found["il2"][LAWS[0].name]
    limited, advanced = (
        100.0 * sum(shares) / len(shares)
        for cohort in ("aml-refractory-8-to-15", "aml-refractory-20-to-90")
        for shares in (named[f"{cohort}, escalated"]["remissions"],)
    )
    yield Claim(
        what="Remission of refractory AML by burden (8-15 v 20-90 % blasts)",
        asked="the order of 3 of 5 v 0 of 7",
        found=f"{limited:.0f} v {advanced:.0f} %: the order, hardly the size",
        met=None,
        page="validation-refractory.md",
        fresh=fresh,
    )


def donor_lymphocytes() -> Iterator[Claim]:
    """Yield the five numbers that were asked of donor lymphocytes, under each law."""
    found, fresh = results_of(donor_lymphocyte_page)
    for law in STRUCTURES:
        rows = [(target_named(name), found[law]["targets"][name]) for name in ASKED]
        met = sum(within_points(target, row) for target, row in rows)
        yield Claim(
            what=f"Donor lymphocytes in CML, five published shares, fitted, graft-versus-leukaemia by {law}",
            asked=f"{' / '.join(f'{target.value:g}' for target, _ in rows)} %, each within 10 points",
            found=f"{' / '.join(f'{row[0]:.0f}' for _, row in rows)} %: {met} of {len(rows)}",
            met=met == len(rows),
            page="validation-donor-lymphocytes.md",
            fresh=fresh,
        )


def trials() -> Iterator[Claim]:
    """Yield what is claimed of virtual trials against published ones."""
    found, fresh = results_of(published_trials)
    studied = [row["endpoints"]["lfs"] for row in found["studies"]]
    misses = {
        fitted: [
            100.0 * abs(each["predicted"] - each["published"])
            for row in studied
            for each in row["control"]
            if each["fitted"] is fitted
        ]
        for fitted in (True, False)
    }
    yield Claim(
        what="Leukaemia-free survival of control arms that were fitted",
        asked=f"each within {CONTROL_POINTS:.0f} points",
        found=f"{len(misses[True])} of them, the farthest {max(misses[True]):.1f} off",
        met=max(misses[True]) <= CONTROL_POINTS,
        page="validation-control-arms.md",
        fresh=fresh,
    )
    yield Claim(
        what="The same of control arms that were not fitted",
        asked="",
        found=f"{sum(miss <= CONTROL_POINTS for miss in misses[False])} of {len(misses[False])} within "
        f"{CONTROL_POINTS:.0f} points, the farthest {max(misses[False]):.0f} off",
        met=None,
        page="published-trials.md",
        fresh=fresh,
    )
    judged = [row for row in studied if row["published"] is not None]
    model, null = (
        math.sqrt(sum(math.log(row["published"][0] / expected(row)) ** 2 for row in judged) / len(judged))
        for expected in (lambda row: row["predicted"][0], lambda _: 1.0)
    )
    yield Claim(
        what="Log hazard ratios of published trials, root mean square error",
        asked="",
        found=f"{model:.3f}; a hazard ratio of 1 for all {null:.3f}: {len(judged)} trials cannot tell these apart",
        met=None,
        page="published-trials.md",
        fresh=fresh,
    )
    found, fresh = results_of(frozen_prediction)
    _, gain, error = frozen_prediction.gains(found)[0]
    yield Claim(
        what="IL-2 alone (0.97) and histamine with IL-2 (0.68) together, log score of the named model",
        asked="above that of a hazard ratio of 1 for all",
        found=f"{gain:+.2f} over it (± {error:.2f} from the number of draws): two results, both known before",
        met=None,
        page="frozen-prediction.md",
        fresh=fresh,
    )
    newest = latest(frozen_predictions())
    now = current_digests(newest)
    alone = [told for told in newest if HISTAMINE not in told.treatment]
    scored = [(", IL-2 alone", each) for each in totals(scoreboard(alone, own_studies()))]
    scored += [
        (", with histamine too", each) for each in totals(scoreboard(newest, own_studies())) if each.what in BOTH
    ]
    for of, each in scored:
        if each.structure == LAWS[0].name:
            yield Claim(
                what=f"Frozen predictions, {each.what}{of}: log score over studies that share no patients",
                asked=f"above {each.null:.2f}, that of {NULLS[each.what.startswith('share')]}",
                found=f"{each.model:.2f}; {each.inside} of {each.judged} inside 95 %; all results were known",
                met=each.model > each.null,
                page="evidence.md",
                fresh=all(is_current(told, now) for told in newest),
            )


def methods() -> Iterator[Claim]:
    """Yield what is claimed of statistics, numbers and evidence."""
    told = [survival_levels.totals(found) for found in survival_levels.saved().values()]
    shares = [(what, count / replicates) for hits, replicates in told for what, count in hits.items()]
    width = survival_levels.width(survival_levels.REPLICATES)
    outside = [what for what, share in shares if abs(share - 0.05) > width]
    low, high = survival_levels.band(survival_levels.REPLICATES)
    yield Claim(
        what=f"Intervals miss and tests reject as often as they say ({survival_levels.REPLICATES:,} replicates each)",
        asked=f"{low} to {high} %, or explained",
        found=f"{len(shares) - len(outside)} of {len(shares)} inside; explained: {len(outside)}",
        met=all(what in survival_levels.KNOWN for what in outside),
        page="survival-levels.md",
        fresh=all(replicates >= survival_levels.REPLICATES for _, replicates in told),
    )
    names = studies()
    kept = sum(held_out(each.name) for each in names)
    yield Claim(
        what="Held out before any fit, by the SHA-256 of a study's name",
        asked="",
        found=f"{kept} of {counted(len(names), 'study', 'studies')}",
        met=None,
        page="validation.md",
    )
    numbers = {(name, str(each)): each for system in models().values() for name, each in system.parameters.items()}
    fits = [fit_of_parameter(("immune",), name, each) for (name, _), each in numbers.items()]
    verdicts = Counter(fit.verdict.value for fit in fits if fit is not None)
    assumed = sum(each.source.assumed for each in numbers.values())
    fitted = ", ".join(f"{count} {words}" for words, count in sorted(verdicts.items()))
    yield Claim(
        what="Parameters, each with unit, source and two spreads",
        asked="a source each",
        found=f"{len(numbers)}, {assumed} of them assumed with a reason; of those fitted to cells, {fitted}",
        met=all(each.source.place for each in numbers.values()),
        page="theory/index.md",
    )
    everyone = own_studies().values()
    assessed = sum(each.risk_of_bias is not None for each in everyone)
    yield Claim(
        what="Risk of bias of published studies, judged by somebody",
        asked="all",
        found=f"{assessed} of {len(everyone)}",
        met=assessed == len(everyone),
        page="evidence.md",
    )


def speed() -> Iterator[Claim]:
    """Yield what `make bench` last wrote of what was wanted and reached."""
    _, _, after = SPEED.read_text(encoding="utf-8").partition("## What is wanted, and what was reached")
    rows = [line.strip("| ").split(" | ") for line in after.partition("\n## ")[0].splitlines() if line.startswith("| ")]
    for what, asked, _, found, verdict in rows[1:]:
        yield Claim(
            what=what[:1].upper() + what[1:],
            asked=asked,
            found=found,
            met=verdict.startswith("met"),
            page=SPEED.name,
        )


def claims() -> dict[str, tuple[Claim, ...]]:
    """Return every claim by what it is of."""
    return {
        "Biology": tuple(biology()),
        "Trials": tuple(trials()),
        "Statistics, numbers, evidence": tuple(methods()),
        "Speed of the engine, in the last run of `make bench`": tuple(speed()),
    }


def page(found: dict[str, tuple[Claim, ...]]) -> str:
    """Return the page."""
    tally = Counter(each.status for group in found.values() for each in group)
    said = ", ".join(f"{tally[status]} {status.value.strip('*')}" for status in Status if tally[status])
    lines = [
        "# Credibility, claim by claim",
        "",
        "What this software may be used for: to ask what is known of IL-2 in leukaemia, which regimens are worth a",
        "trial, how large it has to be, and what its result would change. What it may not be used for: to treat a",
        "patient.",
        "",
        f"Each row says what was asked and what was found: {said}.",
        "*Stated* is what nobody asked a number of, or what too few results decide. *Fitted* is what a fit was asked",
        "to meet. *Stale* is what was computed before the equations, parameters, cohorts or studies changed; then the",
        "tests fail, too (of speed, only a new run tells).",
        "`make figures` writes this page from the results that the other pages are written from.",
        "",
    ]
    for name, group in found.items():
        rows = [(each.what, each.asked or "–", each.found, each.status.value, f"[page]({each.page})") for each in group]
        lines += [f"## {name}", *table(("claim", "asked", "found", "", "shown"), rows, 5)]
    lines += ["## Held by tests", "", "These are computed anew by `make test`, every time:", ""]
    lines += [f"- {what} (`{path}`)" for what, (path, _) in TESTS.items()]
    return "\n".join([*lines, ""])


def main() -> None:
    PAGE.write_text(page(claims()), encoding="utf-8")
    print(f"written: {PAGE.name}")


if __name__ == "__main__":
    main()
