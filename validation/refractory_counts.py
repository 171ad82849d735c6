"""Remission of refractory disease by its full definition: marrow blasts, neutrophils and platelets.

    python validation/refractory_counts.py

follows the patients of `refractory_runs.py` in the same model with the marrow of `aml-induction` in place of its
platelets, and writes ``validation/refractory_counts.json``, which `refractory.py` puts on the page. Neutrophils and
platelets start at the rest state that the blasts at entry leave, platelets are taken by IL-2 as in every other model,
and remission asks for what `trialeukin.model.components.complete_remission` asks for. Nothing is fitted here.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import sympy
from model_digest import cohort_text, digest_of
from refractory_runs import IL2, ROOT, TARGETS, follow, read_targets, remitted

from trialeukin.core.parameter import Parameter
from trialeukin.model.component import Piece
from trialeukin.model.components.active_leukaemia import active_log_cells
from trialeukin.model.components.complete_remission import CompleteRemission
from trialeukin.model.components.marrow import Marrow
from trialeukin.model.components.platelets import Platelets
from trialeukin.model.compose import compose
from trialeukin.model.structures import STRUCTURES, Structure
from trialeukin.model.system import Definition, Event, System, Term, symbol
from trialeukin.model.whole import as_fitted

RESULTS = ROOT / "validation" / "refractory_counts.json"
CHAIN, REMISSION, LOSS = Marrow(), CompleteRemission(), Platelets()
KILL = "kill by chemotherapy"
BLASTS, COUNTS = "by blasts", "with counts"


@dataclass(frozen=True, slots=True, kw_only=True)
class MarrowUnderIl2:
    """Both chains of `trialeukin.model.components.marrow` without chemotherapy, and platelets that IL-2 takes."""

    neutrophil_baseline: Parameter = CHAIN.neutrophil_baseline
    neutrophil_renewal: Parameter = CHAIN.neutrophil_renewal
    neutrophil_maturation: Parameter = CHAIN.neutrophil_maturation
    neutrophil_loss: Parameter = CHAIN.neutrophil_loss
    platelet_normal: Parameter = CHAIN.platelet_normal
    platelet_renewal: Parameter = CHAIN.platelet_renewal
    platelet_maturation: Parameter = CHAIN.platelet_maturation
    platelet_loss_rate: Parameter = CHAIN.platelet_loss_rate
    marrow_feedback: Parameter = CHAIN.marrow_feedback
    blast_displacement: Parameter = CHAIN.blast_displacement
    progenitor_share_of_feedback: Parameter = CHAIN.progenitor_share_of_feedback
    platelet_loss: Parameter = LOSS.platelet_loss
    platelet_loss_half_signal: Parameter = LOSS.platelet_loss_half_signal
    remission_neutrophils: Parameter = REMISSION.remission_neutrophils
    remission_platelets: Parameter = REMISSION.remission_platelets

    def piece(self) -> Piece:
        """Return the chains, from the rest state that the blasts at entry leave."""
        chains, taken = CHAIN.piece(), LOSS.piece()
        entry = symbol("one_cell") * sympy.exp(active_log_cells()) / symbol("marrow_capacity")
        return Piece(
            states=tuple(
                replace(state, initial=state.initial.subs(symbol("leukaemia_at_diagnosis"), entry))
                for state in chains.states
            ),
            terms=(*(term for term in chains.terms if term.name != KILL), *_to_il2(taken.terms)),
            definitions=(
                Definition(
                    name="counts_over_limits",
                    unit="1",
                    expression=sympy.Min(
                        sympy.log(symbol("neutrophils") / symbol("remission_neutrophils")),
                        sympy.log(symbol("platelets") / symbol("remission_platelets")),
                    ),
                    meaning="logarithm of the count nearest to its limit over that limit",
                ),
            ),
        )


def _to_il2(terms: tuple[Term, ...]) -> Iterator[Term]:
    return (term for term in terms if term.name == "loss of platelets to IL-2")


def _stricter(event: Event) -> Event:
    if event.name != "complete_remission":
        return event
    return replace(event, trigger=sympy.Min(event.trigger, symbol("counts_over_limits")))


def with_marrow(structure: Structure, judge: str) -> System:
    """Return `aml-refractory` under a structure's laws and with that marrow, judged in one of the two ways."""
    components = [MarrowUnderIl2() if isinstance(each, Platelets) else each for each in structure.components(IL2)]
    system = compose(IL2, components)
    if judge == COUNTS:
        system = replace(system, events=tuple(_stricter(event) for event in system.events))
    return as_fitted(system)


def digest() -> str:
    """Return a digest of everything that the predictions depend on and that people edit."""
    cohorts = sorted({target.cohort for target in read_targets()})
    systems = [with_marrow(structure, judge) for structure in SHOWN for judge in (BLASTS, COUNTS)]
    return digest_of(systems, [TARGETS.read_text(encoding="utf-8"), *map(cohort_text, cohorts)])


SHOWN = tuple(structure for structure in STRUCTURES if structure.oxygen == "of the marrow")


def main() -> None:
    """Follow every cohort and regimen of a published series and keep the share of remissions of each draw."""
    pairs = dict.fromkeys((target.cohort, target.regimen) for target in read_targets())
    found: dict[str, dict[str, dict[str, list[float]]]] = {}
    for structure in SHOWN:
        found[structure.name] = {f"{cohort}, {regimen}": {} for cohort, regimen in pairs}
        for judge in (BLASTS, COUNTS):
            system = with_marrow(structure, judge)
            for cohort, regimen in pairs:
                shares = remitted(follow(system, cohort, regimen)).mean(axis=1)
                found[structure.name][f"{cohort}, {regimen}"][judge] = [round(float(each), 4) for each in shares]
                print(structure.name, judge, cohort, regimen, round(float(np.mean(shares)), 3), flush=True)
    results = {"digest": digest(), "il2": found}
    RESULTS.write_text(json.dumps(results, separators=(",", ":")) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
