"""The tests that trials of interleukin-2 report, each with its precision and limits."""

from functools import cache

from trialeukin.core.errors import StudyError
from trialeukin.core.parameter import Parameter
from trialeukin.core.sources import Source, assumed
from trialeukin.regimen.products import LABEL_MASS, to_pmol
from trialeukin.regimen.products import product as product_of
from trialeukin.regimen.suggest import did_you_mean
from trialeukin.trial.laboratory.assay import Assay

PICOGRAMS_A_MILLILITRE = LABEL_MASS.value * 1e-3  # of 1 pmol/L: g/mol are pg/pmol, and a litre is 1,000 mL
UNITS_A_MILLILITRE = 1e3 / to_pmol(1.0, "MIU", product_of("aldesleukin"))  # IU/mL of 1 pmol/L: 1e6 IU, 1e-3 L/mL


def _variation(value: float, source: Source) -> Parameter:
    return Parameter(
        value=value,
        unit="1",
        between_patients=0.0,
        uncertainty=0.3,
        source=source,
        meaning="coefficient of variation of one result",
    )


def _limit(value: float, unit: str, source: Source) -> Parameter:
    return Parameter(
        value=value,
        unit=unit,
        between_patients=0.0,
        uncertainty=0.5,
        source=source,
        meaning="lower limit of quantification",
    )


SURVEY = "abstract: mean CV of five repeats of absolute counts, 2.88 % (T cells) to 5.87 % (NK cells), 62 laboratories"
T_CELLS = _variation(0.0288, Source("flow_survey2019", SURVEY))
NK_CELLS = _variation(0.0587, Source("flow_survey2019", SURVEY))
RARE_CELLS = _variation(
    0.10, assumed("rarer than NK cells, and precision goes with concentration (flow cytometry survey 2019); no number")
)
ONE_CELL = _limit(1.0, "cell/uL", assumed("a count is printed in whole cells per microlitre"))
ASSAYS = (
    Assay(name="lymphocytes", quantity="lymphocyte_count", unit="cells/uL", imprecision=T_CELLS, lower_limit=ONE_CELL),
    Assay(name="CD4 cells", quantity="cd4_count", unit="cells/uL", imprecision=T_CELLS, lower_limit=ONE_CELL),
    Assay(name="CD8 cells", quantity="cd8_count", unit="cells/uL", imprecision=T_CELLS, lower_limit=ONE_CELL),
    Assay(name="NK cells", quantity="nk_count", unit="cells/uL", imprecision=NK_CELLS, lower_limit=ONE_CELL),
    Assay(
        name="CD56bright NK cells",
        quantity="nk_bright_count",
        unit="cells/uL",
        imprecision=RARE_CELLS,
        lower_limit=ONE_CELL,
    ),
    Assay(name="Treg", quantity="treg_count", unit="cells/uL", imprecision=RARE_CELLS, lower_limit=ONE_CELL),
    Assay(
        name="eosinophils",
        quantity="eosinophil_count",
        unit="G/L",
        imprecision=_variation(0.10, assumed("a differential of few cells; no source at hand gives it")),
        lower_limit=_limit(0.01, "G/L", assumed("a count is printed to 0.01 G/L")),
    ),
    Assay(
        name="platelets",
        quantity="platelets",
        unit="G/L",
        imprecision=_variation(0.05, assumed("counted by a haematology analyser; no source at hand gives it")),
        lower_limit=_limit(1.0, "G/L", assumed("a count is printed in whole G/L")),
    ),
    Assay(
        name="soluble IL-2 receptor",
        quantity="soluble_receptor",
        unit="pg/mL",
        scale=1e3,
        imprecision=_variation(0.10, assumed("a sandwich immunoassay; no source at hand gives its variation")),
        lower_limit=_limit(50.0, "pg/mL", assumed("well below the lowest healthy serum; no source at hand gives it")),
    ),
    Assay(
        name="IL-2 immunoassay",
        quantity="il2_concentration",
        unit="pg/mL",
        scale=PICOGRAMS_A_MILLILITRE,
        imprecision=_variation(0.10, assumed("a sandwich immunoassay; no source at hand gives its variation")),
        lower_limit=_limit(30.0, "pg/mL", Source("il2_eia", "as little as 30 pg/mL was detected")),
    ),
    Assay(
        name="IL-2 bioassay",
        quantity="il2_concentration",
        unit="IU/mL",
        scale=UNITS_A_MILLILITRE,
        imprecision=_variation(0.30, assumed("growth of a cell line read in two-fold dilutions; no source at hand")),
        lower_limit=_limit(
            30.0 * 100.0 / PICOGRAMS_A_MILLILITRE * UNITS_A_MILLILITRE,
            "IU/mL",
            Source("il2_eia", "the immunoassay is about 100 times more sensitive than a bioassay: 3 ng/mL"),
        ),
        digits=2,
    ),
    Assay(
        name="LAK activity",
        quantity="nk_killing",
        unit="times baseline",
        imprecision=_variation(0.25, assumed("release of label from killed targets; no source at hand gives it")),
        digits=2,
    ),
)
"""Counts are by flow cytometry. The two assays of IL-2 see different things: the one mass, whatever it still does, the
other activity, and only a hundred times more of it; they agree on fresh aldesleukin alone."""


@cache
def assays() -> dict[str, Assay]:
    """Return every assay by its name."""
    return {each.name: each for each in ASSAYS}


def assay(name: str) -> Assay:
    """Return the assay of a name.

    Raises
    ------
    StudyError
        When there is none of that name.
    """
    if name not in assays():
        hint = did_you_mean(name, list(assays()))
        raise StudyError(f"no laboratory test is called {name!r}: there are {', '.join(assays())}{hint}")
    return assays()[name]
