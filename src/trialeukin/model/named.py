"""Every model that a reader may name: the project's own and the published ones."""

from difflib import get_close_matches

from trialeukin.core.errors import InputError
from trialeukin.model.component import Component
from trialeukin.model.published.library import PUBLISHED, published_model
from trialeukin.model.system import System
from trialeukin.model.whole import MODELS, model


def all_names() -> tuple[str, ...]:
    """Return every name, the project's own first."""
    return (*MODELS, *PUBLISHED)


def known(name: str, place: str) -> str:
    """Return a name that was given at some place, such as an option, if a model has it.

    Raises
    ------
    InputError
        When none has; the message names those there are.
    """
    names = all_names()
    if name not in names:
        near = get_close_matches(name, names, n=1)
        hint = f"; did you mean {near[0]!r}?" if near else ""
        raise InputError(f"{place}: unknown model {name!r}: known are {', '.join(names)}{hint}")
    return name


def system_of(name: str) -> System:
    """Return a model by its name."""
    return model(name) if name in MODELS else published_model(name)


def components_of(name: str) -> tuple[Component, ...]:
    """Return what a model is composed of."""
    return MODELS[name] if name in MODELS else (PUBLISHED[name].component,)
