"""Every row of the tables of observations is a case or says why not, and a row without meaning is refused."""

import re
from collections import Counter
from collections.abc import Callable

import pytest

from trialeukin.core.errors import InputError
from trialeukin.inference.case import Bound, Case, Reading, Unusable, Use
from trialeukin.inference.cases import COLUMNS, all_cases, read_cases
from trialeukin.inference.split import held_out
from trialeukin.regimen.products import any_name

READABLE = re.compile(r"[a-z0-9_]+\.csv:\d+")
ROWS = {
    "il2_pk_observations.csv": 45,
    "il2_pd_observations.csv": 52,
    "il2_toxicity.csv": 70,
    "leukaemia_immune_evidence.csv": 41,
}


def usable() -> list[Case]:
    return [each for each in all_cases() if isinstance(each, Case)]


@pytest.mark.parametrize(("file", "count"), ROWS.items())
def test_every_row_of_a_table_of_observations_appears(file: str, count: int) -> None:
    seen = {row for each in all_cases() for row in each.rows if row.startswith(f"{file}:")}

    assert seen == {f"{file}:{line}" for line in range(2, count + 2)}  # line 1 is the head


def test_rows_are_named_as_file_and_line() -> None:
    assert all(READABLE.fullmatch(row) for each in all_cases() for row in each.rows)


def test_no_case_that_is_fitted_is_of_a_study_that_is_held_out() -> None:
    assert not [case.name for case in usable() if case.use is Use.FITTED and held_out(case.study)]


def test_every_usable_case_of_a_study_that_is_held_out_says_so_or_is_no_test() -> None:
    others = [case for case in usable() if held_out(case.study) and case.use is not Use.HELD_OUT]

    assert {case.use for case in others} <= {Use.UNUSED}
    assert all(case.reason for case in others)


def test_what_is_fitted_and_held_out_of_il2_has_been_counted() -> None:
    il2 = [case for case in usable() if case.scenario.model in {"il2-immune", "aml-maintenance"}]

    assert Counter(case.use for case in il2) == {Use.FITTED: 33, Use.HELD_OUT: 31, Use.UNUSED: 10}


def test_no_row_is_set_aside_for_a_product_that_there_is() -> None:
    absent = {
        match[1].removesuffix(" alfa")
        for each in all_cases()
        if (match := re.match(r"(.+) is no product of the model", each.reason))
    }

    assert not [name for name in absent if any_name(name)]


def test_cohorts_are_joined_by_a_plus_with_blanks(case: Callable[..., Case]) -> None:
    both = case(patients="aml-cr1-adults + aml-cr1-children with il2_linear_clearance x 0.4").scenario.population

    assert both.cohorts == ("aml-cr1-adults", "aml-cr1-children")
    assert both.factors == (("il2_linear_clearance", 0.4),)
    assert not both.typical


def test_a_valid_row_is_read_as_it_stands(case: Callable[..., Case]) -> None:
    found = case(bound="at least", low="3", high="5", n="35", row="a.csv:2; a.csv:3")

    assert (found.value, found.unit, found.bound, found.patients) == (4.0, "1", Bound.AT_LEAST, 35)
    assert (found.low, found.high, found.spread) == (3.0, 5.0, 0.3)
    assert found.rows == ("a.csv:2", "a.csv:3")
    assert found.reading is Reading.CHANGE
    assert found.scenario.population.typical


def test_a_row_without_model_is_kept_with_its_reason(read_row: Callable[..., object]) -> None:
    found = read_row(model="", quantity="", value="", use="unused", reason="no dose is stated")

    assert isinstance(found, Unusable)
    assert found.reason == "no dose is stated"


def test_a_row_that_is_not_used_and_cannot_be_read_is_kept_with_its_reason(read_row: Callable[..., object]) -> None:
    found = read_row(reading="median time", quantity="nk_count", use="unused", reason="no reading of a first return")

    assert isinstance(found, Unusable)
    assert (found.source.key, found.source.place) == ("koreth2011", "table 1")


