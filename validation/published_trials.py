"""Run the published trials and set prediction beside publication, misses included.

    python validation/published_trials.py

runs every study of `studies/` as `trialeukin run` does, writes what it found to
``validation/published_trials.json``, and from it the pages ``docs/published-trials.md``, with its figure, and
``docs/in-whom.md``.
The file carries a digest of the model, the cohorts and the studies; a test fails when they have changed since.
"""

import json
import math
from pathlib import Path
from typing import Any

import in_whom_page
from model_digest import cohort_texts, digest_of
from page_text import shortened
from published_trials_figure import draw

from trialeukin.model.whole import models
from trialeukin.report.study_wording import origin_of, published_ratio
from trialeukin.store.in_whom_document import in_whom_document
from trialeukin.trial.endpoint import Endpoint
from trialeukin.trial.published import Origin
from trialeukin.trial.result import EndpointResult, StudyResult
from trialeukin.trial.run import run_study
from trialeukin.trial.study import MODEL
from trialeukin.trial.study_file import load_study

ROOT = Path(__file__).parents[1]
STUDIES = (
    "calgb-19808",
    "calgb-9720",
    "alfa-9801",
    "ccg-2961",
    "mp-ma-0201",
    "blaise-2000",
    "eortc-gimema-aml12",
    "elam02",
)
COHORTS = "aml-cr1-*"  # patients in first remission; the trials take no others
RESULTS = ROOT / "validation" / "published_trials.json"
PAGE = ROOT / "docs" / "published-trials.md"
FIGURE = PAGE.with_suffix(".svg")
NOT_PRINTED = "–"


def digest() -> str:
    """Return a digest of everything that the predictions depend on and that people edit."""
    studies = [(ROOT / "studies" / f"{name}.toml").read_text(encoding="utf-8") for name in STUDIES]
    return digest_of([models()[MODEL]], [*cohort_texts(COHORTS), *studies])


def row(result: StudyResult) -> dict[str, Any]:
    """Return what the page shows of one study."""
    return {
        "study": result.study.study.name,
        "title": result.study.study.title,
        "n": [result.study.treatment.n, result.study.control.n],
        "endpoints": {found.endpoint.value: _endpoint(result, found) for found in result.endpoints},
        "in_whom": shortened(in_whom_document(result.in_whom), digits=4),
    }


def _endpoint(result: StudyResult, found: EndpointResult) -> dict[str, Any]:
    control = result.study.control.name
    published = [
        printed
        for printed in result.study.published.probabilities
        if printed.endpoint is found.endpoint and printed.arm == control
    ]
    milestones = {
        milestone.months: milestone.population.value for milestone in found.milestones if milestone.arm == control
    }
    ratio = result.study.published.ratio(found.endpoint)
    return {
        "control": [
            {
                "months": printed.months,
                "published": printed.value,
                "predicted": milestones.get(printed.months),
                "fitted": printed.fitted,
            }
            for printed in published
        ],
        "predicted": [found.hazard_ratio.median, found.hazard_ratio.lower, found.hazard_ratio.upper],
        "at_typical": found.population_ratio,
        "significant": [found.significant.value, found.significant.error],
        "published": None if ratio is None else [ratio.value, ratio.lower, ratio.upper],
        "origin": None if ratio is None else origin_of(ratio),
        "reconstructed": [
            {"of": published_ratio(each), "formula": each.formula, "source": each.source, "note": each.note}
            for each in result.study.published.hazard_ratios
            if each.endpoint is found.endpoint and each.origin is Origin.RECONSTRUCTED
        ],
    }


def page(found: dict[str, Any]) -> str:
    """Return the page of what was found."""
    return "\n".join(
        [
            "# Published trials: predicted and published",
            "",
            "Every trial of IL-2 maintenance in first remission that `studies/` holds, run as `trialeukin run` runs",
            "it (`make figures` writes this page). The hazard ratio is treatment over control. Predicted: median and",
            "95 % interval of replicate trials of the published size, over what is not known of the parameters,",
            "which patients enter, and the trial's own chance. Significant: share of replicate trials at the typical",
            "parameters whose two-sided log-rank test is below 0.05, in either direction. *Fitted* marks control",
            "probabilities that the cohorts were calibrated to, so that agreement proves nothing. No",
            "hazard ratio and no survival of a treated arm by itself was fitted. What IL-2 does to blood and who",
            "stops it was, in part to patients of CALGB 9720, CCG-2961 and MP-MA-0201's regimen, and time from",
            "relapse to death to both arms of CALGB 9720 together.",
            "The same 2,000 virtual patients stand behind every study, so the Monte Carlo error of the control arms",
            "(one point, one standard error) is shared by them all; other patients are behind the table of",
            "[control arms](validation-control-arms.md).",
            "",
            "![Hazard ratios for leukaemia-free survival, predicted and published](published-trials.svg)",
            "",
            *(line for endpoint in (Endpoint.LFS, Endpoint.OS) for line in _table(found["studies"], endpoint)),
            *_verdict(found["studies"]),
            "",
            *_reconstructions(found["studies"]),
            "",
            f"Digest of the model, the cohorts and the studies: `{found['digest'][:16]}`.",
            "",
        ]
    )


