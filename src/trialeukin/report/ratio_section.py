"""The hazard ratio that trials of the study's size would find, its power, and what its width is made of."""

from trialeukin.report.monitoring_blocks import monitoring_blocks
from trialeukin.report.page import Section
from trialeukin.report.picture import Picture, Words
from trialeukin.report.ratio_figure import RatioWithInterval, ratio_figure
from trialeukin.report.study_wording import (
    origin_of,
    parameters_taken,
    percent_with_error,
    published_ratio,
    ratio_with_interval,
)
from trialeukin.report.table import Table
from trialeukin.report.treatments_blocks import treatments_blocks
from trialeukin.report.variance_figure import variance_figure
from trialeukin.report.wording import anchor, give_or_take, percent
from trialeukin.trial.estimate import interval
from trialeukin.trial.published import PublishedRatio
from trialeukin.trial.result import EndpointResult, StudyResult
from trialeukin.trial.simulation.estimand import Strategy

COUNTS_AS = {
    Strategy.COMPOSITE: "it is an event itself",
    Strategy.WHILE_ON_TREATMENT: "follow-up ends with it",
    Strategy.HYPOTHETICAL: "as if nobody refused, gave up or was stopped, simulated again",
}


def ratio_section(result: StudyResult) -> Section:
    """Return one picture of hazard ratios an endpoint, the power, and the shares of variance."""
    provenance = result.provenance
    pictures: list[Picture | Table] = [
        _ratios(result, treatment, found) for treatment, each in result.comparisons.items() for found in each
    ]
    pictures.extend((_power(result), *treatments_blocks(result)))
    pictures.extend(_shares(found) for found in result.endpoints[:1] if found.components)
    if result.estimands:
        pictures.append(_estimands(result))
    pictures.extend(monitoring_blocks(result))
    words = (
        f"{provenance.replicates:,} virtual trials of the study's size were drawn, "
        f"{parameters_taken(provenance.draws)}. Each takes patients from the population, and chance in randomisation, "
        "entry and loss; a ratio below one favours "
        f"{result.study.treatment.name if result.family is None else 'the treatment'}.",
    )
    return Section(name="ratio", title="Hazard ratio and power", words=words, blocks=tuple(pictures))


def _ratios(result: StudyResult, treatment: str, found: EndpointResult) -> Picture:
    name, several = found.endpoint.label.lower(), result.family is not None
    printed = result.study.published.hazard_ratios if treatment == result.study.treatment.name else ()
    printed = tuple(each for each in printed if each.endpoint is found.endpoint)
    published = tuple(
        RatioWithInterval(
            label=f"Published ({each.origin.value})", value=each.value, lower=each.lower, upper=each.upper
        )
        for each in printed
    )
    interval = found.hazard_ratio
    predicted = RatioWithInterval(
        label="Predicted, 95 % of trials", value=interval.median, lower=interval.lower, upper=interval.upper
    )
    beside = "; ".join(f"{published_ratio(each)}, {origin_of(each)}" for each in printed) or "none published"
    words = Words(
        name=f"ratio-{anchor(treatment)}-{found.endpoint.value}" if several else f"ratio-{found.endpoint.value}",
        title=f"Hazard ratio for {name}{f', {treatment} over {result.study.control.name}' if several else ''}",
        description=f"Predicted {ratio_with_interval(interval)}; published: {beside}.",
        caption=f"Hazard ratios for {name} in {len(found.ratios):,} replicate trials, over their median and "
        f"central 95 % and what was published. {' '.join(_sources(printed))}",
    )
    return ratio_figure(words, found.ratios, predicted, published)


def _sources(printed: tuple[PublishedRatio, ...]) -> list[str]:
    said = []
    for each in printed:
        how = f" (reconstructed: {each.formula})" if each.formula else ""
        note = f" {each.note}." if each.note else ""
        said.append(f"Published: {each.source}{how}.{note}")
    return said or ["No hazard ratio is published."]


def _power(result: StudyResult) -> Table:
    rows = [
        (
            f"Predicted hazard ratio (95 % of trials, {parameters_taken(result.provenance.draws)})",
            *(ratio_with_interval(x.hazard_ratio) for x in result.endpoints),
        ),
        ("Monte Carlo error of its median", *(give_or_take(x.ratio_error, 3) or "–" for x in result.endpoints)),
        ("Hazard ratio in the whole population", *(f"{x.population_ratio:.2f}" for x in result.endpoints)),
        (
            "Power at the typical parameters: significant with the treatment better",
            *(percent_with_error(x.power) for x in result.endpoints),
        ),
        ("Significant in either direction", *(percent_with_error(x.significant) for x in result.endpoints)),
        (
            "Power averaged over the parameters",
            *(percent_with_error(x.assurance) if x.assurance else "–" for x in result.endpoints),
        ),
        (
            "Events in one trial (95 % of trials)",
            *(f"{x.events.median:.0f} ({x.events.lower:.0f} to {x.events.upper:.0f})" for x in result.endpoints),
        ),
        ("Trials without a finite hazard ratio", *(str(x.not_estimable) for x in result.endpoints)),
    ]
    return Table(
        caption=f"What replicate trials find of {result.study.treatment.name} over {result.study.control.name}: "
        f"{result.study.analysis.words}; ± one standard Monte Carlo error",
        head=("what", *(found.endpoint.label for found in result.endpoints)),
        rows=tuple(rows),
    )


def _estimands(result: StudyResult) -> Table:
    primary = result.endpoints[0]
    policy = (
        ratio_with_interval(interval(primary.ratios_at_typical)),
        percent_with_error(primary.power),
        percent_with_error(primary.significant),
        f"{primary.events.median:.0f}",
    )
    others = (
        (
            f"{found.strategy.value}: {COUNTS_AS[found.strategy]}",
            ratio_with_interval(found.hazard_ratio),
            percent_with_error(found.power),
            percent_with_error(found.significant),
            f"{found.events.median:.0f}",
        )
        for found in result.estimands
    )
    return Table(
        caption=f"Estimands of {primary.endpoint.label.lower()}: what trials at the typical parameters find if a "
        "regimen that is refused, given up or stopped early counts otherwise; ± one standard Monte Carlo error",
        head=("strategy", "hazard ratio (95 % of trials)", "power", "significant in either direction", "events"),
        rows=(
            ("treatment policy: as it comes, like the comparison above but at the typical parameters", *policy),
            *others,
        ),
    )


def _shares(found: EndpointResult) -> Picture:
    shares = tuple((part.chance.value, part.share) for part in found.components)
    listed = "; ".join(f"{source}: {percent(share)}" for source, share in shares)
    intervals = "; ".join(
        f"{part.chance.value} alone {ratio_with_interval(part.interval)}" for part in found.components
    )
    few = any(share < 0.0 for _, share in shares)
    below = " A share below zero is a small one, estimated from too few trials to tell it from none." if few else ""
    words = Words(
        name="variance",
        title="What the width of the interval is made of",
        description=f"Shares of the variance of the log hazard ratio. {listed}.",
        caption=f"Shares of the variance of the log hazard ratio for {found.endpoint.label.lower()}. The interval if "
        f"only one were left to chance: {intervals}.{below}",
    )
    return variance_figure(words, shares)
