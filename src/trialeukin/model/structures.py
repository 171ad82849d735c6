"""The ways to put kill and reactive oxygen together that no data tell apart, and the paths that can be closed in them.

A path leads from a marker in blood to the leukaemia. Closing it puts the marker's value at rest into the kill and
leaves everything else: the cells still rise, are still counted, and still bind IL-2.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import Enum

from trialeukin.core.errors import ModelError
from trialeukin.model.component import Component
from trialeukin.model.components.immune_kill import KillLaw, MassActionKill, SaturatingKill
from trialeukin.model.components.reactive_oxygen import OxygenLaw, ReactiveOxygen, ReactiveOxygenByBurden
from trialeukin.model.compose import compose
from trialeukin.model.system import System, symbol
from trialeukin.model.whole import MODELS, as_fitted

KILLS: Mapping[str, type[KillLaw]] = {"saturating": SaturatingKill, "mass action": MassActionKill}
OXYGENS: Mapping[str, type[OxygenLaw]] = {"of the marrow": ReactiveOxygen, "by burden": ReactiveOxygenByBurden}
KILL = frozenset({"marrow_effectors", "marrow_treg"})
"""Definitions through which cells in blood reach the kill."""


class MarkerPath(Enum):
    """A way from cells in blood to the kill of leukaemia; the value names the cells."""

    NK = "NK cells"
    CD8 = "CD8 cells"
    TREG = "regulatory T cells"

    @property
    def marker(self) -> str:
        """The definition that says what the cells do, one at rest."""
        return {
            MarkerPath.NK: "nk_killing",
            MarkerPath.CD8: "cd8_killing",
            MarkerPath.TREG: "treg_suppression",
        }[self]


@dataclass(frozen=True, slots=True, kw_only=True)
class Structure:
    """Names of a law of kill and of a law of reactive oxygen."""

    kill: str
    oxygen: str

    @property
    def name(self) -> str:
        """Both laws in words."""
        return f"{self.kill}; oxygen {self.oxygen}"

    def components(self, model: str) -> tuple[Component, ...]:
        """Return a named model's components under these laws."""
        return tuple(self._swapped(each) for each in MODELS[model])

    def system(self, model: str, closed: frozenset[MarkerPath] = frozenset()) -> System:
        """Return a named model under these laws, with the fits that it has and some paths closed.

        Raises
        ------
        ModelError
            When a path is to be closed that the model does not have.
        """
        system = as_fitted(compose(model, self.components(model)))
        for path in closed:
            system = _closed(system, path)
        return system

    def _swapped(self, component: Component) -> Component:
        if isinstance(component, SaturatingKill | MassActionKill):
            return KILLS[self.kill](cells=component.cells)
        if isinstance(component, ReactiveOxygen | ReactiveOxygenByBurden):
            return OXYGENS[self.oxygen]()
        return component


def _closed(system: System, path: MarkerPath) -> System:
    """Return a composed system whose kill takes the cells of a path to be at rest; its parameters stay as they are."""
    marker = symbol(path.marker)
    if not any(each.name in KILL and each.expression.has(marker) for each in system.definitions):
        raise ModelError(f"model {system.name} has no path from {path.value} to a kill of leukaemia to close")
    return replace(
        system,
        definitions=tuple(
            replace(each, expression=each.expression.subs(marker, 1)) if each.name in KILL else each
            for each in system.definitions
        ),
    )


STRUCTURES = tuple(Structure(kill=kill, oxygen=oxygen) for kill in KILLS for oxygen in OXYGENS)
