"""What a trial counts: the endpoints, and how long a month is."""

from enum import Enum

DAYS_A_YEAR, MONTHS_A_YEAR = 365.25, 12.0
DAYS_A_MONTH = DAYS_A_YEAR / MONTHS_A_YEAR


class Endpoint(Enum):
    """A time to event from randomisation, by intention to treat; the values are the words of study files."""

    LFS = "lfs"
    OS = "os"

    @property
    def label(self) -> str:
        """The words of a heading."""
        return {"lfs": "Leukaemia-free survival", "os": "Overall survival"}[self.value]


class Cause(Enum):
    """The competing ways in which a first remission ends."""

    RELAPSE = "relapse"
    DEATH_IN_REMISSION = "death in remission"
