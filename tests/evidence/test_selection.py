"""Whose hazard ratio a pool takes: the patients, the arms and the design of the effect, not of the whole study."""

from collections.abc import Callable

import pytest

from trialeukin.evidence.arm_exposure import ExposureMeasure, not_computed
from trialeukin.evidence.catalogue import by_name, own_studies, study_from_text
from trialeukin.evidence.comparisons import Question, comparisons
from trialeukin.evidence.disease import NamedDisease
from trialeukin.evidence.dose_response import dose_response
from trialeukin.evidence.frozen import frozen_predictions
from trialeukin.evidence.grouping import GroupBy, group_of, schedule_of
from trialeukin.evidence.pooling import pool
from trialeukin.evidence.published_markers import trials_of
from trialeukin.evidence.published_study import PublishedStudy
from trialeukin.evidence.selection import Criteria, select
from trialeukin.evidence.vocabulary import Design, Lineage, Role, Setting
from trialeukin.trial.endpoint import Endpoint

Made = Callable[..., PublishedStudy]
CONTROL = 'name = "control"\nrole = "control"'
SC = "aldesleukin 1 MIU/m2/day sc days 1-90"


@pytest.fixture
def made(example: str) -> Made:
    """Make the study of the how-to page with some of its words changed."""

    def make(*changes: tuple[str, str], name: str = "MINE2026") -> PublishedStudy:
        text = example.replace("MINE2026", name)
        for old, new in changes:
            assert old in text
            text = text.replace(old, new)
        return study_from_text(text, name="mine.toml")

    return make


def why_not(study: PublishedStudy, criteria: Criteria) -> str | None:
    return dict(select({study.study.id: study}, Endpoint.LFS, criteria).left_out).get(study.study.id)


def test_an_effect_of_patients_in_first_remission_is_none_of_later_remission() -> None:
    """BRUNE2006 is of both, 261 and 59 patients; its hazard ratio of LFS is of the 261 alone."""
    brune = own_studies()["BRUNE2006"]
    later, first = (
        Criteria(role=Role.IL2_HISTAMINE, setting=each) for each in (Setting.LATER_REMISSION, Setting.FIRST_REMISSION)
    )

    assert why_not(brune, later) == "no hazard ratio of LFS in later remission: its own is in first remission"
    assert why_not(brune, first) is None
    assert select(own_studies(), Endpoint.LFS, later).taken == ()


def test_an_effect_of_patients_with_aml_is_none_of_all() -> None:
    """BLAISE2000 is of 78 patients with AML and 52 with ALL; its hazard ratio is of the 78."""
    found = select(own_studies(), Endpoint.LFS, Criteria(disease=NamedDisease.ALL))

    assert [each.name for each in found.taken] == ["ATTAL1995"]
    assert dict(found.left_out)["BLAISE2000"] == "no hazard ratio of LFS in ALL: its own is in AML"
    aml = select(own_studies(), Endpoint.LFS, Criteria(disease=NamedDisease.AML))
    assert "BLAISE2000" in {each.name for each in aml.taken}


@pytest.mark.parametrize("role", [Role.OTHER, Role.IL2_HISTAMINE])
def test_a_trial_against_another_treatment_is_not_pooled_with_those_against_none(role: Role, made: Made) -> None:
    regimen = f'\nregimen = "{SC}"' if role.has_il2 else ""
    study = made((CONTROL, f'name = "control"\nrole = "{role.value}"{regimen}'))

    assert why_not(study, Criteria()) == f"its control arm is {role.label}, not control"
    assert why_not(study, Criteria(comparator=role)) is None
    assert Criteria(comparator=role).words == f"IL-2 v {role.label}"


def test_a_cohort_is_not_pooled_with_randomised_trials_nor_counted_as_one(made: Made) -> None:
    cohort = made(('design = "randomised"', 'design = "cohort"'))

    assert why_not(cohort, Criteria()) == "cohort, not randomised"
    assert why_not(cohort, Criteria(design=Design.COHORT)) is None
    assert trials_of({"MINE2026": cohort}, Endpoint.LFS) == ()


def test_a_study_with_two_doses_against_one_control_arm_is_left_out_and_stops_no_pool(example: str) -> None:
    head, il2, rest = example.split("[[arms]]")
    control, effect = rest.split("[[effects]]")
    high, of_high = il2.replace('name = "il2"', 'name = "high"'), effect.replace('treated = "il2"', 'treated = "high"')
    arms = "[[arms]]".join(["", il2, high, control])
    text = head.replace("n = 240", "n = 360") + "[[effects]]".join([arms, effect, of_high])

    why = why_not(study_from_text(text, name="mine.toml"), Criteria())

    assert why == (
        "more than one hazard ratio of LFS (il2, all randomised; high, all randomised), and a pool takes one of a study"
    )


def test_lineages_are_compared_in_one_setting_and_disease(made: Made) -> None:
    lymphoid = ('lineage = "myeloid"', 'lineage = "lymphoid"')
    others = (
        made(lymphoid, ('"AML"', '"CLL"'), ('settings = ["cr1"]', 'settings = ["active disease"]'), name="CLL2026"),
        made(lymphoid, ('"AML"', '"CLL"'), name="CLL2027"),
        made(lymphoid, ('"AML"', '"ALL"'), name="ALL2026"),
    )

    found = comparisons(by_name((*own_studies().values(), *others)), frozen_predictions())

    side = next(each for each in found if each.question is Question.LINEAGE).sides[1]
    assert side.pooled is not None
    assert side.pooled.effects.labels == ("ALL2026", "ATTAL1995")
    assert why_not(others[1], Criteria(lineage=Lineage.LYMPHOID)) is None


def test_the_route_of_a_trial_is_that_of_its_il2(made: Made) -> None:
    study = made((SC, f"{SC} + cytarabine 100 mg/m2/day civ days 1-7"))
    (taken,) = select({"MINE2026": study}, Endpoint.LFS, Criteria()).taken

    assert group_of(taken, GroupBy.ROUTE) == "sc"
    assert group_of(taken, GroupBy.SCHEDULE) == schedule_of(study.arm("il2")) == "daily sc"


def test_a_trial_of_an_il2_that_the_model_does_not_take_is_left_out_of_dose_and_response(made: Made) -> None:
    engineered = made((SC, "bempegaldesleukin 0.5 mg iv bolus day 1"), ('routes = ["sc"]', 'routes = ["iv bolus"]'))
    names = ("PAUTAS2010", "LANGE2008", "KOLITZ2014")
    studies = {name: own_studies()[name] for name in names} | {"MINE2026": engineered}
    selection = select(studies, Endpoint.LFS, Criteria())

    found = dose_response(selection, pool(selection.effects()), ExposureMeasure.DOSE)

    reason = "model il2-immune does not take bempegaldesleukin"
    assert not_computed(engineered.arm("il2")) == reason
    assert found.left_out == (("MINE2026", reason),)
    assert set(found.trials) == set(names)
