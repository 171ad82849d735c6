"""A user's table: columns by role, one pass of analysis, and what it refuses."""

import json

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from trialeukin.core.errors import AnalysisError
from trialeukin.report.analysis_wording import cautions, pair_hazard_rows
from trialeukin.store.analysis_document import analysis_document
from trialeukin.survival.analysis import analyse
from trialeukin.survival.columns import Roles, patients_of
from trialeukin.survival.cox import CoxStatus, fit_cox
from trialeukin.survival.cox_sample import cox_sample
from trialeukin.survival.curve_frame import kaplan_meier_frame
from trialeukin.survival.kaplan_meier import kaplan_meier
from trialeukin.survival.mixture_cure import CureStatus
from trialeukin.survival.proportionality import proportionality


def frame(table, name: str) -> pd.DataFrame:
    return pd.DataFrame(table(name))


def test_pandas_and_pyarrow_give_the_same_analysis(table) -> None:
    data = frame(table, "freireich").drop(columns="arm")

    one, other = (analyse(patients_of(each, Roles())) for each in (data, pa.Table.from_pandas(data)))

    assert one.data.roles == Roles(time="time", event="status", arm="trt")
    assert one.comparison.hazards.coefficients == other.comparison.hazards.coefficients
    assert one.arms[1].curve.median == other.arms[1].curve.median == 23.0


@pytest.mark.parametrize("kind", [pd.DataFrame, pa.Table])
def test_curves_come_back_as_the_kind_of_table_that_came(table, kind) -> None:
    data = frame(table, "freireich").drop(columns="arm")

    curves = kaplan_meier_frame(data if kind is pd.DataFrame else pa.Table.from_pandas(data), Roles())

    assert isinstance(curves, kind)
    rows = curves if kind is pd.DataFrame else curves.to_pandas()
    treated = rows[rows["arm"] == "1.0"]
    expected = kaplan_meier(data["time"][data["trt"] == 1], data["status"][data["trt"] == 1])
    np.testing.assert_array_equal(treated["survival"], expected.survival)
    assert list(treated["at_risk"]) == expected.at_risk.tolist()


def test_the_effects_are_those_of_the_references(table, reference) -> None:
    core = reference("core")["freireich"]

    found = analyse(patients_of(frame(table, "freireich"), Roles(arm="trt")), horizon=20.0, milestone_time=10.0)

    made = found.comparison
    assert made.hazards.coefficients[0] == pytest.approx(core["cox_trt_efron"]["coef"]["trt"], rel=1e-6)
    assert made.log_rank.test.statistic == pytest.approx(core["logrank"]["chisq"], rel=1e-9)
    assert made.restricted_means.first.horizon == 20.0
    assert found.chosen_here == ()
    assert found.arms[0].cure.status is CureStatus.EDGE  # all children on placebo relapsed


def test_the_control_may_be_named_and_turns_the_ratio_round(table) -> None:
    data = patients_of(frame(table, "aml"), Roles(arm="arm"))

    one, other = (analyse(data, control=label).comparison for label in ("Maintained", "Nonmaintained"))

    assert one.labels == ("Nonmaintained over Maintained",)
    np.testing.assert_allclose(one.hazards.coefficients, -other.hazards.coefficients, rtol=1e-9)


def test_words_become_columns_and_strata_combine(table) -> None:
    data = frame(table, "veteran")

    read = patients_of(data, Roles(covariates=("karno", "celltype"), strata=("prior",)))

    assert read.covariate_names == ("karno", "celltype: large", "celltype: smallcell", "celltype: squamous")
    assert set(read.strata) == {"0.0", "10.0"}
    assert analyse(read).comparison.hazards.coefficients.size == 5


def test_without_arms_one_curve_is_described(table) -> None:
    found = analyse(patients_of(frame(table, "freireich")[["time", "status"]], Roles()))

    assert found.comparison is None
    assert found.arms[0].label == "all patients"


