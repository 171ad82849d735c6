"""Virtual patients drawn from a description: covariates and one row of parameters each."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from trialeukin.core.arrays import Floats, Integers
from trialeukin.core.errors import InputError, StudyError
from trialeukin.core.parameter import Parameter
from trialeukin.core.random import Stream
from trialeukin.model.system import System
from trialeukin.population.covariates import CHIMERISM, draw_covariates
from trialeukin.population.description import Description, Override
from trialeukin.population.kidneys import clearance_factors
from trialeukin.population.settings import refuse_unknown


@dataclass(frozen=True, slots=True, kw_only=True)
class Cohort:
    """Virtual patients.

    Attributes
    ----------
    name : str
        The description's name.
    patients : (n,), 1
        Their indices: patient 17 is the same person in every cohort, shard and arm of one seed.
    covariates : mapping of str to (n,)
        What is known of them, by name; see `trialeukin.population.covariates`.
    parameters : (n, p), in each parameter's unit
        In the order of ``system.parameters``.
    """

    name: str
    patients: Integers
    covariates: Mapping[str, Floats]
    parameters: Floats

    @property
    def bsa(self) -> Floats:
        """(n,) Body surface area, m2."""
        return self.covariates["body_surface_area"]

    @property
    def weight(self) -> Floats:
        """(n,) Body weight, kg."""
        return self.covariates["body_weight"]


def adapted(system: System, description: Description) -> System:
    """Return the model with the parameters that the cohort's description overrides.

    Raises
    ------
    StudyError
        When it overrides a parameter that the model does not have, or is of a leukaemia or of a setting that the model
        cannot follow.
    """
    refuse_unknown(description.cohort.disease, system)
    if description.transplant is None and CHIMERISM in system.parameters:
        raise StudyError(
            f"cohort {description.cohort.name} has no [transplant]: model {system.name} follows a relapse after an "
            "allogeneic transplant; give that table, or a cohort that has it"
        )
    unknown = sorted(set(description.parameters) - set(system.parameters))
    if unknown:
        raise StudyError(
            f"cohort {description.cohort.name}: model {system.name} has no parameter {unknown[0]!r}; "
            "`trialeukin parameters` lists them"
        )
    changed = {name: _overridden(system.parameters[name], new) for name, new in description.parameters.items()}
    others = frozenset(system.parameters) - frozenset(changed)
    return replace(system, parameters={**system.parameters, **changed}, joint=system.joint.of(others))


def draw_cohort(
    description: Description,
    system: System,
    *,
    seed: int,
    patients: Integers,
    typical: Floats | None = None,
) -> Cohort:
    """Draw virtual patients.

    A parameter that bears the name of a covariate is that covariate. Every other one is its typical
    value, moved by the patient's own normal deviation, which does not depend on the typical value, and by the
    function of the kidneys where the description gives one (`trialeukin.population.kidneys`).

    Parameters
    ----------
    description : Description
        Whom to draw.
    system : System
        The model they are drawn for.
    seed : int
        The run's seed.
    patients : (n,), 1
        Indices of the patients.
    typical : (p,), in each parameter's unit
        Typical values in the order of ``system.parameters``, such as one row of `draw_typical`; the
        values of the model, as the description overrides them, where it is not given.

    Returns
    -------
    Cohort
        The patients, in the order of their indices as given.
    """
    middle = typical_values(adapted(system, description)) if typical is None else typical
    return draw_cohorts(description, system, seed=seed, patients=patients, typical=np.asarray(middle)[None, :])[0]


def draw_cohorts(
    description: Description, system: System, *, seed: int, patients: Integers, typical: Floats
) -> tuple[Cohort, ...]:
    """Draw the same virtual patients at several typical values, (k, p), as `draw_cohort` does at one."""
    model = adapted(system, description)
    indices = np.asarray(patients, dtype=np.int64)
    if indices.ndim != 1:
        raise InputError(f"patients {patients!r}: give the index of each, such as np.arange(100)")
    covariates = draw_covariates(description, seed=seed, patients=indices)
    factors = {} if description.kidneys is None else clearance_factors(model, description.kidneys.function)
    rows = np.asarray(typical, dtype=np.float64)
    parameters = np.empty((len(rows), indices.size, len(model.parameters)))
    for place, ((name, parameter), middle) in enumerate(zip(model.parameters.items(), rows.T, strict=True)):
        if name in covariates:
            parameters[:, :, place] = covariates[name]
        else:
            values, spread = middle[:, None] * factors.get(name, 1.0), parameter.between_patients
            own = Stream(seed, f"between patients/{name}").normal(indices)[:, 0] if spread > 0.0 else None
            parameters[:, :, place] = _moved(parameter, values, spread, own)
    name = description.cohort.name
    return tuple(Cohort(name=name, patients=indices, covariates=covariates, parameters=each) for each in parameters)


def typical_values(system: System) -> Floats:
    """Return the typical value of every parameter, (p,), in order."""
    return np.array([parameter.value for parameter in system.parameters.values()], dtype=np.float64)


def draw_typical(system: System, *, seed: int, draws: Integers) -> Floats:
    """Draw typical values from what is not known of them, tied together as ``system.joint`` says.

    Parameters
    ----------
    system : System
        The model, `adapted` to a description where one overrides parameters.
    seed : int
        The run's seed.
    draws : (k,), 1
        Indices of the draws.

    Returns
    -------
    (k, p), in each parameter's unit
        One row a draw, in the order of ``system.parameters``.
    """
    indices = np.asarray(draws, dtype=np.int64)
    independent = {
        name: Stream(seed, f"uncertainty/{name}").normal(indices)[:, 0]
        for name, parameter in system.parameters.items()
        if parameter.uncertainty > 0.0
    }
    deviations = independent | system.joint.tied(independent)
    columns = [
        _moved(parameter, np.full(indices.size, parameter.value), parameter.uncertainty, deviations.get(name))
        for name, parameter in system.parameters.items()
    ]
    return np.stack(columns, axis=1)


def _moved(parameter: Parameter, values: Floats, spread: float, deviations: Floats | None) -> Floats:
    """Return one value a row; without a spread the value itself (an exponential's median is not its mean)."""
    if spread == 0.0 or deviations is None:
        return values
    return parameter.scale.shift(values, spread * deviations)


def _overridden(parameter: Parameter, new: Override) -> Parameter:
    return replace(
        parameter,
        value=new.value,
        between_patients=parameter.between_patients if new.between_patients is None else new.between_patients,
        uncertainty=parameter.uncertainty if new.uncertainty is None else new.uncertainty,
        source=new.source.source(),
    )
