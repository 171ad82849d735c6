"""Age, body and disease of virtual patients."""

import numpy as np
from scipy.special import expit, logit, ndtr, ndtri

from trialeukin.core.arrays import Booleans, Floats, Integers
from trialeukin.core.errors import StudyError
from trialeukin.core.random import Stream
from trialeukin.population.description import Age, Body, Description, Disease, Transplant
from trialeukin.regimen.body import body_surface

FROM_60 = 60.0
CHIMERISM = "donor_chimerism"
"""The covariate that only a relapse after an allogeneic transplant has."""


ENOUGH = np.arange(8)
"""Patients among whom a covariate that is a number is not zero or one in all."""


def draw_covariates(description: Description, *, seed: int, patients: Integers) -> dict[str, Floats]:
    """Draw what is known of each patient.

    Parameters
    ----------
    description : Description
        The distributions.
    seed : int
        The run's seed.
    patients : (n,), 1
        Indices of the patients.

    Returns
    -------
    mapping of str to (n,)
        ``age`` (year), ``female``, ``height`` (cm), ``body_weight`` (kg), ``body_surface_area`` (m2, Du
        Bois), ``from_60`` and ``child``, one or zero; a child is never counted as from 60. In first remission, as
        one or zero, ``favourable_risk``, ``adverse_risk``, ``monocytic`` and ``conventional``. After a transplant,
        as one or zero, ``unrelated_donor``, ``blast_phase``, ``aml`` and ``lymphoblastic``, and
        ``months_since_transplant`` (month) and ``donor_chimerism``.
    """
    streams = Stream(seed, "covariate")
    age = _ages(description.age, streams.child("age").uniform(patients)[:, 0])
    female = streams.child("female").uniform(patients)[:, 0] < description.body.female
    height = _heights(description.body, age, female, streams.child("height").normal(patients)[:, 0])
    weight = _weights(description.body, age, height, streams.child("mass index").normal(patients)[:, 0])
    child = description.cohort.child
    flags = {
        "female": female,
        "from_60": (age >= FROM_60) & (not child),
        "child": np.full(age.shape, child),
    }
    numbers = {
        "age": age,
        "height": height,
        "body_weight": weight,
        "body_surface_area": body_surface(weight, height),
    }
    found = numbers | {name: flag.astype(np.float64) for name, flag in flags.items()}
    if description.transplant is not None:
        return found | _after_transplant(description.transplant, description.cohort.disease, streams, patients)
    return found | _in_first_remission(description, streams, patients)


def flags_of(description: Description) -> tuple[str, ...]:
    """Return the names of the covariates that are one or zero in every patient of a description, sorted."""
    return _named(description, flags=True)


def numbers_of(description: Description) -> tuple[str, ...]:
    """Return the names of the other covariates, sorted."""
    return _named(description, flags=False)


def _named(description: Description, *, flags: bool) -> tuple[str, ...]:
    drawn = draw_covariates(description, seed=0, patients=ENOUGH)
    return tuple(sorted(name for name, values in drawn.items() if np.isin(values, (0.0, 1.0)).all() == flags))


def _in_first_remission(description: Description, streams: Stream, patients: Integers) -> dict[str, Floats]:
    if description.risk is None or description.monocytic is None or description.intensified is None:
        raise StudyError(f"cohort {description.cohort.name}: [risk], [monocytic] and [intensified] are needed")
    risk = streams.child("risk").uniform(patients)[:, 0]
    flags = {
        "favourable_risk": risk < description.risk.favourable,
        "adverse_risk": risk >= 1.0 - description.risk.adverse,
        "monocytic": streams.child("monocytic").uniform(patients)[:, 0] < description.monocytic.fraction,
        "conventional": streams.child("consolidation").uniform(patients)[:, 0] >= description.intensified.fraction,
    }
    return {name: flag.astype(np.float64) for name, flag in flags.items()}


def _after_transplant(
    transplant: Transplant, disease: Disease, streams: Stream, patients: Integers
) -> dict[str, Floats]:
    months = streams.child("transplant").normal(patients)[:, 0]
    chimerism = streams.child("chimerism").normal(patients)[:, 0]
    unrelated = streams.child("donor").uniform(patients)[:, 0] < transplant.unrelated
    flags = {
        "blast_phase": disease is Disease.CML_BLAST_PHASE,
        "aml": disease is Disease.AML,
        "lymphoblastic": disease is Disease.ALL,
    }
    return {
        "unrelated_donor": unrelated.astype(np.float64),
        "months_since_transplant": transplant.months_median * np.exp(transplant.months_sd * months),
        CHIMERISM: expit(logit(transplant.chimerism_median) + transplant.chimerism_sd * chimerism),
    } | {name: np.full(patients.shape, float(flag)) for name, flag in flags.items()}


def _ages(age: Age, uniform: Floats) -> Floats:
    low, high = ndtr((np.array([age.lowest, age.highest]) - age.mean) / age.sd)
    return np.asarray(age.mean + age.sd * ndtri(low + (high - low) * uniform), dtype=np.float64)


def _heights(body: Body, age: Floats, female: Booleans, deviation: Floats) -> Floats:
    medians = np.where(
        female, np.interp(age, body.ages, body.height_female), np.interp(age, body.ages, body.height_male)
    )
    return np.asarray(medians * np.exp(body.height_sd * deviation), dtype=np.float64)


def _weights(body: Body, age: Floats, height: Floats, deviation: Floats) -> Floats:
    index = np.interp(age, body.ages, body.mass_index) * np.exp(body.mass_index_sd * deviation)
    return np.asarray(index * (height / 100.0) ** 2, dtype=np.float64)
