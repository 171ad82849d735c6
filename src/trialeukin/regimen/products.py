"""Drugs a regimen may name: their names, the units they are measured in and what those weigh."""

from collections.abc import Iterable
from dataclasses import replace
from functools import cache

from trialeukin.core.errors import RegimenError, UnitError
from trialeukin.core.parameter import Parameter
from trialeukin.core.sources import Source, assumed
from trialeukin.core.units import convert, same_dimension
from trialeukin.regimen.administration import Route
from trialeukin.regimen.dose_unit import DOSE_UNITS, Measure, ratio
from trialeukin.regimen.engineered_il2 import ENGINEERED, NATIVE
from trialeukin.regimen.product import Product
from trialeukin.regimen.suggest import slip_of_the_pen

INTO_VEINS = (Route.IV_BOLUS, Route.IV_INFUSION, Route.CIV)
MILLIGRAMS_OF_GRAM = 1e3
PICOMOLES_OF_MILLIGRAM = 1e9  # pmol/mg for 1 g/mol: 1e-3 g/mg over 1e-12 mol/pmol

LABEL_ACTIVITY = Parameter(
    value=18.0 / 1.1,
    unit="MIU/mg",
    between_patients=0.0,
    uncertainty=0.01,
    source=Source("proleukin_uspi", "description: 18 MIU = 1.1 mg; its doses per kg give 16.2, the Ceplene label 16.4"),
    meaning="specific activity of aldesleukin",
)
LABEL_MASS = Parameter(
    value=15300.0,
    unit="g/mol",
    between_patients=0.0,
    uncertainty=0.01,
    source=Source("proleukin_uspi", "description: molecular weight about 15,300 Da"),
    meaning="molar mass of aldesleukin",
)
CETUS_UNIT = Parameter(
    value=6.0,
    unit="1",
    between_patients=0.0,
    uncertainty=0.01,
    source=Source("leahy1992", "abstract: 300 ug = 6.4e6 Cetus U = 38e6 IU, that is 5.94; 6 is the factor in use"),
    meaning="international units in one Cetus unit",
)
ALDESLEUKIN = Product(
    name="aldesleukin",
    aliases=("Proleukin", "IL-2", "IL2", "rIL-2", "rIL2", "rhIL-2", "interleukin-2", "interleukin 2", "IL 2"),
    measures=(Measure.ACTIVITY, Measure.CETUS, Measure.MASS),
    usual_unit="MIU",
    specific_activity=LABEL_ACTIVITY,
    molar_mass=LABEL_MASS,
    cetus_unit=CETUS_UNIT,
    pharmacology=NATIVE,
)
TECELEUKIN = Product(
    name="teceleukin",
    aliases=("teceleucin", "teleceukin", "Roche rIL-2", "Roche IL-2"),
    measures=(Measure.ACTIVITY, Measure.ROCHE),
    usual_unit="MIU",
    specific_activity=replace(
        LABEL_ACTIVITY,
        source=assumed("once counted in aldesleukin's IU by a named conversion, a dose weighs what aldesleukin weighs"),
        meaning="specific activity of teceleukin in IU counted as aldesleukin's",
    ),
    molar_mass=replace(
        LABEL_MASS,
        source=assumed("no source at hand gives it for teceleukin; aldesleukin's is taken"),
        meaning="molar mass of teceleukin",
    ),
    asks_conversion=True,
)
RU_49637 = Product(
    name="RU 49637",
    aliases=("RU49637", "RU-49637"),
    measures=(Measure.ACTIVITY,),
    usual_unit="MIU",
    specific_activity=replace(
        LABEL_ACTIVITY,
        uncertainty=0.2,
        source=assumed("no source gives it for RU 49637; its published IU are taken as aldesleukin's, within 20 %"),
        meaning="specific activity of RU 49637",
    ),
    molar_mass=replace(
        LABEL_MASS,
        source=assumed("no source gives it for RU 49637; aldesleukin's is taken"),
        meaning="molar mass of RU 49637",
    ),
)
HISTAMINE = Product(
    name="histamine",
    aliases=("histamine dihydrochloride", "Ceplene", "HDC"),
    measures=(Measure.MASS,),
    usual_unit="mg",
    given=(Route.SC,),
    given_source=Source("ceplene_smpc", "method of administration: subcutaneous"),
)
CYTARABINE = Product(
    name="cytarabine",
    aliases=("ara-C", "araC", "cytosine arabinoside", "Cytosar"),
    measures=(Measure.MASS,),
    usual_unit="mg",
    molar_mass=Parameter(
        value=243.22,
        unit="g/mol",
        between_patients=0.0,
        uncertainty=0.0,
        source=Source("cytarabine_uspi", "description: C9H13N3O5, molecular weight 243.22"),
        meaning="molar mass of cytarabine",
    ),
    given=(*INTO_VEINS, Route.SC),
    given_source=Source("cytarabine_uspi", "dosage and administration: intravenous or subcutaneous (or intrathecal)"),
)
DAUNORUBICIN = Product(
    name="daunorubicin",
    aliases=("daunomycin", "Cerubidine", "DNR"),
    measures=(Measure.MASS,),
    usual_unit="mg",
    molar_mass=Parameter(
        value=527.5,
        unit="g/mol",
        between_patients=0.0,
        uncertainty=0.0,
        source=Source("daunorubicin_uspi", "description: hydrochloride C27H29NO10.HCl of 563.99 less HCl of 36.46"),
        meaning="molar mass of daunorubicin, in which its doses are counted",
    ),
    given=INTO_VEINS,
    given_source=Source("daunorubicin_uspi", "boxed warning: never intramuscular or subcutaneous, as it kills tissue"),
)
DONOR_LYMPHOCYTES = Product(
    name="donor lymphocytes",
    aliases=("DLI", "donor lymphocyte infusion", "donor leukocytes", "donor leucocytes"),
    measures=(Measure.CELLS,),
    usual_unit="CD3",
    given=INTO_VEINS[:2],
    given_source=assumed("cells are infused into a vein, as every regimen of the library gives them"),
)
HAPLOIDENTICAL_NK = Product(
    name="haploidentical NK cells",
    aliases=("haplo-NK", "haploidentical natural killer cells", "donor NK cells"),
    measures=(Measure.NK_CELLS,),
    usual_unit="NK",
    given=INTO_VEINS[:2],
    given_source=assumed("cells are infused into a vein, as published infusions of haploidentical NK cells are"),
)


