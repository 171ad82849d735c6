r"""Network meta-analysis: many treatments, compared in pairs or more, as one consistent set of effects.

A study of m arms gives its m - 1 contrasts with one of them, whose errors are shared: with arm variances s (from
those of its m (m-1)/2 contrasts, v_ij = s_i + s_j), contrasts with arm b have variance s_b + s_j and covariance s_b.
Between studies they vary by tau2 with correlation one half (Higgins and Whitehead 1996). Consistency: the effect of
i over j is that of i less that of j over a reference, for every study and design (set of arms).

.. math::

    Q_{total} = \underbrace{\sum_d Q_d}_{\text{within designs}} + Q_{\text{between designs}}

with Q at tau2 = 0: within, each design has effects of its own, and between them is inconsistency, which cannot be
told where no loop of independent designs closes. Krahn, Binder and König, BMC Med Res Methodol 2013;13:35; Jackson
and others, Stat Med 2014;33:3639 (random effects for designs); Rücker and Schwarzer, Res Synth Methods 2012.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from itertools import combinations

import numpy as np
from scipy.special import chdtrc, ndtri

from trialeukin.core.arrays import Floats
from trialeukin.core.errors import AnalysisError
from trialeukin.evidence.mixed_model import FULL, RESTRICTED, MixedModel

LIMIT = float(ndtri(0.975))
ROUNDED = 0.02  # how far contrasts of one study may be from adding up, in its smallest standard errors or units


class NetworkMethod(Enum):
    """How the variance between studies, one for all contrasts, is estimated."""

    FIXED = "FE"
    MOMENTS = "DL"
    MAXIMUM_LIKELIHOOD = "ML"
    RESTRICTED_LIKELIHOOD = "REML"


@dataclass(frozen=True, slots=True, kw_only=True)
class Contrast:
    """What one study found between two of its arms: ``effect`` of ``treatment`` over (less) ``against``."""

    study: str
    treatment: str
    against: str
    effect: float
    error: float

    def __post_init__(self) -> None:
        if self.treatment == self.against:
            raise AnalysisError(f"{self.study}: {self.treatment!r} against itself is no contrast")
        if not (self.error > 0.0 and np.isfinite(self.error) and np.isfinite(self.effect)):
            raise AnalysisError(f"{self.study}: effect {self.effect:g}, error {self.error:g}: give an error above zero")


@dataclass(frozen=True, slots=True, kw_only=True)
class Versus:
    """An effect over the reference with its standard error and 95 % limits."""

    treatment: str
    value: float
    error: float

    @property
    def limits(self) -> tuple[float, float]:
        """The 95 % limits."""
        return self.value - LIMIT * self.error, self.value + LIMIT * self.error


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
    between : float
        tau2.
    q, spare, q_p : float, int, float
        Total Q at tau2 = 0, its degrees of freedom and p value.
    log_likelihood : float or None
        Of (RE)ML.
    """

    reference: str
    k: int
    method: NetworkMethod
    effects: tuple[Versus, ...]
    covariance: Floats
    between: float
    q: float
    spare: int
    q_p: float
    log_likelihood: float | None

    def comparison(self, treatment: str, against: str) -> Versus:
        """Return the effect of any treatment over any other."""
        row = np.zeros(len(self.effects))
        for sign, name in ((1.0, treatment), (-1.0, against)):
            if name != self.reference:
                row[[effect.treatment for effect in self.effects].index(name)] = sign
        values = np.array([effect.value for effect in self.effects])
        error = float(np.sqrt(row @ self.covariance @ row))
        return Versus(treatment=f"{treatment} v {against}", value=float(row @ values), error=error)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Network:
    """Independent contrasts of all studies: which, of which design, and how they vary together.

    Attributes
    ----------
    treatments : tuple of str
        In the order of the alphabet.
    studies, designs, pairs : tuple
        Of each row: its study, the arms of that study joined by ':', and (treatment, baseline).
    estimates : (r,)
        What was found.
    sampling, shared : (r, r)
        Covariance of errors, and between studies at tau2 = 1.
    """

    treatments: tuple[str, ...]
    studies: tuple[str, ...]
    designs: tuple[str, ...]
    pairs: tuple[tuple[str, str], ...]
    estimates: Floats
    sampling: Floats
    shared: Floats

    def consistent(self, reference: str) -> MixedModel:
        """Return the model in which every contrast is a difference of effects over the reference."""
        if reference not in self.treatments:
            raise AnalysisError(f"no treatment {reference!r} in the network: it has {', '.join(self.treatments)}")
        others = [name for name in self.treatments if name != reference]
        columns = np.zeros((len(self.pairs), len(others)))
        for row, (treatment, against) in enumerate(self.pairs):
            for sign, name in ((1.0, treatment), (-1.0, against)):
                if name != reference:
                    columns[row, others.index(name)] = sign
        return self._model(columns)

    def by_design(self) -> MixedModel:
        """Return the model in which every design has effects of its own."""
        own = list(dict.fromkeys(zip(self.designs, self.pairs, strict=True)))
        columns = np.zeros((len(self.pairs), len(own)))
        for row, each in enumerate(zip(self.designs, self.pairs, strict=True)):
            columns[row, own.index(each)] = 1.0
        return self._model(columns)

    def only(self, design: str) -> "Network":
        """Return the part of one design."""
        rows = [row for row, each in enumerate(self.designs) if each == design]
        inside = np.ix_(rows, rows)
        return Network(
            treatments=tuple(design.split(":")),
            studies=tuple(self.studies[row] for row in rows),
            designs=(design,) * len(rows),
            pairs=tuple(self.pairs[row] for row in rows),
            estimates=self.estimates[rows],
            sampling=self.sampling[inside],
            shared=self.shared[inside],
        )

    def _model(self, columns: Floats) -> MixedModel:
        return MixedModel(estimates=self.estimates, sampling=self.sampling, shared=self.shared, columns=columns)


