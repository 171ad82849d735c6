"""Words by which studies of a pool fall into subgroups."""

from enum import Enum

from trialeukin.evidence.selection import Taken
from trialeukin.evidence.vocabulary import Setting
from trialeukin.regimen.expand import expand
from trialeukin.trial.arm_plan import regimen_of

TRANSPLANTED = {Setting.AUTOLOGOUS, Setting.ALLOGENEIC}


class GroupBy(Enum):
    """What parts the studies of a pool."""

    ROUTE = "route"
    LINEAGE = "lineage"
    TRANSPLANT = "transplant"


def group_of(taken: Taken, by: GroupBy) -> str:
    """Return the subgroup of a study; the route is that of the regimen as it is computed."""
    match by:
        case GroupBy.LINEAGE:
            return taken.lineage.value
        case GroupBy.TRANSPLANT:
            after = TRANSPLANTED & set(taken.study.study.settings)
            return "after transplantation" if after else "not all transplanted"
        case GroupBy.ROUTE:
            arm = taken.study.arm(taken.effect.treated)
            if arm.regimen is None:
                return "route not known"
            return " and ".join(sorted({dose.route.value for dose in expand(regimen_of(arm.regimen))}))
