"""Tables on a terminal: words and numbers whole at any width, nothing at the end of lines."""

from collections.abc import Callable
from io import StringIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from trialeukin.cli.sheet import Sheet

WORD = st.text(alphabet="abcdefgh0123456789.", min_size=1, max_size=9)
CELL = st.lists(WORD, max_size=4).map(" ".join)


def drawn(sheet: Sheet, width: int) -> list[str]:
    console = Console(file=StringIO(), width=width, highlight=False)
    console.print(sheet, end="")
    return console.file.getvalue().splitlines()  # type: ignore[attr-defined]


def test_columns_are_as_wide_as_their_cells_where_there_is_room() -> None:
    sheet = Sheet(
        title="Doses", head=("drug", "one dose"), rows=(("aldesleukin", "9"), ("histamine", "0.5")), numeric=(1,)
    )

    lines = drawn(sheet, 80)

    assert lines == ["Doses", "drug         one dose", "aldesleukin         9", "histamine         0.5"]


def test_text_wraps_between_words_and_a_number_keeps_its_limits() -> None:
    sheet = Sheet(
        title="", head=("study", "HR (95 %)"), rows=(("with BAER2008, its sign unknown", "1.19 (0.69 to 2.04)"),)
    )

    lines = drawn(sheet, 40)

    assert lines == [
        "study                HR (95 %)",
        "with BAER2008, its   1.19 (0.69 to 2.04)",
        "sign unknown",
    ]


def test_many_columns_of_few_rows_are_turned() -> None:
    head = ("analysis", "patients", "events", "efficacy: Z", "stop, no effect")
    sheet = Sheet(title="", head=head, rows=(("interim 1", "896", "275", "2.963", "0.15 %"),), numeric=(1, 2, 3, 4))

    lines = drawn(sheet, 30)

    assert lines == [
        "analysis         interim 1",
        "patients               896",
        "events                 275",
        "efficacy: Z          2.963",
        "stop, no effect     0.15 %",
    ]


def test_what_fits_neither_way_is_a_record_a_row_without_what_is_empty() -> None:
    row = ("il2_central_volume", "1.54", "", "volume that a bolus meets")
    sheet = Sheet(title="", head=("parameter", "value", "fit", "meaning"), rows=(row, row, row))

    lines = drawn(sheet, 32)

    assert lines[:4] == [
        "il2_central_volume",
        "  value    1.54",
        "  meaning  volume that a bolus",
        "           meets",
    ]
    assert len(lines) == 12


@given(
    rows=st.lists(st.tuples(CELL, CELL, CELL, CELL), min_size=1, max_size=5),
    width=st.integers(min_value=30, max_value=120),
)
def test_at_any_width_no_word_is_cut_no_line_too_long_and_no_line_ends_in_blanks(
    rows: list[tuple[str, ...]], width: int
) -> None:
    sheet = Sheet(title="", head=("study", "design", "published", "meaning"), rows=tuple(rows))

    lines = drawn(sheet, width)

    words = {word for line in lines for word in line.split()}
    assert all(word in words for row in rows for cell in row for word in cell.split())
    assert all(len(line) <= width for line in lines)
    assert all(line == line.rstrip() for line in lines)


@pytest.mark.parametrize(
    "arguments", [("regimen", "calgb-19808"), ("models",), ("evidence", "network"), ("regimen", "--list")]
)
def test_lines_of_a_pipe_do_not_end_in_blanks(trialeukin: Callable, arguments: tuple[str, ...]) -> None:
    called = trialeukin(*arguments)

    assert called.code == 0
    assert [line for line in called.out.splitlines() if line != line.rstrip()] == []