@cache
def products() -> dict[str, Product]:
    """Return every product by its name."""
    known = (
        ALDESLEUKIN,
        TECELEUKIN,
        RU_49637,
        HISTAMINE,
        CYTARABINE,
        DAUNORUBICIN,
        DONOR_LYMPHOCYTES,
        HAPLOIDENTICAL_NK,
        *ENGINEERED,
    )
    return {product.name: product for product in known}


@cache
def _by_any_name() -> dict[str, Product]:
    return {_folded(name): product for product in products().values() for name in (product.name, *product.aliases)}


def _folded(name: str) -> str:
    return " ".join(name.casefold().split())


def product(name: str) -> Product:
    """Return the product that a name or an alias means, whatever its capitals.

    Raises
    ------
    RegimenError
        When no product has that name.
    """
    found = _by_any_name().get(_folded(name))
    if found is None:
        raise RegimenError(
            f"unknown drug {name!r}: known are {_listed(products())}{slip_of_the_pen(name, _spellings())}"
        )
    return found


def lacking(drug: str) -> tuple[str, ...]:
    """Return what no source at hand says of a drug that a model must know to follow it; nothing of unknown names."""
    found = _by_any_name().get(_folded(drug))
    return () if found is None else found.lacking()


def any_name(text: str) -> bool:
    """Say whether a text is a name or an alias of a product."""
    return _folded(text) in _by_any_name()


def _spellings() -> list[str]:
    return [name for product in products().values() for name in (product.name, *product.aliases)]


