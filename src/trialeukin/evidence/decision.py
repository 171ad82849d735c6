r"""What a pool of trials decides, what it leaves open, and what one more trial would add; or that it cannot answer.

A reader states a *standard*: the hazard ratio r that is just worth having, and how sure to be, c. Of a distribution of
the log hazard ratio the first of these that holds is its verdict:

- harm is shown where P(HR > 1) is c or more,
- a benefit worth having is shown where P(HR < r) is c or more,
- it is excluded where P(HR < r) is 1 - c or less,
- else it is open.

The verdict is that of the average over trials under vague priors. It has to hold whatever the sign of a trial is whose
sign is not known, and it takes two trials or more: one cannot show by how much trials differ, so that of one the answer
is refused. Beside it stand the effect in a further trial, each trial left out, a sceptic's and an enthusiast's prior
(Spiegelhalter, Freedman and Parmar, J R Stat Soc A 1994;157:357: either holds the other's effect for 5 % likely), and
the model's frozen prediction as a prior. No prediction takes part in the verdict.

What one more trial adds is judged by the effect under its own regimen: with d events and equal arms its log hazard
ratio has the standard error :math:`2 / \sqrt d`, is drawn from what is believed of a further trial, and updates that.
"""

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from enum import Enum

from scipy.optimize import brentq
from scipy.special import ndtri

from trialeukin.core.errors import AnalysisError
from trialeukin.core.normal import NORMAL_975
from trialeukin.evidence.bayesian import VAGUE, Priors, posterior
from trialeukin.evidence.effects import Effects
from trialeukin.evidence.frozen import FrozenPrediction, Measure, latest
from trialeukin.evidence.published_study import PublishedStudy
from trialeukin.evidence.scoreboard import Score, scoreboard
from trialeukin.evidence.selection import Taken, named_pools
from trialeukin.evidence.simulated import predictions_of
from trialeukin.evidence.synthesis import Synthesis
from trialeukin.survival.design.prior import NormalMixture, normal
from trialeukin.survival.design.required_events import Contrast, events_needed

RELEVANT, CERTAINTY = 0.8, 0.95
UNLIKELY = 0.05  # what a sceptic and an enthusiast hold of each other's effect
OTHER_RELEVANT = (0.7, 0.75, 0.8, 0.85, 0.9, 0.95)
EVENTS = (100, 200, 400, 800, 1600, 3200)
POWER = 0.9
FEWEST = 2
EXTREME = 1e-9


class Verdict(Enum):
    """What is known of an effect, against a standard."""

    SHOWN = "a benefit worth having is shown"
    EXCLUDED = "a benefit worth having is excluded"
    HARM = "harm is shown"
    OPEN = "open"
    REFUSED = "the evidence cannot answer"


@dataclass(frozen=True, slots=True, kw_only=True)
class Standard:
    """What a reader asks of the evidence.

    Attributes
    ----------
    relevant : float, 1
        The hazard ratio that is just worth having, below one; a judgement of the reader's.
    certainty : float, 1
        The probability that is enough.
    """

    relevant: float = RELEVANT
    certainty: float = CERTAINTY

    def __post_init__(self) -> None:
        if not 0.0 < self.relevant < 1.0:
            raise AnalysisError(
                f"hazard ratio {self.relevant:g} as just worth having: give one above 0 and below 1, such as 0.8"
            )
        if not 0.5 < self.certainty < 1.0:
            raise AnalysisError(f"certainty {self.certainty:g}: give a probability above 0.5 and below 1, such as 0.95")

    @property
    def log_relevant(self) -> float:
        """The log hazard ratio that is just worth having."""
        return math.log(self.relevant)

    def verdict(self, law: NormalMixture) -> Verdict:
        """Return what a distribution of the log hazard ratio says."""
        worth = law.below(self.log_relevant)
        if 1.0 - law.below(0.0) >= self.certainty:
            return Verdict.HARM
        if worth >= self.certainty:
            return Verdict.SHOWN
        return Verdict.EXCLUDED if worth <= 1.0 - self.certainty else Verdict.OPEN


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
class NextTrial:
    """What one more trial with equal arms would add on its own regimen.

    Attributes
    ----------
    events : int
        Its size.
    patients : int or None
        That give so many events by the time of the control arm's published survival; None where none is published.
    shown, excluded, harm : float, 1
        Chance of each verdict after it.
    significant : float, 1
        Chance that it finds a significant benefit, two-sided 0.05.
    """

    events: int
    patients: int | None
    shown: float
    excluded: float
    harm: float
    significant: float

    @property
    def open(self) -> float:
        """Chance that the question stays open."""
        return max(0.0, 1.0 - self.shown - self.excluded - self.harm)


