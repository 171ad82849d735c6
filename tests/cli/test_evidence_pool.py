"""``trialeukin evidence pool``: its numbers, what stands beside them, its figures, and what it refuses."""

import json
from collections.abc import Callable
from importlib import resources
from pathlib import Path

import pytest


def test_pool_prints_k_method_and_heterogeneity_both_signs_and_who_was_left_out(
    trialeukin: Callable, nothing_of_ones_own: list[str]
) -> None:
    called = trialeukin("evidence", "pool", "--outcome", "LFS", "--leave-one-out", *nothing_of_ones_own)

    assert called.code == 0
    assert "k = 5; random effects, restricted maximum likelihood" in called.out
    assert "I² = 0 % (0 to 88)" in called.out
    assert "with BAER2008, its sign taken to favour control" in called.out
    assert "not in the primary pool: BAER2008" in called.out
    assert "t with k - 2" in called.out
    assert sum("not assessed" in line for line in called.out.splitlines()) == 6  # five trials, and the pool


def test_pool_as_json_carries_method_and_heterogeneity_with_every_pooled_number(
    trialeukin: Callable, nothing_of_ones_own: list[str]
) -> None:
    options = ("--outcome", "os", "--method", "dl", "--by", "route", "--leave-one-out", "--json")
    document = json.loads(trialeukin("evidence", "pool", *options, *nothing_of_ones_own).out)

    others = (*document["sensitivity"], *document["subgroups"]["pools"], *document["leave_one_out"])
    pools = [document["pooled"], *(each["pooled"] for each in others)]
    for each in pools:
        assert each["k"] >= 1
        assert each["method"] == "random effects, DerSimonian-Laird"
        assert (each["heterogeneity"] is None) == (each["k"] == 1)
    assert document["pooled"]["hazard_ratio"]["value"] == pytest.approx(1.046, abs=0.002)
    assert document["published"]["log_hazard_ratio"] == pytest.approx(0.0583)


def test_pool_as_json_has_baujats_contributions_which_add_up_to_q(
    trialeukin: Callable, nothing_of_ones_own: list[str]
) -> None:
    called = trialeukin("evidence", "pool", "--outcome", "LFS", "--json", *nothing_of_ones_own)
    alone = trialeukin(
        "evidence", "pool", "--pool", "all-autologous", "--outcome", "LFS", "--json", *nothing_of_ones_own
    )

    document = json.loads(called.out)
    parts = document["contributions"]
    weighed = [each["study"] for each in document["trials"] if each["weight"] is not None]
    assert [each["study"] for each in parts] == weighed
    assert sum(each["part_of_q"] for each in parts) == pytest.approx(document["pooled"]["heterogeneity"]["q"])
    assert json.loads(alone.out)["contributions"] == []


def test_pool_says_whether_small_studies_differ_and_what_trim_and_fill_would_add(
    trialeukin: Callable, nothing_of_ones_own: list[str]
) -> None:
    options = ("--outcome", "os", "--pool", "aml-cr1")
    said = trialeukin("evidence", "pool", *options, *nothing_of_ones_own).out
    document = json.loads(trialeukin("evidence", "pool", *options, "--json", *nothing_of_ones_own).out)

    small, filled = document["small_studies"], document["small_studies"]["trim_and_fill"]
    assert filled["pooled"]["k"] == document["pooled"]["k"] + filled["added"]
    assert filled["pooled"]["method"] == document["pooled"]["method"]
    assert f"Egger t {small['egger']['statistic']:.2f}, p {small['egger']['p_value']:.2f}" in said
    assert f"Begg tau {small['begg']['statistic']:.2f}" in said
    assert f"trim and fill adds {filled['added']} studies on the {filled['side']}" in said
    assert "fewer than ten studies" in said


def test_pool_states_its_priors_with_the_posterior(trialeukin: Callable, nothing_of_ones_own: list[str]) -> None:
    options = ("--outcome", "LFS", "--bayes", "--tau-scale", "0.3")
    words = trialeukin("evidence", "pool", *options, *nothing_of_ones_own)
    document = json.loads(trialeukin("evidence", "pool", *options, "--json", *nothing_of_ones_own).out)["posterior"]

    assert "posterior (k = 5; mu ~ normal(0, 2), tau ~ half-normal 0.3)" in words.out
    median, low, high = (document["hazard_ratio"][key] for key in ("value", "lower", "upper"))
    assert low < median < high
    assert f"HR {median:.2f} ({low:.2f} to {high:.2f})" in words.out
    assert 0.5 < document["probability_below_1"] < 0.8  # the pool is 0.97 and its error 0.08


