r"""Win ratio of ranked outcomes: every treated patient against every control patient.

A pair is decided by the first outcome, in order of importance, that tells the two apart while both were
followed; in a win the treated patient has the event later, or not while the other has. From the wins and losses of
all pairs, with :math:`w_i, l_i` the shares of a patient,

.. math:: WR = \frac{P_w}{P_l}, \qquad
   \operatorname{var} \log WR = \frac{\sigma_1^2}{n_1} + \frac{\sigma_0^2}{n_0}, \quad
   \sigma_g^2 = \operatorname{var}_{i \in g} \left( \frac{w_i}{P_w} - \frac{l_i}{P_l} \right)

(a U-statistic; Bebu and Lachin, Biostatistics 2016;17:178). The test of Finkelstein and Schoenfeld (Stat Med
1999;18:1341) scores every patient against all others and permutes the arms. Pocock et al., Eur Heart J 2012;33:176.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtr

from trialeukin.core.arrays import Booleans, Floats
from trialeukin.core.errors import AnalysisError
from trialeukin.survival.observations import Observations, group_numbers, observations, refuse_other_than_two, two_sided


@dataclass(frozen=True, slots=True, kw_only=True)
class WinRatio:
    """Pairs won by the second group (in sorted order) over those it lost.

    Attributes
    ----------
    wins, losses, ties : int
        Pairs; a tie is a pair that no outcome decides.
    log_error : float, 1
        Standard error of the log of the win ratio.
    decided : tuple of (int, int)
        Wins and losses at each outcome, in order.
    z : float, 1
        Finkelstein and Schoenfeld; positive when the second group wins more.
    """

    wins: int
    losses: int
    ties: int
    log_error: float
    decided: tuple[tuple[int, int], ...]
    z: float

    @property
    def value(self) -> float:
        """The win ratio."""
        return self.wins / self.losses

    @property
    def odds(self) -> float:
        """Win odds: ties count half on either side."""
        return (self.wins + 0.5 * self.ties) / (self.losses + 0.5 * self.ties)

    @property
    def net_benefit(self) -> float:
        """Wins minus losses over all pairs."""
        return (self.wins - self.losses) / (self.wins + self.losses + self.ties)

    @property
    def p_value(self) -> float:
        """Two-sided, of Finkelstein and Schoenfeld's test."""
        return float(2.0 * ndtr(-abs(self.z)))

    def interval(self, *, level: float = 0.95) -> tuple[float, float]:
        """Return lower and upper limits of the win ratio, symmetric in its log."""
        reach = two_sided(level)
        if np.isnan(self.log_error):
            raise AnalysisError("a group has one patient: limits of a win ratio take two or more in each")
        width = float(np.exp(reach * self.log_error))
        return self.value / width, self.value * width


def win_ratio(outcomes: Sequence[tuple[ArrayLike, ArrayLike]], groups: ArrayLike) -> WinRatio:
    """Compare two groups by ranked outcomes; work and memory grow with patients squared.

    Parameters
    ----------
    outcomes : sequence of (times, events), each (n,)
        The most important first (death, then relapse, say); 1 or True where the event was seen.
    groups : (n,)
        A label a patient, of two kinds.
    """
    if not outcomes:
        raise AnalysisError("no outcomes: give at least one (times, events), the most important first")
    checked = [observations(times, events) for times, events in outcomes]
    sizes = {each.times.size for each in checked}
    if len(sizes) > 1:
        raise AnalysisError(f"outcomes of {sorted(sizes)} patients: give one entry a patient in each")
    labels, places = group_numbers(groups, checked[0].times, "groups")
    refuse_other_than_two(labels, "a win ratio compares two; leave the others out")
    scores, decided_by = _scores(checked)
    second = places == 1
    between = scores[np.ix_(second, ~second)]
    wins, losses = int((between > 0).sum()), int((between < 0).sum())
    if wins == 0 or losses == 0:
        raise AnalysisError(
            f"{wins} pairs won and {losses} lost: a ratio takes some of both; report the net benefit, or follow longer"
        )
    rank = decided_by[np.ix_(second, ~second)]
    return WinRatio(
        wins=wins,
        losses=losses,
        ties=between.size - wins - losses,
        log_error=_log_error(between),
        decided=tuple(
            (int(((rank == place) & (between > 0)).sum()), int(((rank == place) & (between < 0)).sum()))
            for place in range(len(checked))
        ),
        z=_finkelstein_schoenfeld(scores.sum(axis=1).astype(np.float64), second),
    )


def _scores(outcomes: list[Observations]) -> tuple[np.ndarray[tuple[int, int], np.dtype[np.int8]], Floats]:
    """1 where the row's patient beats the column's, -1 where it loses, and by which outcome, (n, n) each."""
    size = outcomes[0].times.size
    scores = np.zeros((size, size), dtype=np.int8)
    decided_by = np.full((size, size), -1.0)
    for place, outcome in enumerate(outcomes):
        beats = _beats(outcome)
        here = beats.astype(np.int8) - beats.T.astype(np.int8)
        fresh = (scores == 0) & (here != 0)
        scores[fresh] = here[fresh]
        decided_by[fresh] = place
    return scores, decided_by


def _beats(outcome: Observations) -> Booleans:
    """Whether the column's patient has the event while the row's is known to be free of it, (n, n)."""
    later = outcome.times[:, None] > outcome.times
    censored_then = (outcome.times[:, None] == outcome.times) & ~outcome.events[:, None]
    return np.asarray(outcome.events & (later | censored_then))


def _log_error(between: np.ndarray[tuple[int, int], np.dtype[np.int8]]) -> float:
    won, lost = between > 0, between < 0
    variance = 0.0
    for axis in (1, 0):
        shares = won.mean(axis=axis) / won.mean() - lost.mean(axis=axis) / lost.mean()
        variance += float(shares.var(ddof=1)) / shares.size if shares.size > 1 else np.nan
    return float(np.sqrt(variance))


def _finkelstein_schoenfeld(scores: Floats, second: Booleans) -> float:
    n, treated = scores.size, int(second.sum())
    variance = treated * (n - treated) / (n * (n - 1)) * float(scores @ scores)
    return float(scores[second].sum() / np.sqrt(variance)) if variance > 0.0 else 0.0
