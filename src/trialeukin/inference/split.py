"""Which studies no fit may see, decided by their names before anything was fitted.

A study is held out when the SHA-256 of its name (UTF-8, as the table of observations writes it) begins with 0 to 4 in
hexadecimal: five of sixteen digits, so nobody chose. A publication that appears under several names is held out under
all of them if it is under one; `studies.csv` lists the names and which of them are one publication. The names are
those of the tables of pharmacokinetics, response, toxicity, donor lymphocytes and immune evidence; a study that stands
only in the evidence of trials has its name there.
"""

import csv
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from importlib import resources

from trialeukin.core.errors import InputError

HELD_OUT_DIGITS = frozenset("01234")
TABLE = "studies.csv"


@dataclass(frozen=True, slots=True, kw_only=True)
class Study:
    """One name under which a study was observed.

    Attributes
    ----------
    name : str
        As the table of observations writes it.
    publication : str
        One word for the work behind it; names that share it are one study.
    """

    name: str
    publication: str

    def __post_init__(self) -> None:
        if not self.name or not self.publication:
            raise InputError(f"study {self.name!r} of publication {self.publication!r}: give both")


def digit(name: str) -> str:
    """Return the first hexadecimal digit of the SHA-256 of a study's name."""
    return sha256(name.encode("utf-8")).hexdigest()[0]


def held_out_by_name(name: str) -> bool:
    """Say whether the rule holds out a study of this name, whatever other names it has."""
    return digit(name) in HELD_OUT_DIGITS


def held_out(name: str) -> bool:
    """Say whether a study is held out: by its name, or by another name of the same publication."""
    return any(held_out_by_name(each) for each in {name, *_names_of(name)})


@cache
def studies() -> tuple[Study, ...]:
    """Return every study of `studies.csv`, in its order."""
    text = resources.files("trialeukin.inference").joinpath(TABLE).read_text(encoding="utf-8")
    return tuple(Study(name=row["study"], publication=row["publication"]) for row in csv.DictReader(text.splitlines()))


def _names_of(name: str) -> tuple[str, ...]:
    """Return all names of the publication that one name stands for."""
    publications = {each.publication for each in studies() if each.name == name}
    return tuple(each.name for each in studies() if each.publication in publications)
