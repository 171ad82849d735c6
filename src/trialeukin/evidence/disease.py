"""The diseases that studies are asked for by, found in the words in which a study's file names its own."""

import re
from enum import Enum

CASE = re.IGNORECASE


class NamedDisease(Enum):
    """A disease of the base; a study may be of several, or of one that has no name here."""

    AML = "AML"
    ALL = "ALL"
    CML = "CML"
    CLL = "CLL"
    HAIRY_CELL = "hairy cell"
    MDS = "MDS"
    LYMPHOMA = "lymphoma"
    GVHD = "GVHD"

    def is_named_in(self, words: str) -> bool:
        """Say whether words name it as a disease of the patients; "non-CML" does not."""
        return PATTERNS[self].search(words) is not None


def _whole(names: str, flags: re.RegexFlag = CASE) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)(?<!non-)(?:{names})(?!\w)", flags)


PATTERNS = {
    NamedDisease.AML: _whole(r"AML|acute myelo(?:id|genous) leuka?emia"),
    NamedDisease.ALL: _whole(r"ALL|(?i:acute lympho(?:blast|cyt)ic leuka?emia)", re.NOFLAG),  # "all" is a word
    NamedDisease.CML: _whole(r"CML|chronic myelo(?:id|genous) leuka?emia"),
    NamedDisease.CLL: _whole(r"CLL|chronic lymphocytic leuka?emia"),
    NamedDisease.HAIRY_CELL: _whole(r"HCL|hairy[ -]cell"),
    NamedDisease.MDS: _whole(r"MDS|myelodysplas(?:ia|tic syndromes?)"),
    NamedDisease.LYMPHOMA: _whole(r"lymphomas?|NHL|HD"),
    NamedDisease.GVHD: _whole(r"GVHD|graft-versus-host disease"),
}
