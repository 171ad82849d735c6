"""The commands that list models and parameters."""

import json
from collections.abc import Callable

import pytest

from trialeukin.engine.quantities import names, unit_of
from trialeukin.model.named import system_of
from trialeukin.model.published.library import PUBLISHED, published_model
from trialeukin.model.whole import models


def test_models_lists_every_named_model_with_its_size(trialeukin: Callable) -> None:
    called = trialeukin("models")

    assert called.code == 0
    for name, system in models().items():
        row = next(line for line in called.out.splitlines() if line.split()[0] == name)
        assert row.split()[1:3] == [str(len(system.states)), str(len(system.parameters))]


def test_models_lists_published_models_apart_with_their_papers(trialeukin: Callable) -> None:
    own, _, others = trialeukin("models").out.partition("published models")

    rows = {line.split()[0]: line for line in others.splitlines()[2:] if line.strip()}

    assert list(rows) == list(PUBLISHED)
    assert not any(name in own for name in PUBLISHED)
    for name, publication in PUBLISHED.items():
        assert publication.paper in rows[name]
        assert publication.subject in rows[name]
        assert rows[name].split()[1] == str(len(published_model(name).states))


def test_models_as_json_says_which_are_published(trialeukin: Callable) -> None:
    document = {each["name"]: each["published"] for each in json.loads(trialeukin("models", "--json").out)}

    assert list(document) == [*models(), *PUBLISHED]
    assert all(document[name] is None for name in models())
    assert document["moore-li-2004"] == {"paper": "Moore 2004 (J Theor Biol 227:513)", "describes": "CML and T cells"}


@pytest.mark.parametrize("name", ["il2-immune", "aml-maintenance", "moore-li-2004"])
def test_one_model_says_everything_that_can_be_asked_for(name: str, trialeukin: Callable) -> None:
    system = system_of(name)

    called = trialeukin("models", name)
    [document] = json.loads(trialeukin("models", name, "--json").out)

    assert called.code == 0
    listed = {line.split()[0]: line for line in called.out.splitlines() if line.strip()}
    for each in names(system):
        assert unit_of(system, each) in listed[each]
    for event in system.events:
        assert f"{event.watch.value}" in next(x for x in called.out.splitlines() if x.startswith(f"{event.name}  "))
    assert [x["name"] for kind in ("states", "switches", "observables") for x in document[kind]] == list(names(system))


def test_an_unknown_model_is_told_which_there_are(trialeukin: Callable) -> None:
    called = trialeukin("models", "il2-imune")

    assert called.code == 2
    assert "MODEL: unknown model 'il2-imune': known are il2-pharmacokinetics," in called.err
    assert "did you mean 'il2-immune'?" in called.err


def test_parameters_of_a_published_model_say_where_each_was_read(trialeukin: Callable) -> None:
    [document] = json.loads(trialeukin("parameters", "jost-2019", "--json").out)

    assert [each["name"] for each in document["parameters"]] == list(published_model("jost-2019").parameters)
    assert all(each["source"]["place"] for each in document["parameters"])


def test_models_as_json_names_states_observables_drugs_and_events(trialeukin: Callable) -> None:
    document = json.loads(trialeukin("models", "--json").out)

    maintenance = next(each for each in document if each["name"] == "aml-maintenance")

    assert {"relapse", "extinction"} <= set(maintenance["events"])
    assert {"drug": "histamine", "routes": ["sc"]}.items() <= next(
        each for each in maintenance["drugs"] if each["drug"] == "histamine"
    ).items()
    assert all(state["unit"] for state in maintenance["states"])


def test_parameters_has_a_line_for_each_with_value_spreads_and_source(trialeukin: Callable) -> None:
    called = trialeukin("parameters", "aml-maintenance")
    system = models()["aml-maintenance"]

    lines = {line.split()[0]: line for line in called.out.splitlines()[2:]}

    assert called.code == 0
    assert list(lines) == list(system.parameters)
    for name, parameter in system.parameters.items():
        assert f"{parameter.value:.4g}" in lines[name]
        assert str(parameter.source) in lines[name]


def test_parameters_as_json_holds_both_spreads_and_the_source(trialeukin: Callable) -> None:
    [document] = json.loads(trialeukin("parameters", "il2-immune", "--json").out)
    system = models()["il2-immune"]

    assert document["model"] == "il2-immune"
    for record, (name, parameter) in zip(document["parameters"], system.parameters.items(), strict=True):
        assert record["name"] == name
        assert record["value"] == parameter.value
        assert record["unit"] == parameter.unit
        assert record["between_patients"] == parameter.between_patients
        assert record["uncertainty"] == parameter.uncertainty
        assert record["source"]["assumed"] == parameter.source.assumed
        assert record["source"]["place"]


def test_parameters_without_a_model_lists_all_of_them(trialeukin: Callable) -> None:
    document = json.loads(trialeukin("parameters", "--json").out)

    assert [each["model"] for each in document] == list(models())


@pytest.mark.parametrize("wrong", ["aml-maintenence", "aml"])
def test_an_unknown_model_is_refused_with_the_known_ones(trialeukin: Callable, wrong: str) -> None:
    called = trialeukin("parameters", wrong)

    assert called.code == 2
    assert f"unknown model {wrong!r}" in called.err
    assert "aml-maintenance" in called.err
    assert called.out == ""


def test_a_fitted_parameter_shows_its_prior_and_what_the_observations_say(trialeukin: Callable) -> None:
    called = trialeukin("parameters", "il2-immune", "--json")

    fits = {each["name"]: each["fit"] for each in json.loads(called.out)[0]["parameters"]}
    assert fits["il2_central_volume"] is None
    assert fits["marrow_gain"] is None  # this model holds it as known, without leukaemia
    assert fits["nk_activation_gain"]["verdict"] == "not identified"
    assert fits["nk_activation_gain"]["shrinkage"] < 0.1
    assert fits["treg_growth"]["shrinkage"] > 0.5
    assert fits["treg_growth"]["verdict"] == "identified"
    assert fits["treg_growth"]["prior"] == 0.4