def test_pool_writes_whole_figures(trialeukin: Callable, tmp_path: Path, nothing_of_ones_own: list[str]) -> None:
    called = trialeukin("evidence", "pool", "--outcome", "LFS", "-o", str(tmp_path / "out"), *nothing_of_ones_own)

    assert called.code == 0
    written = {path.name for path in (tmp_path / "out").iterdir()}
    assert written == {
        f"{plot}.{form}" for plot in ("forest", "funnel", "baujat", "drapery") for form in ("svg", "png")
    }


def test_pool_of_one_study_says_that_without_it_nothing_is_left(
    trialeukin: Callable, nothing_of_ones_own: list[str]
) -> None:
    asked = ("evidence", "pool", "--outcome", "LFS", "--pool", "aml-cr1-histamine", "--leave-one-out")

    called = trialeukin(*asked, *nothing_of_ones_own)

    assert called.code == 0
    assert "leave-one-out: of one study nothing is left" in called.out
    assert "without" not in called.out


def test_pool_has_a_line_for_each_reason_why_studies_are_left_out_and_every_study_in_one(
    trialeukin: Callable, nothing_of_ones_own: list[str]
) -> None:
    asked = ("evidence", "pool", "--outcome", "LFS", "--disease", "AML", *nothing_of_ones_own)

    words = trialeukin(*asked).out
    document = json.loads(trialeukin(*asked, "--json").out)

    lines = [line for line in words.splitlines() if line.startswith("not pooled: ")]
    named = [name for line in lines for name in line.rpartition(": ")[2].split(", ")]
    assert sorted(named) == sorted(each["study"] for each in document["left_out"])
    assert len(lines) == len({each["why"] for each in document["left_out"]})
    assert "not pooled: its treated arm is IL-2 with histamine, not IL-2: BRUNE2006" in lines


def test_pool_of_one_study_writes_its_forest_alone(
    trialeukin: Callable, tmp_path: Path, nothing_of_ones_own: list[str]
) -> None:
    asked = ("evidence", "pool", "--outcome", "LFS", "--pool", "aml-cr1-histamine", "-o", str(tmp_path / "out"))

    called = trialeukin(*asked, *nothing_of_ones_own)

    assert called.code == 0
    assert {path.name for path in (tmp_path / "out").iterdir()} == {"forest.svg", "forest.png"}


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--pool", "aml-cr"), "did you mean 'aml-cr1'"),
        (("--pool", "aml-cr1", "--setting", "cr1"), "--pool aml-cr1 has members of its own: leave out --setting"),
        (("--exclude", "NOBODY"), "cannot leave out 'NOBODY': no study of the base has that name; pool 'aml-cr1' is"),
        (("--exclude", "KOLITZ2015"), "no study of the base has that name; did you mean 'KOLITZ2014'?"),
        (("--disease", "gout"), "'gout': choose aml, all"),
        (("--disease", "hairy cell"), "'hairy cell' is not in the name of its disease ("),
        (("--exclude", "STEIN2003"), "STEIN2003 cannot be excluded: pool 'aml-cr1' is of BLAISE2000"),
        (("--setting", "gvhd"), "no study is left with a hazard ratio of LFS"),
        (("--never-narrower",), "give --hartung-knapp too"),
        (("--tau-scale", "0.3"), "--tau-scale is of the posterior's prior: give --bayes too"),
        (("--bayes", "--tau-scale", "0"), "--tau-scale 0: give 0.01 to 10"),
    ],
)
def test_pool_refuses_what_has_no_answer_and_names_the_way_out(
    options: tuple[str, ...], words: str, trialeukin: Callable, nothing_of_ones_own: list[str]
) -> None:
    called = trialeukin("evidence", "pool", "--outcome", "LFS", *options, *nothing_of_ones_own)

    assert called.code == 2
    assert words in called.err
    assert not called.out


@pytest.mark.parametrize(
    ("command", "pool", "words"),
    [
        ("pool", "aml-cr1", "all 5 studies are in one subgroup, 'myeloid': there is nothing to compare"),
        ("pool", "aml-cr1-histamine", "the only study is in one subgroup, 'myeloid': there is nothing to compare"),
        ("forest", "aml-cr1", "all 5 studies are in one subgroup, 'myeloid': there is nothing to compare"),
    ],
)
def test_a_pool_of_one_subgroup_is_given_and_says_that_there_is_nothing_to_compare(
    command: str, pool: str, words: str, trialeukin: Callable, nothing_of_ones_own: list[str]
) -> None:
    asked = ("evidence", command, "--pool", pool, "--by", "lineage", *nothing_of_ones_own)

    called, document = trialeukin(*asked), json.loads(trialeukin(*asked, "--json").out)

    assert called.code == 0
    assert f"subgroups: {words}" in called.out
    assert "pooled, k = " in called.out
    assert document["subgroups"] == {"pools": [], "not_compared": words}