def test_late_entry_leaves_out_what_it_does_not_allow(table) -> None:
    data = frame(table, "veteran").assign(entered=0.5)

    found = analyse(patients_of(data, Roles(entry="entered")))

    assert found.comparison.hazards.status is CoxStatus.CONVERGED
    assert found.comparison.max_combo is None
    assert found.arms[0].plateau is None


@pytest.mark.parametrize(
    ("roles", "message"),
    [
        (Roles(), "the arm could be column 'arm' or 'trt': say which with --arm"),
        (Roles(arm="treatment"), "no column 'treatment': the table has 'time', 'status', 'arm' and 'trt'"),
        (Roles(arm="trt", covariates=("trt",)), "column 'trt' has two roles"),
        (Roles(event="arm", arm="trt"), "column 'arm' holds '.*': allowed are 0 .censored. and 1 .event."),
        (Roles(time="arm", arm="trt"), "column 'arm' holds '.*' in row 1 .line 2 of a file with a header.: give num"),
        (Roles(event="status", censored="trt"), "event 'status' beside censored 'trt': they are one column"),
    ],
)
def test_columns_that_are_not_plain_are_refused_with_those_there_are(table, roles, message) -> None:
    with pytest.raises(AnalysisError, match=message):
        patients_of(frame(table, "freireich"), roles)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"time": -1.0}, "column 'time' is -1 in row 1 .line 2 of a file with a header.: times are zero or more"),
        ({"time": np.inf}, "column 'time' is inf in row 1 .line 2 of a file with a header.: give finite numbers"),
        ({"time": np.nan}, "column 'time' lacks 42 of 42 values .first in row 1 .line 2 of a file"),
        (
            {"status": 2},
            "column 'status' is 2 in row 1 .line 2 of a file with a header.: allowed are 0 .censored. and 1 .event.",
        ),
        ({"trt": 1}, "column 'trt' has one arm, '1'"),
        ({"age": 60.0}, "column 'age' is 60 for every patient"),
        ({"kind": "AML"}, "column 'kind' is 'AML' for every patient"),
    ],
)
def test_bad_values_are_refused_with_the_value_and_the_way_out(table, changes, message) -> None:
    data = frame(table, "freireich").drop(columns="arm").assign(**changes)
    extra = tuple(name for name in changes if name in {"age", "kind"})

    with pytest.raises(AnalysisError, match=message):
        analyse(patients_of(data, Roles(covariates=extra)))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"horizon": 36.0}, "horizon 36: give a time above zero and up to 23"),
        ({"milestone_time": 0.0}, "milestone 0: give"),
        ({"control": "placebo"}, "no arm 'placebo': column 'trt' has '0', '1'"),
    ],
)
def test_times_and_controls_out_of_range_are_refused(table, options, message) -> None:
    data = patients_of(frame(table, "freireich").drop(columns="arm").astype({"trt": int}), Roles())

    with pytest.raises(AnalysisError, match=message):
        analyse(data, **options)


ONCE = {"time": [5] * 6, "event": [1] * 6, "arm": ["a"] * 3 + ["b"] * 3, "mass": [1.0, 2.0, 1.0, 2.0, 3.0, 1.0]}
APART = {"time": [5, 6, 7, 1, 2, 3], "event": [1, 1, 1, 0, 0, 0], "arm": ["a"] * 3 + ["b"] * 3}
BY_SITE = {
    "time": [1, 2, 3, 4, 5, 6],
    "event": [1, 1, 0, 1, 0, 1],
    "arm": ["a"] * 3 + ["b"] * 3,
    "site": list("xxxyyy"),
}


