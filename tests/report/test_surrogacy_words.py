"""What papers say of markers and the clinical effect, counted."""

import re

from trialeukin.evidence.catalogue import own_studies
from trialeukin.evidence.published_markers import went_together
from trialeukin.report.surrogacy_words import published_statements


def test_statements_add_up_to_the_markers_of_the_studies_that_are_named() -> None:
    for line in published_statements(went_together(own_studies().values())):
        whole = int(re.search(r"(\d+) published statements", line).group(1))  # type: ignore[union-attr]
        kinds = re.findall(r"(\d+) (?:yes|no|partly) \(([^)]*)\)", line)
        named = [
            sum(int(part.split(": ")[1].split()[0]) if ": " in part else 1 for part in studies.split(", "))
            for _, studies in kinds
        ]

        assert named == [int(count) for count, _ in kinds]
        assert sum(named) == whole
