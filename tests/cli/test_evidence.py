"""The commands on the base of published studies."""

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from trialeukin.cli.evidence_network import inconsistency_document
from trialeukin.evidence.catalogue import own_studies
from trialeukin.evidence.network import Contrast, network_of
from trialeukin.evidence.network_inconsistency import inconsistency
from trialeukin.evidence.surrogacy_answers import surrogacy_answers

STUDIES = Path(__file__).parents[2] / "studies"
FILE = """
[study]
id = "MINE2026"
design = "single arm"
design_as_published = "phase II"
disease = "AML"
lineage = "myeloid"
settings = ["cr1"]
setting_as_published = "CR1"
source = "report"
place = "abstract"
quality = "printed"

[sources.report]
work = "Mine and others, 2026"
"""


def test_list_has_a_line_for_each_study_and_filters_by_route_setting_and_disease(
    trialeukin: Callable, nothing_of_ones_own: list[str]
) -> None:
    everything = trialeukin("evidence", "list", *nothing_of_ones_own)
    filters = ("--setting", "cr1", "--route", "civ", "--disease", "aml")
    some = trialeukin("evidence", "list", *filters, "--json", *nothing_of_ones_own)

    assert everything.code == some.code == 0
    assert [line.split()[0] for line in everything.out.splitlines()[2:]] == list(own_studies())
    names = {row["study"] for row in json.loads(some.out)}
    assert {"BLAISE2000", "STEIN2003"} <= names
    assert "KOLITZ2014" not in names


def test_list_finds_a_disease_by_its_name_and_refuses_one_that_is_none(
    trialeukin: Callable, nothing_of_ones_own: list[str]
) -> None:
    found = trialeukin("evidence", "list", "--disease", "all", "--json", *nothing_of_ones_own)
    refused = trialeukin("evidence", "list", "--disease", "gout", *nothing_of_ones_own)

    diseases = {row["study"]: row["disease"] for row in json.loads(found.out)}
    assert "ATTAL1995" in diseases
    assert "MELONI1997" not in diseases
    assert all("ALL" in disease for disease in diseases.values())
    assert refused.code == 2
    assert "'gout': choose aml, all, cml, cll, hairy cell, mds, lymphoma, gvhd" in refused.err


def test_show_has_regimens_places_conflicts_and_gaps(trialeukin: Callable, nothing_of_ones_own: list[str]) -> None:
    called = trialeukin("evidence", "show", "kolitz2014", *nothing_of_ones_own)

    assert called.code == 0
    assert "aldesleukin 1 MIU/m2/day sc days 1-14, 19-28" in called.out
    assert "risk of bias: not assessed" in called.out
    assert "gap: upper limits of the hazard ratios" in called.out
    assert "log HR -0.2877, SE 0.1869, from hazard ratio and lower limit" in called.out
    assert "do not fit each other" in called.out


def test_every_study_can_be_shown_in_words_and_as_json(trialeukin: Callable, nothing_of_ones_own: list[str]) -> None:
    for name in ("BAER2008", "MAO2015", "GVHD_ESC2019", "NCT00003148"):
        words = trialeukin("evidence", "show", name, *nothing_of_ones_own)
        document = json.loads(trialeukin("evidence", "show", name, "--json", *nothing_of_ones_own).out)
        assert words.code == 0
        assert document["study"]["id"] == name
        for arm in document["arms"]:
            assert f"Arm {arm['name']}" in words.out


def test_check_counts_what_is_there_and_names_the_faults_of_ones_own_files(
    trialeukin: Callable, tmp_path: Path
) -> None:
    good = trialeukin("evidence", "check", "--json", "--directory", str(tmp_path))
    tmp_path.joinpath("a.toml").write_text(FILE.replace('"AML"', "7"), encoding="utf-8")
    tmp_path.joinpath("b.toml").write_text(FILE.replace("lineage", "linage"), encoding="utf-8")

    bad = trialeukin("evidence", "check", "--directory", str(tmp_path))

    assert json.loads(good.out)["studies"] == 71
    assert bad.code == 2
    assert "a.toml, line 6: study.disease: 7 is not understood" in bad.err
    assert "did you mean 'lineage'" in bad.err


def test_add_keeps_a_copy_of_a_good_file_once(trialeukin: Callable, tmp_path: Path) -> None:
    mine, kept = tmp_path / "mine.toml", tmp_path / "kept"
    mine.write_text(FILE, encoding="utf-8")

    first = trialeukin("evidence", "add", "--from", str(mine), "--directory", str(kept))
    again = trialeukin("evidence", "add", "--from", str(mine), "--directory", str(kept))
    listed = trialeukin("evidence", "list", "--directory", str(kept))

    assert first.code == 0
    assert [path.name for path in kept.iterdir()] == ["mine2026.toml"]
    assert kept.joinpath("mine2026.toml").read_text(encoding="utf-8") == FILE
    assert again.code == 2
    assert "MINE2026 is there twice" in again.err
    assert "MINE2026" in listed.out


