"""Words by which studies of a pool fall into subgroups."""

from enum import Enum

from trialeukin.evidence.arm_exposure import dosing_days
from trialeukin.evidence.meta_regression import Subgroups, nothing_to_compare, subgroups
from trialeukin.evidence.published_study import PublishedArm
from trialeukin.evidence.selection import Taken
from trialeukin.evidence.synthesis import Method, Synthesis
from trialeukin.evidence.vocabulary import Setting
from trialeukin.regimen.administration import Administration
from trialeukin.regimen.expand import expand
from trialeukin.regimen.library import regimen_of
from trialeukin.regimen.products import product

WEEKS = 28  # day
TRANSPLANTED = {Setting.AUTOLOGOUS, Setting.ALLOGENEIC}


class GroupBy(Enum):
    """What parts the studies of a pool."""

    ROUTE = "route"
    LINEAGE = "lineage"
    TRANSPLANT = "transplant"
    SCHEDULE = "schedule"


def schedule_of(arm: PublishedArm) -> str:
    """Return pattern and route of an arm's regimen, as it is computed.

    Daily: IL-2 on half of the days or more, over four weeks or more; a short course: less than four weeks; else
    repeated courses.
    """
    if arm.regimen is None:
        return "schedule not known"
    given = _il2_doses(arm.regimen)
    if not given:
        return "no IL-2"
    days = dosing_days(given)
    span = max(days) - min(days) + 1
    pattern = "repeated courses"
    if span < WEEKS:
        pattern = "a short course"
    elif len(days) >= span / 2:
        pattern = "daily"
    return f"{pattern} {_routes_of(given)}"


def _il2_doses(text: str) -> list[Administration]:
    return [dose for dose in expand(regimen_of(text)) if product(dose.drug).is_interleukin_2]


def _routes_of(given: list[Administration]) -> str:
    return " and ".join(sorted({dose.route.value for dose in given}))


def parted(found: Synthesis, by: GroupBy, method: Method) -> Subgroups | str:
    """Return the pools of subgroups and the test between them, or that there is nothing to compare."""
    groups = [group_of(each, by) for each in found.selection.taken]
    return nothing_to_compare(groups) or subgroups(found.pooled.effects, groups, method.between, method.interval)


def group_of(taken: Taken, by: GroupBy) -> str:
    """Return the subgroup of a study; the route is that of the IL-2 of its regimen as it is computed."""
    match by:
        case GroupBy.LINEAGE:
            return taken.lineage.value
        case GroupBy.TRANSPLANT:
            after = TRANSPLANTED & set(taken.settings)
            return "after transplantation" if after else "not all transplanted"
        case GroupBy.SCHEDULE:
            return schedule_of(taken.study.arm(taken.effect.treated))
        case GroupBy.ROUTE:
            arm = taken.study.arm(taken.effect.treated)
            return "route not known" if arm.regimen is None else _routes_of(_il2_doses(arm.regimen)) or "no IL-2"
