"""The published studies of a server, its user's own among them, and what judges made of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from fastapi import Request

from trialeukin.evidence.assessments import Assessments, assessments_with
from trialeukin.evidence.catalogue import studies_with
from trialeukin.evidence.published_study import PublishedStudy


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceBase:
    """What was found in people, as it was when the server started.

    Attributes
    ----------
    studies : Mapping of str to PublishedStudy
        Those of the package and of its user, by their names.
    assessments : Assessments
        What judges made of studies and pools.
    """

    studies: Mapping[str, PublishedStudy]
    assessments: Assessments

    @classmethod
    def open(cls, directory: Path | None) -> "EvidenceBase":
        """Return the base with the files of a user's directory, if there is one.

        Raises
        ------
        StudyError
            When one of its files is at fault.
        """
        return cls(studies=studies_with(directory), assessments=assessments_with(directory))


def base_of(request: Request) -> EvidenceBase:
    """Return the base of the server that answers a request."""
    base: EvidenceBase = request.app.state.base
    return base
