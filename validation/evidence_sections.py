"""Sections of the page on the evidence beyond its pools: flow, schedules, surrogacy, groups, frozen predictions."""

from collections import Counter
from math import exp
from typing import Any

from page_text import table

from trialeukin.evidence.assessments import assessments_with
from trialeukin.evidence.catalogue import own_studies
from trialeukin.evidence.comparisons import comparisons
from trialeukin.evidence.disease import NamedDisease
from trialeukin.evidence.frozen import frozen_predictions, latest
from trialeukin.evidence.published_markers import both_effects, trials_of, went_together
from trialeukin.evidence.scoreboard import scoreboard, totals
from trialeukin.evidence.selection import Criteria, Taken, named_pool, named_pools, select
from trialeukin.evidence.treatment_network import NONE, Nodes, treatment_network
from trialeukin.evidence.vocabulary import Setting
from trialeukin.report.comparison_words import difference_line, side_lines
from trialeukin.report.surrogacy_words import over_trials, published_statements
from trialeukin.report.wording import p_equals
from trialeukin.trial.endpoint import Endpoint

POOL = "aml-cr1-all"
DEEPER = " " * 4
LIMIT = 1.959964  # standard errors from the middle to a 95 % limit
ASKED = Criteria(disease=NamedDisease.AML, setting=Setting.FIRST_REMISSION)


def flow() -> dict[str, Any]:
    """Return how many studies of the base are left out of the main question, why, and which are pooled."""
    found = select(own_studies(), Endpoint.LFS, ASKED)
    reasons = Counter(why for _, why in found.left_out)
    return {
        "studies": len(own_studies()),
        "left_out": dict(reasons.most_common()),
        "taken": [each.name for each in found.taken],
        "unsigned": [each.name for each in found.unsigned],
    }


def network() -> dict[str, Any]:
    """Return the network whose nodes are treatments."""
    found = treatment_network(own_studies(), Endpoint.LFS)
    pairs = (("IL-2", "control"), ("IL-2 with histamine", "control"), ("IL-2 with histamine", "IL-2"))
    rows = []
    for treatment, against in pairs:
        versus = found.result.comparison(treatment, against)
        ratio = [exp(value) for value in (versus.value, *versus.limits)]
        rows.append([treatment, against, *ratio, trials_with({treatment, against}, Nodes.TREATMENT, found.studies)])
    return {
        "rows": rows,
        "k": found.result.k,
        "tau_squared": found.result.tau_squared,
        "q": [found.result.q, found.result.degrees_of_freedom, found.result.q_p_value],
        "verdict": found.inconsistency.verdict,
    }


def schedules() -> dict[str, Any]:
    """Return the network whose nodes are schedules."""
    found = treatment_network(own_studies(), Endpoint.LFS, nodes=Nodes.SCHEDULE)
    rows = []
    for node in found.treatments:
        if node != NONE:
            versus = found.result.comparison(node, NONE)
            trials = trials_with({node}, Nodes.SCHEDULE, found.studies)
            rows.append([node, versus.value, *versus.limits, trials])
    return {
        "rows": sorted(rows),
        "k": found.result.k,
        "q": [found.result.q, found.result.degrees_of_freedom, found.result.q_p_value],
        "tau_squared": found.result.tau_squared,
        "verdict": found.inconsistency.verdict,
    }


def trials_with(treatments: set[str], nodes: Nodes, studies: tuple[str, ...]) -> list[str]:
    """Return the trials of a network that have an arm of one of some treatments other than none."""
    of_trials = {name: {nodes.of(arm) for arm in own_studies()[name].arms} for name in studies}
    return [name for name, given in of_trials.items() if given & (treatments - {NONE})]


def effects() -> list[dict[str, Any]]:
    """Return the hazard ratio of every trial of a pool with a name, and where its numbers stand."""
    found: dict[tuple[str, Endpoint], Taken] = {}
    for definition in map(named_pool, named_pools()):
        members = {name: own_studies()[name] for name in definition.members}
        for endpoint in Endpoint:
            taken = select(members, endpoint, Criteria(role=definition.role)).taken
            found |= {(each.name, endpoint): each for each in taken}
    return [
        {
            "study": each.name,
            "endpoint": endpoint.value,
            "effect": [each.effect.log_hazard_ratio, each.effect.se],
            "origin": each.effect.origin.value,
            "source": f"{each.study.sources[each.effect.source].work}, {each.effect.place}",
        }
        for (_, endpoint), each in sorted(found.items(), key=lambda item: (item[0][1].value, item[0][0]))
    ]


