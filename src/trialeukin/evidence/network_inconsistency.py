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
    q_within, within_degrees_of_freedom, q_between, between_degrees_of_freedom : float, int, float, int
        The decomposition of Q at tau2 = 0.
    between_p_value : float or None
        Of Q between designs; None where not testable.
    by_design : tuple of (design, Q, degrees of freedom)
        Within designs of more than one study.
    random_tau_squared, random_q, random_p_value : float or None
        tau2 when every design has effects of its own, and the test of these at that tau2.
    """

    testable: bool
    q_within: float
    within_degrees_of_freedom: int
    q_between: float
    between_degrees_of_freedom: int
    between_p_value: float | None
    by_design: tuple[tuple[str, float, int], ...]
    random_tau_squared: float | None
    random_q: float | None
    random_p_value: float | None

    @property
    def verdict(self) -> str:
        """What can be said, in words."""
        if not self.testable or self.between_p_value is None:
            return "not testable: no loop of independent designs closes"
        plain = (
            f"Q between designs {self.q_between:.2f} on {self.between_degrees_of_freedom} df, "
            f"p {self.between_p_value:.4f}"
        )
        if self.random_tau_squared is None:
            return plain
        return (
            f"{plain}; with tau² {self.random_tau_squared:.3f}, that of designs with effects of their own, "
            f"{self.random_q:.2f}, p {self.random_p_value:.4f}"
        )


def inconsistency(network: Network, method: NetworkMethod = NetworkMethod.RESTRICTED_LIKELIHOOD) -> Inconsistency:
    """Return the decomposition of Q and the tests of inconsistency between designs."""
    consistent, apart = network.consistent(network.treatments[0]), network.by_design()
    q_within = apart.fit(0.0).residual if apart.degrees_of_freedom else 0.0
    degrees_of_freedom = consistent.degrees_of_freedom - apart.degrees_of_freedom
    q_between = max(0.0, consistent.fit(0.0).residual - q_within) if degrees_of_freedom else 0.0
    inside = []
    for design in dict.fromkeys(network.designs):
        part = network.only(design).by_design()
        if part.degrees_of_freedom:
            inside.append((design, part.fit(0.0).residual, part.degrees_of_freedom))
    random = (
        _random_test(consistent, apart, degrees_of_freedom, method)
        if degrees_of_freedom and apart.degrees_of_freedom
        else (None, None, None)
    )
    return Inconsistency(
        testable=degrees_of_freedom > 0,
        q_within=q_within,
        within_degrees_of_freedom=apart.degrees_of_freedom,
        q_between=q_between,
        between_degrees_of_freedom=degrees_of_freedom,
        between_p_value=float(chdtrc(degrees_of_freedom, q_between)) if degrees_of_freedom else None,
        by_design=tuple(inside),
        random_tau_squared=random[0],
        random_q=random[1],
        random_p_value=random[2],
    )


def _random_test(
    consistent: MixedModel, apart: MixedModel, degrees_of_freedom: int, method: NetworkMethod
) -> tuple[float, float, float]:
    tau_squared = between_contrasts(apart, method)
    q = consistent.fit(tau_squared).residual - apart.fit(tau_squared).residual
    return tau_squared, q, float(chdtrc(degrees_of_freedom, q))