@dataclass(frozen=True, slots=True, kw_only=True)
class Control:
    """Published survival without the treatment, in the largest trial that prints it.

    Attributes
    ----------
    study : str
        The trial.
    months : float
        When.
    survival : float, 1
        Without the event.
    """

    study: str
    months: float
    survival: float

    def under(self, hazard_ratio: float) -> float:
        """Return the survival under a hazard ratio."""
        return float(self.survival**hazard_ratio)

    def patients(self, events: float, hazard_ratio: float) -> int:
        """Return how many patients in equal arms give so many events by then."""
        return math.ceil(events / (1.0 - 0.5 * (self.survival + self.under(hazard_ratio))))


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


def decide(found: Synthesis, standard: Standard, model: ModelSays, priors: Priors = VAGUE) -> Decision:
    """Return what a pool decides by a standard."""
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
        further=tuple(next_trial(after.law_of_new_study, events, standard, control) for events in EVENTS),
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


def next_trial(law: NormalMixture, events: int, standard: Standard, control: Control | None) -> NextTrial:
    """Return what one more trial would add to what is believed of its effect.

    Parameters
    ----------
    law : NormalMixture
        Of the log hazard ratio in a further trial.
    events : int
        Of the trial, in equal arms.
    standard : Standard
        By which the effect under its regimen is judged.
    control : Control or None
        From which events come.
    """
    error = 2.0 / math.sqrt(events)
    predicted = law.with_error(error)

    def exceeds(limit: float, log_ratio: float) -> float:
        """Return the chance of an estimate after which P(effect < log_ratio) is below a limit."""
        edge = _edge(lambda estimate: law.updated(estimate, error).below(log_ratio) - limit, predicted)
        return 1.0 - predicted.below(edge)

    harm = exceeds(1.0 - standard.certainty, 0.0)
    return NextTrial(
        events=events,
        patients=None if control is None else control.patients(events, standard.relevant),
        shown=1.0 - exceeds(standard.certainty, standard.log_relevant),
        excluded=max(0.0, exceeds(1.0 - standard.certainty, standard.log_relevant) - harm),
        harm=harm,
        significant=predicted.below(-NORMAL_975 * error),
    )


def control_of(trials: Iterable[Taken]) -> Control | None:
    """Return the survival of the control arm of the largest trial whose effect was read off a printed one."""
    known = [
        (effect.n_treated + effect.n_control, each.name, effect.months, effect.survival_control)
        for each in trials
        if (effect := each.effect).months is not None
        and effect.survival_control is not None
        and effect.n_treated is not None
        and effect.n_control is not None
    ]
    if not known:
        return None
    _, study, months, survival = max(known)
    return Control(study=study, months=months, survival=survival)


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


def _edge(excess: Callable[[float], float], predicted: NormalMixture) -> float:
    """Return the estimate at which a falling function is zero; an end of what may come where it is not."""
    low, high = predicted.quantile(EXTREME), predicted.quantile(1.0 - EXTREME)
    if excess(low) <= 0.0:
        return low
    if excess(high) >= 0.0:
        return high
    return float(brentq(excess, low, high, xtol=1e-10))