def effect_lines(found: list[dict[str, Any]]) -> list[str]:
    rows = []
    for each in found:
        value, error = each["effect"]
        ratio = f"{exp(value):.2f}" if error is None else _ratio(value, value - LIMIT * error, value + LIMIT * error)
        rows.append([each["study"], each["endpoint"].upper(), ratio, each["origin"], each["source"]])
    return [
        "### Trials behind pools and figures",
        "",
        "A trial's name leads to all that the base holds of it, each number with its place.",
        *table(["study", "outcome", "HR (95 %)", "solved from", "source"], rows, numeric=5),
    ]


def published_surrogacy() -> dict[str, Any]:
    """Return what published trials say of markers and survival."""
    found = both_effects(trials_of(own_studies(), Endpoint.LFS))
    return {
        "over_trials": over_trials(found),
        "without": [list(pair) for pair in found.without],
        "statements": list(published_statements(went_together(own_studies().values()))),
        "rows": [
            [each.study, each.row.marker, each.row.goes_with.value, each.row.judged_on.value, each.row.with_clinical]
            for each in went_together(own_studies().values())
            if each.row.goes_with is not None and each.row.judged_on is not None
        ],
    }


def groups() -> list[dict[str, Any]]:
    """Return groups of patients, published and predicted, in lines."""
    return [
        {
            "question": each.question.value,
            "sides": [list(side_lines(side)) for side in each.sides],
            "difference": difference_line(each),
        }
        for each in comparisons(own_studies(), frozen_predictions())
    ]


def board() -> dict[str, Any]:
    """Return frozen predictions beside their results, and their sums."""
    scores = scoreboard(latest(frozen_predictions()), own_studies())
    return {
        "rows": [
            {
                "of": _published_in(each.prediction.of),
                "population": each.prediction.population,
                "what": each.prediction.measure.value
                if each.prediction.endpoint is None
                else f"{each.prediction.endpoint.value.upper()} HR",
                "treatment": each.prediction.treatment,
                "structure": each.prediction.structure,
                "predicted": [each.prediction.value, each.prediction.lower, each.prediction.upper],
                "published": None if each.published is None else each.published.words,
                "inside": each.inside,
                "scores": [each.model, each.null],
                "known": each.prediction.result_known.value,
                "made": each.prediction.made.isoformat(),
                "model": each.prediction.model_sha256[:12],
            }
            for each in scores
        ],
        "totals": [
            [each.structure, each.what, each.judged, each.inside, each.model, each.null] for each in totals(scores)
        ],
    }


def _published_in(of: str) -> str:
    """Return a study's name, or that of a pool with the study that published it."""
    published = named_pool(of).published if of in named_pools() else None
    return of if published is None else f"{of} ({published.study})"


def certainty(pool: str, endpoint: Endpoint) -> str:
    """Return what a judge made of a pool, or that nobody judged it."""
    judged = assessments_with(None).certainty(pool, endpoint)
    return "not assessed" if judged is None else f"{judged.level.value} ({judged.judge}, {judged.date})"


def flow_lines(found: dict[str, Any]) -> list[str]:
    return [
        "## Which studies are pooled, and which not",
        "",
        f"Of {found['studies']} studies, for leukaemia-free survival with IL-2 alone in first remission of AML:",
        "",
        *(f"- {count} left out: {why}" for why, count in found["left_out"].items()),
        f"- {len(found['unsigned'])} with a hazard ratio of unknown sign, in sensitivity analyses only: "
        f"{', '.join(found['unsigned'])}",
        f"- {len(found['taken'])} pooled: {', '.join(found['taken'])}",
        "",
        f"Pool `{POOL}` takes {len(named_pool(POOL).members)} of these by name; a study whose patients another one "
        "counts too is refused.",
        "",
    ]


