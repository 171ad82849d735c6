"""Write the page on the evidence: what the base holds, its pools, every arm's exposure, and what that explains.

    python validation/evidence_page.py

computes the exposure of every published arm whose dose and schedule are known, pools the trials, regresses their
hazard ratios on exposure, and writes ``validation/evidence.json``, the page ``docs/evidence.md`` and its forest plot.
The file carries a digest of the base and of the model; a test fails when they have changed since.
"""

import json
import math
from importlib import resources
from pathlib import Path
from typing import Any

from evidence_pictures import figures
from evidence_sections import (
    board,
    board_lines,
    certainty,
    effect_lines,
    effects,
    flow,
    flow_lines,
    group_lines,
    groups,
    network,
    network_lines,
    published_surrogacy,
    schedule_lines,
    schedules,
)
from model_digest import digest_of
from page_text import shortened
from surrogacy_section import surrogacy_lines

from trialeukin.evidence.arm_exposure import (
    AFTER,
    DRAWS,
    MEASURES,
    MODEL,
    THRESHOLDS,
    ArmExposure,
    ExposureMeasure,
    exposure_of,
)
from trialeukin.evidence.catalogue import own_studies
from trialeukin.evidence.dose_response import FEWEST, DoseResponse, dose_response
from trialeukin.evidence.pooling import Pooled
from trialeukin.evidence.selection import named_pool, named_pools
from trialeukin.evidence.synthesis import Method, Synthesis, synthesis_of_pool
from trialeukin.model.digest import numbers_of
from trialeukin.model.fitted import fitted
from trialeukin.model.whole import models
from trialeukin.regimen.library import entry, names
from trialeukin.report.evidence_figures import described
from trialeukin.report.printed_figure import as_svg
from trialeukin.trial.endpoint import Endpoint

ROOT = Path(__file__).parents[1]
RESULTS = ROOT / "validation" / "evidence.json"
RUNS = ROOT / "validation" / "surrogacy.json"
PAGE = ROOT / "docs" / "evidence.md"
DIGITS = 6  # kept of every number; the page shows fewer
REGRESSED = "aml-cr1-all"
BOTH = (Endpoint.LFS, Endpoint.OS)
POOL_HEAD = (
    "pool",
    "outcome",
    "HR (95 %)",
    "as printed",
    "with BAER2008, either sign",
    "k, method, heterogeneity",
    "certainty",
    "trials",
)
HEAD = (
    "study",
    "arm",
    "MIU/m2",
    "days with IL-2",
    "AUC, nmol/L day",
    "days > Treg EC50",
    "days > CD56bright EC50",
    "days > NK EC50",
    "Treg, times",
    "NK, times",
)


def digest() -> str:
    """Return a digest of the base, its pools, the regimens and the model that exposures are computed by."""
    folder = resources.files("trialeukin.evidence")
    texts = [
        folder.joinpath(name).read_text(encoding="utf-8")
        for name in ("pools.toml", "overlaps.toml", "assessments.toml")
    ]
    files = sorted(folder.joinpath("studies").iterdir(), key=lambda file: file.name)
    texts += [file.read_text(encoding="utf-8") for file in files if file.name.endswith(".toml")]
    texts += [
        file.read_text(encoding="utf-8")
        for file in sorted(folder.joinpath("predictions").iterdir(), key=lambda file: file.name)
        if file.name.endswith(".toml")
    ]
    texts += [entry(name).text for name in names()]
    texts.append(numbers_of(fitted("immune", "marrow_gain")))
    return digest_of([models()[MODEL]], texts)


def results() -> dict[str, Any]:
    """Return everything that the page shows."""
    studies = own_studies()
    arms = [(study, arm) for study in studies.values() for arm in study.arms if arm.role.has_il2]
    known = [(study, arm, exposure_of(arm)) for study, arm in arms]
    return {
        "digest": digest(),
        "half_signals": [models()[MODEL].parameters[name].value for name in THRESHOLDS],
        "studies": len(studies),
        "rows": sum(
            len(getattr(study, name))
            for study in studies.values()
            for name in ("arms", "effects", "outcomes", "curves", "markers", "toxicities")
        ),
        "conflicts": sum(len(study.conflicts) for study in studies.values()),
        "gaps": [[name, gap] for name, study in studies.items() for gap in study.study.gaps],
        "arms": [_arm(study.study.id, arm.name, found) for study, arm, found in known if found is not None],
        "missing": [[study.study.id, arm.name, arm.not_known()] for study, arm, found in known if found is None],
        "pools": [_pool(name, endpoint) for name in named_pools() for endpoint in BOTH if _has(name, endpoint)],
        "network": network(),
        "effects": effects(),
        "flow": flow(),
        "schedules": schedules(),
        "surrogacy": published_surrogacy(),
        "groups": groups(),
        "board": board(),
        "response": [_response(found) for endpoint in BOTH for found in _responses(endpoint)],
    }


