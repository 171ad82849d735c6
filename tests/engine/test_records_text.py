"""Text of records: read, written, and refused at its line and column."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trialeukin.core.errors import InputError
from trialeukin.engine.records import Evid, Record, Records, Steadiness, TimeUnit
from trialeukin.engine.records_text import columns_of, parse_individual, parse_records, render_records

HEADER = "ID,TIME,EVID,AMT,RATE,II,ADDL,SS,CMT"


def read(text: str, **others: frozenset[str]) -> Records:
    return parse_records(text, unit=TimeUnit.HOUR, name="doses.csv", **others)


def test_columns_come_in_any_order_and_case_and_missing_numbers_are_dots_or_nothing() -> None:
    text = "time, id ,Amt,DV,mdv,II,addl\n\n0,7,100,.,1,12,2\n1.5e0,7,.,3.2,0,,\n"

    records = read(text)

    assert records.patients == (7,)
    assert records.rows == (
        Record(patient=7, time=0.0, evid=Evid.DOSE, amount=100.0, interval=12.0, additional=2),
        Record(patient=7, time=1.5, observed=3.2),
    )


def test_what_was_measured_is_read_at_observations_alone() -> None:
    records = read("ID,TIME,EVID,AMT,DV,MDV\n1,0,1,5,0,1\n1,1,0,.,2.5,0\n1,2,0,NA,NA,\n1,3,0,.,<LLOQ,1\n1,4,2,.,9,1\n")

    assert [row.observed for row in records.rows] == [None, 2.5, None, None, None]
    assert read("ID,TIME,DV\n1,0,low\n", ignored=frozenset({"DV"})).rows == (Record(patient=1, time=0.0),)


def test_what_was_measured_is_written_with_mdv_one_where_nothing_was() -> None:
    plain = read("ID,TIME,AMT\n1,0,5\n1,1,.\n1,2,.\n")

    measured = plain.with_observed([2.5, float("nan")])

    assert [line.split(",")[-2:] for line in render_records(measured).splitlines()] == [
        ["MDV", "DV"],
        ["1", "."],
        ["0", "2.5"],
        ["1", "."],
    ]
    with pytest.raises(InputError, match=r"values of shape \(3,\): give \(2,\), one for each observation"):
        plain.with_observed([1.0, 2.0, 3.0])
    with pytest.raises(InputError, match="DV 1 in a record of EVID 1: give finite ones, at observations"):
        Record(patient=1, time=0.0, evid=Evid.DOSE, amount=5.0, observed=1.0)


def test_a_byte_order_mark_of_a_spreadsheet_is_passed_over() -> None:
    assert read("\ufeffID,TIME\n1,0\n") == read("ID,TIME\n1,0\n")


def test_what_a_record_says_is_guessed_from_its_dose_and_mdv_where_evid_is_missing() -> None:
    records = read("ID,TIME,RATE,AMT,SS,MDV\n1,0,10,0,1,.\n1,1,0,0,0,0\n1,2,0,0,0,1\n1,3,.,.,.,.\n")

    assert [row.evid for row in records.rows] == [Evid.DOSE, Evid.OBSERVATION, Evid.OTHER, Evid.OBSERVATION]
    assert records.rows[0].endless


def test_columns_that_are_named_are_passed_over() -> None:
    assert read("ID,TIME,WT\n1,0,heavy\n", ignored=frozenset({"wt"})).rows == (Record(patient=1, time=0.0),)


def test_what_every_record_needs_is_not_passed_over() -> None:
    with pytest.raises(InputError, match="line 1: column ID cannot be passed over: every record needs it"):
        read("ID,TIME\n1,0\n", ignored=frozenset({"id"}))


times = st.floats(-1e6, 1e6, allow_subnormal=False)
amounts = st.floats(1e-12, 1e12)
doses = st.builds(
    Record,
    patient=st.integers(-3, 10**12),
    time=times,
    evid=st.sampled_from([Evid.DOSE, Evid.RESET_AND_DOSE]),
    amount=amounts,
    rate=st.one_of(st.sampled_from([0.0, -2.0]), amounts),
    interval=amounts,
    additional=st.integers(0, 300),
    steadiness=st.sampled_from([Steadiness.ONLY, Steadiness.ADDED]),
    compartment=st.integers(0, 99),
)
measured = st.builds(
    Record,
    patient=st.just(5),
    time=times,
    observed=st.one_of(st.none(), st.floats(allow_nan=False, allow_infinity=False)),
)
looks = st.builds(
    Record, patient=st.just(5), time=times, evid=st.sampled_from([Evid.OBSERVATION, Evid.OTHER, Evid.RESET])
)


@given(st.one_of(doses, looks, measured), st.sampled_from(TimeUnit))
def test_what_is_written_is_read_as_the_same_records(row: Record, unit: TimeUnit) -> None:
    records = Records(unit=unit, rows=(row,))

    assert parse_records(render_records(records), unit=unit) == records


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "doses.csv: no line of column names; give one with at least ID, TIME"),
        ("ID,AMT\n1,5\n", "line 1: no column TIME: add it"),
        ("ID,TIME,AMT,amt\n", "line 1: column AMT is there 2 times: keep one"),
        ("ID,TIME,WEIGHT\n", "line 1: unknown column 'WEIGHT': known are ID, TIME, EVID"),
        ("ID;TIME;AMT\n1;0,5;5\n", "line 1: semicolons between the columns: put commas there, and a point in decimal"),
        ("ID\tTIME\n1\t0\n", "line 1: tabs between the columns: put commas there"),
        ("ID,TIME,DV\n1,0,BLQ\n", "line 2, column DV: 'BLQ' is no number: give one, or '.' where it is missing"),
        ("ID,TIME,AMT\n1,0\n", "line 2: 2 cells in 3 columns: put '.' where a number is missing"),
        ("ID,TIME,AMT\n1,0,1,2\n", "line 2: 4 cells in 3 columns"),
        ('ID,TIME\n1,"0\n', "check the quotes"),
        ("ID,TIME\n1,.\n", "line 2, column TIME: no number: every record needs one"),
        ("ID,TIME\n,1\n", "line 2, column ID: no number"),
        ("ID,TIME,AMT\n1,0,ten\n", "line 2, column AMT: 'ten' is no number: give one, or '.' where it is missing"),
        ("ID,TIME,AMT\n1,0,nan\n", "line 2, column AMT: 'nan' is no number"),
        ("ID,TIME\n1,inf\n", "line 2, column TIME: 'inf' is no number"),
        ("ID,TIME\n1,1e999\n", "line 2: TIME inf: give a finite number"),
        ("ID,TIME\n1,8:30\n", "line 2, column TIME: '8:30' is no number"),
        ("ID,TIME\n1,1_000\n", "column TIME: '1_000' is no number"),
        ("ID,TIME\n1.5,0\n", "line 2, column ID: 1.5: give a whole number"),
        (
            "ID,TIME,EVID\n1,0,5\n",
            "column EVID: 5: known are 0 observation, 1 dose, 2 other, 3 reset, 4 reset and dose",
        ),
        ("ID,TIME,AMT,MDV\n1,0,5,0\n", "column MDV: 0 in a record of EVID 1: nothing is measured there"),
        ("ID,TIME,MDV\n1,0,2\n", "column MDV: 2: give 0 where DV is measured, else 1"),
        ("ID,TIME\n1,2\n1,1\n", "line 3: TIME 1 after 2: sort the records, or set the clock back with EVID 3 or 4"),
        ("ID,TIME\n1,0\n2,0\n1,1\n", "line 4: ID 1 comes a second time: put the records of a patient together"),
    ],
)
def test_text_without_meaning_is_refused_at_its_line_and_column(text: str, message: str) -> None:
    with pytest.raises(InputError, match=r"doses\.csv") as raised:
        read(text)

    assert message in str(raised.value)


@pytest.mark.parametrize(
    ("cells", "message"),
    [
        ("1,-5,0,0,0,0,1", "AMT -5: give zero or more, and finite"),
        ("1,0,0,0,0,0,1", "a dose of AMT 0: give AMT above zero, SS 1 to end an endless infusion, or EVID 2"),
        ("1,0,10,0,0,0,1", "RATE without AMT: give AMT above zero, SS 1 to end an endless infusion"),
        ("1,5,-1,0,0,0,1", "RATE -1: no rate is modelled here; give the input a duration in the model, and RATE -2"),
        ("1,5,-3,0,0,0,1", "RATE -3: give zero (bolus), more, or -2 (duration of the model)"),
        ("1,0,-2,0,0,1,1", "RATE -2: give zero (nothing) or more"),
        ("1,5,0,-12,2,0,1", "II -12: give zero or more"),
        ("1,5,0,12,-2,0,1", "ADDL -2: give zero or more"),
        ("1,5,0,0,2,0,1", "ADDL 2 without II: give the interval between the doses"),
        ("1,5,0,12,0,0,1", "II 12 without ADDL and SS: give one of them, or II zero"),
        ("1,5,0,0,0,1,1", "SS 1 without II: give the interval of the doses before"),
        ("1,0,10,12,0,1,1", "II 12 with SS and AMT 0, an infusion that ends now: give zero, or AMT above zero"),
        ("1,0,10,0,3,1,1", "ADDL 3 with SS and AMT 0"),
        ("1,5,0,12,0,3,1", "column SS: 3: known are 0 none, 1 only, 2 added"),
        ("1,5,0,12,1.5,0,1", "column ADDL: 1.5: give a whole number"),
        ("1,5,0,0,0,0,-1", "CMT -1: compartments are not switched off here; give a number from 1 on"),
        ("0,5,0,0,0,0,1", "AMT 5 in a record of EVID 0: give zero or '.', or EVID 1 for a dose"),
        ("2,0,3,0,0,0,1", "RATE 3 in a record of EVID 2"),
        ("3,0,0,12,0,0,1", "II 12 in a record of EVID 3"),
        ("3,0,0,0,0,1,1", "SS 1 in a record of EVID 3"),
    ],
)
def test_a_dose_that_cannot_be_meant_is_refused_with_the_way_out(cells: str, message: str) -> None:
    with pytest.raises(InputError, match=r"doses\.csv, line 2") as raised:
        read(f"{HEADER}\n1,0,{cells}\n")

    assert message in str(raised.value)


def test_records_made_without_text_are_refused_by_their_place() -> None:
    with pytest.raises(InputError, match=r"record 2: TIME 0 after 1"):
        Records(unit=TimeUnit.DAY, rows=(Record(patient=1, time=1.0), Record(patient=1, time=0.0)))


def test_further_columns_say_what_each_patient_has_of_his_own() -> None:
    text = "ID,TIME,BSA,wt,DV\n2,0,1.8,70,.\n2,1,1.8,70,3\n1,0,2.1,80,4\n"

    found = parse_individual(text, ["bsa", "WT", "age"])

    assert found == {"bsa": (1.8, 2.1), "WT": (70.0, 80.0)}
    assert columns_of(text) == ("ID", "TIME", "BSA", "WT", "DV")
    assert columns_of("\n") == ()


@pytest.mark.parametrize(
    ("cell", "words"),
    [
        ("1.9", "1.9 after 1.8 in the same patient: parameters do not change in time; give one value"),
        (".", "no number: every record of a patient needs it"),
        ("tall", "'tall' is no number"),
    ],
)
def test_a_patients_own_number_is_one_number(cell: str, words: str) -> None:
    with pytest.raises(InputError, match=f"doses.csv, line 3, column BSA: {words}"):
        parse_individual(f"ID,TIME,BSA\n1,0,1.8\n1,1,{cell}\n", ["BSA"], name="doses.csv")
