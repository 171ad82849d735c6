"""The words that the files of published studies choose from, and what they are called where people read them."""

from enum import Enum


class Design(Enum):
    """How a study was made."""

    RANDOMISED = "randomised"
    SINGLE_ARM = "single arm"
    COHORT = "cohort"
    CASE = "case"
    POOLED = "pooled"
    POST_HOC = "post hoc"
    REGISTRY = "registry entry"

    def noun(self, number: int) -> str:
        """Return what one or more studies of it are called; only those that randomise are trials."""
        one, more = {
            Design.RANDOMISED: ("trial", "trials"),
            Design.SINGLE_ARM: ("single-arm study", "single-arm studies"),
            Design.COHORT: ("cohort", "cohorts"),
            Design.CASE: ("case report", "case reports"),
            Design.POOLED: ("pooled result", "pooled results"),
            Design.POST_HOC: ("post hoc analysis", "post hoc analyses"),
            Design.REGISTRY: ("registry entry", "registry entries"),
        }[self]
        return one if number == 1 else more


class Lineage(Enum):
    """Which lineage the patients' disease is of."""

    MYELOID = "myeloid"
    LYMPHOID = "lymphoid"
    MIXED = "mixed"
    OTHER = "other"


class Setting(Enum):
    """When in the disease the treatment was given."""

    FIRST_REMISSION = "cr1"
    LATER_REMISSION = "later remission"
    ACTIVE = "active disease"
    AUTOLOGOUS = "after autologous transplantation"
    ALLOGENEIC = "after allogeneic transplantation"
    RELAPSE_AFTER_ALLOGENEIC = "relapse after allogeneic transplantation"
    GVHD = "gvhd"
    OTHER = "other"

    @property
    def label(self) -> str:
        """Its name in full, for pages and terminals."""
        names = {Setting.FIRST_REMISSION: "first remission", Setting.GVHD: "graft-versus-host disease"}
        return names.get(self, self.value)


SETTINGS = f"a list of {', '.join(repr(each.value) for each in Setting)}"


class Role(Enum):
    """What an arm is to the question of this evidence."""

    IL2 = "il2"
    IL2_HISTAMINE = "il2 with histamine"
    IL2_CELLS = "il2 with cells"
    IL2_OTHER = "il2 with another drug"
    CONTROL = "control"
    OTHER = "other"

    @property
    def label(self) -> str:
        """Its name as people write it, for pages and terminals."""
        return self.value.replace("il2", "IL-2")

    @property
    def has_il2(self) -> bool:
        """Whether patients of the arm get IL-2."""
        return self not in {Role.CONTROL, Role.OTHER}


class Quality(Enum):
    """How near a number is to those who measured it."""

    PRINTED = "printed"
    SECOND_HAND = "second hand"
    REGISTERED = "registered"
    DERIVED = "derived"
    DOUBTFUL = "doubtful"

    @property
    def meaning(self) -> str:
        """What the word says."""
        return {
            Quality.PRINTED: "printed by the study's own report",
            Quality.SECOND_HAND: "printed by somebody else's table or copy",
            Quality.REGISTERED: "from a registry's entry",
            Quality.DERIVED: "computed here from printed numbers",
            Quality.DOUBTFUL: "contradicts another number, or its text was cut",
        }[self]


class Sign(Enum):
    """Whether it is known on which side of one a hazard ratio lies."""

    KNOWN = "known"
    UNKNOWN = "unknown"


class Origin(Enum):
    """Which printed numbers a log hazard ratio and its standard error were solved from, or whose they are."""

    P_AND_EVENTS = "p and events"
    SURVIVAL_RATES = "survival rates"
    RATIO_AND_LIMITS = "hazard ratio and both limits"
    RATIO_AND_LIMIT = "hazard ratio and lower limit"
    LIMIT_AND_P = "lower limit and p"
    RATIO_AND_P = "hazard ratio and p"
    CURVES = "reconstructed curves"


class GoesWith(Enum):
    """Whether a marker went with the clinical effect."""

    YES = "yes"
    NO = "no"
    PARTLY = "partly"


class JudgedOn(Enum):
    """Over what it was judged: patients of one study with more and less of the marker, or the study as a whole."""

    PATIENTS = "patients"
    GROUP = "group"