def network_of(contrasts: Sequence[Contrast]) -> Network:
    """Return the network that contrasts span; a study of m arms gives all m (m-1)/2 of its contrasts.

    Raises
    ------
    AnalysisError
        When treatments are not connected, or contrasts of a study are missing, twice or do not add up.
    """
    by_study: dict[str, list[Contrast]] = defaultdict(list)
    for contrast in contrasts:
        by_study[contrast.study].append(contrast)
    blocks = [_block(study, found) for study, found in by_study.items()]
    _refuse_disconnected(contrasts)
    size = sum(len(block.pairs) for block in blocks)
    sampling, shared = np.zeros((size, size)), np.zeros((size, size))
    at = 0
    for block in blocks:
        rows = slice(at, at + len(block.pairs))
        sampling[rows, rows], shared[rows, rows] = block.sampling, block.shared
        at = rows.stop
    return Network(
        treatments=tuple(sorted({name for each in contrasts for name in (each.treatment, each.against)})),
        studies=tuple(study for block in blocks for study in block.studies),
        designs=tuple(design for block in blocks for design in block.designs),
        pairs=tuple(pair for block in blocks for pair in block.pairs),
        estimates=np.concatenate([block.estimates for block in blocks]),
        sampling=sampling,
        shared=shared,
    )


def network_meta_analysis(
    network: Network, reference: str, method: NetworkMethod = NetworkMethod.RESTRICTED_LIKELIHOOD
) -> NetworkResult:
    """Return the effect of every treatment over the reference, assuming consistency."""
    model = network.consistent(reference)
    between = _between(model, method)
    fit = model.fit(between)
    q = model.fit(0.0).residual
    others = [name for name in network.treatments if name != reference]
    likely = method in {NetworkMethod.MAXIMUM_LIKELIHOOD, NetworkMethod.RESTRICTED_LIKELIHOOD}
    restricted = method is NetworkMethod.RESTRICTED_LIKELIHOOD
    return NetworkResult(
        reference=reference,
        k=len(set(network.studies)),
        method=method,
        effects=tuple(
            Versus(treatment=name, value=float(value), error=float(np.sqrt(variance)))
            for name, value, variance in zip(others, fit.coefficients, np.diag(fit.covariance), strict=True)
        ),
        covariance=fit.covariance,
        between=between,
        q=q,
        spare=model.spare,
        q_p=float(chdtrc(model.spare, q)) if model.spare else 1.0,
        log_likelihood=model.log_likelihood(between, restricted=restricted) if likely else None,
    )


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
    between = _between(apart, method)
    q = consistent.fit(between).residual - apart.fit(between).residual
    return between, q, float(chdtrc(spare, q))