def test_add_tells_programs_what_is_kept_where(trialeukin: Callable, tmp_path: Path) -> None:
    mine, kept = tmp_path / "mine.toml", tmp_path / "kept"
    mine.write_text(FILE, encoding="utf-8")

    added = trialeukin("evidence", "add", "--from", str(mine), "--directory", str(kept), "--json")

    assert json.loads(added.out) == {"study": "MINE2026", "file": str(kept / "mine2026.toml")}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (FILE.replace("MINE2026", "KOLITZ2014"), "KOLITZ2014 is there twice"),
        (FILE.replace('source = "report"', 'source = "memory"'), "not among [sources]: known are report"),
        ("[study", "not TOML"),
        ("", "the file is empty"),
    ],
)
def test_add_keeps_nothing_of_a_file_with_a_fault(text: str, words: str, trialeukin: Callable, tmp_path: Path) -> None:
    mine, kept = tmp_path / "mine.toml", tmp_path / "kept"
    mine.write_text(text, encoding="utf-8")

    called = trialeukin("evidence", "add", "--from", str(mine), "--directory", str(kept))

    assert called.code == 2
    assert words in called.err
    assert not kept.exists() or not list(kept.iterdir())


def test_forest_always_shows_the_pool_of_real_trials_alone(
    trialeukin: Callable, nothing_of_ones_own: list[str]
) -> None:
    called = trialeukin("evidence", "forest", "--pool", "aml-cr1-ipd", "--discount", "0.5", *nothing_of_ones_own)
    left = trialeukin("evidence", "forest", "--pool", "aml-cr1-ipd", "--real-only", *nothing_of_ones_own)

    assert called.code == left.code == 0
    for each in (called, left):
        assert "real trials alone: k = 4; random effects" in each.out
        assert "certainty: not assessed" in each.out
    assert "real with simulated at a discount of 0.5" in called.out
    assert "result known: in part" in called.out
    assert "simulated" not in left.out


def test_forest_as_json_keeps_real_and_simulated_apart(trialeukin: Callable, nothing_of_ones_own: list[str]) -> None:
    called = trialeukin("evidence", "forest", "--pool", "aml-cr1-ipd", "--json", *nothing_of_ones_own)

    document = json.loads(called.out)
    assert document["pooled"]["k"] == 4
    assert {row["of"] for row in document["simulated"]["trials"]} >= {"KOLITZ2014", "BAER2008"}
    assert document["simulated"]["real_with_simulated"] is None


@pytest.mark.parametrize("form", ["svg", "png", "html"])
def test_forest_writes_the_form_that_the_name_asks_for(
    form: str, trialeukin: Callable, tmp_path: Path, nothing_of_ones_own: list[str]
) -> None:
    target = tmp_path / "plots" / f"forest.{form}"

    called = trialeukin("evidence", "forest", "--by", "route", "-o", str(target), *nothing_of_ones_own)

    assert called.code == 0
    head = target.read_bytes()[:200].lower()
    assert {"svg": b"<svg", "png": b"\x89png", "html": b"<!doctype html"}[form] in head
    if form == "html":
        assert "Real trials alone, pooled, k = 5" in target.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("-o", "forest.pdf"), "is written as one of .svg, .png, .html"),
        (("--real-only", "--discount", "0.5"), "give one of both"),
        (("--discount", "2"), "above 0 and up to 1"),
        (("--pool", "aml-cr2"), "no pool 'aml-cr2'"),
    ],
)
def test_forest_refuses_what_has_no_answer(
    arguments: tuple[str, ...], words: str, trialeukin: Callable, nothing_of_ones_own: list[str]
) -> None:
    called = trialeukin("evidence", "forest", *arguments, *nothing_of_ones_own)

    assert called.code == 2
    assert words in called.err


def test_surrogacy_over_trials_is_refused_with_counts_and_names(
    trialeukin: Callable, nothing_of_ones_own: list[str]
) -> None:
    called = trialeukin("evidence", "surrogacy", *nothing_of_ones_own)
    document = json.loads(trialeukin("evidence", "surrogacy", "--json", *nothing_of_ones_own).out)

    assert called.code == 0
    assert "1 of 9 randomised trials" in called.out
    assert "LANGE2008: sIL-2R alpha (serum, median), treated over control 5.27 (day 18 v day 28)" in called.out
    assert "KOLITZ2014: no marker reported" in called.out
    assert document["over_trials"]["r2"] is None
    assert len(document["over_trials"]["without"]) == 8
    assert document["virtual_patients"] == []


