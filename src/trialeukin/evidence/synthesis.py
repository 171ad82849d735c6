"""A pool of the base with everything that stands beside it: sensitivity, what papers printed, who was left out."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from trialeukin.core.errors import AnalysisError
from trialeukin.evidence.assessments import Assessments, Certainty
from trialeukin.evidence.heterogeneity import BetweenMethod
from trialeukin.evidence.influence import Influence, leave_one_out
from trialeukin.evidence.pooling import IntervalMethod, Pooled, pool
from trialeukin.evidence.published_effect import PublishedEffect
from trialeukin.evidence.published_study import PublishedStudy
from trialeukin.evidence.selection import Criteria, PoolDefinition, Selection, by_reason, members_of, select
from trialeukin.evidence.small_studies import SmallStudies, small_studies
from trialeukin.trial.endpoint import Endpoint


@dataclass(frozen=True, slots=True, kw_only=True)
class Method:
    """How effects are pooled."""

    between: BetweenMethod = BetweenMethod.RESTRICTED_LIKELIHOOD
    interval: IntervalMethod = IntervalMethod.NORMAL


@dataclass(frozen=True, slots=True, kw_only=True)
class Sensitivity:
    """The pool under another choice, which the words name."""

    words: str
    pooled: Pooled


@dataclass(frozen=True, slots=True, kw_only=True)
class Synthesis:
    """A pool of hazard ratios of the base.

    Attributes
    ----------
    title : str
        What was pooled.
    selection : Selection
        Which studies, and which not.
    pooled : Pooled
        On the scale of log hazard ratios.
    sensitivity : tuple of Sensitivity
        With the studies of unknown sign, under both signs.
    without : tuple of Influence
        Leaving each out; empty for one study.
    small_studies : SmallStudies
        Whether small studies say something else than large ones.
    published : PublishedEffect or None
        The pool that a paper printed of the same trials.
    certainty : Certainty or None
        What a judge made of it; None while it is not assessed.
    """

    title: str
    selection: Selection
    pooled: Pooled
    sensitivity: tuple[Sensitivity, ...]
    without: tuple[Influence, ...]
    small_studies: SmallStudies
    published: PublishedEffect | None
    certainty: Certainty | None = None


def judged(found: Synthesis, pool: str, assessments: Assessments) -> Synthesis:
    """Return a pool with a name with what a judge made of it; nobody judged it without some of its studies."""
    if found.selection.excluded:
        return found
    return replace(found, certainty=assessments.certainty(pool, found.selection.endpoint))


def synthesis_of_pool(
    studies: Mapping[str, PublishedStudy],
    definition: PoolDefinition,
    endpoint: Endpoint,
    method: Method,
    exclude: tuple[str, ...] = (),
) -> Synthesis:
    """Return a pool with a name; see `synthesis`.

    Raises
    ------
    AnalysisError
        When a study is to be excluded that the pool does not have.
    """
    members = members_of(studies, definition.members)
    strange = [name for name in exclude if name not in members]
    if strange:
        known = ", ".join(members)
        raise AnalysisError(f"{', '.join(strange)} cannot be excluded: pool {definition.name!r} is of {known}")
    selection = select(members, endpoint, Criteria(role=definition.role), exclude)
    return synthesis(definition.title, selection, method, _published(studies, definition, endpoint, exclude))


def synthesis_by_criteria(
    studies: Mapping[str, PublishedStudy],
    criteria: Criteria,
    endpoint: Endpoint,
    method: Method,
    exclude: tuple[str, ...] = (),
) -> Synthesis:
    """Return the pool of all studies that meet criteria; see `synthesis` and `select`."""
    return synthesis(f"All studies: {criteria.words}", select(studies, endpoint, criteria, exclude), method)


def synthesis(title: str, selection: Selection, method: Method, published: PublishedEffect | None = None) -> Synthesis:
    """Return the pool of a selection.

    Raises
    ------
    AnalysisError
        When no study with a hazard ratio of known sign is left; the message says why each was left out.
    """
    if not selection.taken:
        why = by_reason((*selection.without_sign, *selection.left_out))
        label = selection.endpoint.value.upper()
        raise AnalysisError("\n".join([f"no study is left with a hazard ratio of {label} that can be pooled:", *why]))
    effects = selection.effects()
    return Synthesis(
        title=title,
        selection=selection,
        pooled=pool(effects, method.between, method.interval),
        sensitivity=_sensitivity(selection, method),
        without=leave_one_out(effects, method.between, method.interval) if effects.k > 1 else (),
        small_studies=small_studies(effects, method.between),
        published=published,
    )


def _sensitivity(selection: Selection, method: Method) -> tuple[Sensitivity, ...]:
    if not selection.unsigned:
        return ()
    names = ", ".join(each.name for each in selection.unsigned)
    return tuple(
        Sensitivity(
            words=f"with {names}, its sign taken to {words}",
            pooled=pool(selection.effects(sign), method.between, method.interval),
        )
        for sign, words in ((-1.0, "favour IL-2"), (1.0, "favour control"))
    )


def _published(
    studies: Mapping[str, PublishedStudy], definition: PoolDefinition, endpoint: Endpoint, exclude: tuple[str, ...]
) -> PublishedEffect | None:
    if definition.published is None or exclude:
        return None
    wanted = definition.published
    return next(
        (
            effect
            for effect in studies[wanted.study].effects
            if effect.endpoint is endpoint and effect.population == wanted.population
        ),
        None,
    )
