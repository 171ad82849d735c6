"""A study file is understood whole or refused with the place, the value and the way out."""

from pathlib import Path

import numpy as np
import pytest

from trialeukin.core.errors import InputError, StudyError
from trialeukin.regimen.library import regimen_of
from trialeukin.trial.endpoint import DAYS_A_MONTH, Endpoint
from trialeukin.trial.simulate import cohort_of, setting_of
from trialeukin.trial.study import study_schema
from trialeukin.trial.study_file import load_study, study_from_text

STUDIES = sorted((Path(__file__).parents[2] / "studies").glob("*.toml"))
SMALL = """\
[study]
name = "small"
title = "A small trial"
question = "Does it help?"
source = "made up"

[population]
cohort = "aml-cr1-under-60"
start_after_days = 7

[[arms]]
name = "rIL-2"
n = 50
regimen = "aldesleukin 1 MIU/m2/day sc days 1-14"

[[arms]]
name = "observation"
n = 25
control = true

[accrual]
months = 24
assumed.months = "not stated"

[follow_up]
after_last_entry_months = 36
horizon_months = 60
drop_out_per_year = 0.02
examinations = [{ every_months = 3, until_months = 24 }, { every_months = 6, until_months = 60 }]
"""


STRATA = "[analysis]\nstratify_by = ['monocytic', 'favorable_risk']\n"
TWICE = "[analysis]\nendpoints = ['os', 'lfs', 'os']\n"
PACE = "pace = [{{ relative_rate = {}, until_months = 24 }}]\n"
CLOSE = "[monitoring]\nlooks = [0.5, 0.5001, 1]\n"
HOPELESS = "[monitoring]\nlooks = [0.5, 1]\npower = 0.03\nfutility = 'obf'\n"
CLEARANCE = "[[parameters]]\nname = 'il2_linear_clearance'\n{}\n[accrual]"
TESTED = "[laboratory]\ntests = ['platelets', 'NK cell']\ndays = [1]\n"


def refusal(text: str) -> str:
    with pytest.raises(StudyError) as caught:
        study_from_text(text, name="small.toml")
    return str(caught.value)


def test_a_small_study_is_read_with_its_arms_and_assumptions() -> None:
    study = study_from_text(SMALL)

    assert study.treatment.name == "rIL-2"
    assert study.control.n == 25
    assert study.analysis.endpoints == (Endpoint.LFS, Endpoint.OS)
    assert study.assumptions("") == (("accrual.months", "not stated"),)


def test_examinations_follow_their_spacings_to_the_horizon() -> None:
    study = study_from_text(SMALL)

    days = study.follow_up.examination_days()

    months = [day / DAYS_A_MONTH for day in days]
    assert months == pytest.approx([3, 6, 9, 12, 15, 18, 21, 24, 30, 36, 42, 48, 54, 60])


