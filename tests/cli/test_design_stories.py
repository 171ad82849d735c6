"""docs/design*.md and docs/interim-futility.md: tables, words and pictures are what their commands give."""

import math
import re
import shlex
from collections.abc import Callable
from pathlib import Path

import interim_futility as script
import numpy as np
import pytest

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
CALGB = str(ROOT / "studies" / "calgb-19808.toml")
ANEW = (CALGB, "--looks", "0.5,0.75,1", "--futility", "hsd:-2")
REMISSION = (
    "--control-median", "9", "--cure", "0.35", "--hazard-ratio", "0.7", "--accrual-months", "36",
    "--follow-up-months", "24", "--drop-out", "0.02",
)  # fmt: skip
LATE = (*REMISSION, "--delay", "3")
EARLY_LOOK = (*LATE, "--looks", "0.3,1", "--futility", "pocock")
LATER_LOOK = (*LATE, "--looks", "0.6,1", "--futility", "hsd:-2", "--prior", "0.5:0.76,0.1;0.5:1,0.05")
COARSE = 1e-3  # of an area under a density drawn at 4,000 points


@pytest.mark.parametrize(("name", "tables"), [("design", 3), ("design-calgb-19808", 1), ("interim-futility", 2)])
def test_the_tables_of_a_page_on_design_are_what_its_commands_print(
    name: str, tables: int, trialeukin: Callable
) -> None:
    page = (DOCS / f"{name}.md").read_text(encoding="utf-8")
    told = re.findall(
        r"^```sh\n(trialeukin design [^\n]+)\n```\n\n```text\n(.*?)^```", page, flags=re.DOTALL | re.MULTILINE
    )

    assert len(told) == tables
    for command, table in told:
        words = [str(ROOT / word) if word.startswith("studies/") else word for word in shlex.split(command)[1:]]
        words = words[: words.index("--output")] if "--output" in words else words
        printed = trialeukin(*words).out.splitlines()
        for line in table.splitlines():
            assert line in printed


def test_the_words_on_calgb_19808_follow_from_its_designs(document: Callable) -> None:
    words = " ".join((DOCS / "design-calgb-19808.md").read_text(encoding="utf-8").split())

    anew, as_it_was = document(*ANEW), document(CALGB, "--patients", "214")

    months = [look["month"] for look in anew["analyses"]]
    assert f"{math.ceil(as_it_was['events'])} events, and a power of {100 * as_it_was['power']:.1f} %" in words
    assert f"waits {months[2] - months[1]:.0f} months for a quarter of them" in words
    assert anew["analyses"][1]["futility"]["under_null"] == pytest.approx(0.9, abs=0.005)  # nine trials in ten


def test_the_words_on_interim_futility_follow_from_its_designs(document: Callable) -> None:
    words = " ".join((DOCS / "interim-futility.md").read_text(encoding="utf-8").split())

    plain, late, early, later = (document(*asked) for asked in (REMISSION, LATE, EARLY_LOOK, LATER_LOOK))

    size = {name: math.ceil(found["patients"]) for name, found in zip("pled", (plain, late, early, later), strict=True)}
    events = [math.ceil(found["events"]) for found in (plain, late)]
    assert f"{size['p']} patients and {events[0]} events have a power of 90 %; with it {size['l']} and" in words
    assert f"with it {size['l']} and {events[1]}." in words
    assert f"costs {size['e'] - size['l']} patients more than no look" in words
    assert f"at a cost of {size['d'] - size['l']} patients, which make good the 3.6 %" in words
    assert f"the first patient, here {100 * later['assurance']:.1f} %" in words
    stops = [(found["analyses"][0]["futility"]["under_null"]) for found in (early, later)]
    assert stops == [pytest.approx(0.374, abs=0.001), pytest.approx(2.0 / 3.0, abs=0.01)]


def test_the_picture_of_calgb_19808_is_what_its_command_draws(trialeukin: Callable, tmp_path: Path) -> None:
    called = trialeukin("design", *ANEW, "--output", str(tmp_path))

    assert called.code == 0, called.err
    for name in ("calendar", "boundaries", "power"):
        drawn = (tmp_path / f"{name}.svg").read_text(encoding="utf-8")
        assert drawn == (DOCS / f"design-calgb-19808-{name}.svg").read_text(encoding="utf-8"), name


def test_the_picture_of_interim_futility_is_of_the_designs_of_its_commands(document: Callable) -> None:
    for drawn, asked in zip(script.PLANS, (EARLY_LOOK, LATER_LOOK), strict=True):
        found, told = script.plan(*drawn[:2]), document(*asked)

        assert found.patients == pytest.approx(told["patients"], rel=1e-9)
        assert [effect.calendar for effect in found.effects] == pytest.approx(
            [look["month"] for look in told["analyses"]], rel=1e-9
        )


def test_the_shaded_areas_of_interim_futility_are_the_chances_of_stopping() -> None:
    for drawn in script.PLANS:
        found = script.plan(*drawn[:2])
        limit = float(found.hazard_ratios(found.boundaries.lower)[0])
        ratios = np.exp(np.linspace(np.log(limit), np.log(limit) + 2.0, 4_000))

        without, with_it = (np.trapezoid(density, np.log(ratios)) for density in script.seen(found, ratios))

        assert without == pytest.approx(found.null.lower[0], abs=COARSE)
        assert with_it == pytest.approx(found.alternative.lower[0], abs=COARSE)


def test_the_average_ratio_of_the_picture_falls_as_its_caption_says() -> None:
    trial = script.plan(*script.PLANS[0][:2]).trial

    ratios = [
        script.average_effect(trial.control, trial.treated, trial.enrolment, month).hazard_ratio
        for month in (8.0, trial.end)
    ]

    assert [round(ratio, 2) for ratio in ratios] == [0.9, 0.76]


def test_the_picture_of_interim_futility_is_drawn_the_same_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = script.FIGURE.read_bytes()
    monkeypatch.setattr(script, "FIGURE", tmp_path / "again.svg")

    script.draw()

    assert script.FIGURE.read_bytes() == kept
