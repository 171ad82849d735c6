"""A network of treatments: independent contrasts of all studies, and the linear models of them.

A study of m arms gives its m - 1 contrasts with one of them, whose errors are shared: with arm variances s (from
those of its m (m-1)/2 contrasts, v_ij = s_i + s_j), contrasts with arm b have variance s_b + s_j and covariance s_b.
Between studies they vary by tau2 with correlation one half (Higgins and Whitehead 1996). Consistency: the effect of
i over j is that of i less that of j over a reference, for every study and design (set of arms).
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from trialeukin.core.arrays import Floats
from trialeukin.core.errors import AnalysisError
from trialeukin.evidence.mixed_model import MixedModel

ROUNDED = 0.02  # how far contrasts of one study may be from adding up, in its smallest standard errors or units


@dataclass(frozen=True, slots=True, kw_only=True)
class Contrast:
    """What one study found between two of its arms: ``effect`` of ``treatment`` over (less) ``against``."""

    study: str
    treatment: str
    against: str
    effect: float
    standard_error: float

    def __post_init__(self) -> None:
        if self.treatment == self.against:
            raise AnalysisError(f"{self.study}: {self.treatment!r} against itself is no contrast")
        if not (self.standard_error > 0.0 and np.isfinite(self.standard_error) and np.isfinite(self.effect)):
            raise AnalysisError(
                f"{self.study}: effect {self.effect:g}, standard error {self.standard_error:g}: give a finite "
                "effect with an error above zero"
            )


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
        known[pair] = (each.effect, each.standard_error**2)
        known[pair[::-1]] = (-each.effect, each.standard_error**2)
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
