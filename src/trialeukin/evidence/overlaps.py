"""Studies that count the same patients, as data; two of them are never in one pool."""

from collections.abc import Iterable
from functools import cache
from importlib import resources
from itertools import combinations

from pydantic import Field

from trialeukin.core.errors import AnalysisError
from trialeukin.trial.section import Section, Text
from trialeukin.trial.toml_model import model_from_text

FILE = "overlaps.toml"


class Same(Section):
    """Studies of one set of patients, or of sets that hold each other."""

    members: tuple[Text, ...] = Field(min_length=2, description="a list of two or more studies")
    reason: Text = Field(description="why their patients are the same")


class Parts(Section):
    """A study that is made of others, which may stand beside each other."""

    whole: Text = Field(description="the study that is made of the others")
    members: tuple[Text, ...] = Field(min_length=1, description="a list of its parts")
    reason: Text = Field(description="how it is made of them")


class Overlaps(Section):
    """All that is known of studies that count the same patients."""

    same: tuple[Same, ...] = Field(default=(), description="a list of groups")
    parts: tuple[Parts, ...] = Field(default=(), description="a list of wholes and their parts")

    def reason(self, one: str, other: str) -> str | None:
        """Return why two studies may not be in one pool; None where nothing is known against it."""
        for same in self.same:
            if one in same.members and other in same.members:
                return same.reason
        for parts in self.parts:
            if parts.whole in {one, other} and {one, other} - {parts.whole} <= set(parts.members):
                return parts.reason
        return None


@cache
def overlaps() -> Overlaps:
    """Return the overlaps that come with the base."""
    text = resources.files("trialeukin.evidence").joinpath(FILE).read_text(encoding="utf-8")
    return model_from_text(Overlaps, text, name=FILE)


def refuse_overlap(names: Iterable[str]) -> None:
    """Refuse studies of which two count the same patients.

    Raises
    ------
    AnalysisError
        Naming every such pair, why, and the way out.
    """
    faults = [
        f"{one} and {other} count the same patients: {reason}"
        for one, other in combinations(names, 2)
        if (reason := overlaps().reason(one, other)) is not None
    ]
    if faults:
        raise AnalysisError("\n".join([*faults, "leave one of each pair out of the pool (--exclude STUDY)"]))