@pytest.mark.parametrize("path", STUDIES, ids=lambda path: path.stem)
def test_every_study_of_the_project_is_read(path: Path) -> None:
    study = load_study(path)

    assert study.study.name == path.stem
    assert study.digest is not None


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("n = 50", "n = 0", ("line 13", "arms[1].n", "0 is not", "1 or more", "| n = 0")),
        ("n = 50", 'n = "50"', ("line 13", "arms[1].n", "'50' is not", "whole number")),
        ("n = 50", "n = true", ("line 13", "arms[1].n", "True is not")),
        ("n = 50", "nn = 50", ("line 13", "arms[1].nn", "unknown key", "did you mean 'n'", "arms[1].n: missing")),
        ("cohort =", "cohrt =", ("population.cohrt", "did you mean 'cohort'")),
        ("[accrual]", "[acrual]", ("acrual", "unknown key", "did you mean 'accrual'")),
        ('name = "observation"', 'name = "  "', ("line 17", "arms[2].name", "'  ' is blank: write a text")),
        ('name = "observation"', 'name = "rIL-2"', ("line 17", "arms[2].name", "two arms are called 'rIL-2'")),
        ("control = true", "control = false", ("arms", "0 arms have control = true", "'observation'")),
        ("drop_out_per_year = 0.02", "drop_out_per_year = 1.0", ("drop_out_per_year", "below 1")),
        ("drop_out_per_year = 0.02", "drop_out_per_year = nan", ("drop_out_per_year", "nan")),
        ("until_months = 60 }", "until_months = 20 }", ("examinations", "20 does not follow 24")),
        ("until_months = 60 }", "until_months = 59 }", ("examinations[2]", "59", "never be found", "60 months")),
        (
            "every_months = 3, until_months = 24 }, { every_months = 6, until_months = 60 }",
            "every_months = 61, until_months = 61 }",
            ("line 29", "follow_up.examinations", "no relapse would ever be found"),
        ),
        ("[accrual]", f"{TWICE}[accrual]", ("line 22", "analysis.endpoints[3]", "'os' is said twice")),
        (
            "[accrual]",
            "[analysis]\nalpha = 1e-17\n[accrual]",
            ("line 22", "analysis.alpha", "1e-17 is not", "1e-09 or more"),
        ),
        ("[accrual]", f"{CLOSE}[accrual]", ("line 21", "monitoring", "0.5, 0.5001, 1", "by 0.001 or more")),
        ("[accrual]", f"{HOPELESS}[accrual]", ("line 21", "monitoring", "power 0.03 is not reached", "spend less")),
        ("[accrual]", f"{TESTED}[accrual]", ("line 22", "laboratory.tests[2]", "no laboratory test", "'NK cells'?")),
        ("[accrual]", CLEARANCE.format("times = 2"), ("line 21", "parameters[1]", "assumed.times = 'what if ...'")),
        (
            "[accrual]",
            CLEARANCE.format("assumed.value = 'why'"),
            ("parameters[1]: 'il2_linear_clearance' stays as it is", "value, times, between_patients, uncertainty"),
        ),
        ("[accrual]", CLEARANCE.format("value = 9\nassumed.value = 'why'"), ("has no unit: give value and unit",)),
        (
            "[accrual]",
            CLEARANCE.format("value = 9\nunit = 'L/h/m^2'\ntimes = 2\nassumed.value = 'why'"),
            ("line 25", "parameters[1].times", "has a value and times: give one of them"),
        ),
        (
            "[accrual]",
            CLEARANCE.format("value = 9\nunit = 'kg'\nassumed.value = 'why'"),
            ("parameters[1]: il2_linear_clearance: 9 kg cannot be given in mL/min/m^2", "it is 77.91 mL/min/m^2"),
        ),
        (
            "[accrual]",
            CLEARANCE.format("times = -1\nassumed.times = 'why'"),
            ("value -77.9127 mL/min/m^2 on the log scale: give more than 0",),
        ),
        (
            "[accrual]",
            CLEARANCE.format("times = 2\nassumed.times = 'why'").replace("linear_clearance", "clearance"),
            ("model aml-maintenance has no parameter 'il2_clearance'", "did you mean 'il2_linear_clearance'?"),
        ),
        (
            "[accrual]",
            CLEARANCE.format("times = 2\nassumed.times = 'why'").replace("il2_linear_clearance", "body_surface_area"),
            ("'body_surface_area' is a covariate, drawn for every patient of aml-cr1-under-60",),
        ),
        (
            "[accrual]",
            CLEARANCE.format(
                "times = 2\nassumed.times = 'why'\n[[parameters]]\nname = 'il2_linear_clearance'\nuncertainty = 0\n"
                "assumed.uncertainty = 'why'"
            ),
            ("line 26", "parameters[2].name", "'il2_linear_clearance' is changed twice"),
        ),
        (
            "months = 24\n",
            f"months = 24\n{PACE.format(1e308)}",
            ("pace[1].relative_rate", "1e+308 is not", "0 to 1,000,000"),
        ),
        (
            "months = 24\n",
            f"months = 24\n{PACE.format(5e-324)}",
            ("accrual.pace", "every relative_rate is below 1e-06"),
        ),
        ('"aml-cr1-under-60"', '"cml-relapse"', ("line 8", "population.cohort", "does not follow cml")),
        (
            "[accrual]",
            f"{STRATA}[accrual]",
            ("line 22", "analysis.stratify_by[2]", "no covariate of zeros and ones", "did you mean 'favourable_risk'?"),
        ),
        ("cohort =", "model = 'aml'\ncohort =", ("line 8", "population.model", "no model 'aml'")),
        ("cohort =", "model = 'il2-immune'\ncohort =", ("line 8", "population.model", "has no relapse")),
        ("cohort =", "model = 'stiehl-2015'\ncohort =", ("line 8", "population.model", "a paper", "aml-maintenance")),
        ('assumed.months = "not', 'assumed.moths = "not', ("'moths' is no key", "months")),
        ('assumed.months = "not stated"', 'assumed.months = ""', ("accrual.assumed.months",)),
        ("months = 24\n", "months = -1\n", ("accrual.months", "-1 is not", "0 to 1,200")),
        ("horizon_months = 60", "horizon_months = 59", ("milestone 60 months", "59")),
        ("[study]", "[study", ("line 1", "not TOML", "^")),
        ('title = "A small trial"', "title = A small trial", ("line 3", "not TOML", "quotes")),
        ('question = "Does it help?"', "", ("study.question", "missing", "one sentence")),
    ],
)
def test_what_is_wrong_is_said_with_its_place(old: str, new: str, said: tuple[str, ...]) -> None:
    message = refusal(SMALL.replace(old, new, 1))

    for words in said:
        assert words in message