def test_surrogacy_answers_from_the_record_where_no_study_is_named(
    trialeukin: Callable, nothing_of_ones_own: list[str]
) -> None:
    recorded = surrogacy_answers()

    words = trialeukin("evidence", "surrogacy", *nothing_of_ones_own).out
    document = json.loads(trialeukin("evidence", "surrogacy", "--json", *nothing_of_ones_own).out)

    assert all(line in words for line in recorded.studies[0].answer)
    assert [each["answer"] for each in document["recorded"]] == [list(each.answer) for each in recorded.studies]
    assert document["answer"] is None


def test_surrogacy_within_virtual_patients_answers_plainly_under_every_structure(
    trialeukin: Callable, tmp_path: Path, nothing_of_ones_own: list[str]
) -> None:
    study = STUDIES / "calgb-19808.toml"
    target = tmp_path / "paths.svg"
    asked = ("--study", str(study), "--patients", "100", "-o", str(target))

    document = json.loads(trialeukin("evidence", "surrogacy", *asked, "--json", *nothing_of_ones_own).out)

    assert b"<svg" in target.read_bytes()[:400]
    found = document["virtual_patients"]
    assert len({each["structure"] for each in found}) == 4
    for each in found:
        whole = each["mediation"]
        parts = sum(path["part"]["value"] for path in whole["paths"])
        assert parts + whole["others"]["value"] == pytest.approx(whole["total"]["value"], abs=1e-9)
    assert document["answer"][1].startswith("They pull apart")
    assert document["refutation"][1].startswith("If Treg do not hold the kill back")


def test_surrogacy_draws_the_plane_of_published_trials(
    trialeukin: Callable, tmp_path: Path, nothing_of_ones_own: list[str]
) -> None:
    called = trialeukin("evidence", "surrogacy", "-o", str(tmp_path / "plane.png"), *nothing_of_ones_own)

    assert called.code == 0
    assert (tmp_path / "plane.png").read_bytes()[:4] == b"\x89PNG"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("surrogacy", "--study", "nothing.toml"), "there is no such file"),
        (("surrogacy", "--study", f"{STUDIES / 'mp-ma-0201.toml'}", "--horizon", "100"), "is followed for 64; give"),
        (("surrogacy", "--horizon", "12"), "--horizon is of the virtual patients of a study: name it with --study"),
        (("surrogacy", "--patients", "50"), "--patients is of the virtual patients of a study: name it with --study"),
        (("surrogacy", "--patients", "9", "--seed", "1"), "--patients and --seed are of the virtual patients"),
        (("surrogacy", "-o", "plane.pdf"), "is written as one of .svg, .png"),
        (("dose-response", "--measure", "areas"), "'areas': choose dose, area, above-treg"),
        (("dose-response", "-o", "slope.png"), "name it with --measure"),
        (("dose-response", "--measure", "area", "-o", "slope.pdf"), "is written as one of .svg, .png"),
        (("dose-response", "--pool", "aml-cr1-histamine"), "a slope needs at least three"),
    ],
)
def test_surrogacy_and_dose_response_refuse_what_has_no_answer(
    arguments: tuple[str, ...], words: str, trialeukin: Callable, nothing_of_ones_own: list[str]
) -> None:
    called = trialeukin("evidence", *arguments, *nothing_of_ones_own)

    assert called.code == 2
    assert words in called.err


def test_dose_response_says_that_it_cannot_tell_and_why(
    trialeukin: Callable, tmp_path: Path, nothing_of_ones_own: list[str]
) -> None:
    target = tmp_path / "slope.svg"

    called = trialeukin("evidence", "dose-response", "--measure", "area", "-o", str(target), *nothing_of_ones_own)

    assert called.code == 0
    assert "cannot be told" in called.out
    assert "test of the slope: F = " in called.out
    assert re.search(r"left between trials: QE = \d+\.\d\d on 4 df \(p = 0\.\d\d\); tau² = 0\.000", called.out)
    assert "the pool: k = 6; random effects" in called.out
    assert "left out: BAER2008: the sign of its hazard ratio" in called.out
    assert b"<svg" in target.read_bytes()[:400]


def test_network_names_method_heterogeneity_and_that_consistency_is_not_testable(
    trialeukin: Callable, nothing_of_ones_own: list[str]
) -> None:
    called = trialeukin("evidence", "network", *nothing_of_ones_own)
    document = json.loads(trialeukin("evidence", "network", "--nodes", "schedule", "--json", *nothing_of_ones_own).out)

    assert called.code == 0
    assert "k = 7; consistency model, REML; Q = 3.38 on 5 df (p = 0.64)" in called.out
    assert "not testable: no loop" in called.out
    assert "left out: BAER2008" in called.out
    assert len(document["nodes"]) == 6
    assert len(document["comparisons"]) == 15
    assert document["inconsistency_test"] is None


