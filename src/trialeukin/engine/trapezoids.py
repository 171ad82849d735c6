r"""Areas under concentrations known at some times, and under their first moment, between neighbouring times.

Linear rule, of concentrations :math:`C_1, C_2` at :math:`t_1, t_2 = t_1 + \delta`:

.. math:: AUC = \delta \frac{C_1 + C_2}{2}, \qquad AUMC = \delta \frac{t_1 C_1 + t_2 C_2}{2}

Logarithmic rule, exact where the concentration falls exponentially, with :math:`x = \ln(C_1 / C_2)`:

.. math:: AUC = \delta \frac{C_1 - C_2}{x}, \qquad
   AUMC = \delta \frac{t_1 C_1 - t_2 C_2}{x} + \delta^2 \frac{C_1 - C_2}{x^2}

It falls back to the linear rule where a concentration is not positive or both are the same. Certara, Phoenix
WinNonlin 8.6 online help, NCA, "Partial area calculation"; the equations also in MetidaNCA, "Parameters",
and in PKNCA 0.12, ``auc_integrate.R``. The moment is computed here in a form without their cancellation for small x.
"""

from enum import Enum

import numpy as np

from trialeukin.core.arrays import Booleans, Floats

SMALL = 0.1  # below it a series is the more exact form of the moment's weight
TERMS = 10  # 0.1**10 / (10! * 12) is far below a rounding


class AreaRule(Enum):
    """Which of the two rules each stretch gets.

    Attributes
    ----------
    LINEAR
        The linear rule everywhere (Phoenix: Linear Trapezoidal).
    LINEAR_UP_LOG_DOWN
        The logarithmic rule where the concentration falls, else the linear one (Phoenix: Linear Up Log Down).
    LOG
        The logarithmic rule wherever it is defined.
    """

    LINEAR = "linear"
    LINEAR_UP_LOG_DOWN = "linear up, log down"
    LOG = "log"

    def is_log(self, first: Floats, second: Floats) -> Booleans:
        """Return which stretches, by their first and second concentration, get the logarithmic rule."""
        defined: Booleans = (first > 0.0) & (second > 0.0) & (first != second)
        if self is AreaRule.LINEAR:
            return np.zeros_like(defined)
        return defined if self is AreaRule.LOG else defined & (second < first)


def areas(times: Floats, concentrations: Floats, rule: AreaRule) -> tuple[Floats, Floats]:
    """Return the area of each stretch and its first moment about time zero.

    Parameters
    ----------
    times, concentrations : (n, k), any units
        One row a profile; NaN where there is none.
    rule : AreaRule
        How the concentration is thought to run between two times.

    Returns
    -------
    (n, k - 1) each, concentration times time, and that times time
        NaN where an end of the stretch is.
    """
    start, width = times[:, :-1], np.diff(times, axis=1)
    first, second = concentrations[:, :-1], concentrations[:, 1:]
    log = rule.is_log(first, second)
    fall = _fall(first, second, log)
    area = np.where(log, width * (first - second) / fall, width * (first + second) / 2.0)
    bent = width * (start * (first - second) / fall + width * first * _weight(fall))
    moment = np.where(log, bent, width * (start * first + times[:, 1:] * second) / 2.0)
    return area, moment


def between(when: float, times: Floats, concentrations: Floats, rule: AreaRule) -> Floats:
    """Return the concentration at a time inside stretches, (n,), by the rule that the stretch's area gets.

    Parameters
    ----------
    when : float, unit of the times
        Inside every stretch.
    times, concentrations : (n, 2), any units
        The ends of one stretch a profile.
    rule : AreaRule
        How the concentration is thought to run between them.
    """
    first, second = concentrations[:, 0], concentrations[:, 1]
    with np.errstate(invalid="ignore", divide="ignore"):
        share = (when - times[:, 0]) / (times[:, 1] - times[:, 0])
    log = rule.is_log(first, second)
    return np.where(log, first * np.exp(-share * _fall(first, second, log)), first + share * (second - first))


def _fall(first: Floats, second: Floats, log: Booleans) -> Floats:
    """Return ln(first / second) where the logarithmic rule holds, exact for small differences; else one."""
    excess = np.abs(first - second)
    ratio = np.divide(excess, np.minimum(first, second), out=np.full_like(first, np.e - 1.0), where=log)
    return np.where(log & (first < second), -1.0, 1.0) * np.log1p(ratio)


def _weight(fall: Floats) -> Floats:
    r"""Return :math:`\int_0^1 s e^{-x s} ds = (1 - (1 + x) e^{-x}) / x^2`."""
    small = np.abs(fall) < SMALL
    x = np.where(small, 1.0, fall)
    series, term = np.zeros_like(fall), np.ones_like(fall)
    for power in range(TERMS):
        series += term / (power + 2.0)
        term = term * -np.where(small, fall, 0.0) / (power + 1.0)
    return np.where(small, series, (1.0 - (1.0 + x) * np.exp(-x)) / x**2)