def _has(name: str, endpoint: Endpoint) -> bool:
    members = named_pool(name).members
    return any(effect.endpoint is endpoint for member in members for effect in own_studies()[member].effects)


def _synthesis(name: str, endpoint: Endpoint) -> Synthesis:
    return synthesis_of_pool(own_studies(), named_pool(name), endpoint, Method())


def _arm(study: str, arm: str, found: ArmExposure) -> dict[str, Any]:
    return {
        "study": study,
        "arm": arm,
        "dosing_days": found.dosing_days,
        "span": found.span,
        "left_out": list(found.left_out),
        "measures": {each.name: [found.typical(each), *found.interval(each)] for each in MEASURES},
    }


def _ratio(pooled: Pooled) -> list[float]:
    return [math.exp(value) for value in (pooled.estimate, pooled.lower, pooled.upper)]


def _pool(name: str, endpoint: Endpoint) -> dict[str, Any]:
    found = _synthesis(name, endpoint)
    return {
        "name": name,
        "title": found.title,
        "endpoint": endpoint.value,
        "ratio": _ratio(found.pooled),
        "certainty": certainty(name, endpoint),
        "described": described(found.pooled),
        "trials": [each.name for each in found.selection.taken],
        "sensitivity": [[each.words, _ratio(each.pooled)] for each in found.sensitivity],
        "published": None if found.published is None else found.published.hazard_ratio,
    }


def _responses(endpoint: Endpoint) -> list[DoseResponse]:
    found = _synthesis(REGRESSED, endpoint)
    return [dose_response(found.selection, found.pooled, measure) for measure in MEASURES]


def _response(found: DoseResponse) -> dict[str, Any]:
    slope = found.regression.slopes[1]
    return {
        "measure": found.measure.name,
        "trials": list(found.trials),
        "left_out": [list(pair) for pair in found.left_out],
        "slope": [slope.value, slope.lower, slope.upper],
        "better_with_more": found.better_with_more,
        "verdict": found.verdict.value,
    }


def page(found: dict[str, Any]) -> str:
    """Return the page of what was found."""
    treg, bright, nk = found["half_signals"]
    return "\n".join(
        [
            "# The evidence: published studies of IL-2 in leukaemia",
            "",
            f"{found['studies']} studies, one file each under `src/trialeukin/evidence/studies/`, with {found['rows']}",
            "arms, hazard ratios, results, curve points, markers and toxicities;",
            f"{found['conflicts']} contradictions between sources are kept as such. Every number carries the work, the",
            "place in it and how near it is to those who measured it; most were read in abstracts and single tables.",
            "`make figures` writes this page.",
            "",
            "```sh",
            "trialeukin evidence list --setting cr1 --route sc",
            "trialeukin evidence show KOLITZ2014",
            "trialeukin evidence check",
            "trialeukin evidence pool --outcome LFS --leave-one-out",
            "trialeukin evidence forest --by schedule",
            "trialeukin evidence network --nodes schedule",
            "trialeukin evidence dose-response --measure nk-rise",
            "trialeukin evidence surrogacy",
            "trialeukin evidence compare",
            "trialeukin evidence scoreboard",
            "```",
            "",
            *flow_lines(found["flow"]),
            "## Pools",
            "",
            "Hazard ratios of single trials are reconstructed from printed survival rates, events and p values",
            "(`trialeukin evidence show` says from which), so that pools are near the published ones, not equal.",
            "Study files of `studies/` carry the same ratios; [Published trials](published-trials.md) says of each",
            "what survival rates alone would give.",
            "Of BAER2008 only p values are known: it is in no primary pool, and both signs stand beside it.",
            "",
            "Risk of bias of every study, and the certainty of every pool (GRADE), are *not assessed* until a judge, a",
            "date and reasons are recorded, in a file `assessments.toml` beside your own studies (`--directory`). A",
            "record that lacks one of them is refused:",
            "",
            "```toml",
            "[[studies]]",
            'study = "KOLITZ2014"',
            'risk_of_bias = { judge = "A. Reader", date = 2026-01-31, judgement = "low", reasons = "..." }',
            "",
            "[[pools]]",
            'pool = "aml-cr1"',
            'endpoint = "lfs"',
            'certainty = { judge = "A. Reader", date = 2026-01-31, level = "moderate", reasons = "..." }',
            "```",
            "",
            f"| {' | '.join(POOL_HEAD)} |",
            f"|{'---|' * len(POOL_HEAD)}",
            *(_pool_line(each) for each in found["pools"]),
            "",
            "![Forest plot of leukaemia-free survival](evidence-forest.svg)",
            "",
            "*Simulated rows are frozen predictions of trials of that size; they are in no pool of real trials.*",
            "",
            "![Funnel plot](evidence-funnel.svg)",
            "",
            "![Baujat plot](evidence-baujat.svg)",
            "",
            "*Trials far right disagree with the others; those high up move the pool most when they are left out.*",
            "",
            "![Drapery plot](evidence-drapery.svg)",
            "",
            "*How compatible each hazard ratio is with every trial and with their pool: p over all of them at once.*",
            "",
            *effect_lines(found["effects"]),
            *network_lines(found["network"]),
            *schedule_lines(found["schedules"]),
            "## Exposure of every arm",
            "",
            f"What each regimen does in the typical adult by the model `{MODEL}`, from the first dose to",
            f"{AFTER:.0f} days past the last: planned doses, 1.84 m2, 70 kg, marrow after chemotherapy; children are",
            "computed as that adult too.",
            f"In brackets 95 % of {DRAWS} draws of what is not known of the model. EC50, pmol/L: Treg {treg:.1f},",
            f"CD56bright NK {bright:.0f}, NK {nk:.0f}. Histamine is left out: it does not change IL-2 in plasma.",
            "",
            f"| {' | '.join(HEAD)} |",
            f"|{'---|' * len(HEAD)}",
            *(_arm_line(each) for each in sorted(found["arms"], key=_by_area)),
            "",
            "Arms whose exposure cannot be computed, and what is missing:",
            "",
            "| study | arm | missing |",
            "|---|---|---|",
            *(f"| {study} | {arm} | {what} |" for study, arm, what in found["missing"]),
            "",
            *_response_lines(found),
            *surrogacy_lines(found["surrogacy"], json.loads(RUNS.read_text(encoding="utf-8"))),
            *group_lines(found["groups"]),
            *board_lines(found["board"]),
            "## What no source at hand gives",
            "",
            *(f"- {study}: {gap}" for study, gap in found["gaps"]),
            "",
            f"Digest of the base and the model: `{found['digest'][:16]}`.",
            "",
        ]
    )


