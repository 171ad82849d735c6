"""Words by which studies of a pool fall into subgroups."""

from enum import Enum

from trialeukin.evidence.arm_exposure import dosing_days, il2_drugs
from trialeukin.evidence.published_study import PublishedArm
from trialeukin.evidence.selection import Taken
from trialeukin.evidence.vocabulary import Setting
from trialeukin.regimen.expand import expand
from trialeukin.regimen.library import regimen_of

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
    given = [dose for dose in expand(regimen_of(arm.regimen)) if dose.drug in il2_drugs()]
    days = dosing_days(given)
    span = max(days) - min(days) + 1
    pattern = "repeated courses"
    if span < WEEKS:
        pattern = "a short course"
    elif len(days) >= span / 2:
        pattern = "daily"
    return f"{pattern} {' and '.join(sorted({dose.route.value for dose in given}))}"


def group_of(taken: Taken, by: GroupBy) -> str:
    """Return the subgroup of a study; the route is that of the regimen as it is computed."""
    match by:
        case GroupBy.LINEAGE:
            return taken.lineage.value
        case GroupBy.TRANSPLANT:
            after = TRANSPLANTED & set(taken.study.study.settings)
            return "after transplantation" if after else "not all transplanted"
        case GroupBy.SCHEDULE:
            return schedule_of(taken.study.arm(taken.effect.treated))
        case GroupBy.ROUTE:
            arm = taken.study.arm(taken.effect.treated)
            if arm.regimen is None:
                return "route not known"
            return " and ".join(sorted({dose.route.value for dose in expand(regimen_of(arm.regimen))}))
