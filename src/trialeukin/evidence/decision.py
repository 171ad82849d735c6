"""What a pool of trials decides, what it leaves open, and what one more trial would add; or that it cannot answer.

The verdict, by a reader's standard, is that of the average over trials under vague priors. It has to hold whatever the
sign of a trial is whose sign is not known, and it takes two trials or more: one cannot show by how much trials differ,
so that of one the answer is refused. Beside it stand the effect in a further trial, each trial left out, a sceptic's
and an enthusiast's prior (Spiegelhalter, Freedman and Parmar, J R Stat Soc A 1994;157:357: either holds the other's
effect for 5 % likely), and the model's frozen prediction as a prior. No prediction takes part in the verdict.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import Enum

from scipy.special import ndtri

from trialeukin.core.errors import AnalysisError
from trialeukin.core.normal import NORMAL_975
from trialeukin.evidence.bayesian import VAGUE, Priors, posterior
from trialeukin.evidence.effects import Effects
from trialeukin.evidence.frozen import FrozenPrediction, Measure, latest
from trialeukin.evidence.next_trial import Control, NextTrial, control_of, next_trial
from trialeukin.evidence.published_study import PublishedStudy
from trialeukin.evidence.scoreboard import Score, scoreboard
from trialeukin.evidence.selection import named_pools
from trialeukin.evidence.simulated import predictions_of
from trialeukin.evidence.synthesis import Synthesis
from trialeukin.evidence.verdict import Standard, Verdict
from trialeukin.survival.design.prior import NormalMixture, normal
from trialeukin.survival.design.required_events import Contrast, events_needed

UNLIKELY = 0.05  # what a sceptic and an enthusiast hold of each other's effect
OTHER_RELEVANT = (0.7, 0.75, 0.8, 0.85, 0.9, 0.95)
EVENTS = (100, 200, 400, 800, 1600, 3200)
POWER = 0.9
FEWEST = 2


class Kind(Enum):
    """How a view comes about."""

    AVERAGE = "average over the trials"
    FURTHER = "in a further trial"
    SIGN = "under a sign that is not known"
    WITHOUT = "without a trial"
    PRIOR = "under another prior"
    MODEL = "with the model as prior"


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """One way to see the evidence.

    Attributes
    ----------
    kind : Kind
        How it comes about.
    words : str
        What it is, in words.
    median, lower, upper : float, ratio
        Hazard ratio with 95 % limits.
    benefit, worth : float, 1
        P(HR < 1), P(HR < the one just worth having).
    verdict : Verdict
        By the standard.
    """

    kind: Kind
    words: str
    median: float
    lower: float
    upper: float
    benefit: float
    worth: float
    verdict: Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelSays:
    """Frozen predictions that go with the pool, and how well the model has done so far.

    Attributes
    ----------
    predictions : tuple of FrozenPrediction
        Of the pool, or of pools of some of its trials.
    scores : tuple of Score
        Of single trials of the pool, by the model as it is named.
    """

    predictions: tuple[FrozenPrediction, ...]
    scores: tuple[Score, ...]

    @property
    def judged(self) -> tuple[Score, ...]:
        """Those with a published result."""
        return tuple(each for each in self.scores if each.published is not None)


NO_MODEL = ModelSays(predictions=(), scores=())


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What a pool decides.

    Attributes
    ----------
    found : Synthesis
        The pool.
    standard : Standard
        What was asked.
    verdict : Verdict
        Of the average over trials, if the evidence can answer.
    reasons : tuple of str
        Why it is refused or left open where the average alone would not say so.
    views : tuple of View
        The first is the average, the second a further trial.
    by_relevant : tuple of (ratio, probability, Verdict)
        What the average would be judged by other hazard ratios just worth having, and P(HR below each).
    needed : float
        Events at which a trial has 90 % power for the effect just worth having.
    further : tuple of NextTrial
        By size.
    control : Control or None
        For absolute effects.
    model : ModelSays
        What was predicted.
    """

    found: Synthesis
    standard: Standard
    verdict: Verdict
    reasons: tuple[str, ...]
    views: tuple[View, ...]
    by_relevant: tuple[tuple[float, float, Verdict], ...]
    needed: float
    further: tuple[NextTrial, ...]
    control: Control | None
    model: ModelSays

    @property
    def average(self) -> View:
        """The average over trials."""
        return self.views[0]

    @property
    def firm(self) -> bool:
        """Whether the average's verdict stays without any one trial and under a sceptic's and an enthusiast's prior."""
        return all(each.verdict is self.average.verdict for each in (*self.of(Kind.WITHOUT), *self.of(Kind.PRIOR)))

    def of(self, kind: Kind) -> tuple[View, ...]:
        """Return the views of a kind."""
        return tuple(each for each in self.views if each.kind is kind)


