"""Event rates counted by DuckDB from runs' files are those counted by hand."""

from itertools import product
from pathlib import Path

import pyarrow as pa
import pytest
from pyarrow import parquet
from scipy.stats import multinomial

from trialeukin.store.catalogue_errors import CatalogueError
from trialeukin.store.event_rates import event_rates, paired_limits, rate_differences
from trialeukin.store.run_directory import write_run
from trialeukin.trial.result import StudyResult

PAIRS, LEAST_COVERAGE = 30, 0.93
PRINTED = 5e-5  # half of the last digit that a paper prints


def run_of(directory: Path, times: list[float], *, arm: str = "rIL-2", horizon: float = 60.0) -> Path:
    directory.mkdir(parents=True)
    count = len(times)
    table = pa.table(
        {
            "USUBJID": [f"{directory.name}-{number:06d}" for number in range(count)],
            "TRT01P": pa.array([arm] * count).dictionary_encode(),
            "PARAMCD": pa.array(["LFS"] * count).dictionary_encode(),
            "AVAL": [min(time, horizon) for time in times],
            "CNSR": pa.array([0 if time <= horizon else 1 for time in times], pa.int8()),
        }
    )
    parquet.write_table(table, directory / "events.parquet")
    return directory


def test_rates_are_fractions_of_patients_with_the_event_by_a_month(tmp_path: Path) -> None:
    run = run_of(tmp_path / "one", [1.0, 12.0, 12.5, 60.0, 99.0])

    rates = event_rates({"a": run}, [12, 24, 60])["a"]

    assert [(each.months, each.share.hits, each.share.count) for each in rates] == [(12, 2, 5), (24, 3, 5), (60, 4, 5)]
    assert {(each.arm, each.endpoint) for each in rates} == {("rIL-2", "LFS")}


def test_the_rates_of_a_written_run_are_those_of_its_patients(result: StudyResult, tmp_path: Path) -> None:
    run = write_run(result, tmp_path / "run", report=lambda _: "", command="")
    horizon = result.study.follow_up.horizon_months

    rates = {(each.arm, each.endpoint, each.months): each.share.hits for each in event_rates({"a": run}, [36.0])["a"]}

    patients = result.patients
    for place, arm in enumerate(each.name for each in result.arms):
        relapse, death = patients.relapse[place], patients.death[place]
        assert rates[arm, "OS", 36.0] == (death <= min(36.0, horizon)).sum()
        assert rates[arm, "LFS", 36.0] == ((death <= 36.0) | (relapse <= 36.0)).sum()
        assert rates[arm, "TTR", 36.0] == ((relapse <= 36.0) & (relapse <= death)).sum()


def test_a_difference_of_different_patients_has_the_interval_that_newcombe_prints(tmp_path: Path) -> None:
    """Newcombe, Stat Med 1998;17:873, table II: 56/70 - 48/80, method 10: 0.0524 to 0.3339."""
    first = run_of(tmp_path / "first", [1.0] * 48 + [99.0] * 32)
    second = run_of(tmp_path / "second", [1.0] * 56 + [99.0] * 14)

    (found,) = rate_differences(first, second, [12.0], paired=False)

    assert found.difference == pytest.approx(0.2, abs=1e-12)
    assert not found.paired
    assert (found.lower, found.upper) == pytest.approx((0.0524, 0.3339), abs=PRINTED)


def test_the_same_patients_are_compared_in_pairs(tmp_path: Path) -> None:
    first = run_of(tmp_path / "first", [1.0] * 40 + [99.0] * 60)
    second = run_of(tmp_path / "second", [1.0] * 35 + [99.0] * 55 + [1.0] * 10)  # 5 spared, 10 more

    (found,) = rate_differences(first, second, [12.0], paired=True)
    (apart,) = rate_differences(first, second, [12.0], paired=False)

    assert found.paired
    assert found.difference == pytest.approx(0.05, abs=1e-12)
    assert found.lower < found.difference < found.upper
    assert found.upper - found.lower < apart.upper - apart.lower


def test_a_run_compared_with_itself_differs_by_nothing_in_few_patients_not_in_all(tmp_path: Path) -> None:
    few = run_of(tmp_path / "few", [1.0] * 3 + [99.0] * 7)
    many = run_of(tmp_path / "many", [1.0] * 300 + [99.0] * 700)

    (of_few,), (of_many,) = (rate_differences(run, run, [12.0], paired=True) for run in (few, many))

    assert of_few.difference == of_many.difference == 0.0
    assert 0.0 < of_many.upper == -of_many.lower < 0.005
    assert of_many.upper < of_few.upper


@pytest.mark.parametrize(("by_first", "by_second"), [(0.3, 0.2), (0.05, 0.02), (0.0, 0.01)])
def test_paired_limits_miss_the_true_difference_about_as_often_as_they_may(by_first: float, by_second: float) -> None:
    """Over every table of 30 pairs: who has the event in one run has it in the other half of the time."""
    both = 0.5 * min(by_first, by_second)
    chances = (both, by_first - both, by_second - both, 1.0 - by_first - by_second + both)
    truth, covered = by_second - by_first, 0.0

    for table in product(range(PAIRS + 1), repeat=3):
        if sum(table) <= PAIRS:
            lower, upper = paired_limits(PAIRS, *table)
            covered += (lower <= truth <= upper) * multinomial.pmf((*table, PAIRS - sum(table)), PAIRS, chances)

    assert covered >= LEAST_COVERAGE


def test_arms_of_one_run_alone_are_left_out(tmp_path: Path) -> None:
    first, second = run_of(tmp_path / "first", [1.0]), run_of(tmp_path / "second", [1.0], arm="observation")

    assert rate_differences(first, second, [12.0], paired=False) == ()


@pytest.mark.parametrize("name", ["it's", 'a "b"', "a*[1]?", "{x}", "é; DROP TABLE", "--"])
def test_a_directory_of_any_name_is_read_and_no_other(name: str, tmp_path: Path) -> None:
    run_of(tmp_path / "a1", [1.0] * 7)
    run = run_of(tmp_path / name, [1.0, 2.0])

    (rate,) = event_rates({"a": run}, [12.0])["a"]

    assert rate.share.count == 2


def test_files_that_are_damaged_or_gone_are_said(tmp_path: Path) -> None:
    (tmp_path / "events.parquet").write_text("PAR1 no more")

    for place in (tmp_path, tmp_path / "gone"):
        with pytest.raises(CatalogueError, match="cannot be read: delete that run and repeat it"):
            event_rates({"a": place}, [12.0])
