"""What papers say of markers and the clinical effect, counted."""

import re

from trialeukin.evidence.catalogue import own_studies
from trialeukin.evidence.explanations import Explanation, Reason
from trialeukin.evidence.mediation import Estimate, Mediation, PathEffect
from trialeukin.evidence.published_markers import went_together
from trialeukin.evidence.surrogacy import StructureSurrogacy, Within
from trialeukin.model.structures import STRUCTURES, MarkerPath
from trialeukin.report.surrogacy_words import plain_answer, published_statements, refutation


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


def nothing_happens() -> StructureSurrogacy:
    none = Estimate(value=-1e-9, error=0.0)
    return StructureSurrogacy(
        structure=STRUCTURES[0],
        mediation=Mediation(
            structure=STRUCTURES[0].name,
            horizon=60.0,
            patients=100,
            draws=1,
            total=none,
            others=none,
            paths=tuple(PathEffect(path=path, alone=none, lost=none, part=none) for path in MarkerPath),
            longer=0.0,
            shorter=0.0,
        ),
        within=tuple(
            Within(path=path, rise=(1.0, 1.0, 1.0), treated=None, association=None, refusal="alike")
            for path in MarkerPath
        ),
        explanations=tuple(Explanation(reason=each, gain=none, log_ratio=none, events=None) for each in Reason),
    )


def test_a_treatment_that_does_nothing_is_not_said_to_move_markers_or_to_pull_apart() -> None:
    moving, parts, same = plain_answer((nothing_happens(),))

    assert moving.startswith("The markers do not move: within four weeks NK cells rise 1.0 times")
    assert parts.startswith("By kind of cell: of 60 months, NK cells give +0.0 ± 0.0")
    assert same.startswith("Most patients cannot show it: 100 %")
    assert refutation((nothing_happens(),))[0].endswith("no number of events gives a trial 80 % power.")
