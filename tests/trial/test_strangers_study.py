"""A study's text of anybody reaches no file, runs no code, and is refused or read in the time of an honest one."""

import hashlib
import re
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

import trialeukin
from trialeukin.core.errors import StudyError
from trialeukin.trial.study_file import LONGEST, parse_study

HONEST = (Path(__file__).parents[2] / "studies" / "ccg-2961.toml").read_text(encoding="utf-8")
SECONDS = 5.0  # an honest text takes 0.02 s; the attacks below took 14 s to minutes, or crashed, when read naively


PACKAGE = str(Path(trialeukin.__file__).parent)
REACHING_OUT = {"open", "os.listdir", "os.scandir", "os.system", "os.exec", "subprocess.Popen", "socket.connect"}
_seen: list[tuple[str, str]] | None = None


def _note(event: str, details: tuple[object, ...]) -> None:
    if _seen is not None and event in REACHING_OUT:
        _seen.append((event, str(details[0])))


sys.addaudithook(_note)  # which cannot be taken away again, so that it has a switch


@pytest.fixture
def watched() -> Iterator[list[tuple[str, str]]]:
    """What this process opens, lists, starts or calls from here on."""
    global _seen  # noqa: PLW0603
    parse_study(HONEST)
    _seen = []
    yield _seen
    _seen = None


def with_value(key: str, value: str) -> str:
    return re.sub(rf"^{key} = .*$", lambda _: f"{key} = {value}", HONEST, count=1, flags=re.MULTILINE)


def test_an_honest_text_is_read_and_marked_with_its_digest() -> None:
    study = parse_study(HONEST)

    assert study.study.name == "ccg-2961"
    assert study.digest == hashlib.sha256(HONEST.encode()).hexdigest()


HOSTILE = {
    "brackets": ("a = " + "[" * 90_000, "brackets within each other"),
    "tables in tables": ("a = " + "{a=" * 30_000, "brackets within each other"),
    "a dotted key": ("a" + ".a" * 40_000 + " = 1", "a key of more than"),
    "a dotted table": ("[" + "a." * 40_000 + "a]\nx = 1", "a key of more than"),
    "a key of quoted parts": ('"a"' + '."a"' * 20_000 + " = 1", "a key of more than"),
    "a string that never ends": (HONEST + 'x = "' + '\\"' * 45_000, "not TOML"),
    "strings of quotes": (HONEST + 'x = """' + '\\"""' * 20_000 + "\\", "not TOML"),
    "brackets behind four quotes": (with_value("title", '"""a""""\nx = ' + "[" * 90_000), "brackets within each"),
    "a table's name of blanks": (with_value("title", '"""\n[' + " " * 90_000 + '"""\nx = 1'), "unknown key"),
    "a number of 5,000 digits": (with_value("n", "1" + "0" * 5_000), "4300 digits"),
    "a text that is a number": (with_value("title", "0x" + "f" * 50_000), "thousands of digits"),
    "thousands of unknown keys": (HONEST + "".join(f"\n[t{n}]" for n in range(9_000)), "and 8,960 more like these"),
    "a long regimen": (with_value("regimen", f'"{"(" * 50_000}"'), "at most 6,000 characters"),
    "examinations without end": (
        with_value("examinations", "[{ every_months = 1e-300, until_months = 200 }]"),
        "over 5,000 examinations",
    ),
    "a follow-up without end": (with_value("horizon_months", "1e12"), "at most 1,200"),
    "too many arms": (HONEST + "".join(f'\n[[arms]]\nname = "{n}"\nn = 1' for n in range(99)), "12 at most"),
    "too long a text": ("#" * (LONGEST + 1), "give at most 100,000"),
    "NUL": (with_value("title", '"a\0b"'), "not TOML"),
    "NUL in words": (with_value("title", '"a\\u0000b"'), r"control character U\+0000"),
    "escape sequences of a terminal": (with_value("title", '"\\u001b[2J"'), r"control character U\+001B"),
    "half a character": (with_value("title", '"\ud800"'), r"line 5: U\+D800 is half a character"),
}


@pytest.mark.parametrize(("text", "reason"), HOSTILE.values(), ids=HOSTILE.keys())
def test_a_hostile_text_is_refused_with_its_reason_and_soon(text: str, reason: str) -> None:
    begun = time.perf_counter()

    with pytest.raises(StudyError, match=reason) as refusal:
        parse_study(text)

    assert time.perf_counter() - begun < SECONDS
    assert refusal.value.faults


def test_the_watch_sees_a_file_opened(watched: list[tuple[str, str]]) -> None:
    Path(__file__).read_bytes()

    assert ("open", __file__) in watched


def test_dots_and_brackets_within_words_are_words() -> None:
    words = "1.2.3.4.5.6.7.8.9.10.11.12.13.14.15.16.17.18 [[[[[[[[[[[[[[[[[[ {{"

    study = parse_study(with_value("title", f"'{words}'") + f"\n# {words}\n")

    assert study.study.title == words


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("regimen", "library:../../../../../../etc/passwd"),
        ("regimen", "library:/etc/passwd"),
        ("regimen", "library:ccg-2961.regimen"),
        ("regimen", "library:file:///etc/passwd"),
        ("regimen", "/etc/passwd"),
        ("cohort", "../../../../../../etc/passwd"),
        ("cohort", "/etc/passwd"),
        ("cohort", "../cohorts/aml-cr1-children"),
        ("model", "../../../../../../etc/passwd"),
        ("model", "os.system"),
    ],
)
def test_a_name_that_is_a_path_opens_nothing(key: str, value: str, watched: list[tuple[str, str]]) -> None:
    added = f"model = '{value}'\ncohort ="
    text = HONEST.replace("cohort =", added) if key == "model" else with_value(key, f"'{value}'")

    with pytest.raises(StudyError) as refusal:
        parse_study(text)

    assert [seen for seen in watched if not seen[1].startswith(PACKAGE)] == []
    assert "root:" not in str(refusal.value)
