r"""Whether the designs of a network contradict each other.

.. math::

    Q_{total} = \underbrace{\sum_d Q_d}_{\text{within designs}} + Q_{\text{between designs}}

with Q at tau2 = 0. Within, each design (set of arms) has effects of its own; between designs is inconsistency, which
cannot be told where no loop of independent designs closes. Krahn, Binder and König, BMC Med Res Methodol 2013;13:35;
with tau2 of the model in which designs have their own effects: Jackson and others, Stat Med 2014;33:3639.
"""

from dataclasses import dataclass

from scipy.special import chdtrc

from trialeukin.evidence.mixed_model import MixedModel
from trialeukin.evidence.network import Network
from trialeukin.evidence.network_effects import NetworkMethod, between_contrasts


@dataclass(frozen=True, slots=True, kw_only=True)
class Inconsistency:
    """Whether designs contradict each other; ``testable`` is false where no loop of independent designs closes.

    Attributes
    ----------
    q_within, within_spare, q_between, between_spare : float, int, float, int
        The decomposition of Q at tau2 = 0.
    between_p : float or None
        Of Q between designs; None where not testable.
    by_design : tuple of (design, Q, degrees of freedom)
        Within designs of more than one study.
    random_between, random_q, random_p : float or None
        tau2 when every design has effects of its own, and the test of these at that tau2.
    """

    testable: bool
    q_within: float
    within_spare: int
    q_between: float
    between_spare: int
    between_p: float | None
    by_design: tuple[tuple[str, float, int], ...]
    random_between: float | None
    random_q: float | None
    random_p: float | None

    @property
    def verdict(self) -> str:
        """What can be said, in words."""
        if not self.testable or self.between_p is None:
            return "not testable: no loop of independent designs closes"
        return f"Q between designs {self.q_between:.2f} on {self.between_spare} df, p {self.between_p:.4f}"


def inconsistency(network: Network, method: NetworkMethod = NetworkMethod.RESTRICTED_LIKELIHOOD) -> Inconsistency:
    """Return the decomposition of Q and the tests of inconsistency between designs."""
    consistent, apart = network.consistent(network.treatments[0]), network.by_design()
    q_within = apart.fit(0.0).residual if apart.spare else 0.0
    spare = consistent.spare - apart.spare
    q_between = max(0.0, consistent.fit(0.0).residual - q_within) if spare else 0.0
    inside = []
    for design in dict.fromkeys(network.designs):
        part = network.only(design).by_design()
        if part.spare:
            inside.append((design, part.fit(0.0).residual, part.spare))
    random = _random_test(consistent, apart, spare, method) if spare and apart.spare else (None, None, None)
    return Inconsistency(
        testable=spare > 0,
        q_within=q_within,
        within_spare=apart.spare,
        q_between=q_between,
        between_spare=spare,
        between_p=float(chdtrc(spare, q_between)) if spare else None,
        by_design=tuple(inside),
        random_between=random[0],
        random_q=random[1],
        random_p=random[2],
    )


def _random_test(
    consistent: MixedModel, apart: MixedModel, spare: int, method: NetworkMethod
) -> tuple[float, float, float]:
    between = between_contrasts(apart, method)
    q = consistent.fit(between).residual - apart.fit(between).residual
    return between, q, float(chdtrc(spare, q))
