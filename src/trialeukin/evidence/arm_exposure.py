r"""What an arm's regimen does in the typical adult, by the model: IL-2 in plasma, and the cells that answer.

The area under the concentration of IL-2; the time it spends above what half-signals Treg (the fitted
``treg_half_signal``), CD56bright NK cells (``nk_bright_half_signal``, their high-affinity receptor) and the mass of
NK cells (``nk_activation_half_signal``, the intermediate one); and the highest count of Treg and NK cells in blood
over that before; from the first dose to `AFTER` days past the last. Doses are those planned, in an adult of 1.84 m2
and 70 kg with the marrow of a patient after chemotherapy for AML, whatever the ages of the study. What is not known
of the model is drawn, so that every number has an interval of ignorance; the thresholds stay at their values.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import Enum
from functools import cache

import numpy as np

from trialeukin.core.arrays import Floats
from trialeukin.core.errors import ModelError
from trialeukin.engine.dosing import planned_doses
from trialeukin.engine.problem import Exposure, Problem
from trialeukin.engine.solve import solve
from trialeukin.engine.trajectories import Status
from trialeukin.evidence.published_study import PublishedArm
from trialeukin.model.fitted import fitted
from trialeukin.model.system import System
from trialeukin.model.whole import model
from trialeukin.population.cohort import draw_typical, typical_values
from trialeukin.regimen.administration import Administration
from trialeukin.regimen.body import REFERENCE_BSA, REFERENCE_WEIGHT, amounts
from trialeukin.regimen.course import HOURS
from trialeukin.regimen.expand import expand
from trialeukin.regimen.library import regimen_of
from trialeukin.regimen.products import product, to_usual

MODEL = "il2-immune"
CONCENTRATION = "il2_concentration"
THRESHOLDS = ("treg_half_signal", "nk_bright_half_signal", "nk_activation_half_signal")
COUNTS = ("treg_count", "nk_count")
AFTER = 28.0
DRAWS, SEED = 200, 1
NANOMOLES = 1e-3  # nmol in a pmol


class ExposureMeasure(Enum):
    """What exposure is measured by, in the order of `ArmExposure.values`."""

    DOSE = "dose"
    AREA = "area"
    ABOVE_TREG = "above-treg"
    ABOVE_BRIGHT = "above-bright"
    ABOVE_NK = "above-nk"
    TREG_RISE = "treg-rise"
    NK_RISE = "nk-rise"

    @property
    def label(self) -> str:
        """What it is, with its unit, for pages and terminals."""
        return {
            ExposureMeasure.DOSE: "IL-2 planned, MIU/m2",
            ExposureMeasure.AREA: "area under IL-2, nmol/L day",
            ExposureMeasure.ABOVE_TREG: "days above the Treg EC50",
            ExposureMeasure.ABOVE_BRIGHT: "days above the CD56bright EC50",
            ExposureMeasure.ABOVE_NK: "days above the NK EC50",
            ExposureMeasure.TREG_RISE: "highest Treg, times baseline",
            ExposureMeasure.NK_RISE: "highest NK, times baseline",
        }[self]


MEASURES = tuple(ExposureMeasure)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ArmExposure:
    """What a regimen does in the typical adult.

    Attributes
    ----------
    dosing_days, span : int, day
        Days with IL-2, and from the first to the last of them.
    values : (1 + draws, measures), unit of each `ExposureMeasure`
        At the model's values, then at draws of what is not known of them.
    left_out : tuple of str
        Drugs of the regimen that the model of IL-2 does not take.
    """

    dosing_days: int
    span: int
    values: Floats
    left_out: tuple[str, ...]

    def typical(self, measure: ExposureMeasure) -> float:
        """Return a measure at the model's values."""
        return float(self.values[0, MEASURES.index(measure)])

    def interval(self, measure: ExposureMeasure) -> tuple[float, float]:
        """Return the 95 % limits of a measure over what is not known of the model."""
        low, high = np.quantile(self.values[1:, MEASURES.index(measure)], [0.025, 0.975])
        return float(low), float(high)