def test_a_network_that_can_be_tested_gives_its_tests_as_numbers() -> None:
    loop = network_of(
        [
            Contrast(study=study, treatment=treatment, against=against, effect=effect, standard_error=0.5)
            for study, treatment, against, effect in (
                ("1", "a", "none", 0.5),
                ("2", "a", "none", 0.3),
                ("3", "b", "none", 0.1),
                ("4", "a", "b", -0.5),
            )
        ]
    )
    found = inconsistency(loop)

    document = inconsistency_document(found)

    assert document is not None
    assert document["between_designs"] == {
        "q": found.q_between,
        "degrees_of_freedom": 1,
        "p_value": found.between_p_value,
    }
    assert document["within_designs"]["degrees_of_freedom"] == 1
    assert document["between_designs_random"] == {
        "tau_squared": found.random_tau_squared,
        "q": found.random_q,
        "degrees_of_freedom": 1,
        "p_value": found.random_p_value,
    }


def test_compare_sets_published_and_predicted_answers_of_both_groups_side_by_side(
    trialeukin: Callable, nothing_of_ones_own: list[str]
) -> None:
    called = trialeukin("evidence", "compare", *nothing_of_ones_own)
    document = json.loads(trialeukin("evidence", "compare", "--json", *nothing_of_ones_own).out)

    assert called.code == 0
    assert "published: share in remission 0.25 (0.02 to 0.82)" in called.out
    assert "LIM1992: not pooled: it counts patients in later remission" in called.out
    assert "the model cannot say: not known: growth and residual burden of adult ALL" in called.out
    assert "AURELIUS2012: FAB M4/M5: strong improvement" in called.out
    assert [each["question"] for each in document] == [
        "myeloid or lymphoid",
        "remission or refractory",
        "monocytic or not",
    ]
    refractory = document[1]["sides"][1]["published"]
    assert refractory["k"] == 2
    assert "hazard_ratio" not in refractory
    assert refractory["share"]["value"] == pytest.approx(0.25, abs=0.005)


def test_scoreboard_shows_misses_the_null_and_what_was_known(
    trialeukin: Callable, nothing_of_ones_own: list[str]
) -> None:
    called = trialeukin("evidence", "scoreboard", *nothing_of_ones_own)
    document = json.loads(trialeukin("evidence", "scoreboard", "--json", *nothing_of_ones_own).out)

    assert called.code == 0
    assert "added up over studies that share no patients" in called.out
    lange = next(row for row in document["predictions"] if row["of"] == "LANGE2008" and row["endpoint"] == "lfs")
    assert lange["log_score"] < lange["log_score_of_null"]
    assert lange["result_known"] == "yes"
    assert {row["what"] for row in document["totals"]} >= {"hazard ratio LFS", "share in remission"}


def test_dose_response_takes_criteria_and_leaves_studies_out_as_pool_does(
    trialeukin: Callable, nothing_of_ones_own: list[str]
) -> None:
    criteria = ("--role", "il2", "--lineage", "myeloid", "--setting", "cr1", "--exclude", "petit2018", "--json")

    pool, slope = (
        json.loads(trialeukin("evidence", command, *criteria, *more, *nothing_of_ones_own).out)
        for command, more in (("pool", ()), ("dose-response", ("--measure", "dose")))
    )

    assert slope["pooled"] == pool["pooled"]
    assert "PETIT2018" not in {each["study"] for each in slope["responses"][0]["trials"]}
    refused = trialeukin("evidence", "dose-response", "--pool", "aml-cr1", "--role", "il2", *nothing_of_ones_own)
    assert refused.code == 2
    assert "--pool aml-cr1 has members of its own: leave out --role" in refused.err


def hazard_ratios(document: object) -> Iterator[object]:
    if isinstance(document, list):
        for each in document:
            yield from hazard_ratios(each)
    elif isinstance(document, dict):
        for key, each in document.items():
            yield from [each] if key == "hazard_ratio" else hazard_ratios(each)


@pytest.mark.parametrize(
    "command",
    [
        ("pool", "--bayes", "--leave-one-out", "--by", "route"),
        ("forest", "--pool", "aml-cr1-ipd", "--discount", "0.5"),
        ("decide",),
        ("network",),
        ("compare",),
        ("dose-response", "--measure", "dose"),
    ],
    ids=" ".join,
)
def test_a_hazard_ratio_has_one_form_in_the_json_of_every_command(
    trialeukin: Callable, nothing_of_ones_own: list[str], command: tuple[str, ...]
) -> None:
    document = json.loads(trialeukin("evidence", *command, "--json", *nothing_of_ones_own).out)

    found = [each for each in hazard_ratios(document) if each is not None]  # a trial of unknown sign has none

    assert found
    for each in found:
        assert each["lower"] < each["value"] < each["upper"]
        assert len(each) == 3