def test_a_fault_in_an_arm_is_said_once() -> None:
    message = refusal(SMALL.replace("n = 50", "n = 0"))

    assert "two or more" not in message
    assert message.count("small.toml") == 1


def test_one_arm_is_not_a_trial() -> None:
    start, end = SMALL.index('[[arms]]\nname = "observation"'), SMALL.index("[accrual]")

    message = refusal(SMALL[:start] + SMALL[end:])

    assert "arms" in message
    assert "two or more" in message


def test_minimisation_to_arms_of_very_unequal_sizes_is_refused() -> None:
    minimised = f"{SMALL}\n[analysis]\nrandomisation = 'minimisation'\nstratify_by = ['monocytic']\n"

    message = refusal(minimised.replace("n = 50", "n = 501"))

    assert study_from_text(minimised.replace("n = 50", "n = 500")).treatment.n == 500
    assert "line 32: analysis.randomisation: 'minimisation' to arms of 501 and 25: it takes up to 20 for 1" in message
    assert "choose 'permuted blocks'" in message


def test_a_published_result_of_an_unknown_arm_is_refused() -> None:
    text = SMALL + (
        "\n[[published.probabilities]]\nendpoint = 'lfs'\narm = 'placebo'\nmonths = 36\nvalue = 0.4\nsource = 'x'\n"
    )

    message = refusal(text)

    assert "line 33" in message
    assert "no arm is called 'placebo': there are 'rIL-2', 'observation'" in message


def test_an_empty_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "empty.toml"
    path.write_text("\n  \n")

    with pytest.raises(StudyError, match=r"empty\.toml: the file is empty: it needs the tables"):
        load_study(path)


def test_a_missing_file_and_a_directory_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="there is no such file"):
        load_study(tmp_path / "none.toml")
    with pytest.raises(InputError, match="cannot be read"):
        load_study(tmp_path)


def test_a_file_that_is_not_utf8_is_refused_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "latin.toml"
    path.write_bytes(b"# first\n# caf\xe9\n")

    with pytest.raises(StudyError, match="line 2: byte 0xe9 is not UTF-8"):
        load_study(path)