def test_a_pool_by_criteria_is_of_another_comparator_or_design_only_where_that_is_asked_for(
    trialeukin: Callable, tmp_path: Path
) -> None:
    published = (
        resources.files("trialeukin.evidence").joinpath("studies", "pautas2010.toml").read_text(encoding="utf-8")
    )
    for name, old, new in (
        ("OTHER2026", 'role = "control"', 'role = "other"'),
        ("COHORT2026", 'design = "randomised"', 'design = "cohort"'),
    ):
        text = published.replace("PAUTAS2010", name).replace(old, new)
        tmp_path.joinpath(f"{name.lower()}.toml").write_text(text, encoding="utf-8")
    own = ("--directory", str(tmp_path))

    usual = trialeukin("evidence", "pool", "--role", "il2", *own).out
    other = trialeukin("evidence", "pool", "--comparator", "other", *own).out
    cohort = trialeukin("evidence", "decide", "--design", "cohort", *own).out
    surrogacy = trialeukin("evidence", "surrogacy", *own).out

    assert "not pooled: its control arm is other, not control: OTHER2026" in usual
    assert "not pooled: cohort, not randomised: COHORT2026" in usual
    assert "All studies: IL-2 v other: leukaemia-free survival" in other
    assert "k = 1;" in other
    assert "All studies: IL-2, cohort: leukaemia-free survival" in cohort
    assert "COHORT2026 is the only cohort: by how much cohorts of this treatment differ" in cohort
    assert "1 of 9 randomised trials" in surrogacy


def test_a_forest_is_of_the_studies_that_a_pool_by_the_same_criteria_takes(
    trialeukin: Callable, nothing_of_ones_own: list[str]
) -> None:
    asked = ("--lineage", "myeloid", "--setting", "cr1", "--exclude", "kolitz2014", "--json", *nothing_of_ones_own)

    pool, forest = (json.loads(trialeukin("evidence", each, *asked).out) for each in ("pool", "forest"))

    assert "KOLITZ2014" not in {each["study"] for each in forest["trials"]}
    assert pool["pooled"]["k"] == 5
    assert {key: value for key, value in forest.items() if key not in {"simulated", "file"}} == {
        key: value for key, value in pool.items() if key != "files"
    }
    assert forest["simulated"]["pool"] is None
    assert "PETIT2018" in {each["of"] for each in forest["simulated"]["trials"]}


def test_a_pool_with_fixed_members_says_which_of_ones_own_studies_it_lacks(
    trialeukin: Callable, tmp_path: Path
) -> None:
    published = resources.files("trialeukin.evidence").joinpath("studies", "petit2018.toml").read_text(encoding="utf-8")
    tmp_path.joinpath("mine.toml").write_text(published.replace("PETIT2018", "MINE2026"), encoding="utf-8")
    own = ("evidence", "pool", "--outcome", "LFS", "--directory", str(tmp_path))

    fixed, asked = trialeukin(*own), trialeukin(*own, "--role", "il2", "--lineage", "myeloid", "--setting", "cr1")

    assert "not in this pool, whose members are fixed: MINE2026, of your own; to have it, pool by criteria" in fixed.out
    assert "members are fixed" not in asked.out
    assert any(line.startswith("MINE2026") for line in asked.out.splitlines())


def test_forest_and_network_say_that_they_lack_ones_own_studies(trialeukin: Callable, tmp_path: Path) -> None:
    published = resources.files("trialeukin.evidence").joinpath("studies", "petit2018.toml").read_text(encoding="utf-8")
    tmp_path.joinpath("mine.toml").write_text(published.replace("PETIT2018", "MINE2026"), encoding="utf-8")
    own = ("--directory", str(tmp_path))

    forest, network = (trialeukin("evidence", command, *own).out for command in ("forest", "network"))
    document = json.loads(trialeukin("evidence", "network", "--json", *own).out)

    assert "not in this pool, whose members are fixed: MINE2026, of your own; to have it, pool by" in forest
    assert "left out: MINE2026: of your own, and the network's trials are fixed" in network
    assert document["left_out"][-1]["study"] == "MINE2026"
