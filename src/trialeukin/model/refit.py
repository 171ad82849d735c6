"""One component with the values of another fit."""

from dataclasses import replace
from typing import TypeVar

from trialeukin.model.component import Component, parameters_of
from trialeukin.model.fitted import fitted, names_in

Kind = TypeVar("Kind", bound=Component)


def refitted(component: Kind, table: str) -> Kind:
    """Return a component whose parameters are those of a fit, where the fit has them.

    Parameters
    ----------
    component : Component
        Any.
    table : str
        Name of the fit, as for `trialeukin.model.fitted.fitted`.
    """
    shared = names_in(table) & frozenset(parameters_of(component))
    return replace(component, **{name: fitted(table, name) for name in sorted(shared)})