def test_a_changed_parameter_moves_every_patient_and_nothing_else() -> None:
    text = SMALL.replace("[accrual]", CLEARANCE.format("times = 2\nuncertainty = 0\nassumed.times = 'what if'"))
    usual, changed = (setting_of(study_from_text(each), seed=1) for each in (SMALL, text))
    place = list(usual.system.parameters).index("il2_linear_clearance")
    before, after = usual.system.parameters["il2_linear_clearance"], changed.system.parameters["il2_linear_clearance"]

    rows, moved = (cohort_of(each, 20).parameters for each in (usual, changed))

    assert (after.value, after.uncertainty, after.between_patients) == (2 * before.value, 0.0, before.between_patients)
    assert str(after.source) == "assumed: what if"
    assert moved[:, place] == pytest.approx(2.0 * rows[:, place], rel=1e-12)
    assert np.delete(moved, place, axis=1).tolist() == np.delete(rows, place, axis=1).tolist()
    assert ("parameters[1].times", "what if") in changed.study.assumptions("")


def test_the_schema_knows_every_table() -> None:
    schema = study_schema()

    assert set(schema["required"]) == {"study", "population", "arms", "accrual", "follow_up"}
    assert schema["additionalProperties"] is False


@pytest.mark.parametrize(
    ("regimen", "said"),
    [
        ("aldesleukin 1 MUI/m2/day sc days 1-14", ("line 14", "arms[1].regimen", "MUI", "^")),
        ("aldesleukin 1 U/m2/day sc days 1-14", ("arms[1].regimen", "U", "^")),
        ("aldesleukin 1 MIU/m2/day sc days 14-1", ("arms[1].regimen", "backwards")),
        ("library:meloni-1994", ("arms[1].regimen", "aldesleukin on day 1 is not known", "mark it as assumed")),
        ("aldesleukin 1 MIU sc day 1; hold while mood < 2", ("line 14", "arms[1].regimen", "has no marker 'mood'")),
        (
            "aldesleukin 1 MIU sc day 1; hold while platelets < 25",
            ("line 14", "arms[1].regimen", "'platelets < 25' has no unit: add G/L"),
        ),
        ("cytarabine 1 g iv bolus day 1", ("line 14", "arms[1].regimen", "cytarabine iv bolus enters nowhere")),
        ("calgb-19808", ("line 14", "arms[1].regimen", "is a name of the library: write 'library:calgb-19808'")),
        ("CALGB-19808; missed doses 5 %", ("arms[1].regimen", "write 'library:calgb-19808'")),
        ("library:calgb-19809", ("arms[1].regimen", "no regimen 'calgb-19809'", "calgb-19808")),
        ("aldesleukin 1 MIU/m2/day sc days 1-1826", ("follow_up.horizon_months", "shorter than the treatment", "60.2")),
    ],
)
def test_a_regimen_that_cannot_be_run_is_refused_with_its_arm(regimen: str, said: tuple[str, ...]) -> None:
    message = refusal(SMALL.replace("aldesleukin 1 MIU/m2/day sc days 1-14", regimen))

    for words in said:
        assert words in message


def test_an_unknown_cohort_is_refused_with_those_known() -> None:
    message = refusal(SMALL.replace("aml-cr1-under-60", "aml-cr1"))

    assert "line 8: population.cohort: no cohort is called 'aml-cr1': there are" in message


def test_a_regimen_of_the_library_takes_more_clauses() -> None:
    regimen = regimen_of("library:calgb-19808; never started 20 %")

    assert regimen.courses == regimen_of("library:calgb-19808").courses
    assert regimen.adherence.never_started == pytest.approx(0.2)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("[accrual]", "[[accrual]]", ("line", "accrual: 1 table is not understood", "| [[accrual]]")),
        ("[[arms]]", "[[arm]]", ("line", "arm: unknown key", "did you mean 'arms'?", "| [[arm]]")),
        ("months = 24\n", "months = 1e308\n", ("accrual.months", "1e+308 is not", "0 to 1,200")),
    ],
)
def test_a_table_of_the_wrong_kind_is_pointed_at_and_a_time_beyond_all_is_refused(
    old: str, new: str, said: tuple[str, ...]
) -> None:
    message = refusal(SMALL.replace(old, new))

    for words in said:
        assert words in message


def test_a_file_with_a_byte_order_mark_is_read(tmp_path: Path) -> None:
    (tmp_path / "marked.toml").write_bytes(b"\xef\xbb\xbf" + SMALL.encode())

    assert load_study(tmp_path / "marked.toml").study.name == study_from_text(SMALL).study.name