@pytest.mark.parametrize(
    ("rows", "roles", "reason", "has_ratio"),
    [
        (APART | {"event": [0] * 6}, Roles(), "all 6 patients are censored", False),
        (APART, Roles(), "one group alone is at risk", False),
        (BY_SITE, Roles(strata=("site",)), "use fewer strata", False),
        (ONCE, Roles(), "all who are at risk have the event at once", True),
        (ONCE, Roles(weights="mass"), "all who are at risk have the event at once", False),
    ],
    ids=["no events", "no events where both arms are followed", "an arm a stratum", "at once", "at once, weighted"],
)
def test_where_the_log_rank_test_is_undefined_curves_stand_and_the_reason_is_given(
    rows, roles, reason, has_ratio
) -> None:
    data = pd.DataFrame(rows)

    found = analyse(patients_of(data, roles))

    made = found.comparison
    assert made.log_rank is None
    assert reason in made.undefined
    assert (made.hazards is not None) is has_ratio
    for arm in found.arms:
        own = data[data["arm"] == arm.label]
        assert arm.events == own["event"].sum()
        assert arm.curve.survival[-1] == pytest.approx(np.prod(1.0 - arm.curve.events / arm.curve.at_risk))
    document = analysis_document(found, "x")["comparison"]
    json.dumps(document, allow_nan=False)
    assert document["log_rank"] is None
    assert document["log_rank_undefined"] == made.undefined
    assert (document["cox"] is not None) is has_ratio


def test_what_no_model_can_tell_is_refused_where_the_log_rank_test_is_defined(table) -> None:
    data = frame(table, "freireich").drop(columns="arm").assign(one=1.0 * np.arange(42), two=2.0 * np.arange(42))

    with pytest.raises(AnalysisError, match="determine each other"):
        analyse(patients_of(data, Roles(covariates=("one", "two"))))


def test_an_arm_without_events_has_no_hazard_ratio_and_says_so() -> None:
    data = pd.DataFrame({"time": [1, 2, 3, 4, 5, 6], "event": [1, 1, 1, 0, 0, 0], "arm": ["a"] * 3 + ["b"] * 3})

    made = analyse(patients_of(data, Roles())).comparison

    assert made.hazards.status is CoxStatus.INFINITE_ESTIMATE
    assert made.proportional is None
    assert made.log_rank.p_value < 0.05


def test_arms_that_are_numbers_come_by_their_size_and_words_by_their_letters() -> None:
    table = pd.DataFrame({"time": range(1, 9), "status": 1, "arm": [10, 2] * 4})

    by_size = analyse(patients_of(table, Roles(arm="arm")))
    by_letters = analyse(patients_of(table.replace({"arm": {10: "b10", 2: "b2"}}), Roles(arm="arm")))

    assert by_size.comparison.labels == ("10 over 2",)
    assert by_letters.comparison.labels == ("b2 over b10",)


def test_what_few_events_leave_undefined_takes_nothing_else_away() -> None:
    table = pd.DataFrame({"time": [5, 1, 0, 0], "status": [1, 0, 1, 0], "x": [-0.284, 1.939, 0.435, 1.408]})
    arms = pd.DataFrame({"time": [3, 3, 3, 4, 5, 6], "status": [1, 1, 1, 0, 0, 0], "arm": [*"aaabbb"]})

    assert analyse(patients_of(arms, Roles(arm="arm"))).comparison.restricted_means is None
    sample = cox_sample(table["time"], table["status"], table[["x"]])
    fit = fit_cox(sample)
    with pytest.raises(AnalysisError, match="whether hazards are proportional cannot be told"):
        proportionality(sample, fit)


@pytest.mark.parametrize("alike", ["il-2", "IL-2 ", " IL-2"])
def test_arms_that_differ_in_blanks_or_capitals_alone_are_pointed_out(alike) -> None:
    table = pd.DataFrame({"time": range(1, 9), "status": 1, "arm": ["IL-2", "observation"] * 3 + [alike, "IL-2"]})

    with pytest.raises(AnalysisError, match=r"column 'arm' has '.*' and '.*', which differ only in blanks or in cap"):
        patients_of(table, Roles())


def test_an_arm_named_by_blanks_is_no_arm() -> None:
    table = pd.DataFrame({"time": [1, 2, 3], "status": 1, "arm": ["a", " ", "b"]})

    with pytest.raises(AnalysisError, match=r"column 'arm' lacks 1 of 3 values .first in row 2 .line 3"):
        patients_of(table, Roles())


