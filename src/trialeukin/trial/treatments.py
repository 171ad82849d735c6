"""Each treatment of a study against its control: what is asked of it, in whom, and what all claim together."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from trialeukin.core.arrays import Integers
from trialeukin.trial.accrual import conduct_of
from trialeukin.trial.comparison import Question
from trialeukin.trial.multiplicity import Family, family
from trialeukin.trial.outcomes import Outcomes
from trialeukin.trial.pair import Pair
from trialeukin.trial.result import EndpointResult
from trialeukin.trial.study import Study


def questions_of(study: Study, replicates: int) -> dict[str, Question]:
    """Return what so many replicate trials are asked of each treatment, by its name."""
    conduct = conduct_of(study)
    return {
        arm.name: Question(
            control=study.control.name,
            treatment=arm.name,
            conduct=conduct,
            endpoints=study.analysis.endpoints,
            milestones=study.analysis.milestones_months,
            alpha=study.analysis.alpha,
            replicates=replicates,
            place=place,
        )
        for place, arm in enumerate(study.treatments, start=1)
    }


def pairs_of(study: Study, outcomes: Sequence[Outcomes], strata: Integers | None) -> dict[str, Pair]:
    """Return the same patients under control and each treatment, by the treatment's name.

    Parameters
    ----------
    study : Study
        Whose arms they are.
    outcomes : sequence of Outcomes
        Of each arm, in the order of the study; patients whose courses failed in any are left out of all.
    strata : (n,), 1
        Stratum of each patient; None: all are of one.
    """
    valid = np.all([each.valid for each in outcomes], axis=0)
    of_arm = {arm.name: replace(each, valid=valid) for arm, each in zip(study.arms, outcomes, strict=True)}
    control = of_arm[study.control.name]
    return {arm.name: Pair(control=control, treated=of_arm[arm.name], strata=strata) for arm in study.treatments}


def family_of(study: Study, comparisons: Mapping[str, Sequence[EndpointResult]]) -> Family | None:
    """Return what the tests of all treatments claim together in the primary endpoint; None of one treatment."""
    if len(comparisons) == 1:
        return None
    primary = {name: found[0] for name, found in comparisons.items()}
    drawn = {name: each.at_drawn for name, each in primary.items() if each.at_drawn is not None}
    return family(
        study.analysis.endpoints[0],
        study.procedure,
        typical={name: each.at_typical for name, each in primary.items()},
        drawn=drawn or None,
        shares=tuple(arm.n / (arm.n + study.control.n) for arm in study.treatments),
    )