@cache
def exposure_of_regimen(text: str) -> ArmExposure:
    """Return what a regimen does in the typical adult.

    Parameters
    ----------
    text : str
        A regimen of known doses, or ``library:NAME``.

    Raises
    ------
    InputError
        When a dose is not known, or no IL-2 is given that the model takes.
    """
    system = _system()
    taken = il2_drugs()
    planned = expand(regimen_of(text))
    given = tuple(dose for dose in planned if dose.drug in taken)
    if not given:
        raise ModelError(f"no IL-2 in {text!r}: model {MODEL} takes {', '.join(sorted(taken))}")
    total = _total(given) / REFERENCE_BSA.value
    followed = _followed(system, given, text)
    return ArmExposure(
        dosing_days=len(dosing_days(given)),
        span=max(dosing_days(given)) - min(dosing_days(given)) + 1,
        values=np.column_stack([np.full(len(followed), total), followed]),
        left_out=tuple(dict.fromkeys(dose.drug for dose in planned if dose.drug not in taken)),
    )


def il2_drugs() -> frozenset[str]:
    """Return the names of the products of IL-2 that the model takes."""
    return frozenset(entry.drug for entry in _system().inputs)


def not_computed(arm: PublishedArm) -> str | None:
    """Return why what an arm's regimen does cannot be computed; None where it can."""
    missing = arm.not_known()
    if missing is not None or arm.regimen is None:
        return missing or "no IL-2"
    drugs = dict.fromkeys(dose.drug for dose in expand(regimen_of(arm.regimen)))
    il2 = [drug for drug in drugs if product(drug).is_interleukin_2]
    if not il2:
        return "no IL-2"
    return None if il2_drugs() & set(il2) else f"model {MODEL} does not take {', '.join(il2)}"


def exposure_of(arm: PublishedArm) -> ArmExposure | None:
    """Return what an arm's regimen does; None where it cannot be computed, and `not_computed` says why."""
    return None if arm.regimen is None or not_computed(arm) is not None else exposure_of_regimen(arm.regimen)


@cache
def _system() -> System:
    """Return the model of IL-2 and cells with the marrow of patients after chemotherapy and the reference body."""
    system = model(MODEL)
    body = replace(system.parameters["body_surface_area"], value=REFERENCE_BSA.value)
    changed = {"marrow_gain": fitted("immune", "marrow_gain"), "body_surface_area": body}
    return replace(system, parameters={**system.parameters, **changed})


def _followed(system: System, given: tuple[Administration, ...], text: str) -> Floats:
    """Return area, times above and rises, (1 + draws, measures but the dose)."""
    drawn = draw_typical(system, seed=SEED, draws=np.arange(DRAWS))
    rows = np.vstack([typical_values(system), drawn])
    shape = np.ones(len(rows))
    thresholds = [Exposure(quantity=CONCENTRATION, threshold=system.parameters[name].value) for name in THRESHOLDS]
    found = solve(
        Problem(
            system=system,
            parameters=rows,
            doses=planned_doses(
                system,
                given,
                bsa=shape * REFERENCE_BSA.value,
                weight=shape * REFERENCE_WEIGHT.value,
            ),
            horizon=max(dose.start + dose.duration for dose in given) / HOURS + AFTER,
            save_times=np.zeros(1),
            save=COUNTS,
            examinations=np.zeros(0),
            exposures=(*thresholds, *(Exposure(quantity=name, area=False) for name in COUNTS)),
        )
    )
    if found.failed.any():
        ended = {Status(int(each)).name for each in found.status[found.failed]}
        raise ModelError(f"{text!r} could not be followed to its end: {', '.join(sorted(ended))}")
    rises = found.highest[:, 0, len(THRESHOLDS) :] / found.values[:, 0]
    return np.column_stack([found.area[:, 0, 0] * NANOMOLES, found.above[:, 0, : len(THRESHOLDS)], rises])


def _total(given: tuple[Administration, ...]) -> float:
    """Return the IL-2 planned for the reference patient in MIU."""
    bsa, weight = np.array([REFERENCE_BSA.value]), np.array([REFERENCE_WEIGHT.value])
    return sum(to_usual(float(amounts(dose, bsa, weight)[0]), dose.unit, product(dose.drug)) for dose in given)


def dosing_days(given: Iterable[Administration]) -> set[int]:
    """Return the days on which IL-2 starts or runs."""
    days: set[int] = set()
    for dose in given:
        first = int(dose.start // HOURS)
        last = int(np.ceil((dose.start + dose.duration) / HOURS)) - 1
        days.update(range(first, max(first, last) + 1))
    return days