def test_a_column_of_censoring_is_read_as_adam_means_it_and_not_as_events() -> None:
    table = pd.DataFrame({"AVAL": [1.0, 2.0, 3.0, 4.0], "CNSR": [0, 1, 2, 0], "TRTP": list("abab")})

    with pytest.raises(AnalysisError, match=r"0 at an event and 1 or more where censored; give --censored CNSR"):
        patients_of(table, Roles(event="CNSR"))
    with pytest.raises(
        AnalysisError, match=r"which with --event .or with --censored, if 1 is censored.; the table has"
    ):
        patients_of(table, Roles())
    read = patients_of(table, Roles(censored="CNSR"))

    assert read.events.tolist() == [True, False, False, True]
    assert read.roles.outcome == "CNSR"
    with pytest.raises(AnalysisError, match=r"column 'CNSR' is 0.5 in row 1 .*: allowed are 0 .event. and 1, 2, ..."):
        patients_of(table.assign(CNSR=0.5), Roles(censored="CNSR"))


def test_entry_that_is_not_before_the_time_names_its_column_and_row() -> None:
    table = pd.DataFrame({"time": [1, 2, 3], "status": 1, "start": [0, 2, 1]})

    with pytest.raises(AnalysisError, match=r"column 'start' is 2 in row 2 .line 3 .*: entry is before the time"):
        patients_of(table, Roles(entry="start"))


def test_an_arm_that_is_never_at_risk_beside_another_has_no_ratio_and_changes_none_of_the_others() -> None:
    early = pd.DataFrame({"time": [1, 1, 3, 4, 5, 6], "status": [0, 0, 1, 1, 1, 1], "arm": [*"ccabab"]})

    three, two = (analyse(patients_of(each, Roles())) for each in (early, early[early["arm"] != "c"]))

    assert three.comparison.labels == two.comparison.labels == ("b over a",)
    assert three.comparison.hazards.coefficients == pytest.approx(two.comparison.hazards.coefficients, rel=1e-9)
    assert three.comparison.log_rank.p_value == pytest.approx(two.comparison.log_rank.p_value, rel=1e-9)
    assert three.comparison.never_beside == ("c",)
    assert analysis_document(three, "early")["comparison"]["without_hazard_ratio"] == ["c"]
    (said,) = (note for note in cautions(three) if note.startswith("Arm 'c'"))
    assert "at risk beside another arm, so that the hazard ratios are of the others" in said
    assert [row[:2] for row in pair_hazard_rows(three)][1:] == [
        (pair, "none: nothing tells the hazards of the groups apart") for pair in ("c over a", "c over b")
    ]


def test_a_control_that_is_never_at_risk_beside_another_leaves_curves_and_the_test_of_the_others() -> None:
    early = pd.DataFrame({"time": [1, 1, 3, 4, 5, 6], "status": [0, 0, 1, 1, 1, 1], "arm": [*"ccabab"]})

    found = analyse(patients_of(early, Roles()), control="c")

    assert found.comparison.hazards is None
    assert found.comparison.log_rank.test.degrees_of_freedom == 1
    assert any("no hazard ratio over it is defined" in note for note in cautions(found))


def test_an_arm_that_is_followed_to_time_zero_is_named() -> None:
    apart = pd.DataFrame({"time": [0, 0, 3, 4], "status": [0, 0, 1, 1], "arm": [*"aabb"]})

    with pytest.raises(AnalysisError, match=r"arm 'a' is followed to time 0 alone in column 'time'.*leave the arm out"):
        analyse(patients_of(apart, Roles()))
    with pytest.raises(AnalysisError, match=r"everybody is followed to time 0 alone .* correct the times"):
        analyse(patients_of(apart[:2].drop(columns="arm"), Roles()))


def test_arms_of_one_and_two_patients_are_analysed_and_what_they_leave_undefined_is_said() -> None:
    two = pd.DataFrame({"time": [3, 5], "status": [1, 0], "arm": [*"ab"]})

    found = analyse(patients_of(two, Roles()))

    assert found.arms[0].cure.status is CureStatus.UNBOUNDED
    assert any("MaxCombo, the comparison of restricted means" in note for note in cautions(found))
