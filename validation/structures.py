"""The four ways to put kill and reactive oxygen together, with everything else as it was fitted."""

from dataclasses import dataclass

from trialeukin.model.component import Component
from trialeukin.model.components.immune_kill import KillLaw, MassActionKill, SaturatingKill
from trialeukin.model.components.reactive_oxygen import OxygenLaw, ReactiveOxygen, ReactiveOxygenByBurden
from trialeukin.model.compose import compose
from trialeukin.model.system import System
from trialeukin.model.whole import MODELS, as_fitted

KILLS: dict[str, type[KillLaw]] = {"saturating": SaturatingKill, "mass action": MassActionKill}
OXYGENS: dict[str, type[OxygenLaw]] = {"of the marrow": ReactiveOxygen, "by burden": ReactiveOxygenByBurden}


@dataclass(frozen=True, slots=True, kw_only=True)
class Structure:
    """Names of a law of kill and of a law of reactive oxygen."""

    kill: str
    oxygen: str

    @property
    def name(self) -> str:
        return f"{self.kill}; oxygen {self.oxygen}"

    def components(self, model: str) -> tuple[Component, ...]:
        """Return a named model's components under these laws."""
        return tuple(self._swapped(each) for each in MODELS[model])

    def system(self, model: str) -> System:
        """Return a named model under these laws, with the fits that it has."""
        return as_fitted(compose(model, self.components(model)))

    def _swapped(self, component: Component) -> Component:
        if isinstance(component, SaturatingKill | MassActionKill):
            return KILLS[self.kill](cells=component.cells)
        if isinstance(component, ReactiveOxygen | ReactiveOxygenByBurden):
            return OXYGENS[self.oxygen]()
        return component


STRUCTURES = tuple(Structure(kill=kill, oxygen=oxygen) for kill in KILLS for oxygen in OXYGENS)
