r"""Looking ahead from an interim result: conditional and predictive power, and assurance before the start.

Given Z = z at fraction t, the rest of the trial is a Brownian motion of its own, with looks at :math:`t_j - t`,
boundaries :math:`(u_j \sqrt{t_j} - z \sqrt{t}) / \sqrt{t_j - t}` and the same drift. Conditional power takes the
drift as known (Lan, Simon and Halperin, Commun Stat C 1982;1:207); predictive power averages it over what is believed
after the look (Spiegelhalter, Freedman and Blackburn, Control Clin Trials 1986;7:8); assurance averages power over
what is believed before the first patient (O'Hagan, Stevens and Campbell, Pharm Stat 2005;4:187).
"""

import numpy as np

from trialeukin.core.errors import AnalysisError
from trialeukin.survival.design.crossing import Process, proportional, stopping
from trialeukin.survival.design.group_sequential import Boundaries
from trialeukin.survival.design.prior import NormalMixture


def conditional_power(boundaries: Boundaries, *, look: int, z: float, drift: float) -> float:
    """Return the chance of crossing the upper boundary later, given Z at a look.

    Parameters
    ----------
    boundaries : Boundaries
        Of the whole trial.
    look : int
        Counted from one; not the last.
    z : (), 1
        The statistic then; whether it crossed is not looked at.
    drift : (), 1
        Mean of Z at full information; z over the root of the look's fraction is the current trend.
    """
    return conditional_power_under(proportional(boundaries.fractions, drift), boundaries, look=look, z=z)


def conditional_power_under(process: Process, boundaries: Boundaries, *, look: int, z: float) -> float:
    """Return the chance of crossing the upper boundary later, given Z at a look, under any process.

    Where an effect comes late, what the rest of the trial adds is more than the first part showed.
    """
    _fraction(boundaries, look)
    score, mean = process.score(look - 1, z), process.mean_score(look - 1)
    rest, later = process.information[look:] - process.information[look - 1], range(look, process.looks)
    upper, lower = (
        (np.array([process.score(each, float(limits[each])) for each in later]) - score) / np.sqrt(rest)
        for limits in (boundaries.upper, boundaries.lower)
    )
    means = np.array([process.mean_score(each) - mean for each in later]) / np.sqrt(rest)
    return stopping(Process(information=rest, expected_z=means), upper=upper, lower=lower).reject


def current_trend(boundaries: Boundaries, *, look: int, z: float) -> float:
    """Return the drift that a look's result estimates."""
    return float(z / np.sqrt(_fraction(boundaries, look)))


def predictive_power(boundaries: Boundaries, *, look: int, z: float, information: float, prior: NormalMixture) -> float:
    """Return the chance of crossing later, given Z at a look and what was believed of the log hazard ratio.

    Parameters
    ----------
    boundaries, look, z
        See `conditional_power`.
    information : (), 1
        Of the log hazard ratio at the end: events times the shares of both arms.
    prior : NormalMixture
        Belief before the trial; a wide one leaves it to the data.
    """
    root = _root(information)
    here = _fraction(boundaries, look)
    estimate, error = -z / (root * np.sqrt(here)), 1.0 / (root * np.sqrt(here))
    return prior.updated(float(estimate), float(error)).average(
        lambda log_ratio: conditional_power(boundaries, look=look, z=z, drift=-log_ratio * root), scale=1.0 / root
    )


def assurance(boundaries: Boundaries, *, information: float, prior: NormalMixture) -> float:
    """Return the chance of crossing the upper boundary, averaged over a belief of the log hazard ratio."""
    root = _root(information)
    return prior.average(lambda log_ratio: boundaries.stopping(-log_ratio * root).reject, scale=1.0 / root)


def _fraction(boundaries: Boundaries, look: int) -> float:
    if not 1 <= look < boundaries.fractions.size:
        raise AnalysisError(f"look {look} of {boundaries.fractions.size}: give one from 1 that is not the last")
    return float(boundaries.fractions[look - 1])


def _root(information: float) -> float:
    if not 0.0 < information < np.inf:
        raise AnalysisError(f"information {information!r}: give events times the shares of both arms, above zero")
    return float(np.sqrt(information))
