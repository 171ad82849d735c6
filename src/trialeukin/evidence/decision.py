"""What a pool of trials decides, what it leaves open, and what one more trial would add; or that it cannot answer.

The verdict, by a reader's standard, is that of the average over trials under vague priors. Where the sign of a trial's
effect is not known the trials are read twice, with either sign, and the verdict has to be the same. It takes two trials
or more: one cannot show by how much trials differ, so that of one the answer is refused.

A verdict is firm if it stays, in every reading, without any one trial, under narrower and wider priors of how trials
differ, and for whoever has to be convinced (Spiegelhalter, Freedman and Parmar, J R Stat Soc A 1994;157:357): a sceptic
that a benefit is there, an enthusiast that it is not. No prediction of the model takes part.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import Enum

from scipy.special import ndtri

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
OTHER_SCALES = (0.1, 1.0)  # of tau's prior, beside the usual one
OTHER_RELEVANT = (0.7, 0.75, 0.8, 0.85, 0.9, 0.95)
EVENTS = (100, 200, 400, 800, 1600, 3200)
POWER = 0.9
FEWEST = 2


class Kind(Enum):
    """How a view comes about."""

    OWN = "the only study by itself"
    AVERAGE = "average over the trials"
    FURTHER = "in a further trial"
    WITHOUT = "without a trial"
    SCEPTIC = "for a sceptic"
    ENTHUSIAST = "for an enthusiast"
    SPREAD = "under another prior of how trials differ"


TO_CONVINCE = {Verdict.SHOWN: Kind.SCEPTIC, Verdict.EXCLUDED: Kind.ENTHUSIAST, Verdict.HARM: Kind.ENTHUSIAST}


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
        Of the average over trials in every reading, if the evidence can answer.
    reasons : tuple of str
        Why it is refused, or open because readings differ.
    views : tuple of View
        The first is the average over the trials whose sign is known, or the only study by itself.
    readings : tuple of View
        The averages that the verdict is of: that one, or those with either sign of trials whose sign is not known.
    by_relevant : tuple of (ratio, probabilities, Verdict)
        What would be decided by other hazard ratios just worth having, and P(HR below each) in every reading.
    needed : float
        Events at which a trial has 90 % power for the effect just worth having.
    further : tuple of NextTrial
        By size; none where the answer is refused.
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
    readings: tuple[View, ...]
    by_relevant: tuple[tuple[float, tuple[float, ...], Verdict], ...]
    needed: float
    further: tuple[NextTrial, ...]
    control: Control | None
    model: ModelSays

    @property
    def against(self) -> tuple[View, ...]:
        """Views that a verdict has to stand in to be firm, and does not; none of a question that is open or refused."""
        convinced = TO_CONVINCE.get(self.verdict)
        tested = {Kind.AVERAGE, Kind.WITHOUT, Kind.SPREAD, convinced} if convinced else set()
        return tuple(each for each in self.views if each.kind in tested and each.verdict is not self.verdict)

    @property
    def firm(self) -> bool:
        """Whether the verdict stays without any one trial, under other priors, and for whoever has to be convinced."""
        return self.verdict in TO_CONVINCE and not self.against

    def of(self, *kinds: Kind) -> tuple[View, ...]:
        """Return the views of some kinds."""
        return tuple(each for each in self.views if each.kind in kinds)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reading:
    """The trials with one sign of those whose sign is not known; ``words`` say which, empty where all are known."""

    words: str
    effects: Effects
    unsigned: frozenset[str] = frozenset()


def decide(
    found: Synthesis, standard: Standard, model: ModelSays = NO_MODEL, *, sizes: tuple[int, ...] = EVENTS
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
    sizes : tuple of int
        Events of one more trial, to tell what each would add.
    """
    control = control_of((*found.selection.taken, *found.selection.unsigned))
    needed = events_needed(Contrast(hazard_ratio=standard.relevant), power=POWER)
    if found.pooled.k < FEWEST:
        return _refused(found, standard, model, needed=needed, control=control)
    after = posterior(found.pooled.effects, VAGUE)
    design = found.selection.design
    average = _view(Kind.AVERAGE, f"average over {found.pooled.k} {design.noun(found.pooled.k)}", after.law, standard)
    read = _readings(found)
    laws = {each.words: posterior(each.effects, VAGUE).law for each in read}
    readings = tuple(_view(Kind.AVERAGE, words or average.words, law, standard) for words, law in laws.items())
    verdict, reasons = _decided(readings)
    return Decision(
        found=found,
        standard=standard,
        verdict=verdict,
        reasons=reasons,
        views=(
            average,
            *(readings if len(readings) > 1 else ()),
            _view(Kind.FURTHER, "in a further trial like these", after.law_of_new_study, standard),
            *(view for each in read for view in _seen_otherwise(each, standard)),
        ),
        readings=readings,
        by_relevant=tuple(_by(replace(standard, relevant=ratio), tuple(laws.values())) for ratio in OTHER_RELEVANT),
        needed=needed,
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


def _readings(found: Synthesis) -> tuple[_Reading, ...]:
    if not found.sensitivity:
        return (_Reading(words="", effects=found.pooled.effects),)
    unsigned = frozenset(each.name for each in found.selection.unsigned)
    return tuple(
        _Reading(words=each.words, effects=each.pooled.effects, unsigned=unsigned) for each in found.sensitivity
    )


def _seen_otherwise(reading: _Reading, standard: Standard) -> tuple[View, ...]:
    """Return a reading without each trial, to a sceptic and an enthusiast, and under other priors of tau."""
    effects, under = reading.effects, f", {reading.words}" if reading.words else ""
    spread = float(standard.log_relevant / ndtri(UNLIKELY))
    likely = f"{100.0 * UNLIKELY:g} % likely"
    seen: list[tuple[Kind, str, Effects, Priors]] = [
        (Kind.WITHOUT, f"without {label}", effects.without(place), VAGUE)
        for place, label in enumerate(effects.labels)
        if label not in reading.unsigned
    ]
    sceptic, enthusiast = (replace(VAGUE, centre=at, spread=spread) for at in (0.0, standard.log_relevant))
    seen += [
        (Kind.SCEPTIC, f"a sceptic (1, {standard.relevant:g} or better {likely})", effects, sceptic),
        (Kind.ENTHUSIAST, f"an enthusiast ({standard.relevant:g}, no benefit {likely})", effects, enthusiast),
    ]
    seen += [
        (Kind.SPREAD, f"trials differ by a prior of scale {scale:g}", effects, replace(VAGUE, scale=scale))
        for scale in OTHER_SCALES
    ]
    return tuple(_view(kind, f"{words}{under}", posterior(of, by).law, standard) for kind, words, of, by in seen)


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


def _decided(readings: tuple[View, ...]) -> tuple[Verdict, tuple[str, ...]]:
    """Return the verdict that all readings share; without one the question is open."""
    first = readings[0].verdict
    if all(each.verdict is first for each in readings):
        return first, ()
    return Verdict.OPEN, tuple(f"{each.words}: {each.verdict.value}" for each in readings)


def _by(standard: Standard, laws: tuple[NormalMixture, ...]) -> tuple[float, tuple[float, ...], Verdict]:
    verdicts = {standard.verdict(law) for law in laws}
    shared = verdicts.pop() if len(verdicts) == 1 else Verdict.OPEN
    return standard.relevant, tuple(law.below(standard.log_relevant) for law in laws), shared


def _refused(
    found: Synthesis, standard: Standard, model: ModelSays, *, needed: float, control: Control | None
) -> Decision:
    (only,), unsigned = found.selection.taken, found.selection.unsigned
    design = found.selection.design
    alone = f"the only {design.noun(1)}{' whose sign is known' if unsigned else ''}"
    by_itself = normal(only.effect.log_hazard_ratio, only.effect.se or 0.0)
    own = _view(Kind.OWN, f"{only.name} by itself, solved from {only.effect.origin.value}", by_itself, standard)
    return Decision(
        found=found,
        standard=standard,
        verdict=Verdict.REFUSED,
        reasons=(
            f"{only.name} is {alone}: by how much {design.noun(2)} of this treatment differ cannot be seen from one, "
            "so that its own interval is too narrow for the next trial",
        ),
        views=(own,),
        readings=(own,),
        by_relevant=(),
        needed=needed,
        further=(),
        control=control,
        model=model,
    )
