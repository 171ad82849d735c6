"""In whom IL-2 acts, by the model: docs/in-whom.md, from the runs that `published_trials.py` keeps."""

from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from page_text import table

from trialeukin.report.group_words import group_labels, patients_needed
from trialeukin.report.wording import listed, percent, shortly, signed, words
from trialeukin.trial.in_whom import POWER
from trialeukin.trial.in_whom_result import PrincipalStratum

PAGE = Path(__file__).parents[1] / "docs" / "in-whom.md"
KINDS = [kind.name.lower() for kind in PrincipalStratum]
FEWEST = 2  # studies in which a parameter has to stand out


def page(studies: list[dict[str, Any]]) -> str:
    """Return the page of what the runs of published trials say of whom the treatment acts in."""
    return "\n".join(
        [
            "# In whom IL-2 acts",
            "",
            "A virtual patient is followed under both arms, so that everybody's own gain is known: the months free of",
            "relapse and death up to the latest milestone, with the treatment less without. A real trial never sees",
            "it. This page says, for every trial of [published trials](published-trials.md), who gains, what is known",
            "of them at randomisation, and whether the trial could have told (`make figures` writes it; every",
            "`trialeukin run` writes the same of its study into its report and `summary.json`).",
            "",
            "It rests on what two courses of one person share in the model: the person's own parameters, and the",
            "chance of dying of other causes. Numbers are those of the typical parameters in 2,000 patients, the same",
            "in every trial of a cohort, and in brackets the central 95 % over what is not known of the parameters.",
            "",
            "## Who gains",
            "",
            *_who(studies),
            "",
            _who_in_words(studies),
            "",
            "## By what is known at randomisation",
            "",
            *_known(studies),
            "",
            "*Found*: how often the trial's own size finds, by the test of the interaction at its level, that hazard",
            f"ratios differ as they do. *Needed*: patients of a trial that finds it with {percent(POWER)} power; where",
            "nothing stands, the ratio does not stand out from the chance of so many virtual patients.",
            "",
            _known_in_words(studies),
            "",
            "## By what is not",
            "",
            *_hidden(studies),
            "",
            "Mean months gained by the fifth of patients with the lowest and by that with the highest values of their",
            "own parameter, over the trials in which their difference stands out of all parameters by which patients",
            f"differ (Bonferroni, 5 %); those of {FEWEST} trials and more.",
            "",
            "## What trials found",
            "",
            "Of IL-2 alone, the pooled patients of five trials showed no interaction with age, sex, karyotype or",
            "subtype of AML (Buyse and others, Blood 2011;117:7007, abstract); by the table above none of them could",
            "have. Of histamine with IL-2, one trial was read again by subtype and found its effect in monocytic AML",
            "(Aurélius and others 2012; no hazard ratio by subtype is printed): [groups of patients](evidence.md) has",
            "the statements.",
            "",
        ]
    )


def _short(title: str) -> str:
    return title.split(":", maxsplit=1)[0]


def _who(studies: list[dict[str, Any]]) -> list[str]:
    head = ["trial", "free either way", "the same either way", "later", "sooner", "months gained", "of months"]
    rows = [
        [
            _short(study["title"]),
            *(percent(study["in_whom"]["principal_strata"][kind]["share"]["value"]) for kind in KINDS),
            _gained(study["in_whom"]),
            f"{study['in_whom']['months']:g}",
        ]
        for study in studies
    ]
    return table(head, rows, numeric=1)


def _gained(found: dict[str, Any]) -> str:
    limits = found["months_gained_over_parameters"]
    return f"{signed(found['months_gained']['value'], 1)} ({_range(limits)})"


def _range(limits: dict[str, float]) -> str:
    return f"{signed(limits['lower'], 1)} to {signed(limits['upper'], 1)}"


def _who_in_words(studies: list[dict[str, Any]]) -> str:
    untouched = [
        sum(study["in_whom"]["principal_strata"][kind]["share"]["value"] for kind in KINDS[:2]) for study in studies
    ]
    return (
        f"Between {percent(min(untouched))} and {percent(max(untouched))} of patients fare the same either way: they "
        "are cured, or relapse or die when they would have. Of the others most gain and some lose: Treg, which hold "
        "the kill back, rise as well as NK and CD8 cells, and the drug has its own toxicity."
    )


def _splits(studies: list[dict[str, Any]]) -> Iterator[tuple[str, dict[str, Any]]]:
    for study in studies:
        for split in study["in_whom"]["splits"]:
            yield _short(study["title"]), split


def _names(split: dict[str, Any]) -> str:
    without, having = group_labels(split["covariate"], split["cut"])
    return f"{having} / {without}"


def _known(studies: list[dict[str, Any]]) -> list[str]:
    rows = [
        [
            title,
            _names(split),
            f"{signed(split['having']['months_gained']['value'], 1)} / "
            f"{signed(split['without']['months_gained']['value'], 1)}",
            f"{signed(split['difference_months']['value'], 1)} ({_range(split['difference_months_over_parameters'])})",
            f"{split['ratio_of_hazard_ratios']:.2f}",
            percent(split["power_of_interaction_test"]["value"]),
            patients_needed(split["patients_needed"]),
        ]
        for title, split in _splits(studies)
        if split["covariate"] not in {"age", "body_surface_area"} and split["difference_months_over_parameters"]
    ]
    head = ["trial", "groups", "months gained", "difference", "ratio of hazard ratios", "found", "needed"]
    return table(head, rows, numeric=2)


def _known_in_words(studies: list[dict[str, Any]]) -> str:
    every = [split for _, split in _splits(studies)]
    powers = [split["power_of_interaction_test"]["value"] for split in every]
    needed = [split["patients_needed"] for split in every if split["patients_needed"]]
    fewest = f"; the smallest that would has {shortly(min(needed), 2)} patients" if needed else ""
    return (
        f"No trial of these sizes finds a difference in more than {percent(max(powers))} of the cases, where its level "
        f"alone finds 2.5 % in either direction{fewest}. That a treatment works in one subgroup of such a trial is "
        "therefore hardly evidence that it works there alone, and that no subgroup differs is none that all gain alike."
    )


def _hidden(studies: list[dict[str, Any]]) -> list[str]:
    found: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for study in studies:
        for each in study["in_whom"]["own_parameters"]:
            found[each["name"]].append((each["months_gained_lowest_fifth"], each["months_gained_highest_fifth"]))
    ordered = sorted(found.items(), key=lambda each: (-len(each[1]), -abs(np.diff(np.mean(each[1], axis=0))[0])))
    rows = [
        [words(name), f"{len(gains)} of {len(studies)}", *(signed(float(end), 1) for end in np.mean(gains, axis=0))]
        for name, gains in ordered
        if len(gains) >= FEWEST
    ]
    first = listed([words(name) for name, _ in ordered[:3]])
    return [
        *table(["the patient's own", "stands out in", "lowest fifth", "highest fifth"], rows, numeric=2),
        "",
        f"First are {first}. A marker of one of these, measured before treatment, would tell more of who gains than "
        "anything that is known now.",
    ]
