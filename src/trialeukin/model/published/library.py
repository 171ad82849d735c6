"""The published models by name: which paper, and what it describes."""

from dataclasses import dataclass
from functools import cache

from trialeukin.core.errors import ModelError
from trialeukin.core.sources import citation
from trialeukin.model.component import Component
from trialeukin.model.compose import compose
from trialeukin.model.published import (
    clapp_2015,
    de_pillis_2009,
    friberg_2002,
    jost_2019,
    kirschner_panetta_1998,
    moore_li_2004,
    stein_2019,
    stiehl_2015,
)
from trialeukin.model.system import System


@dataclass(frozen=True, slots=True, kw_only=True)
class Publication:
    """A model of others, apart from the project's own.

    Attributes
    ----------
    component : Component
        Its equations and numbers.
    key : str
        The paper's key in ``sources.bib``.
    subject : str
        What it describes.
    """

    component: Component
    key: str
    subject: str

    @property
    def paper(self) -> str:
        """The paper in short."""
        return citation(self.key)


PUBLISHED: dict[str, Publication] = {
    "kirschner-panetta-1998": Publication(
        component=kirschner_panetta_1998.KirschnerPanetta1998(),
        key=kirschner_panetta_1998.PAPER,
        subject="tumour, effector cells and interleukin-2",
    ),
    "friberg-2002": Publication(
        component=friberg_2002.Friberg2002(), key=friberg_2002.PAPER, subject="neutrophils under docetaxel"
    ),
    "moore-li-2004": Publication(
        component=moore_li_2004.MooreLi2004(), key=moore_li_2004.PAPER, subject="CML and T cells"
    ),
    "de-pillis-2009": Publication(
        component=de_pillis_2009.DePillis2009(),
        key=de_pillis_2009.PAPER,
        subject="tumour, NK and T cells, chemotherapy and interleukin-2",
    ),
    "clapp-2015": Publication(
        component=clapp_2015.Clapp2015(), key=clapp_2015.PAPER, subject="CML under imatinib and its immune window"
    ),
    "stiehl-2015": Publication(
        component=stiehl_2015.Stiehl2015(), key=stiehl_2015.PAPER, subject="AML and healthy cells in one marrow"
    ),
    "jost-2019": Publication(
        component=jost_2019.Jost2019(), key=jost_2019.PAPER, subject="white cells and blasts under cytarabine"
    ),
    "stein-2019": Publication(
        component=stein_2019.Stein2019(), key=stein_2019.PAPER, subject="CAR-T cells (tisagenlecleucel) in B-ALL"
    ),
}


@cache
def published_model(name: str) -> System:
    """Return one published model, composed.

    Raises
    ------
    ModelError
        When there is none of that name.
    """
    if name not in PUBLISHED:
        raise ModelError(f"unknown published model {name!r}: there are {', '.join(PUBLISHED)}")
    return compose(name, (PUBLISHED[name].component,))


def published_models() -> dict[str, System]:
    """Return every published model, composed."""
    return {name: published_model(name) for name in PUBLISHED}
