r"""Exposure without a model: non-compartmental analysis (NCA) of many profiles at once.

To infinity, from the last concentration :math:`C` at :math:`t` (observed or predicted) and the terminal rate:

.. math:: AUC_\infty = AUC_{last} + \frac{C}{\lambda_z}, \qquad
   AUMC_\infty = AUMC_{last} + \frac{t C}{\lambda_z} + \frac{C}{\lambda_z^2}

.. math:: MRT = \frac{AUMC}{AUC} - \frac{T_{inf}}{2}, \quad CL = \frac{D}{AUC_\infty}, \quad
   V_z = \frac{CL}{\lambda_z}, \quad V_{ss} = MRT \cdot CL

and at steady state, with the area over one dosing interval :math:`\tau`:

.. math:: CL = \frac{D}{AUC_\tau}, \qquad
   MRT = \frac{AUMC_\tau + \tau (AUC_\infty - AUC_\tau)}{AUC_\tau} - \frac{T_{inf}}{2}

Phoenix WinNonlin 8.2 to 8.7 online help, NCA ("NCA computation rules", "Lambda Z or Slope Estimation
settings", "Partial area calculation", "Discrete (plasma) parameters that are estimated when at
steady-state"); PKNCA 0.12, ``pk.calc.simple.R``; MetidaNCA, "Parameters". Numbers agree with those of
Phoenix WinNonlin for two public data sets (tests). Beyond the last concentration the area of a dosing
interval follows the logarithmic rule, since the course there is taken to be exponential.
"""

import numpy as np

from trialeukin.core.arrays import Booleans, Floats, Integers
from trialeukin.core.members import check_member
from trialeukin.engine.concentration_profiles import INTO_A_VEIN, BelowLimit, GivenDose, Profiles, profiles_of
from trialeukin.engine.exposure_summary import ExposureSummary, Extrapolated, Reason
from trialeukin.engine.terminal_slope import FEWEST, TerminalSlope, terminal_slope
from trialeukin.engine.trapezoids import AreaRule, areas, between
from trialeukin.regimen.administration import Route


def noncompartmental(
    times: Floats,
    concentrations: Floats,
    dose: GivenDose,
    *,
    rule: AreaRule = AreaRule.LINEAR_UP_LOG_DOWN,
    limit: float = 0.0,
    below: BelowLimit = BelowLimit.ZERO_AT_THE_ENDS,
) -> ExposureSummary:
    """Return what non-compartmental analysis says of profiles.

    Parameters
    ----------
    times : (k,) or (n, k), any unit
        Since the dose, zero or more and strictly increasing.
    concentrations : (n, k), any unit
        One row a profile; NaN where missing.
    dose : GivenDose
        What they follow, in any unit.
    rule : AreaRule
        How the concentration runs between two times.
    limit : float, unit of the concentrations
        The limit of quantification; zero is none.
    below : BelowLimit
        What becomes of concentrations below it.

    Returns
    -------
    ExposureSummary
        In the units given, and products and quotients of them.

    Raises
    ------
    InputError
        When shapes, order or numbers make no sense.
    """
    check_member(rule, AreaRule, "rule")
    given = profiles_of(times, concentrations, dose, limit=limit, below=below)
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        return _summary(given, dose, rule)


def _summary(given: Profiles, dose: GivenDose, rule: AreaRule) -> ExposureSummary:
    t, c = given.times, given.concentrations
    inside = given.measured if dose.interval is None else given.measured & (t <= dose.interval)
    quantified = given.measured & (c > 0.0)
    none = np.logical_not(quantified.any(axis=1))
    top = np.argmax(np.where(inside, c, -np.inf), axis=1)
    end = t.shape[1] - 1 - np.argmax(quantified[:, ::-1], axis=1)
    slope = terminal_slope(t, c, _after_peak(given, top, dose))

    area, moment = areas(t, c, rule)
    before_last = np.arange(area.shape[1]) < end[:, None]
    area_to_last, moment_to_last = (_sum(each, before_last, none) for each in (area, moment))
    last, last_time = (np.where(none, np.nan, _at(each, end)) for each in (c, t))
    at_end, area_tau, moment_tau = _interval(given, dose, rule, slope)

    def beyond(start: Floats) -> Extrapolated:
        whole = area_to_last + start / slope.rate
        moment_whole = moment_to_last + last_time * start / slope.rate + start / slope.rate**2
        residence = moment_whole / whole
        if dose.interval is not None:
            residence = (moment_tau + dose.interval * (whole - area_tau)) / area_tau
        residence = residence - dose.duration / 2.0
        amount = np.nan if dose.amount is None else dose.amount
        clearance = amount / (whole if dose.interval is None else area_tau)
        in_vein, bolus = dose.route in INTO_A_VEIN, dose.route is Route.IV_BOLUS
        unmeasured = np.where(given.measured[:, 0], 0.0, area[:, 0])
        return Extrapolated(
            area=whole,
            extrapolated_percent=100.0 * (whole - area_to_last) / whole,
            back_extrapolated_percent=100.0 * unmeasured / whole if bolus else np.full_like(whole, np.nan),
            moment=moment_whole,
            residence_time=residence,
            clearance=clearance,
            terminal_volume=clearance / slope.rate,
            steady_volume=residence * clearance if in_vein else np.full_like(whole, np.nan),
        )

    low = np.argmin(np.where(inside, c, np.inf), axis=1)
    no_peak: Booleans = none | ~inside.any(axis=1)
    no_trough = no_peak | (dose.interval is None)
    peak, trough = np.where(no_peak, np.nan, _at(c, top)), np.where(no_trough, np.nan, _at(c, low))
    tau = np.nan if dose.interval is None else dose.interval
    return ExposureSummary(
        peak=peak,
        peak_time=np.where(no_peak, np.nan, _at(t, top)),
        initial=np.where(none, np.nan, c[:, 0]),
        last=last,
        last_time=last_time,
        area_to_last=area_to_last,
        moment_to_last=moment_to_last,
        residence_to_last=moment_to_last / area_to_last - dose.duration / 2.0,
        terminal=slope,
        observed=beyond(last),
        predicted=beyond(slope.predicted),
        trough=trough,
        trough_time=np.where(no_trough, np.nan, _at(t, low)),
        at_interval_end=at_end,
        area_of_interval=area_tau,
        moment_of_interval=moment_tau,
        average=area_tau / tau,
        fluctuation_percent=100.0 * (peak - trough) / (area_tau / tau),
        swing_percent=np.where(trough > 0.0, 100.0 * (peak - trough) / trough, np.nan),
        accumulation=-1.0 / np.expm1(-slope.rate * tau),
        lacking=_lacking(none, slope, dose)
        | {
            Reason.NOTHING_WITHIN: no_peak & ~none,
            Reason.ZERO_TROUGH: trough == 0.0,
            Reason.ZERO_AREA: (area_to_last == 0.0) | (area_tau == 0.0),
        },
    )


