"""Every virtual patient and every planned dose, in columns that the store writes."""

from dataclasses import dataclass

from trialeukin.core.arrays import Booleans, Floats, Integers


@dataclass(frozen=True, slots=True, kw_only=True)
class PatientTable:
    """The virtual patients and what became of each under each arm; n patients, a arms.

    Attributes
    ----------
    indices : (n,), 1
        Index of each patient in the cohort.
    covariates : mapping of str to (n,)
        Age, body surface ... with the units of ``covariate_units``.
    covariate_units : mapping of str to str
        Unit of each covariate.
    relapse_crossing, relapse, death : (a, n), month
        Crossing of the relapse threshold, its detection and death; infinity where it does not happen.
    death_in_remission : (a, n), 1
        Whether death came before a detected relapse.
    intensity : (a, n), 1
        Given over planned amount; NaN for observation.
    status : (a, n), 1
        An `engine.trajectories.Status`.
    """

    indices: Integers
    covariates: dict[str, Floats]
    covariate_units: dict[str, str]
    relapse_crossing: Floats
    relapse: Floats
    death: Floats
    death_in_remission: Booleans
    intensity: Floats
    status: Integers


@dataclass(frozen=True, slots=True, kw_only=True)
class DoseTable:
    """Every planned dose of one arm in every patient, n patients and d doses.

    Attributes
    ----------
    arm : str
        The arm.
    days, durations : (d,), day
        Start from randomisation, and length.
    drugs, routes, units : (d,) tuples of str
        What is given, how, and the unit of the amounts.
    planned, given : (n, d), in the dose's unit
        Amounts scaled to the patient.
    put_off : (n, d), day
        How much later than planned a dose was given, or would have been due.
    fates : (n, d), 1
        Codes of ``reasons``.
    reasons : mapping of int to str
        What each code means, in words.
    """

    arm: str
    days: Floats
    durations: Floats
    drugs: tuple[str, ...]
    routes: tuple[str, ...]
    units: tuple[str, ...]
    planned: Floats
    given: Floats
    put_off: Floats
    fates: Integers
    reasons: dict[int, str]
