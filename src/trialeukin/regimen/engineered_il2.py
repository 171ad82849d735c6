"""Interleukin-2 drugs after aldesleukin: PEG conjugates, variants without CD25 binding, Treg-selective variants.

Affinities of the Fc fusions are those of one assay (bio-layer interferometry of monomeric fusions), in which even the
wild-type fusions bind CD25 20 to 50 times tighter than aldesleukin does in solution (10 nM): compare them with the
wild-type fusions, not with aldesleukin.
"""

from dataclasses import replace

from trialeukin.core.parameter import Parameter
from trialeukin.core.sources import Source, assumed
from trialeukin.regimen.administration import Route
from trialeukin.regimen.dose_unit import Measure
from trialeukin.regimen.pharmacology import Binding, Pharmacology
from trialeukin.regimen.product import Product

INTRAVENOUS = (Route.IV_BOLUS, Route.IV_INFUSION)

ALPHA = Parameter(
    value=10.0,
    unit="nmol/L",
    between_patients=0.0,
    uncertainty=0.3,
    source=Source("farhat2021", "methods: IL-2 and its alpha chain, 10 nM, after Rickert; spread assumed"),
    meaning="dissociation constant of aldesleukin from CD25 alone",
)
BETA_GAMMA = Parameter(
    value=1.9,
    unit="nmol/L",
    between_patients=0.0,
    uncertainty=0.3,
    source=Source("nagler1990", "Scatchard analysis of NK cells, 1.9 nM; 1 to 2 nM"),
    meaning="dissociation constant of aldesleukin from CD122 with CD132",
)
NATIVE = Pharmacology(
    alpha=ALPHA,
    beta_gamma=BETA_GAMMA,
    half_life=Parameter(
        value=85.0,
        unit="minute",
        between_patients=0.3,
        uncertainty=0.1,
        source=Source("konrad1990", "second half-life after a bolus; the Swiss label says 100 to 123 min"),
        meaning="terminal half-life of aldesleukin in plasma",
    ),
    routes=tuple(Route),
)


def _like_native(source: Source, uncertainty: float, drug: str) -> Parameter:
    return replace(BETA_GAMMA, uncertainty=uncertainty, source=source, meaning=f"{BETA_GAMMA.meaning}; of {drug}")


REZPEGALDESLEUKIN = Product(
    name="rezpegaldesleukin",
    aliases=("rezpeg", "NKTR-358", "LY3471851"),
    measures=(Measure.MASS,),
    usual_unit="ug",
    molar_mass=Parameter(
        value=15300.0,
        unit="g/mol",
        between_patients=0.0,
        uncertainty=0.01,
        source=assumed(
            "doses of a PEG conjugate are taken as the mass of interleukin-2 in it, which has aldesleukin's sequence"
        ),
        meaning="molar mass of the interleukin-2 in rezpegaldesleukin",
    ),
    pharmacology=Pharmacology(
        alpha=None,
        beta_gamma=None,
        half_life=Parameter(
            value=9.8,
            unit="day",
            between_patients=0.3,
            uncertainty=0.17,
            source=Source(
                "fanton2022",
                "abstract: means of the dose groups 7.4 to 12.9 days; their middle on the log scale and its spread "
                "(range over the 3.3 standard deviations that 12 groups span); spread between patients assumed",
            ),
            meaning="half-life of rezpegaldesleukin",
        ),
        routes=(Route.SC,),
    ),
)
BEMPEGALDESLEUKIN = Product(
    name="bempegaldesleukin",
    aliases=("bempeg", "NKTR-214"),
    measures=(Measure.MASS,),
    usual_unit="mg",
    pharmacology=Pharmacology(alpha=None, beta_gamma=None, half_life=None, routes=INTRAVENOUS),
)
NEMVALEUKIN = Product(
    name="nemvaleukin",
    aliases=("nemvaleukin alfa", "ALKS 4230", "ALKS-4230"),
    measures=(Measure.MASS,),
    usual_unit="ug",
    pharmacology=Pharmacology(
        alpha=Binding.ABSENT,
        beta_gamma=_like_native(
            Source(
                "lopes2020",
                "abstract: as potent as rhIL-2 on cells with the intermediate-affinity receptor; taken as equal "
                "affinity, spread assumed",
            ),
            0.5,
            "nemvaleukin",
        ),
        half_life=None,
        routes=(*INTRAVENOUS, Route.SC),
    ),
)
THOR_707 = Product(
    name="THOR-707",
    aliases=("SAR444245", "pegenzileukin"),
    measures=(Measure.MASS,),
    usual_unit="ug",
    pharmacology=Pharmacology(
        alpha=Binding.ABSENT,
        beta_gamma=_like_native(
            Source(
                "thor707_2021", "abstract: near-native affinity for beta/gamma; taken as aldesleukin's, spread assumed"
            ),
            0.7,
            "THOR-707",
        ),
        half_life=None,
        routes=INTRAVENOUS,
    ),
)
EFAVALEUKIN = Product(
    name="efavaleukin",
    aliases=("efavaleukin alfa", "AMG 592", "AMG-592"),
    measures=(Measure.MASS,),
    usual_unit="mg",
    pharmacology=Pharmacology(alpha=None, beta_gamma=None, half_life=None, routes=(Route.SC,)),
)

FUSIONS = {
    # data/WTmutAffData.csv of gcSolver: name, nM from CD25, nM from CD122/CD132
    "wild-type N-terminal": (0.19, 5.296),
    "wild-type C-terminal": (0.54, 3.043),
    "V91K C-terminal": (0.69, 7.5586),
    "R38Q N-terminal": (0.71, 3.9949),
    "F42Q N-terminal": (9.48, 2.815),
    "N88D C-terminal": (1.01, 24.0166),
    "H16N N-terminal": (0.43, 22.35),
    "R38Q H16N": (0.71, 22.35),
}


def _measured(name: str, value: float, receptor: str) -> Parameter:
    composed = "; composed of the two single mutants" if name == "R38Q H16N" else ""
    return Parameter(
        value=value,
        unit="nmol/L",
        between_patients=0.0,
        uncertainty=0.3,
        source=Source("gcsolver", f"data/WTmutAffData.csv, {name}{composed}; error not stated, 0.3 assumed"),
        meaning=f"dissociation constant of the Fc fusion {name} from {receptor}",
    )


def _fusion(name: str) -> Product:
    alpha, beta_gamma = FUSIONS[name]
    return Product(
        name=f"IL2-Fc {name}",
        aliases=(),
        measures=(Measure.MASS,),
        usual_unit="mg",
        pharmacology=Pharmacology(
            alpha=_measured(name, alpha, "CD25"),
            beta_gamma=_measured(name, beta_gamma, "CD122 with CD132"),
            half_life=None,
        ),
    )


ENGINEERED = (
    REZPEGALDESLEUKIN,
    BEMPEGALDESLEUKIN,
    NEMVALEUKIN,
    THOR_707,
    EFAVALEUKIN,
    *(_fusion(name) for name in FUSIONS),
)
