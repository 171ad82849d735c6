"""Study files that contradict themselves are refused when they are read, with the way out."""

import pytest

from trialeukin.core.errors import StudyError
from trialeukin.evidence.catalogue import own_studies, study_from_text
from trialeukin.evidence.reconstructed_ratio import ratio_from_rates

RATIO = "hazard_ratio = 0.90\n"
RATES = "survival_treated = 0.2\nsurvival_control = 0.6\nmonths = 36.0\n"
SC = "aldesleukin 1 MIU/m2/day sc days 1-90"
CYTARABINE = "cytarabine 100 mg/m2/day civ days 1-7"


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('control = "control"', 'control = "il2"', r"effects\[1\].control: 'il2' is the treated arm too: give another"),
        (
            SC,
            CYTARABINE,
            r"arms\[1\].regimen: no IL-2 in it, only cytarabine, and the arm's role is 'il2': write the IL-2",
        ),
        (
            'role = "control"',
            f'role = "control"\nregimen = "{SC}"',
            r"arms\[2\].role: 'control' is without IL-2, and the regimen has it",
        ),
        ('routes = ["sc"]', 'routes = ["civ"]', r"arms\[1\].routes: civ, and the regimen has sc for IL-2: mend one"),
        (
            RATIO,
            RATIO + "n_treated = 1200.0\n",
            r"effects\[1\].n_treated: 1200, and the arm has 120: give no more, or say under \[\[conflicts\]\] why",
        ),
        (RATIO, RATIO + "n_control = 30.0\nevents_control = 40.0\n", r"events_control: 40 of 30: give no more"),
        (
            RATIO,
            RATIO + "p = 0.001\n",
            r"effects\[1\].p: 0.001 is not that of 0.9 \(0.66 to 1.23\), which is 0.51: mend",
        ),
        (
            RATIO,
            RATIO + RATES,
            r"survival_treated: 0.2 and 0.6 in the control arm are a hazard ratio of 3.15, more than 3 standard",
        ),
        ('settings = ["cr1"]', 'settings = ["gvhd"]', "give some of the study's, which are 'gvhd'"),
    ],
)
def test_a_file_that_contradicts_itself_is_refused_with_its_key(old: str, new: str, words: str, example: str) -> None:
    text = example.replace('population = "all randomised"', 'population = "all randomised"\nsettings = ["cr1"]')
    assert old in text

    with pytest.raises(StudyError, match=words):
        study_from_text(text.replace(old, new, 1), name="mine.toml")


def test_two_effects_of_the_same_patients_are_refused_and_may_be_of_parts(example: str) -> None:
    effect = "[[effects]]" + example.split("[[effects]]")[1]
    second = effect.replace('"all randomised"', '"first remission"')

    with pytest.raises(
        StudyError, match=r"effects\[2\].population: 'first remission': a second LFS of these arms would"
    ):
        study_from_text(example + second, name="mine.toml")
    for part in ("whole = false", 'settings = ["cr1"]', 'disease = "APL"'):
        of_part = second.replace('endpoint = "lfs"', f'endpoint = "lfs"\n{part}')
        assert len(study_from_text(example + of_part, name="mine.toml").effects) == 2


@pytest.mark.parametrize("p", [0.51, 0.5, 0.6])
def test_p_values_of_a_ratio_that_rounding_or_another_test_explains_are_kept(p: float, example: str) -> None:
    """log(0.90)/0.1588 is 0.66 standard errors, which is p 0.51."""
    study = study_from_text(example.replace(RATIO, f"{RATIO}p = {p}\n"), name="mine.toml")

    assert study.effects[0].p == p


def test_the_contradiction_of_kolitz_2014_would_be_refused(example: str) -> None:
    """Its copied abstract prints a hazard ratio of OS of 0.88 with lower limit 0.54 and P 0.34."""
    text = example.replace("0.90\nlower = 0.66\nupper = 1.23", "0.88\nlower = 0.54\np = 0.34")
    text = text.replace("ratio and both limits", "ratio and lower limit").replace("-0.1054", "-0.1278")

    with pytest.raises(StudyError, match=r"p: 0.34 is not that of 0.88 \(0.54 to \?\), which is 0.61"):
        study_from_text(text.replace("se = 0.1588", "se = 0.2492"), name="mine.toml")


def test_a_p_value_that_is_far_from_the_rates_is_refused_and_one_of_curves_that_cross_is_not(example: str) -> None:
    """0.51 v 0.58 of 144 and 145 patients are p 0.23; LANGE2008 prints 0.489."""
    head = example.split("hazard_ratio = 0.90", maxsplit=1)[0].replace("hazard ratio and both limits", "survival rates")
    rates = "survival_treated = 0.51\nsurvival_control = 0.58\nn_treated = 120.0\nn_control = 120.0\n"
    solved = ratio_from_rates(0.51, 0.58, n_treated=120.0, n_control=120.0)
    numbers = f"log_hazard_ratio = {solved.log_ratio}\nse = {solved.standard_error}\n"
    text = f'{head}{rates}{numbers}source = "report"\nplace = "results"\nquality = "printed"\n'

    assert study_from_text(f"{text}p = 0.489\n", name="mine.toml").effects[0].p == 0.489
    with pytest.raises(
        StudyError, match=r"p: 1e-08 with a standard error of 0\.\d+ is a hazard ratio of \d\.\d\d, more"
    ):
        study_from_text(f"{text}p = 0.00000001\n", name="mine.toml")


def test_sizes_that_a_conflict_names_are_kept() -> None:
    """AML12_06991: 276 and 274 of 550 were pooled, 263 and 265 of 528 were eligible."""
    study = own_studies()["AML12_06991"]

    assert [(each.n_treated, each.n_control) for each in study.effects] == [(276.0, 274.0)] * 2
    assert [arm.n for arm in study.arms] == [263, 265]
    assert {key for each in study.conflicts for key in each.sizes} == {"n_treated", "n_control"}