def _after_peak(given: Profiles, top: Integers, dose: GivenDose) -> Booleans:
    """Return which points a terminal line may go through.

    None before the peak or the end of an infusion, and the peak itself only after a bolus (Phoenix).
    """
    place = np.arange(given.times.shape[1])
    late = place >= top[:, None] if dose.route is Route.IV_BOLUS else place > top[:, None]
    return np.asarray(given.measured & (given.concentrations > 0.0) & late & (given.times >= dose.duration))


def _interval(given: Profiles, dose: GivenDose, rule: AreaRule, slope: TerminalSlope) -> tuple[Floats, Floats, Floats]:
    """Return the concentration at the end of the dosing interval, and area and moment up to it, (n,) each."""
    t, c = given.times, given.concentrations
    if dose.interval is None:
        nothing = np.full(t.shape[0], np.nan)
        return nothing, nothing, nothing
    tau, rows = dose.interval, np.arange(t.shape[0])
    begun = np.maximum((t <= tau).sum(axis=1) - 1, 0)  # the last point up to tau
    after = np.minimum(begun + 1, t.shape[1] - 1)
    ends_t, ends_c = (np.stack((each[rows, begun], each[rows, after]), axis=1) for each in (t, c))
    goes_on = ~np.isnan(ends_c[:, 1]) & (after > begun)
    beyond = slope.predicted * np.exp(-slope.rate * (tau - slope.last))
    at_end = np.where(goes_on, between(tau, ends_t, ends_c, rule), beyond)
    at_end = np.where(ends_t[:, 0] == tau, ends_c[:, 0], at_end)

    cut_t = np.stack((ends_t[:, 0], np.full(t.shape[0], tau)), axis=1)
    cut_c = np.stack((ends_c[:, 0], at_end), axis=1)
    inner, outer = areas(cut_t, cut_c, rule), areas(cut_t, cut_c, AreaRule.LOG)
    parts = [np.where(goes_on, near[:, 0], far[:, 0]) for near, far in zip(inner, outer, strict=True)]
    full = np.arange(t.shape[1] - 1) < begun[:, None]
    none = np.logical_not((given.measured & (c > 0.0)).any(axis=1))
    area, moment = (_sum(each, full, none) + part for each, part in zip(areas(t, c, rule), parts, strict=True))
    return np.where(none, np.nan, at_end), area, moment


def _lacking(none: Booleans, slope: TerminalSlope, dose: GivenDose) -> dict[Reason, Booleans]:
    def everywhere(true: bool) -> Booleans:
        return np.full(none.size, true)

    return {
        Reason.NOTHING_QUANTIFIED: none,
        Reason.NO_DOSE: everywhere(dose.amount is None),
        Reason.NO_INTERVAL: everywhere(dose.interval is None),
        Reason.NOT_A_BOLUS: everywhere(dose.route is not Route.IV_BOLUS),
        Reason.NOT_INTO_A_VEIN: everywhere(dose.route not in INTO_A_VEIN),
        Reason.FEW_POINTS: slope.candidates < FEWEST,
        Reason.NO_FALL: (slope.candidates >= FEWEST) & (slope.points == 0),
    }


def _sum(parts: Floats, where: Booleans, none: Booleans) -> Floats:
    total = np.where(where, parts, 0.0).sum(axis=1)
    return np.where(none, np.nan, total)


def _at(values: Floats, place: Integers) -> Floats:
    return np.asarray(values[np.arange(place.size), place], dtype=np.float64)
