r"""Effect sizes of two arms counted by event or not: risk ratio, odds ratio, risk difference, Peto's odds ratio.

With a of n1 events in the treated arm, c of n0 in the control arm, b = n1 - a, d = n0 - c, N = n1 + n0:

.. math::

    \log RR &= \log\frac{a/n_1}{c/n_0}, & v &= 1/a - 1/n_1 + 1/c - 1/n_0 \\
    \log OR &= \log\frac{ad}{bc}, & v &= 1/a + 1/b + 1/c + 1/d \\
    RD &= a/n_1 - c/n_0, & v &= ab/n_1^3 + cd/n_0^3 \\
    \log OR_{Peto} &= \frac{a - E}{V}, & E &= \frac{n_1 (a+c)}{N}, \;
        V = \frac{n_1 n_0 (a+c)(b+d)}{N^2 (N-1)}, \; v = 1/V

Cells of zero: half an event is added to all four cells of a study where one is empty, for RR and OR; a study
without events, or without patients free of them, in both arms says nothing of a ratio, and one whose arms have no
spread has no error of a difference: each is refused by name. Mantel and Haenszel need no such addition and take
such studies (`mantel_haenszel`).
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import Enum

import numpy as np

from trialeukin.core.arrays import Booleans, Floats
from trialeukin.core.errors import AnalysisError
from trialeukin.evidence.effects import Effects

HALF_AN_EVENT = 0.5


class RiskMeasure(Enum):
    """What is compared between the arms."""

    RISK_RATIO = "log risk ratio"
    ODDS_RATIO = "log odds ratio"
    RISK_DIFFERENCE = "risk difference"
    PETO = "log odds ratio (Peto)"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TwoByTwo:
    """Counts of k studies of two arms.

    Attributes
    ----------
    labels : tuple of k str
        Names of the studies.
    events_treated, n_treated, events_control, n_control : (k,), patients
        Events and sizes of both arms; events between zero and the size.
    """

    labels: tuple[str, ...]
    events_treated: Floats
    n_treated: Floats
    events_control: Floats
    n_control: Floats

    def __post_init__(self) -> None:
        for place, label in enumerate(self.labels):
            for events, n in (
                (self.events_treated[place], self.n_treated[place]),
                (self.events_control[place], self.n_control[place]),
            ):
                if not (n > 0.0 and 0.0 <= events <= n):
                    raise AnalysisError(f"{label}: {events:g} events of {n:g} patients: give 0 to all of at least one")

    @property
    def cells(self) -> tuple[Floats, Floats, Floats, Floats]:
        """The four cells a, b, c, d: event and none in the treated, event and none in the control arm."""
        a, c = self.events_treated, self.events_control
        return a, self.n_treated - a, c, self.n_control - c

    def chosen(self, which: Booleans) -> "TwoByTwo":
        """Return the studies where a mask is true."""
        return replace(
            self,
            labels=tuple(label for label, wanted in zip(self.labels, which, strict=True) if wanted),
            events_treated=self.events_treated[which],
            n_treated=self.n_treated[which],
            events_control=self.events_control[which],
            n_control=self.n_control[which],
        )


def with_effect(table: TwoByTwo, measure: RiskMeasure) -> Booleans:
    """Return which studies have an effect size of their own, with an error above zero, (k,)."""
    a, b, c, d = table.cells
    if measure is RiskMeasure.RISK_DIFFERENCE:
        return np.asarray((a * b > 0.0) | (c * d > 0.0))
    return np.asarray((a + c > 0.0) & (b + d > 0.0))


def effect_sizes(table: TwoByTwo, measure: RiskMeasure) -> Effects:
    """Return the effect sizes of every study, treated over (or less) control; see the module.

    Raises
    ------
    AnalysisError
        When a study has events, or patients without, in neither arm, and a ratio is asked.
    """
    cells = table.cells
    if measure is not RiskMeasure.RISK_DIFFERENCE:
        _refuse_empty(table)
    if measure in {RiskMeasure.RISK_RATIO, RiskMeasure.ODDS_RATIO}:
        empty = np.any([cell == 0.0 for cell in cells], axis=0)
        cells = tuple(cell + HALF_AN_EVENT * empty for cell in cells)
    formulas: dict[RiskMeasure, Callable[..., tuple[Floats, Floats]]] = {
        RiskMeasure.RISK_RATIO: _risk_ratio,
        RiskMeasure.ODDS_RATIO: _odds_ratio,
        RiskMeasure.RISK_DIFFERENCE: _risk_difference,
        RiskMeasure.PETO: _peto,
    }
    estimates, variances = formulas[measure](*cells)
    return Effects(labels=table.labels, estimates=estimates, variances=variances)


def _refuse_empty(table: TwoByTwo) -> None:
    a, b, c, d = table.cells
    for place, label in enumerate(table.labels):
        if a[place] + c[place] == 0.0 or b[place] + d[place] == 0.0:
            kind = "no event" if a[place] + c[place] == 0.0 else "nobody without the event"
            raise AnalysisError(
                f"{label}: {kind} in either arm: it says nothing of a ratio; leave it out, or pool by Mantel-Haenszel"
            )


def _risk_ratio(a: Floats, b: Floats, c: Floats, d: Floats) -> tuple[Floats, Floats]:
    return np.log(a / (a + b)) - np.log(c / (c + d)), 1.0 / a - 1.0 / (a + b) + 1.0 / c - 1.0 / (c + d)


def _odds_ratio(a: Floats, b: Floats, c: Floats, d: Floats) -> tuple[Floats, Floats]:
    return np.log(a * d / (b * c)), 1.0 / a + 1.0 / b + 1.0 / c + 1.0 / d


def _risk_difference(a: Floats, b: Floats, c: Floats, d: Floats) -> tuple[Floats, Floats]:
    return a / (a + b) - c / (c + d), a * b / (a + b) ** 3 + c * d / (c + d) ** 3


def _peto(a: Floats, b: Floats, c: Floats, d: Floats) -> tuple[Floats, Floats]:
    treated, control, everyone = a + b, c + d, a + b + c + d
    expected = treated * (a + c) / everyone
    variance = treated * control * (a + c) * (b + d) / (everyone**2 * (everyone - 1.0))
    return (a - expected) / variance, 1.0 / variance
