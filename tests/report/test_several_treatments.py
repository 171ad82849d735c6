"""What the report says of two treatments or more."""

from dataclasses import replace

from trialeukin.report.answer import answer
from trialeukin.report.picture import Picture
from trialeukin.report.ratio_section import ratio_section
from trialeukin.report.table import Table
from trialeukin.report.trial_section import trial_section
from trialeukin.survival.many_to_one import Procedure
from trialeukin.trial.endpoint import Endpoint
from trialeukin.trial.estimate import Estimate
from trialeukin.trial.multiplicity import Claims, Family
from trialeukin.trial.result import StudyResult


def claims(value: float, *, drawn: bool = True) -> Claims:
    return Claims(
        typical=Estimate(value=value, error=0.01),
        drawn=Estimate(value=value + 0.05, error=0.02) if drawn else None,
    )


def several(result: StudyResult, procedure: Procedure = Procedure.HOLM, *, drawn: bool = True) -> StudyResult:
    """Return the result with a second treatment that found what the first did."""
    second = result.study.treatment.model_copy(update={"name": "high dose"})
    (found,) = result.comparisons.values()
    return replace(
        result,
        study=result.study.model_copy(update={"arms": (*result.study.arms, second)}),
        comparisons={"interleukin-2": found, "high dose": found},
        family=Family(
            endpoint=Endpoint.LFS,
            procedure=procedure,
            benefit={"interleukin-2": claims(0.07, drawn=drawn), "high dose": claims(0.31, drawn=drawn)},
            best={"interleukin-2": claims(0.2, drawn=drawn), "high dose": claims(0.8, drawn=drawn)},
            any_benefit=claims(0.33, drawn=drawn),
            all_benefit=claims(0.05, drawn=drawn),
            any_difference=claims(0.34, drawn=drawn),
        ),
    )


def tables(result: StudyResult) -> list[Table]:
    return [block for block in ratio_section(result).blocks if isinstance(block, Table)]


def test_every_treatment_has_a_column_with_every_endpoint(result: StudyResult) -> None:
    (table,) = (each for each in tables(several(result)) if each.head == ("what", "interleukin-2", "high dose"))

    said = {row[0]: row[1:] for row in table.rows}
    assert said["LFS claimed"] == ("7.0 % ± 1.0", "31.0 % ± 1.0")
    assert said["LFS claimed, averaged over the parameters"] == ("12.0 % ± 2.0", "36.0 % ± 2.0")
    assert said["LFS best of all"] == ("20.0 % ± 1.0", "80.0 % ± 1.0")
    assert {"LFS hazard ratio (95 % of trials)", "OS hazard ratio in the whole population"} <= said.keys()
    assert "OS claimed" not in said


def test_what_is_claimed_together_stands_below(result: StudyResult) -> None:
    (table,) = (each for each in tables(several(result, Procedure.DUNNETT, drawn=False)) if each.head[0] == "claim")

    assert "adjusted by Dunnett's procedure" in table.caption
    assert [row[1:] for row in table.rows] == [("33.0 % ± 1.0", "–"), ("5.0 % ± 1.0", "–"), ("34.0 % ± 1.0", "–")]


def test_the_answer_and_the_trial_speak_of_all(result: StudyResult) -> None:
    found = several(result)

    assert (
        "With the tests of the 2 treatments adjusted by Holm's procedure, 33 % of trials claim a benefit of any: of "
        "interleukin-2 in 7 % and high dose in 31 %." in answer(found)
    )
    without = replace(found, provenance=replace(found.provenance, effect=False))
    assert "34.0 % of trials find a difference of any." in answer(without)
    assert "Each of interleukin-2 and high dose is compared with observation" in " ".join(trial_section(found).words)


def test_every_treatment_has_its_own_figures(result: StudyResult) -> None:
    titles = {block.title for block in ratio_section(several(result)).blocks if isinstance(block, Picture)}

    for treatment in ("interleukin-2", "high dose"):
        assert f"Hazard ratio for overall survival, {treatment} over observation" in titles


def test_one_treatment_has_no_such_tables(result: StudyResult) -> None:
    assert not {each.head for each in tables(result)} & {
        each.head for each in tables(several(result)) if "claim" in str(each.rows)
    }


def test_looks_are_said_to_be_of_two_arms_alone(result: StudyResult) -> None:
    looks, alone = ([each.caption for each in tables(which)] for which in (several(result), result))

    assert any("400 trials with looks, of interleukin-2 and observation alone," in caption for caption in looks)
    assert any("400 trials with looks, ±" in caption for caption in alone)
