"""A multi-arm trial on the calendar: events of one comparison, patients of all arms, boundaries and chances.

One comparison is a trial of control and one treatment (`looks`), sized so that the treatment that works, the others
doing nothing, is chosen at the first look and found better with the power. The arms that are dropped take in no more
patients; the months are those of a comparison whose accrual does not change then.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from trialeukin.core.arrays import Floats
from trialeukin.core.errors import AnalysisError
from trialeukin.survival.design.efficacy import AlphaSpending
from trialeukin.survival.design.futility import FutilityRule
from trialeukin.survival.design.group_sequential import Boundaries, error_shares
from trialeukin.survival.design.looks import Rules, Schedule, Trial, schedule
from trialeukin.survival.design.multi_arm import MultiArm, MultiArmOutcomes


@dataclass(frozen=True, slots=True, kw_only=True)
class MultiArmTrial:
    """A design with its size.

    Attributes
    ----------
    design : MultiArm
        Arms and looks.
    comparison : Schedule
        Control and one treatment: dates and events at each look. Its own boundaries do not hold here.
    boundaries : Boundaries
        Of the best treatment.
    futility : FutilityRule or None
        What the lower one spends.
    null, effect : MultiArmOutcomes
        Under no effect of all, and where the first treatment works alone.
    """

    design: MultiArm
    comparison: Schedule
    boundaries: Boundaries
    futility: FutilityRule | None
    null: MultiArmOutcomes
    effect: MultiArmOutcomes

    @property
    def entered(self) -> Floats:
        """Patients of all arms who came by each look, (k,); up to the last one, all there are."""
        pair, share = self.comparison.entered, self.comparison.trial.treated.share
        dropped = (self.design.treatments - 1) * share * pair[0]
        return np.asarray(pair + dropped)

    @property
    def patients(self) -> float:
        """Patients of all arms, none claimed early."""
        return float(self.entered[-1])

    @property
    def hazard_ratios(self) -> Floats:
        """Estimated hazard ratio, about, at each limit, (k,)."""
        return self.comparison.hazard_ratios(self.boundaries.upper)

    @property
    def futility_ratios(self) -> Floats:
        """Estimated hazard ratio, about, at each limit of futility, (k,); infinite where there is none."""
        return self.comparison.hazard_ratios(self.boundaries.lower)

    @property
    def power(self) -> float:
        """Chance that the treatment that works is chosen and claimed."""
        return float(self.effect.claims[0].sum())


def multi_arm_trial(trial: Trial, rules: Rules, treatments: int) -> MultiArmTrial:
    """Return the multi-arm trial that has the power.

    Parameters
    ----------
    trial : Trial
        Control and one treatment that works, hazards in proportion; its accrual is scaled.
    rules : Rules
        Looks, spending, futility, one-sided familywise level, power.
    treatments : int
        Arms beside control, two or more.
    """
    if not isinstance(rules.efficacy, AlphaSpending):
        raise AnalysisError("several treatments with a boundary of fixed shape: give a spending function such as obf")
    if not trial.proportional or trial.margin != 1.0:
        raise AnalysisError("several treatments: give a hazard ratio that is the same at all times, and no margin")
    if rules.fractions.size < 2:
        raise AnalysisError("several treatments, one look: give two or more, such as 0.5,1; the first chooses")
    ratio = trial.treated.share / trial.control.share
    design = MultiArm(treatments=treatments, fractions=rules.fractions, allocation=ratio)
    limits = _limits(design, rules, rules.efficacy)
    drift = design.drift_for(limits, rules.power)
    boundaries = limits(drift)
    alone = replace(rules, futility=None)
    once = float(schedule(trial, alone).process.expected_z[-1])
    factor = (drift / once) ** 2
    comparison = schedule(replace(trial, enrolment=trial.enrolment.scaled(factor)), alone)
    return MultiArmTrial(
        design=design,
        comparison=comparison,
        boundaries=boundaries,
        futility=rules.futility,
        null=design.outcomes(boundaries, np.zeros(treatments)),
        effect=design.outcomes(boundaries, design.one_works(drift)),
    )


def _limits(design: MultiArm, rules: Rules, efficacy: AlphaSpending) -> Callable[[float], Boundaries]:
    """Return the boundaries of a drift: with futility they depend on it."""
    if rules.futility is not None:
        shares = error_shares(
            rules.fractions,
            efficacy=efficacy,
            alpha=rules.alpha,
            futility=rules.futility,
            beta=1.0 - rules.power,
        )
        return lambda drift: design.limits(shares, drift)
    upper = design.efficacy_limits(efficacy.function, rules.alpha)
    same = Boundaries(fractions=rules.fractions, upper=upper, lower=np.full(upper.size, -np.inf))
    return lambda _: same
