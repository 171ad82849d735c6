"""``trialeukin evidence network``: treatments or schedules compared directly or through no IL-2."""

import math
from collections.abc import Iterable
from itertools import combinations
from typing import Annotated, Any

import typer

from trialeukin.cli.evidence_directory import Directory, Outcome, own_directory
from trialeukin.cli.terminal import print_json, results, table
from trialeukin.cli.usage import AsJson
from trialeukin.evidence.catalogue import added_to, studies_with
from trialeukin.evidence.network_effects import NetworkMethod
from trialeukin.evidence.network_inconsistency import Inconsistency
from trialeukin.evidence.treatment_network import NONE, Nodes, TreatmentNetwork, treatment_network
from trialeukin.report.wording import p_equals
from trialeukin.store.finite import estimate_document
from trialeukin.trial.endpoint import Endpoint

HEAD = ("", "against", "HR", "95 %")


def command(
    *,
    outcome: Outcome = Endpoint.LFS,
    nodes: Annotated[
        Nodes, typer.Option(case_sensitive=False, help="Whether nodes are treatments, or these by schedule.")
    ] = Nodes.TREATMENT,
    method: Annotated[
        NetworkMethod,
        typer.Option(
            case_sensitive=False,
            metavar="METHOD",
            help="Variance between studies: fe (none, a fixed effect), dl (moments), ml and reml (likelihood).",
        ),
    ] = NetworkMethod.RESTRICTED_LIKELIHOOD,
    directory: Directory = None,
    as_json: AsJson = False,
) -> None:
    """Compare treatments as a network: first remission of AML, with consistency where a loop exists."""
    studies = studies_with(directory or own_directory())
    found = treatment_network(studies, outcome, method, nodes=nodes)
    left_out = (
        *found.left_out,
        *((name, "of your own, and the network's trials are fixed") for name in added_to(studies)),
    )
    if as_json:
        print_json(_document(found, left_out))
        return
    out = results()
    rows = [
        (_word(one), _word(other), f"{value:.2f}", f"{low:.2f} to {high:.2f}")
        for one, other, value, low, high in _pairs(found)
    ]
    out.print(table(f"Network of {outcome.label.lower()}, AML in first remission", HEAD, rows, numeric=(2,)))
    out.print()
    result = found.result
    out.print(
        f"k = {result.k}; consistency model, {result.method.value}; Q = {result.q:.2f} on "
        f"{result.degrees_of_freedom} df ({p_equals(result.q_p_value)}); tau² = {result.tau_squared:.3f}",
        markup=False,
    )
    out.print(f"inconsistency: {found.inconsistency.verdict}", markup=False)
    out.print(f"trials: {', '.join(found.studies)}", markup=False)
    for name, why in left_out:
        out.print(f"left out: {name}: {why}", markup=False)


def _pairs(found: TreatmentNetwork) -> list[tuple[str, str, float, float, float]]:
    others = [name for name in found.treatments if name != NONE]
    pairs = [(name, NONE) for name in others] + [(one, other) for other, one in combinations(others, 2)]
    rows = []
    for one, other in pairs:
        versus = found.result.comparison(one, other)
        value, low, high = (math.exp(each) for each in (versus.value, *versus.limits))
        rows.append((one, other, value, low, high))
    return rows


def _word(node: str) -> str:
    return "no IL-2" if node == NONE else node


def _document(found: TreatmentNetwork, left_out: Iterable[tuple[str, str]]) -> dict[str, Any]:
    return {
        "outcome": found.endpoint.value,
        "nodes": [_word(each) for each in found.treatments],
        "trials": list(found.studies),
        "left_out": [{"study": name, "why": why} for name, why in left_out],
        "k": found.result.k,
        "method": found.result.method.value,
        "q": found.result.q,
        "degrees_of_freedom": found.result.degrees_of_freedom,
        "p_value": found.result.q_p_value,
        "tau_squared": found.result.tau_squared,
        "inconsistency": found.inconsistency.verdict,
        "inconsistency_test": inconsistency_document(found.inconsistency),
        "comparisons": [
            {"treatment": _word(one), "against": _word(other), "hazard_ratio": estimate_document(*ratio)}
            for one, other, *ratio in _pairs(found)
        ],
    }


def inconsistency_document(found: Inconsistency) -> dict[str, Any] | None:
    """Return the tests whether designs of a network contradict each other; None where no loop of these closes."""
    if not found.testable:
        return None
    random = {
        "tau_squared": found.random_tau_squared,
        "q": found.random_q,
        "degrees_of_freedom": found.between_degrees_of_freedom,
        "p_value": found.random_p_value,
    }
    return {
        "within_designs": {"q": found.q_within, "degrees_of_freedom": found.within_degrees_of_freedom},
        "between_designs": {
            "q": found.q_between,
            "degrees_of_freedom": found.between_degrees_of_freedom,
            "p_value": found.between_p_value,
        },
        "between_designs_random": None if found.random_tau_squared is None else random,
    }