def _table(studies: list[dict[str, Any]], endpoint: Endpoint) -> list[str]:
    head = {Endpoint.LFS: "Leukaemia-free survival", Endpoint.OS: "Overall survival"}[endpoint]
    rows = [
        _line(study, study["endpoints"][endpoint.value]) for study in studies if endpoint.value in study["endpoints"]
    ]
    return [
        f"## {head}",
        "",
        "| study | patients | control: published | control: predicted | HR published | HR predicted (95 %) | "
        "significant |",
        "|---|---|---|---|---|---|---|",
        *rows,
        "",
    ]


def _line(study: dict[str, Any], found: dict[str, Any]) -> str:
    published = "; ".join(f"{mark['published']:.0%} at {mark['months']:g} mo" for mark in found["control"])
    predicted = "; ".join(_predicted(mark) for mark in found["control"])
    median, lower, upper = found["predicted"]
    share, error = found["significant"]
    return " | ".join(
        (
            f"| [{study['study']}](../studies/{study['study']}.toml)",
            f"{study['n'][0]} + {study['n'][1]}",
            published or NOT_PRINTED,
            predicted or NOT_PRINTED,
            _ratio(found),
            f"{median:.2f} ({lower:.2f} to {upper:.2f})",
            f"{share:.1%} ± {error:.1%} |",
        )
    )


def _predicted(mark: dict[str, Any]) -> str:
    if mark["predicted"] is None:
        return "not read at this time"
    difference = round(100 * mark["predicted"]) - round(100 * mark["published"])
    return f"{mark['predicted']:.0%} ({'fitted, ' if mark['fitted'] else ''}{difference:+d})"


def _ratio(found: dict[str, Any]) -> str:
    if found["published"] is None:
        return "none printed, none reconstructed"
    value, lower, upper = (f"{limit:.2f}" if limit is not None else "?" for limit in found["published"])
    return f"{value} ({lower} to {upper}), {found['origin']}"


def _verdict(studies: list[dict[str, Any]]) -> list[str]:
    """Return how the prediction of LFS hazard ratios does against the null of one for all."""
    judged = [found for study in studies if (found := study["endpoints"]["lfs"])["published"] is not None]
    inside = sum(found["predicted"][1] <= found["published"][0] <= found["predicted"][2] for found in judged)
    model = _error([math.log(found["published"][0] / found["predicted"][0]) for found in judged])
    null = _error([math.log(found["published"][0]) for found in judged])
    better = "beats" if model < null else "does not beat"
    return [
        "## What this shows",
        "",
        f"{inside} of {len(judged)} published LFS hazard ratios lie inside their predicted interval. The root mean",
        f"square error of the predicted log hazard ratio is {model:.3f}; that of the null, a hazard ratio of one for",
        f"every trial, is {null:.3f}: the model {better} the null in this measure. {len(judged)} trials, each with its",
        "own chance, are few to tell two models apart, and all results were known before the predictions were made.",
        "",
        "The model says almost the same of every trial: at its typical parameters a rise of NK cells and the rise of",
        "Treg that comes with it nearly cancel, tests are significant about as often as without an effect, and the",
        "gain that MP-MA-0201 found is not predicted. What no source settles (how much of a rise in blood reaches the",
        "marrow, how strongly Treg and reactive oxygen hold the kill back) is in the intervals.",
        "",
        "One choice was made after hazard ratios had been seen: that a rise of Treg reaches the marrow by the same",
        "unknown share as a rise of the cells they suppress. Before it, ratios were about 1.00 to 1.07; before the",
        "last fits of cells in blood, 0.95.",
    ]


def _reconstructions(studies: list[dict[str, Any]]) -> list[str]:
    """Return how every ratio that no paper printed was reconstructed, and what another way would give."""
    rows = [
        f"| {study['study']} | {endpoint.upper()} | "
        f"{each['of']} | {each['formula']} | {each['note']} | {each['source']} |"
        for study in studies
        for endpoint, found in study["endpoints"].items()
        for each in found["reconstructed"]
    ]
    return [
        "## How published ratios were reconstructed",
        "",
        "A ratio that no paper printed, or printed with a lower limit and p that it does not fit, is the one that",
        "the [evidence base](evidence.md) pools: of the published p and events, since a test is of all events of",
        "the trial, or of the lower limit and p. Rates at one time are another legitimate way, log HR = log(log S1 /",
        "log S0) with the error of these rates; what they alone give stands beside it. z is the standard normal",
        "quantile at 1 - p/2, E1 and E0 are the events and S1 and S0 the survival of the treated and the control arm.",
        "",
        "| study | outcome | HR (95 %) | how | beside it | source |",
        "|---|---|---|---|---|---|",
        *rows,
    ]


def _error(misses: list[float]) -> float:
    return math.sqrt(sum(miss**2 for miss in misses) / len(misses))


def main() -> None:
    results = [run_study(load_study(ROOT / "studies" / f"{name}.toml")) for name in STUDIES]
    rows = [row(result) for result in results]
    found = {"digest": digest(), "studies": rows}
    RESULTS.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    PAGE.write_text(page(found), encoding="utf-8")
    in_whom_page.PAGE.write_text(in_whom_page.page(rows), encoding="utf-8")
    draw(found["studies"], FIGURE)
    print(page(found))


if __name__ == "__main__":
    main()