def _pool_line(each: dict[str, Any]) -> str:
    either = " and ".join(f"{ratio[0]:.3f}" for _, ratio in each["sensitivity"]) or "–"
    printed = "–" if each["published"] is None else f"{each['published']:.2f}"
    value, low, high = each["ratio"]
    ratio = f"{value:.3f} ({low:.2f} to {high:.2f})"
    cells = (each["title"], each["endpoint"].upper(), ratio, printed, either, each["described"], each["certainty"])
    return f"| {' | '.join((*cells, ', '.join(each['trials'])))} |"


def _by_area(each: dict[str, Any]) -> tuple[float, str]:
    return -each["measures"]["AREA"][0], each["study"]


def _arm_line(each: dict[str, Any]) -> str:
    measures = each["measures"]
    cells = [f"{measures['DOSE'][0]:.4g}", str(each["dosing_days"])]
    for name in ("AREA", "ABOVE_TREG", "ABOVE_BRIGHT", "ABOVE_NK", "TREG_RISE", "NK_RISE"):
        value, low, high = measures[name]
        cells.append(f"{value:.2g} ({low:.2g} to {high:.2g})")
    return f"| {each['study']} | {each['arm']} | {' | '.join(cells)} |"


def _response_lines(found: dict[str, Any]) -> list[str]:
    by_measure: dict[str, list[dict[str, Any]]] = {}
    for each in found["response"]:
        by_measure.setdefault(each["measure"], []).append(each)
    first = found["response"][0]
    verdicts = sorted({each["verdict"] for each in found["response"]})
    return [
        "## Does exposure explain why trials differ?",
        "",
        f"**It {' / '.join(verdicts)}.** {len(first['trials'])} trials of IL-2 alone in first remission have a hazard",
        "ratio of known sign and a computed exposure.",
        f"At least {FEWEST} would be asked for before a slope is read. For what it is worth: the change of the log",
        "hazard ratio per standard deviation of exposure (95 % by Hartung and Knapp, never narrower), and the",
        "probability that more exposure goes with a lower hazard, over sampling and over what is not known of the",
        "model.",
        "",
        f"- taken: {', '.join(first['trials'])}",
        *(f"- left out: {study} ({why})" for study, why in first["left_out"]),
        "",
        "![Hazard ratios against the rise of NK cells](evidence-dose-response.svg)",
        "",
        "| exposure | LFS: slope (95 %) | LFS: P(better with more) | OS: slope (95 %) | OS: P(better with more) |",
        "|---|---|---|---|---|",
        *(
            f"| {ExposureMeasure[name].label} | " + " | ".join(_slope(each) for each in pair) + " |"
            for name, pair in by_measure.items()
        ),
        "",
    ]


def _slope(each: dict[str, Any]) -> str:
    value, low, high = each["slope"]
    return f"{value:+.2f} ({low:+.2f} to {high:+.2f}) | {each['better_with_more']:.2f}"


def main() -> None:
    found = shortened(results(), digits=DIGITS)
    RESULTS.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    PAGE.write_text(page(found), encoding="utf-8")
    for name, paint in figures().items():
        PAGE.with_name(f"{name}.svg").write_bytes(as_svg(name, paint))
    print(f"written: {RESULTS.name}, {PAGE.name}, {', '.join(figures())}")


if __name__ == "__main__":
    main()
