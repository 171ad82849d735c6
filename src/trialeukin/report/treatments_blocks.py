"""Several treatments against one control: each one's hazard ratio, and what trials claim of all together."""

from collections.abc import Callable

from trialeukin.report.study_wording import percent_with_error, ratio_with_interval
from trialeukin.report.table import Table
from trialeukin.trial.multiplicity import Claims, Family
from trialeukin.trial.result import EndpointResult, StudyResult


def treatments_blocks(result: StudyResult) -> tuple[Table, ...]:
    """Return tables of all treatments and of what is claimed of them; none where a study has one."""
    return () if result.family is None else (_each(result, result.family), _together(result, result.family))


def _each(result: StudyResult, family: Family) -> Table:
    rows: list[tuple[str, ...]] = []
    for place, endpoint in enumerate(result.study.analysis.endpoints):
        found, name = [each[place] for each in result.comparisons.values()], endpoint.value.upper()
        rows += [(f"{name} {what}", *map(say, found)) for what, say in SAID]
        if endpoint is family.endpoint:
            rows += [
                (f"{name} claimed", *(percent_with_error(each.typical) for each in family.benefit.values())),
                (f"{name} claimed, averaged over the parameters", *map(drawn, family.benefit.values())),
                (f"{name} best of all", *(percent_with_error(each.typical) for each in family.best.values())),
            ]
    return Table(
        caption=f"Each treatment over {result.study.control.name}: {result.study.analysis.words}. Claimed: better, "
        f"with tests {family.procedure.words}; best of all: by its log-rank statistic; ± one standard "
        "Monte Carlo error",
        head=("what", *result.comparisons),
        rows=tuple(rows),
    )


SAID: tuple[tuple[str, Callable[[EndpointResult], str]], ...] = (
    ("hazard ratio (95 % of trials)", lambda found: ratio_with_interval(found.hazard_ratio)),
    ("hazard ratio in the whole population", lambda found: f"{found.population_ratio:.2f}"),
    ("power by itself", lambda found: percent_with_error(found.power)),
)


def _together(result: StudyResult, family: Family) -> Table:
    treatments = f"{len(result.comparisons)} treatments together, tests {family.procedure.words}"
    rows = (
        ("at least one treatment better", family.any_benefit),
        ("every treatment better", family.all_benefit),
        ("a difference of any treatment, in either direction", family.any_difference),
    )
    return Table(
        caption=f"What trials claim of the {treatments}; ± one standard Monte Carlo error",
        head=("claim", "at the typical parameters", "averaged over the parameters"),
        rows=tuple((what, percent_with_error(claims.typical), drawn(claims)) for what, claims in rows),
    )


def drawn(claims: Claims) -> str:
    """Return a share of trials averaged over the parameters; a dash where none were drawn."""
    return "–" if claims.drawn is None else percent_with_error(claims.drawn)