def decide(
    found: Synthesis,
    standard: Standard,
    model: ModelSays = NO_MODEL,
    *,
    priors: Priors = VAGUE,
    sizes: tuple[int, ...] = EVENTS,
) -> Decision:
    """Return what a pool decides by a standard.

    Parameters
    ----------
    found : Synthesis
        The pool.
    standard : Standard
        Of the reader.
    model : ModelSays
        What stands beside the verdict; it takes no part in it.
    priors : Priors
        Of the average and of how trials differ.
    sizes : tuple of int
        Events of one more trial, to tell what each would add.
    """
    effects = found.pooled.effects
    after = posterior(effects, priors)
    views = (
        _view(Kind.AVERAGE, f"average over {effects.k} trials" if effects.k > 1 else "one trial", after.law, standard),
        _view(Kind.FURTHER, "in a further trial like these", after.law_of_new_study, standard),
        *_under_signs(found, standard, priors),
        *_without_each(effects, standard, priors),
        *_under_priors(effects, standard, priors),
        *_with_model(effects, standard, priors, model.predictions),
    )
    verdict, reasons = _decided(found, views)
    control = control_of((*found.selection.taken, *found.selection.unsigned))
    return Decision(
        found=found,
        standard=standard,
        verdict=verdict,
        reasons=reasons,
        views=views,
        by_relevant=tuple(
            (ratio, after.law.below(math.log(ratio)), replace(standard, relevant=ratio).verdict(after.law))
            for ratio in OTHER_RELEVANT
        ),
        needed=events_needed(Contrast(hazard_ratio=standard.relevant), power=POWER),
        further=tuple(next_trial(after.law_of_new_study, events, standard, control) for events in sizes),
        control=control,
        model=model,
    )


def model_on(found: Synthesis, frozen: Iterable[FrozenPrediction], studies: Mapping[str, PublishedStudy]) -> ModelSays:
    """Return the newest predictions of pools all of whose trials a pool has, and the scores of those of its trials."""
    trials = (*found.selection.taken, *found.selection.unsigned)
    members = {each.name for each in trials}
    within = {name for name, each in named_pools().items() if set(each.members) <= members}
    told = latest(frozen)
    return ModelSays(
        predictions=tuple(
            each
            for each in told
            if each.measure is Measure.HAZARD_RATIO and each.endpoint is found.selection.endpoint and each.of in within
        ),
        scores=scoreboard(predictions_of(trials, found.selection.endpoint, told), studies),
    )


def _view(kind: Kind, words: str, law: NormalMixture, standard: Standard) -> View:
    median, lower, upper = (math.exp(law.quantile(at)) for at in (0.5, 0.025, 0.975))
    return View(
        kind=kind,
        words=words,
        median=median,
        lower=lower,
        upper=upper,
        benefit=law.below(0.0),
        worth=law.below(standard.log_relevant),
        verdict=standard.verdict(law),
    )


def _under_signs(found: Synthesis, standard: Standard, priors: Priors) -> tuple[View, ...]:
    return tuple(
        _view(Kind.SIGN, each.words, posterior(each.pooled.effects, priors).law, standard) for each in found.sensitivity
    )


def _without_each(effects: Effects, standard: Standard, priors: Priors) -> tuple[View, ...]:
    if effects.k == 1:
        return ()
    return tuple(
        _view(Kind.WITHOUT, f"without {label}", posterior(effects.without(place), priors).law, standard)
        for place, label in enumerate(effects.labels)
    )


def _under_priors(effects: Effects, standard: Standard, priors: Priors) -> tuple[View, ...]:
    """Return what a sceptic and an enthusiast would think after the trials."""
    spread = float(standard.log_relevant / ndtri(UNLIKELY))
    beliefs = {
        f"a sceptic: no effect, {standard.relevant:g} or better 5 % likely": 0.0,
        f"an enthusiast: {standard.relevant:g}, no benefit 5 % likely": standard.log_relevant,
    }
    return tuple(
        _view(Kind.PRIOR, words, posterior(effects, replace(priors, centre=centre, spread=spread)).law, standard)
        for words, centre in beliefs.items()
    )


def _with_model(
    effects: Effects, standard: Standard, priors: Priors, predictions: Iterable[FrozenPrediction]
) -> tuple[View, ...]:
    views = []
    for each in predictions:
        if each.expected is not None:
            law = expected_law(each)
            after = posterior(effects, replace(priors, centre=law.means[0], spread=law.deviations[0]))
            views.append(_view(Kind.MODEL, f"the model as prior ({each.structure})", after.law, standard))
    return tuple(views)


def expected_law(prediction: FrozenPrediction) -> NormalMixture:
    """Return what a frozen prediction holds of the log hazard ratio itself, without a trial's chance.

    Raises
    ------
    AnalysisError
        When it gives no interval over parameters alone.
    """
    if prediction.expected is None:
        raise AnalysisError(f"the prediction of {prediction.of} gives no interval over parameters alone")
    low, high = prediction.expected
    return normal(math.log(prediction.value), math.log(high / low) / (2.0 * NORMAL_975))


def _decided(found: Synthesis, views: tuple[View, ...]) -> tuple[Verdict, tuple[str, ...]]:
    trials = found.selection.taken
    if len(trials) < FEWEST:
        (only,) = trials
        return Verdict.REFUSED, (
            f"{only.name} is the only trial: by how much trials of this treatment differ cannot be seen from one, so "
            "that its own interval is too narrow for the next patient",
            f"its hazard ratio is solved from {only.effect.origin.value}",
        )
    average = views[0].verdict
    other = [each for each in views if each.kind is Kind.SIGN and each.verdict is not average]
    if other:
        names = ", ".join(each.name for each in found.selection.unsigned)
        return Verdict.OPEN, (
            f"what is found depends on the sign of {names}, which no source gives: {other[0].verdict.value} "
            f"{other[0].words}",
        )
    return average, ()
