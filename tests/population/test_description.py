from importlib import resources

import pytest

from trialeukin.core.errors import StudyError
from trialeukin.population.description import load_description, parse_description

GOOD = resources.files("trialeukin.population").joinpath("cohorts/aml-cr1-adults.toml").read_text(encoding="utf-8")


def test_an_unknown_cohort_is_refused_with_those_there_are() -> None:
    with pytest.raises(StudyError, match=r"no cohort is called 'aml-cr9'.*aml-cr1-adults"):
        load_description("aml-cr9")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("favourable = 0.15", "favourable = 0.25", "risk: favourable, intermediate and adverse add up to 1.1"),
        ("favourable = 0.15", "favourable = -0.15", "risk.favourable"),
        ("fraction = 0.35", 'fraction = "a third"', "monocytic.fraction.*a third"),
        ("highest = 84.0", "highest = 17.0", "highest 17 is not above lowest 18"),
        ("sd = 15.0", "sd = 15.0\nskew = 1.0", "age.skew: is not a key of cohort files"),
        ("sd = 15.0", "", "age.sd: is missing"),
        ("ages = [18.0, 90.0]", "ages = [90.0, 18.0]", "do not increase"),
        ("height_male = [177.0, 172.0]", "height_male = [177.0, 172.0, 170.0]", "height_male has 3 numbers for 2 ages"),
        ('key = "brune2006"', 'key = "nobody1999"', "'nobody1999' is not in sources.bib"),
        ("[risk]", "[risk", "aml-cr1-adults.toml: not TOML"),
    ],
)
def test_a_cohort_file_that_makes_no_sense_is_refused_at_the_spot(old: str, new: str, message: str) -> None:
    assert old in GOOD
    wrong = GOOD.replace(old, new)

    with pytest.raises(StudyError, match=message):
        parse_description(wrong, place="aml-cr1-adults.toml")


def test_every_fault_of_a_cohort_file_is_named_at_once() -> None:
    wrong = GOOD.replace("sd = 15.0", "").replace("fraction = 0.35", "fraction = 2.0")

    with pytest.raises(StudyError) as refusal:
        parse_description(wrong, place="mine.toml")

    assert len(str(refusal.value).splitlines()) == 2


RELAPSED = (
    resources.files("trialeukin.population")
    .joinpath("cohorts/cml-haematological-relapse.toml")
    .read_text(encoding="utf-8")
)


@pytest.mark.parametrize(
    ("text", "old", "new", "message"),
    [
        (GOOD, "[monocytic]", "[transplant]", "transplant.fraction: is not a key"),
        (GOOD, GOOD[GOOD.index("[monocytic]") : GOOD.index("[intensified]")], "", r"\[monocytic\] is missing"),
        (GOOD, "child = false", 'disease = "aplasia"', "cohort.disease.*aplasia"),
        (RELAPSED, "[transplant]", GOOD[GOOD.index("[risk]") :] + "[transplant]", r"\[risk\] beside \[transplant\]"),
        (RELAPSED, "chimerism_median = 0.5", "chimerism_median = 0.0", "transplant.chimerism_median"),
    ],
)
def test_a_cohort_has_the_tables_of_one_setting(text: str, old: str, new: str, message: str) -> None:
    assert old in text

    with pytest.raises(StudyError, match=message):
        parse_description(text.replace(old, new), place="mine.toml")
