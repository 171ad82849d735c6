"""Several treatments against one control in the same trials: what is claimed when their tests share one level."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from trialeukin.core.arrays import Booleans, Floats
from trialeukin.survival.many_to_one import Procedure, rejected
from trialeukin.trial.endpoint import Endpoint
from trialeukin.trial.estimate import Estimate
from trialeukin.trial.power import LogRankTests, share_of_trials


@dataclass(frozen=True, slots=True, kw_only=True)
class Claims:
    """How often trials claim something, at the typical parameters and on average over them.

    Attributes
    ----------
    typical : Estimate
        Fraction of the trials at the typical parameters.
    drawn : Estimate or None
        Fraction on average over draws of the parameters; None where none were drawn.
    """

    typical: Estimate
    drawn: Estimate | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """The tests of all treatments against control in the primary endpoint, taken together.

    Attributes
    ----------
    endpoint : Endpoint
        Which is tested.
    procedure : Procedure
        How the tests keep the level.
    benefit : mapping of str to Claims
        By treatment: trials that find it better.
    best : mapping of str to Claims
        By treatment: trials in which its statistic is the best of all, whether or not anything is claimed.
    any_benefit, all_benefit : Claims
        Trials that find at least one treatment better, and all of them.
    any_difference : Claims
        Trials that find a difference of any treatment in either direction; without an effect the familywise error.
    """

    endpoint: Endpoint
    procedure: Procedure
    benefit: Mapping[str, Claims]
    best: Mapping[str, Claims]
    any_benefit: Claims
    all_benefit: Claims
    any_difference: Claims


def family(
    endpoint: Endpoint,
    procedure: Procedure,
    *,
    typical: Mapping[str, LogRankTests],
    drawn: Mapping[str, LogRankTests] | None,
    shares: tuple[float, ...],
) -> Family:
    """Return what trials claim of several treatments.

    Parameters
    ----------
    endpoint : Endpoint
        Which is tested.
    procedure : Procedure
        How the tests keep their level.
    typical, drawn : mapping of str to LogRankTests
        By treatment, in the order of a fixed sequence: of the same trials, at the typical parameters and at drawn ones;
        None where none were drawn.
    shares : tuple of float, 1
        Of each treatment's patients in its comparison with the control.
    """
    alpha = next(iter(typical.values())).alpha

    def differs(z: Floats) -> Booleans:
        return rejected(z, procedure, alpha=alpha, shares=shares)

    def better(z: Floats) -> Booleans:
        return differs(z) & (z < 0.0)

    def claims(decide: Callable[[Floats], Booleans]) -> Claims:
        return Claims(
            typical=share_of_trials(tuple(typical.values()), decide),
            drawn=None if drawn is None else share_of_trials(tuple(drawn.values()), decide),
        )

    def of_each(decide: Callable[[Floats], Booleans]) -> dict[str, Claims]:
        def of(place: int) -> Callable[[Floats], Booleans]:
            return lambda z: np.asarray(decide(z)[..., place])

        return {name: claims(of(place)) for place, name in enumerate(typical)}

    return Family(
        endpoint=endpoint,
        procedure=procedure,
        benefit=of_each(better),
        best=of_each(_best),
        any_benefit=claims(lambda z: np.asarray(better(z).any(axis=-1))),
        all_benefit=claims(lambda z: np.asarray(better(z).all(axis=-1))),
        any_difference=claims(lambda z: np.asarray(differs(z).any(axis=-1))),
    )


def _best(z: Floats) -> Booleans:
    """(..., k) Which statistic is the lowest of a trial; none where none is known."""
    known = np.where(np.isnan(z), np.inf, z)
    return np.asarray((known == known.min(axis=-1, keepdims=True)) & np.isfinite(known))
