"""Network meta-analysis: the effect of every treatment over a reference, under consistency.

Consistency is what `Network.consistent` says: the effect of i over j is that of i less that of j over the reference.
Higgins and Whitehead, Stat Med 1996;15:2733.
"""

from dataclasses import dataclass
from enum import Enum

import numpy as np
from scipy.special import chdtrc

from trialeukin.core.arrays import Floats
from trialeukin.core.normal import NORMAL_975
from trialeukin.evidence.mixed_model import FULL, RESTRICTED, MixedModel
from trialeukin.evidence.network import Network


class NetworkMethod(Enum):
    """How the variance between studies, one for all contrasts, is estimated."""

    FIXED = "FE"
    MOMENTS = "DL"
    MAXIMUM_LIKELIHOOD = "ML"
    RESTRICTED_LIKELIHOOD = "REML"


@dataclass(frozen=True, slots=True, kw_only=True)
class Versus:
    """An effect over the reference with its standard error and 95 % limits."""

    treatment: str
    value: float
    standard_error: float

    @property
    def limits(self) -> tuple[float, float]:
        """The 95 % limits."""
        return self.value - NORMAL_975 * self.standard_error, self.value + NORMAL_975 * self.standard_error


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class NetworkResult:
    """Effects of every treatment over a reference, from k studies.

    Attributes
    ----------
    reference : str
        Against what.
    k : int
        Studies.
    method : NetworkMethod
        How the variance between studies was found.
    effects : tuple of Versus
        In the order of the alphabet.
    covariance : (t - 1, t - 1)
        Of these.
    tau_squared : float
        tau2.
    q, degrees_of_freedom, q_p_value : float, int, float
        Total Q at tau2 = 0, its degrees of freedom and p value.
    log_likelihood : float or None
        Of (RE)ML.
    """

    reference: str
    k: int
    method: NetworkMethod
    effects: tuple[Versus, ...]
    covariance: Floats
    tau_squared: float
    q: float
    degrees_of_freedom: int
    q_p_value: float
    log_likelihood: float | None

    def comparison(self, treatment: str, against: str) -> Versus:
        """Return the effect of any treatment over any other."""
        row = np.zeros(len(self.effects))
        for sign, name in ((1.0, treatment), (-1.0, against)):
            if name != self.reference:
                row[[effect.treatment for effect in self.effects].index(name)] = sign
        values = np.array([effect.value for effect in self.effects])
        standard_error = float(np.sqrt(row @ self.covariance @ row))
        return Versus(treatment=f"{treatment} v {against}", value=float(row @ values), standard_error=standard_error)


def network_meta_analysis(
    network: Network, reference: str, method: NetworkMethod = NetworkMethod.RESTRICTED_LIKELIHOOD
) -> NetworkResult:
    """Return the effect of every treatment over the reference, assuming consistency."""
    model = network.consistent(reference)
    tau_squared = between_contrasts(model, method)
    fit = model.fit(tau_squared)
    q = model.fit(0.0).residual
    others = [name for name in network.treatments if name != reference]
    likely = method in {NetworkMethod.MAXIMUM_LIKELIHOOD, NetworkMethod.RESTRICTED_LIKELIHOOD}
    restricted = method is NetworkMethod.RESTRICTED_LIKELIHOOD
    return NetworkResult(
        reference=reference,
        k=len(set(network.studies)),
        method=method,
        effects=tuple(
            Versus(treatment=name, value=float(value), standard_error=float(np.sqrt(variance)))
            for name, value, variance in zip(others, fit.coefficients, np.diag(fit.covariance), strict=True)
        ),
        covariance=fit.covariance,
        tau_squared=tau_squared,
        q=q,
        degrees_of_freedom=model.degrees_of_freedom,
        q_p_value=float(chdtrc(model.degrees_of_freedom, q)) if model.degrees_of_freedom else 1.0,
        log_likelihood=model.log_likelihood(tau_squared, restricted=restricted) if likely else None,
    )


def between_contrasts(model: MixedModel, method: NetworkMethod) -> float:
    """Return tau2 of the contrasts of a network by a method; zero for fixed effects."""
    match method:
        case NetworkMethod.FIXED:
            return 0.0
        case NetworkMethod.MOMENTS:
            return model.by_moments()
        case NetworkMethod.MAXIMUM_LIKELIHOOD:
            return model.most_likely(restricted=FULL)
        case NetworkMethod.RESTRICTED_LIKELIHOOD:
            return model.most_likely(restricted=RESTRICTED)