def _between(model: MixedModel, method: NetworkMethod) -> float:
    match method:
        case NetworkMethod.FIXED:
            return 0.0
        case NetworkMethod.MOMENTS:
            return model.by_moments()
        case NetworkMethod.MAXIMUM_LIKELIHOOD:
            return model.most_likely(restricted=FULL)
        case NetworkMethod.RESTRICTED_LIKELIHOOD:
            return model.most_likely(restricted=RESTRICTED)


def _block(study: str, found: Sequence[Contrast]) -> Network:
    """Return the independent contrasts of one study with the arm it names first.

    Which one it is changes nothing but the constant log|X'X| of the restricted likelihood.
    """
    arms = list(dict.fromkeys(name for each in found for name in (each.treatment, each.against)))
    known: dict[tuple[str, str], tuple[float, float]] = {}
    for each in found:
        pair = (each.treatment, each.against)
        if pair in known or pair[::-1] in known:
            raise AnalysisError(f"{study}: {each.treatment} and {each.against} are compared twice: give one contrast")
        known[pair] = (each.effect, each.error**2)
        known[pair[::-1]] = (-each.effect, each.error**2)
    missing = [f"{one} v {other}" for one, other in combinations(arms, 2) if (one, other) not in known]
    if missing:
        raise AnalysisError(
            f"{study} has {len(arms)} arms: give all {len(arms) * (len(arms) - 1) // 2} contrasts, of which "
            f"{', '.join(missing)} are missing"
        )
    first, others = arms[0], arms[1:]
    variances = _arm_variances(study, arms, known)
    estimates = np.array([known[(name, first)][0] for name in others])
    _refuse_not_adding_up(study, others, estimates, known)
    count = len(others)
    return Network(
        treatments=tuple(arms),
        studies=(study,) * count,
        designs=(":".join(sorted(arms)),) * count,
        pairs=tuple((name, first) for name in others),
        estimates=estimates,
        sampling=np.diag(variances[1:]) + variances[0],
        shared=0.5 * (np.eye(count) + 1.0),
    )


def _arm_variances(study: str, arms: Sequence[str], known: dict[tuple[str, str], tuple[float, float]]) -> Floats:
    """Return what each arm adds to the variances of its contrasts, (m,); half for each of two arms."""
    if len(arms) == 2:
        return np.full(2, known[(arms[0], arms[1])][1] / 2.0)
    pairs = list(combinations(range(len(arms)), 2))
    rows = np.array([[float(place in pair) for place in range(len(arms))] for pair in pairs])
    variances = np.array([known[(arms[one], arms[other])][1] for one, other in pairs])
    found = np.linalg.lstsq(rows, variances, rcond=None)[0]
    if np.any(found <= 0.0):
        raise AnalysisError(f"{study}: the errors of its contrasts contradict each other: no arms have such variances")
    return np.asarray(found)


def _refuse_not_adding_up(
    study: str, others: Sequence[str], estimates: Floats, known: dict[tuple[str, str], tuple[float, float]]
) -> None:
    for (one, first), (other, second) in combinations(zip(others, estimates, strict=True), 2):
        effect, variance = known[(one, other)]
        if abs(effect - (first - second)) > ROUNDED * max(1.0, float(np.sqrt(variance))):
            raise AnalysisError(
                f"{study}: {one} v {other} is {effect:g}, but its other contrasts give {first - second:g}: "
                "the effects of one study add up"
            )


def _refuse_disconnected(contrasts: Sequence[Contrast]) -> None:
    if not contrasts:
        raise AnalysisError("no contrast: a network needs at least one")
    parts: list[set[str]] = []
    for each in contrasts:
        joined = {each.treatment, each.against}
        apart = []
        for part in parts:
            if part & joined:
                joined |= part
            else:
                apart.append(part)
        parts = [*apart, joined]
    if len(parts) > 1:
        shown = "; ".join(", ".join(sorted(part)) for part in sorted(parts, key=sorted))
        raise AnalysisError(
            f"the network is not connected: {shown}: nothing compares one part with another; pool each by itself"
        )