def network_lines(found: dict[str, Any]) -> list[str]:
    q, degrees_of_freedom, p_value = found["q"]
    return [
        "## As a network: none, IL-2, IL-2 with histamine",
        "",
        f"Leukaemia-free survival in first remission of AML, {found['k']} trials, consistency model by REML: tau² =",
        f"{found['tau_squared']:.3f}, Q = {q:.2f} on {degrees_of_freedom} df ({p_equals(p_value)}). Inconsistency: "
        f"{found['verdict']}.",
        "No trial of the base compared IL-2 with and without histamine: the last row is indirect, from one trial of",
        "histamine, and trials of either kind differed in much else.",
        "",
        "| treatment | against | HR (95 %) | trials |",
        "|---|---|---|---|",
        *(
            f"| {treatment} | {'none' if against == NONE else against} | {value:.2f} ({low:.2f} to {high:.2f}) | "
            f"{', '.join(trials)} |"
            for treatment, against, value, low, high, trials in found["rows"]
        ),
        "",
    ]


def schedule_lines(found: dict[str, Any]) -> list[str]:
    q, degrees_of_freedom, p_value = found["q"]
    rows = [[node, _ratio(value, low, high), ", ".join(trials)] for node, value, low, high, trials in found["rows"]]
    return [
        "### Schedules as nodes",
        "",
        f"Consistency model by REML, k = {found['k']}: tau² = {found['tau_squared']:.3f}, Q = {q:.2f} on "
        f"{degrees_of_freedom} df",
        f"({p_equals(p_value)}). Inconsistency: {found['verdict']}. Each schedule is of one to three trials: no",
        "difference between them can be told from chance (`trialeukin evidence network --nodes schedule`: all pairs).",
        *table(["schedule", "HR over no IL-2 (95 %)", "trials"], rows, numeric=3),
    ]


def _ratio(value: float, low: float, high: float) -> str:
    return f"{exp(value):.2f} ({exp(low):.2f} to {exp(high):.2f})"


def _upper(text: str) -> str:
    """Return a text whose first letter is a capital, and no other is changed."""
    return text[:1].upper() + text[1:]


def group_lines(found: list[dict[str, Any]]) -> list[str]:
    lines = [
        "## Groups of patients: published and predicted",
        "",
        "Predictions are frozen ones: what a study of that size would find (95 %), under every structure.",
        "",
    ]
    for each in found:
        lines += [f"### {_upper(each['question'])}", ""]
        for name, *rest in each["sides"]:
            lines += [f"- {name}", *(f"  {'  ' if line.startswith(DEEPER) else ''}- {line.strip()}" for line in rest)]
        lines += ["", f"{_upper(each['difference'])}.", ""]
    return lines


def board_lines(found: dict[str, Any]) -> list[str]:
    rows = [
        [
            each["of"],
            each["population"],
            f"{each['what']}, {each['treatment']}",
            each["structure"],
            "{:.2f} ({:.2f} to {:.2f})".format(*each["predicted"]),
            each["published"] or "no number",
            {True: "yes", False: "no", None: "–"}[each["inside"]],
            *("–" if score is None else f"{score:.2f}" for score in each["scores"]),
            each["known"],
            each["made"],
            f"`{each['model']}`",
        ]
        for each in found["rows"]
    ]
    head = ["study", "patients", "what", "structure", "predicted (95 %)", "published", "inside", "score", "null"]
    sums = [
        [structure, what, f"{judged}", f"{inside}", f"{model:.2f}", f"{null:.2f}"]
        for structure, what, judged, inside, model, null in found["totals"]
    ]
    return [
        "## Frozen predictions and their scores",
        "",
        "One file a study under `src/trialeukin/evidence/predictions/`; each prediction carries the hash of its own",
        "content and of the model it was made with, its day, and what was known of the result then. A prediction that",
        "was changed is refused; a new one is added below it. Scores are logarithms of predictive densities or chances",
        "(higher is better). The density is that of the law with the median and the 95 % limits that were frozen: on",
        "either side of the median half of a normal law, as wide as the limit there lies far, the law that",
        "`trialeukin evidence forest --discount` takes too. The null holds no effect for certain, or any count alike.",
        "Sums are over studies that share no patients.",
        *table(["structure", "what", "studies", "inside", "score", "null"], sums, numeric=2),
        *table([*head, "known", "made", "model"], rows, numeric=4),
    ]