def test_patients_may_differ_by_a_factor(case: Callable[..., Case]) -> None:
    population = case(patients="typical with il2_linear_clearance x 0.4").scenario.population

    assert population.factors == (("il2_linear_clearance", 0.4),)
    assert population.typical


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"group": "cell count"}, "unknown group 'cell count': known are .*did you mean 'cell counts'"),
        ({"model": "il2-imune"}, "unknown model 'il2-imune': known are .*did you mean 'il2-immune'"),
        ({"quantity": "nk_cells"}, "unknown quantity 'nk_cells': known are .*'nk_count'"),
        ({"quantity": "nk_count / cells"}, "unknown quantity 'cells'"),
        ({"reading": "mean"}, "unknown reading 'mean': known are 'value'"),
        ({"bound": "lower"}, "unknown bound 'lower'"),
        ({"use": "predicted"}, "unknown use 'predicted': known are 'fitted', 'held out', 'unused'"),
        ({"patients": "martians"}, "unknown patients 'martians': known are 'typical'"),
        ({"patients": "typical with nk times 2"}, "after 'with' write PARAMETER x FACTOR"),
        ({"patients": "typical with no_such x 2"}, "unknown parameter under patients 'no_such'"),
        ({"regimen": "aldesleukin 1 MUI/m2/day sc days 1-84"}, "MUI"),
        ({"unit": "pmol/L"}, "measure different things"),
        ({"from_day": "85"}, "window from day 85 to 84: give 0 <= from_day <= to_day"),
        ({"reading": "highest"}, "it needs to_day after from_day"),
        ({"quantity": "nk_count / cd4_count", "from_day": "83"}, "a ratio is read at an instant"),
        ({"threshold": "3"}, "threshold 3.0 with reading 'change'"),
        ({"value": ""}, "value '': give a number"),
        ({"value": "0"}, "compared as a ratio, give more than 0"),
        ({"spread": "-1"}, "spread -1.0: give a standard deviation"),
        ({"low": "5"}, "interval 5 to 4 leaves out its value 4"),
        ({"study": "Koreth 2016"}, "use 'fitted' of study 'Koreth 2016': the split holds it out"),
        ({"use": "unused"}, "use 'unused' without a reason"),
        ({"key": "nobody1999"}, "'nobody1999' is not in sources.bib"),
        ({"patients": "aml-cr1-adults", "reading": "fraction"}, "unit '1' of a fraction of patients: give percent"),
        ({"reading": "median time", "unit": "day"}, "of one typical patient: say in whom, as a cohort"),
    ],
)
def test_a_row_without_meaning_is_refused_with_file_line_value_and_way_out(
    read_row: Callable[..., object], changed: dict[str, str], message: str
) -> None:
    with pytest.raises(InputError, match=rf"(?s)trial.csv, line 2, case 'koreth_nk': .*{message}"):
        read_row(**changed)


def test_a_share_of_patients_needs_percent_and_may_name_events(share: Callable[..., Case]) -> None:
    found = share(
        model="aml-maintenance", quantity="relapse or discontinuation", reading="fraction", threshold="", from_day="0"
    )

    assert found.events == ("relapse", "discontinuation")
    assert found.in_points


def test_an_event_that_the_model_does_not_have_is_refused(share: Callable[..., Case]) -> None:
    with pytest.raises(InputError, match=r"unknown event 'relapses'.*did you mean 'relapse'"):
        share(model="aml-maintenance", quantity="relapses", reading="fraction", threshold="")


def test_other_columns_are_refused() -> None:
    with pytest.raises(InputError, match=r"trial\.csv, line 1: the columns are"):
        read_cases("case,group\n", "trial.csv")


def test_a_row_with_a_cell_too_few_is_refused() -> None:
    with pytest.raises(InputError, match="give 24 cells"):
        read_cases(",".join(COLUMNS) + "\na,b\n", "trial.csv")
