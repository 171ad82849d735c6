from collections.abc import Iterator
from pathlib import Path
from tempfile import mkdtemp

import pytest
import schemathesis
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, settings
from schemathesis.specs.openapi.checks import positive_data_acceptance

from trialeukin.regimen.library import names
from trialeukin.web.app import create_app
from trialeukin.web.problems import Problem
from trialeukin.web.settings import Limits, Settings
from trialeukin.web.workshop import Workshop

EXAMPLES = 25
NOT_EVERY_TEXT_IS_A_REGIMEN = positive_data_acceptance  # a schema cannot tell which are; those that are not get a 422
SMALL = Limits(preview_patients=30)
SETTINGS = Settings(data=Path(mkdtemp()), limits=SMALL)
WORKSHOP = Workshop.open(SETTINGS)
schema = schemathesis.openapi.from_asgi(
    "/api/openapi.json", create_app(SETTINGS, WORKSHOP), headers={"Host": "127.0.0.1"}
)


@pytest.fixture(scope="module", autouse=True)
def _closed_in_the_end() -> Iterator[None]:
    yield
    WORKSHOP.data.close()


@schema.parametrize()
@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
def test_no_request_breaks_the_interface_and_every_answer_has_its_shape(case: schemathesis.Case) -> None:
    case.call_and_validate(headers={"Host": "127.0.0.1"}, excluded_checks=[NOT_EVERY_TEXT_IS_A_REGIMEN])


def test_the_library_is_listed_and_each_regimen_found_by_its_name(client: TestClient) -> None:
    listed = client.get("/api/regimens").json()

    assert [each["name"] for each in listed] == list(names())
    assert client.get("/api/regimens/mp-ma-0201").json()["title"] == listed[names().index("mp-ma-0201")]["title"]


def test_a_reading_has_every_dose_and_the_total(client: TestClient) -> None:
    answer = client.post("/api/readings", json={"text": "aldesleukin 1 MIU/m2/day sc days 1-14", "bsa": 2.0})

    found = answer.json()
    assert len(found["events"]) == 14
    assert found["total"] == {"aldesleukin": {"amount": 28.0, "unit": "MIU"}}


def test_the_place_of_a_fault_is_told_to_programs(client: TestClient) -> None:
    answer = client.post("/api/readings", json={"text": "aldesleukin 1 MIU/m2/day sc\ndays one-14"})

    problem = Problem.model_validate(answer.json())
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert (problem.faults[0].line, problem.faults[0].column, problem.faults[0].width) == (2, 6, 6)


def test_a_regimen_of_the_library_may_be_named_and_added_to(client: TestClient) -> None:
    text = "library:calgb-19808; hold while platelets < 25 G/L; resume at 50 %"

    answer = client.post("/api/readings", json={"text": text})

    assert "hold while platelets < 25 G/L" in answer.json()["canonical"]


def test_a_response_is_the_same_for_the_same_seed_and_differs_for_another(client: TestClient) -> None:
    asked = {"text": "library:ccg-2961", "patients": 20}

    first, again, other = (client.post("/api/responses", json=asked | seed).json() for seed in ({}, {}, {"seed": 7}))

    assert first == again
    assert first["measures"] != other["measures"]
    assert first["measures"][0]["typical"] == other["measures"][0]["typical"]


def test_more_patients_than_a_preview_takes_are_refused(client: TestClient) -> None:
    answer = client.post("/api/responses", json={"text": "library:ccg-2961", "patients": 10_000})

    assert answer.status_code == 422
    assert answer.json()["detail"] == "patients 10000: give at most 500 here, or a run"


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"\xff\xfe", b'{"text": 3}', b'{"text": "x", "more": 1}'])
def test_a_body_that_is_no_request_is_a_problem_with_its_field(client: TestClient, body: bytes) -> None:
    answer = client.post("/api/readings", content=body, headers={"content-type": "application/json"})

    assert answer.status_code in {400, 422}
    assert answer.json()["faults"]


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"text": "none", "bsa": 17}, "bsa 17: input should be less than or equal to 4"),
        ({"txt": "none"}, "text: missing: give this field; txt: unknown field: leave it out, or see /api/openapi.json"),
    ],
)
def test_a_field_that_is_wrong_is_told_with_its_value_and_what_is_allowed(
    client: TestClient, body: dict[str, object], said: str
) -> None:
    answer = client.post("/api/readings", json=body)

    assert answer.status_code == 422
    assert answer.json()["detail"] == said


def test_a_body_that_is_no_json_is_told_with_the_character_at_which_it_stops(client: TestClient) -> None:
    answer = client.post("/api/readings", content=b'{"text": no}', headers={"content-type": "application/json"})

    assert answer.status_code == 422
    assert answer.json()["detail"] == (
        "character 10 of the body: not JSON (expecting value): send an object, as /api/openapi.json has it"
    )


def test_the_interface_is_described_to_people(client: TestClient) -> None:
    page = client.get("/api").text

    assert "POST /api/readings" in page
    assert "Body surface, m2." in page


def test_every_parameter_of_the_interface_says_what_it_is(client: TestClient) -> None:
    paths = client.get("/api/openapi.json").json()["paths"]
    parameters = [
        (path, parameter)
        for path, operations in paths.items()
        for operation in operations.values()
        for parameter in operation.get("parameters", [])
    ]

    assert len(parameters) > 20
    assert [(path, each["name"]) for path, each in parameters if not each.get("description")] == []
