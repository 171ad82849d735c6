"""Where numbers come from: keys of ``sources.bib`` with a place, or an assumption with its reason."""

from dataclasses import dataclass
from functools import cache
from importlib import resources

from pybtex.database import BibliographyData, parse_string

from trialeukin.core.errors import ParameterError

ASSUMED = "assumed"


@dataclass(frozen=True, slots=True)
class Source:
    """The origin of one number.

    Attributes
    ----------
    key : str
        A key of ``sources.bib``, or the word ``assumed``.
    place : str
        The page, table or sentence of that work; for an assumption, its reason.
    """

    key: str
    place: str

    def __post_init__(self) -> None:
        if not self.place:
            raise ParameterError(f"source {self.key!r} names no place: give a page, a table or a reason")
        if self.key != ASSUMED and self.key not in bibliography().entries:
            raise ParameterError(
                f"source {self.key!r} is not in sources.bib: add the work there, or write Source({ASSUMED!r}, reason)"
            )

    @property
    def assumed(self) -> bool:
        """Whether the number is an assumption."""
        return self.key == ASSUMED

    def __str__(self) -> str:
        return f"assumed: {self.place}" if self.assumed else f"{citation(self.key)}, {self.place}"


def assumed(reason: str) -> Source:
    """Return the source of a number that no work gives, with the reason for it."""
    return Source(ASSUMED, reason)


@cache
def bibliography() -> BibliographyData:
    """Return every work that trialeukin takes a number from."""
    text = resources.files("trialeukin.core").joinpath("sources.bib").read_text(encoding="utf-8")
    return parse_string(text, "bibtex")


@cache
def citation(key: str) -> str:
    """Return a short citation of a work, such as ``Konrad 1990 (Cancer Res 50:2009)``."""
    entry = bibliography().entries[key]
    fields = entry.fields
    people = entry.persons.get("author", [])
    who = " ".join(people[0].last_names) if people else fields.get("title", key)
    number = ":".join(part for part in (fields.get("volume"), fields.get("pages")) if part)
    where = " ".join(part for part in (fields.get("journal"), number) if part)
    head = " ".join(part for part in (who, fields.get("year")) if part)
    return f"{head} ({where})" if where else head
