"""What is not known of several parameters together: data that fix a product leave its factors tied."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from trialeukin.core.arrays import Floats
from trialeukin.core.errors import ParameterError

ROUNDING = 1e-3  # matrices are kept with four decimals


@dataclass(frozen=True, slots=True, kw_only=True)
class JointUncertainty:
    """A normal distribution of parameters around their values, each on its own scale.

    Attributes
    ----------
    names : tuple of p str
        The parameters.
    spreads : tuple of p float
        Standard deviation of each; these stand as ``uncertainty`` of the parameters.
    correlation : tuple of p tuples of p float
        Symmetric, ones on the diagonal.
    """

    names: tuple[str, ...] = ()
    spreads: tuple[float, ...] = ()
    correlation: tuple[tuple[float, ...], ...] = ()

    def __post_init__(self) -> None:
        matrix, count = self.matrix(), len(self.names)
        if len(self.spreads) != count or matrix.shape != (count, count):
            raise ParameterError(f"joint uncertainty of {count} parameters: give as many spreads and a square matrix")
        if not np.array_equal(matrix, matrix.T) or not (np.diag(matrix) == 1.0).all():
            raise ParameterError("joint uncertainty: the correlation must be symmetric with ones on its diagonal")
        if count and np.linalg.eigvalsh(matrix)[0] < -ROUNDING:
            raise ParameterError("joint uncertainty: the correlation is that of no distribution; fit again")

    def matrix(self) -> Floats:
        """Return the correlation, (p, p)."""
        return np.array(self.correlation, dtype=np.float64).reshape(len(self.correlation), -1 if self.names else 0)

    def of(self, names: frozenset[str]) -> "JointUncertainty":
        """Return what is not known of some of the parameters, whatever the others are."""
        kept = [place for place, name in enumerate(self.names) if name in names]
        if len(kept) == len(self.names):
            return self
        return JointUncertainty(
            names=tuple(self.names[place] for place in kept),
            spreads=tuple(self.spreads[place] for place in kept),
            correlation=tuple(tuple(self.correlation[row][column] for column in kept) for row in kept),
        )

    def beside(self, other: "JointUncertainty") -> "JointUncertainty":
        """Return two distributions of different parameters as one, in which neither tells of the other."""
        mine, others = len(self.names), len(other.names)
        return JointUncertainty(
            names=self.names + other.names,
            spreads=self.spreads + other.spreads,
            correlation=(
                *(row + (0.0,) * others for row in self.correlation),
                *((0.0,) * mine + row for row in other.correlation),
            ),
        )

    def tied(self, independent: Mapping[str, Floats]) -> dict[str, Floats]:
        """Return standard normal deviations that are correlated, made of independent ones.

        Parameters
        ----------
        independent : mapping of name to (k,)
            Independent deviations, at least of every parameter named here.

        Returns
        -------
        mapping of name to (k,)
            Deviations of the parameters named here; each is standard normal by itself.
        """
        if not self.names:
            return {}
        rows = _root(self) @ np.stack([independent[name] for name in self.names])
        return dict(zip(self.names, rows, strict=True))


@lru_cache(maxsize=16)  # a model has one, and another where a cohort overrides a parameter
def _root(joint: JointUncertainty) -> Floats:
    """Return the symmetric square root of a correlation, (p, p); read-only, since it is shared."""
    values, vectors = np.linalg.eigh(joint.matrix())
    root: Floats = (vectors * np.sqrt(np.maximum(values, 0.0))) @ vectors.T
    root.flags.writeable = False
    return root