def _listed(names: Iterable[str]) -> str:
    return ", ".join(names)


def to_miu(amount: float, unit: str, drug: Product) -> float:
    """Return an amount of an interleukin-2 product in MIU.

    Parameters
    ----------
    amount : float, ``unit``
        What is given, no longer per m2 or kg.
    unit : str
        A unit the product is measured in. Roche units have been counted as IU before (`expand`).
    drug : Product
        Whose units they are.

    Raises
    ------
    UnitError
        When the unit says nothing about the product's activity.
    """
    written = DOSE_UNITS.get(unit)
    measure = written.measure if written is not None and written.measure in drug.measures else None
    if measure is Measure.ACTIVITY:
        return amount * ratio(unit, "MIU")
    if measure is Measure.CETUS and drug.cetus_unit is not None:
        return amount * ratio(unit, "M Cetus U") * drug.cetus_unit.value
    if measure is Measure.MASS and drug.specific_activity is not None:
        return amount * ratio(unit, "mg") * drug.specific_activity.value
    raise UnitError(f"{amount:g} {unit} of {drug.name} cannot be given in MIU: its units are {_listed(drug.units)}")


def to_pmol(amount: float, unit: str, drug: Product) -> float:
    """Return an amount of a product in pmol.

    Equation: pmol = mg * 1e9 / molar mass, with mg = MIU / specific activity; 1 MIU of aldesleukin is 3,994 pmol.

    Raises
    ------
    UnitError
        When the unit does not measure the product, or its molar mass is not known here.
    """
    if drug.molar_mass is None:
        raise UnitError(f"{amount:g} {unit} of {drug.name} cannot be given in pmol: no molar mass of it is at hand")
    weighed = unit in DOSE_UNITS and DOSE_UNITS[unit].measure is Measure.MASS and Measure.MASS in drug.measures
    if weighed:
        milligrams = amount * ratio(unit, "mg")
    elif drug.specific_activity is not None:
        milligrams = to_miu(amount, unit, drug) / drug.specific_activity.value
    else:
        raise UnitError(f"{amount:g} {unit} of {drug.name} cannot be weighed: its units are {_listed(drug.units)}")
    return milligrams * PICOMOLES_OF_MILLIGRAM / drug.molar_mass.value


def to_usual(amount: float, unit: str, drug: Product) -> float:
    """Return an amount in the product's usual unit: MIU for interleukin-2, mg, or cells."""
    if drug.usual_unit == "MIU":
        return to_miu(amount, unit, drug)
    return amount * ratio(unit, drug.usual_unit)


def amount_in(drug: str, amount: float, source: str, target: str) -> float:
    """Return an amount of a drug, in a unit of dose, in a unit of the model."""
    made = product(drug)
    if made.molar_mass is not None:
        return to_pmol(amount, source, made) * convert(1.0, "pmol", target)
    return amount * ratio(source, made.usual_unit) * convert(1.0, made.usual_unit, target)


def concentration_in(drug: str, value: float, source: str, target: str) -> float:
    """Return a concentration of a drug in another unit: of substance, mass or activity, in a volume.

    Equations: g/L = mol/L * molar mass; MIU/L = g/L * 1,000 mg/g * specific activity

    Raises
    ------
    UnitError
        When the target is no concentration, or the drug's molar mass or activity is not known here.
    """
    if same_dimension(source, target):
        return convert(value, source, target)
    made = product(drug)
    if made.molar_mass is not None and same_dimension(source, "mol/L"):
        grams = convert(value, source, "mol/L") * made.molar_mass.value
        if same_dimension(target, "g/L"):
            return convert(grams, "g/L", target)
        if made.specific_activity is not None and same_dimension(target, "IU/L"):
            return convert(grams * MILLIGRAMS_OF_GRAM * made.specific_activity.value, "MIU/L", target)
    raise UnitError(f"{source} of {made.name} cannot be given in {target}: give a unit such as ng/mL or IU/mL")
