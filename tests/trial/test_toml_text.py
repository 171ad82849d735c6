"""The writer of study files: what it writes reads back as the same study, comments and all."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trialeukin.trial.study import Study
from trialeukin.trial.study_file import parse_study, study_from_text
from trialeukin.trial.toml_comments import with_comments
from trialeukin.trial.toml_model import model_from_text
from trialeukin.trial.toml_text import study_text

STUDIES = sorted((Path(__file__).parents[2] / "studies").glob("*.toml"))
WORDS = st.text(
    st.one_of(st.characters(exclude_categories=("Cs", "Cc")), st.sampled_from('\n\r\t"\\#[]={}')), min_size=1
).filter(str.strip)  # a blank text is refused
MONTHS = st.floats(0.01, 1_000.0)
SHARES = st.floats(0.0, 1.0)


def _assumed(*keys: str) -> st.SearchStrategy:
    return st.dictionaries(st.sampled_from(keys), WORDS, max_size=2)


RESULT = {"endpoint": st.sampled_from(["lfs", "os"]), "source": WORDS}


@st.composite
def studies(draw: st.DrawFn) -> Study:
    """Any study that the schema allows, its regimens and its cohort unread."""
    names = draw(st.lists(WORDS, min_size=2, max_size=4, unique=True))
    control = draw(st.integers(0, len(names) - 1))
    others = [name for place, name in enumerate(names) if place != control]
    arm = st.fixed_dictionaries(
        {"n": st.integers(1, 10_000)}, optional={"regimen": WORDS, "assumed": _assumed("regimen", "n", "name")}
    )
    horizon = draw(st.floats(1.0, 1_200.0))
    ends = sorted({*draw(st.lists(st.floats(0.5, horizon * 0.99), max_size=3)), horizon * 1.5})
    spacings = [{"every_months": draw(st.floats(horizon / 100.0, horizon)), "until_months": end} for end in ends]
    published = st.fixed_dictionaries(
        {},
        optional={
            "tests": st.lists(st.fixed_dictionaries(RESULT | {"p": SHARES}, optional={"note": WORDS}), max_size=3),
            "medians": st.lists(
                st.fixed_dictionaries(RESULT | {"months": MONTHS}, optional={"arm": st.sampled_from(names)}),
                max_size=3,
            ),
            "probabilities": st.lists(
                st.fixed_dictionaries(
                    RESULT | {"months": MONTHS, "value": SHARES, "arm": st.sampled_from(names)},
                    optional={"fitted": st.booleans(), "assumed": _assumed("months")},
                ),
                max_size=3,
            ),
        },
    )
    analysis = st.fixed_dictionaries(
        {
            "treatment": st.sampled_from(others),
            "milestones_months": st.lists(st.floats(0.01, horizon), min_size=1, max_size=4, unique=True),
        },
        optional={
            "endpoints": st.sampled_from([["lfs"], ["os", "lfs"]]),
            "alpha": st.floats(0.001, 0.999),
            "stratify_by": st.lists(WORDS, unique=True, max_size=2),
            "block": st.integers(1, 20),
        },
    )
    laboratory = st.fixed_dictionaries(
        {
            "tests": st.lists(WORDS, min_size=1, max_size=3, unique=True),
            "days": st.lists(st.integers(-5, 90), min_size=1, unique=True, max_size=4).map(sorted),
        },
        optional={"window_days": st.floats(0.0, 9.0), "missing": st.floats(0.0, 0.99)},
    )
    parameter = st.fixed_dictionaries(
        {"assumed": WORDS.map(lambda reason: {"uncertainty": reason}), "uncertainty": st.floats(0.0, 9.0)},
        optional={"between_patients": st.floats(0.0, 9.0), "times": st.floats(-9.0, 9.0)},
    )
    changed = draw(st.lists(WORDS, max_size=3, unique=True))
    content = {
        "study": draw(
            st.fixed_dictionaries(
                {"name": st.from_regex(r"[a-z0-9][a-z0-9.-]{0,20}", fullmatch=True)}
                | dict.fromkeys(("title", "question", "source"), WORDS),
                optional={"registration": WORDS},
            )
        ),
        "population": draw(
            st.fixed_dictionaries(
                {"cohort": WORDS, "start_after_days": st.floats(0.0, 1e300)},
                optional={"model": WORDS, "assumed": _assumed("cohort", "start_after_days")},
            )
        ),
        **({"parameters": [draw(parameter) | {"name": name} for name in changed]} if changed else {}),
        "arms": [
            draw(arm) | {"name": name} | ({"control": True} if place == control else {})
            for place, name in enumerate(names)
        ],
        "accrual": draw(st.fixed_dictionaries({"months": MONTHS}, optional={"assumed": _assumed("months")})),
        "follow_up": {
            "after_last_entry_months": draw(MONTHS),
            "horizon_months": horizon,
            "drop_out_per_year": draw(st.floats(0.0, 0.99)),
            "examinations": spacings,
        },
        "analysis": draw(analysis),
        **({"published": draw(published)} if draw(st.booleans()) else {}),
        **({"laboratory": draw(laboratory)} if draw(st.booleans()) else {}),
        **({"assumed": draw(_assumed("study", "arms"))} if draw(st.booleans()) else {}),
    }
    return Study.model_validate(content)


@given(studies())
@settings(max_examples=300, deadline=None)
def test_every_study_that_is_written_reads_back_as_itself(study: Study) -> None:
    text = study_text(study)

    assert model_from_text(Study, text, name="written") == study
    assert study_text(model_from_text(Study, text, name="written")) == text


@pytest.mark.parametrize("path", STUDIES, ids=lambda path: path.stem)
def test_the_published_studies_read_back_with_their_comments(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    study = study_from_text(text)

    written = with_comments(study_text(study), text)

    assert study_from_text(written) == study
    assert parse_study(written).study == study.study
    assert written.splitlines()[0] == text.splitlines()[0]
    assert [line.split("#")[-1] for line in written.splitlines() if "    #" in line] == [
        line.split("#")[-1] for line in text.splitlines() if "    #" in line
    ]
    assert written.count("#") == text.count("#")


def test_a_comment_stays_with_its_key_and_one_inside_a_text_is_none() -> None:
    earlier = '# the head\n[a]\nx = "# no comment"  # of x\n# before y\ny = 1\n'

    written = with_comments('[a]\ny = 2\nx = "other"\n', earlier)

    assert written == '# the head\n[a]\n# before y\ny = 2\nx = "other"    # of x\n'
