"""What non-compartmental analysis says of exposure, with the names that CDISC and Phoenix WinNonlin have for it.

Codes in capitals are CDISC's, as the R package NonCompart lists them beside Phoenix's names (``RptCfg.csv``).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from types import MappingProxyType

import numpy as np

from trialeukin.core.arrays import Booleans, Floats
from trialeukin.core.errors import InputError
from trialeukin.engine.terminal_slope import TerminalSlope


class Reason(Enum):
    """Why a number is not defined."""

    DEFINED = "it is defined"
    NOTHING_QUANTIFIED = "no concentration was quantifiable"
    NO_DOSE = "the dose is not given"
    NO_INTERVAL = "no dosing interval is given: a single dose"
    NOT_A_BOLUS = "the dose was not an intravenous bolus"
    NOT_INTO_A_VEIN = "the dose was not given into a vein"
    FEW_POINTS = "fewer than three quantifiable concentrations after the peak"
    NO_FALL = "no line through the last points falls"
    NOTHING_WITHIN = "nothing was measured within the dosing interval"
    ZERO_TROUGH = "the lowest concentration of the interval is zero"
    ZERO_AREA = "the area under the curve is zero"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Extrapolated:
    """What needs the course after the last concentration, thought to fall at the terminal rate from there.

    The extrapolation starts at the concentration observed last (names in ``_obs``, O), or at the one that
    the terminal line has there (``_pred``, P). Clearance and volumes are divided by the bioavailability F
    (which is not known) unless the dose was given into a vein.

    Attributes
    ----------
    area : (n,), concentration * time
        Under the curve to infinity; AUCINF_obs, AUCIFO (AUCINF_pred, AUCIFP).
    extrapolated_percent : (n,), %
        How much of it lies after the last concentration; AUC_%Extrap_obs, AUCPEO (AUCPEP).
    back_extrapolated_percent : (n,), %
        How much of it lies before the first measured one, after a bolus; AUC_%Back_Ext_obs, AUCPBEO (AUCPBEP).
    moment : (n,), concentration * time2
        Under the first moment to infinity; AUMCINF_obs, AUMCIFO (AUMCIFP).
    residence_time : (n,), time
        Mean residence time, less half an infusion's duration; with the time of absorption if not given into
        a vein; MRTINF_obs, MRTEVIFO or MRTIVIFO (MRTEVIFP, MRTIVIFP).
    clearance : (n,), dose / (concentration * time)
        CL or CL/F; Cl_obs or Cl_F_obs, CLO or CLFO (CLP, CLFP). At steady state from the area of the interval.
    terminal_volume : (n,), dose / concentration
        Vz or Vz/F; Vz_obs or Vz_F_obs, VZO or VZFO (VZP, VZFP).
    steady_volume : (n,), dose / concentration
        Vss, of doses into a vein; Vss_obs, VSSO (VSSP).
    """

    area: Floats
    extrapolated_percent: Floats
    back_extrapolated_percent: Floats
    moment: Floats
    residence_time: Floats
    clearance: Floats
    terminal_volume: Floats
    steady_volume: Floats


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ExposureSummary:
    """Of n profiles; a number that is not defined is NaN, and `why` says for what reason.

    Attributes
    ----------
    peak, peak_time : (n,), concentration and time
        The highest measured one (within the dosing interval if there is one), and when it was first so;
        Cmax and Tmax, CMAX and TMAX.
    initial : (n,), concentration
        At the dose, measured or filled in; C0, of a bolus.
    last, last_time : (n,), concentration and time
        The last quantifiable one; Clast and Tlast, CLST and TLST.
    area_to_last : (n,), concentration * time
        From the dose to the last quantifiable concentration; AUClast, AUCLST.
    moment_to_last : (n,), concentration * time2
        AUMClast, AUMCLST.
    residence_to_last : (n,), time
        MRTlast, MRTEVLST or MRTIVLST.
    terminal : TerminalSlope
        Lambda_z and what belongs to it.
    observed, predicted : Extrapolated
        To infinity, from the last concentration as observed and as predicted by the terminal line.
    trough, trough_time : (n,), concentration and time
        The lowest measured one within the dosing interval, and when it was first so; Cmin and Tmin.
    at_interval_end : (n,), concentration
        One dosing interval after the dose: measured, interpolated by the area's rule, or predicted by the
        terminal line; Ctau. (Some call it Ctrough.)
    area_of_interval : (n,), concentration * time
        AUC_TAU, AUCTAU.
    moment_of_interval : (n,), concentration * time2
        AUMC_TAU.
    average : (n,), concentration
        AUC_TAU / tau; Cavg, CAVG.
    fluctuation_percent : (n,), %
        100 (Cmax - Cmin) / Cavg; Fluctuation%, FLUCP.
    swing_percent : (n,), %
        100 (Cmax - Cmin) / Cmin, as PKNCA has it (``pk.calc.swing``).
    accumulation : (n,), 1
        1 / (1 - exp(-lambda_z tau)); accumulation index.
    """

    peak: Floats
    peak_time: Floats
    initial: Floats
    last: Floats
    last_time: Floats
    area_to_last: Floats
    moment_to_last: Floats
    residence_to_last: Floats
    terminal: TerminalSlope
    observed: Extrapolated
    predicted: Extrapolated
    trough: Floats
    trough_time: Floats
    at_interval_end: Floats
    area_of_interval: Floats
    moment_of_interval: Floats
    average: Floats
    fluctuation_percent: Floats
    swing_percent: Floats
    accumulation: Floats
    lacking: Mapping[Reason, Booleans] = field(default_factory=lambda: MappingProxyType({}), repr=False)

    def number(self, name: str) -> Floats:
        """Return one number of all profiles, (n,), by its name, such as ``"peak"`` or ``"observed.clearance"``.

        Raises
        ------
        InputError
            When there is no such number.
        """
        if name not in NEEDS:
            raise InputError(f"exposure has no number {name!r}; it has {', '.join(sorted(NEEDS))}")
        value: object = self
        for part in name.split("."):
            value = getattr(value, part)
        return np.asarray(value, dtype=np.float64)

    def why(self, name: str) -> tuple[Reason, ...]:
        """Return for each profile why a number is not defined, or that it is."""
        reasons = [Reason.DEFINED] * self.peak.size
        for profile in np.flatnonzero(np.isnan(self.number(name))):
            reasons[profile] = next(each for each in NEEDS[name] if self.lacking[each][profile])
        return tuple(reasons)


_LINE = ("rate", "half_life", "first", "last", "fit", "adjusted_fit", "predicted")
_MEASURED = (Reason.NOTHING_QUANTIFIED,)
_SLOPE = (*_MEASURED, Reason.FEW_POINTS, Reason.NO_FALL)
_START = (*_MEASURED, Reason.NOTHING_WITHIN)  # at steady state an area starts at the lowest of the interval
_WHOLE = (*_START, *_SLOPE)
_INTERVAL = (Reason.NO_INTERVAL, *_WHOLE)
_WITHIN = (Reason.NO_INTERVAL, *_START)
_BEYOND = {
    "area": _WHOLE,
    "extrapolated_percent": _WHOLE,
    "back_extrapolated_percent": (Reason.NOT_A_BOLUS, *_WHOLE),
    "moment": _WHOLE,
    "residence_time": (*_WHOLE, Reason.ZERO_AREA),
    "clearance": (Reason.NO_DOSE, *_WHOLE),
    "terminal_volume": (Reason.NO_DOSE, *_WHOLE),
    "steady_volume": (Reason.NOT_INTO_A_VEIN, Reason.NO_DOSE, *_WHOLE, Reason.ZERO_AREA),
}
NEEDS: Mapping[str, tuple[Reason, ...]] = MappingProxyType(
    dict.fromkeys(("last", "last_time"), _MEASURED)
    | dict.fromkeys(("peak", "peak_time", "initial", "area_to_last", "moment_to_last"), _START)
    | {"residence_to_last": (*_START, Reason.ZERO_AREA)}
    | {f"terminal.{name}": _SLOPE for name in _LINE}
    | {f"{start}.{name}": needs for start in ("observed", "predicted") for name, needs in _BEYOND.items()}
    | dict.fromkeys(("trough", "trough_time"), _WITHIN)
    | dict.fromkeys(("accumulation", "at_interval_end", "area_of_interval", "moment_of_interval", "average"), _INTERVAL)
    | {"fluctuation_percent": (*_WITHIN, *_SLOPE, Reason.ZERO_AREA)}
    | {"swing_percent": (*_WITHIN, Reason.ZERO_TROUGH)}
)
"""The names of the numbers, and what each may lack, most telling first."""
