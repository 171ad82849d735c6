"""Which model is asked for, and what is shown of it first: for pages and for programs."""

from fastapi import HTTPException

from trialeukin.core.errors import InputError
from trialeukin.engine.quantities import names
from trialeukin.model.named import known, system_of
from trialeukin.model.published.library import PUBLISHED
from trialeukin.model.system import System
from trialeukin.report.theory.known import KnownParameter
from trialeukin.web.search import matches

USUAL_REGIMEN = {
    "il2-products": "library:fanton-2022-multiple",
    "aml-induction": "library:seven-plus-three",
    "donor-lymphocytes": "library:dli-escalating",
    "donor-lymphocytes-by-potency": "library:dli-escalating",
}
IL2_REGIMEN, NO_REGIMEN = "library:calgb-19808", "none"
USUAL_QUANTITIES = ("leukaemia_burden", "nk_count", "neutrophils", "il2_concentration")


def named_system(name: str) -> System:
    """Return a model by the name in an address; there is nothing at any other."""
    try:
        return system_of(known(name, "models"))
    except InputError as fault:
        raise HTTPException(404, str(fault)) from fault


def usual_regimen(name: str) -> str:
    """Return the regimen under which a model is first shown."""
    return NO_REGIMEN if name in PUBLISHED else USUAL_REGIMEN.get(name, IL2_REGIMEN)


def usual_quantity(system: System) -> str:
    """Return the quantity that is first shown of a model."""
    known_names = names(system)
    return next((each for each in USUAL_QUANTITIES if each in known_names), known_names[0])


def finds(each: KnownParameter, query: str) -> bool:
    """Say whether some words are in a parameter's name, meaning, source or what is known of it."""
    parts = (each.name, each.words, each.parameter.meaning, each.cited, each.known, each.parameter.unit)
    return matches(query, " ".join(parts))
