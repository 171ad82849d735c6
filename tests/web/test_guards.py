import asyncio
import socket
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from fastapi.testclient import TestClient
from starlette.types import Message

from trialeukin.core.errors import InputError
from trialeukin.web.guard.body import BodyLimit
from trialeukin.web.guard.token import cookie_of
from trialeukin.web.settings import Limits, Settings

Idle = Callable[..., TestClient]
TOKEN = "0123456789abcdef0123"
READING = "/api/readings"
BODY = {"text": "aldesleukin 1 MIU/m2/day sc days 1-14"}


@pytest.fixture
def guarded(idle: Idle) -> TestClient:
    return idle(token=TOKEN)


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.7", "::", "example.org"])
def test_a_server_beyond_this_machine_needs_a_token(tmp_path: Path, host: str) -> None:
    with pytest.raises(InputError, match="TRIALEUKIN_TOKEN"):
        Settings(data=tmp_path, host=host)

    assert Settings(data=tmp_path, host=host, token=TOKEN).host == host


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1", "127.8.9.10"])
def test_a_server_of_this_machine_needs_none(tmp_path: Path, host: str) -> None:
    assert Settings(data=tmp_path, host=host).token is None


def test_a_short_token_is_refused_without_showing_it(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="a token of 5 characters: give 16 or more") as refused:
        Settings(data=tmp_path, token="s3cr3"[:5])

    assert "s3cr3" not in str(refused.value)


def test_a_program_without_the_token_is_told_how_to_show_it(guarded: TestClient) -> None:
    answer = guarded.post(READING, json=BODY)

    assert answer.status_code == 401
    assert answer.headers["content-type"] == "application/problem+json"
    assert "Authorization: Bearer" in answer.json()["detail"]


@pytest.mark.parametrize("given", ["", "Bearer", "Bearer wrong", f"Basic {TOKEN}", f"Bearer {TOKEN}x"])
def test_another_secret_is_refused(guarded: TestClient, given: str) -> None:
    assert guarded.post(READING, json=BODY, headers={"authorization": given}).status_code == 401


def test_the_token_in_the_header_opens_the_interface(guarded: TestClient) -> None:
    answer = guarded.post(READING, json=BODY, headers={"authorization": f"Bearer {TOKEN}"})

    assert answer.status_code == 200


def test_a_person_signs_in_once_and_the_cookie_does_not_hold_the_token(guarded: TestClient) -> None:
    before = guarded.get("/regimen")
    wrong = guarded.post("/sign-in", data={"token": "not this one at all"})
    right = guarded.post("/sign-in", data={"token": TOKEN}, follow_redirects=False)

    assert before.status_code == 401
    assert "<h1>Sign in</h1>" in before.text
    assert wrong.status_code == 401
    assert right.status_code == 303
    cookie = right.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    assert TOKEN not in cookie
    assert guarded.get("/regimen").status_code == 200
    assert cookie_of(TOKEN) in cookie


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"origin": "http://elsewhere.example"},
        {"origin": "null"},
        {"origin": "http://127.0.0.1:9999"},
    ],
)
def test_what_another_site_sends_is_refused(client: TestClient, headers: dict[str, str]) -> None:
    answer = client.post(READING, json=BODY, headers=headers)

    assert answer.status_code == 403
    assert "another site" in answer.json()["detail"]


@pytest.mark.parametrize(
    "headers", [{"sec-fetch-site": "same-origin", "origin": "http://127.0.0.1"}, {"sec-fetch-site": "none"}, {}]
)
def test_what_this_site_or_a_program_sends_is_taken(client: TestClient, headers: dict[str, str]) -> None:
    assert client.post(READING, json=BODY, headers=headers).status_code == 200


@pytest.mark.parametrize("name", ["evil.example", "127.0.0.1.evil.example", "localhost.evil.example", "[", ""])
def test_a_name_that_another_site_lets_point_here_is_refused(client: TestClient, name: str) -> None:
    assert client.get("/regimen", headers={"host": name}).status_code == 403


@pytest.mark.parametrize("name", ["127.0.0.1:8000", "localhost:8000", "[::1]:8000"])
def test_this_machines_names_are_taken(client: TestClient, name: str) -> None:
    assert client.get("/regimen", headers={"host": name}).status_code == 200


def test_a_body_beyond_the_limit_is_refused_with_the_limit(idle: Idle) -> None:
    answer = idle(limits=Limits(body=1_000)).post(READING, content=b"x" * 1_001)

    assert answer.status_code == 413
    assert "more than 1,000 bytes" in answer.json()["detail"]


def test_a_regimen_beyond_the_limit_is_refused_with_both_lengths(idle: Idle) -> None:
    answer = idle(limits=Limits(text=100)).post(READING, json={"text": "x" * 101})

    assert answer.status_code == 422
    assert answer.json()["detail"] == "the regimen has 101 characters: give at most 100"


def test_a_slow_client_is_let_go_and_the_server_goes_on(server: str) -> None:
    place = urlsplit(server)
    with socket.create_connection((place.hostname, place.port), timeout=5) as slow:
        slow.sendall(b"POST /api/readings HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 50\r\n\r\n{")
        with socket.create_connection((place.hostname, place.port), timeout=5) as other:
            started = time.monotonic()
            other.sendall(b"GET /theme.css HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
            answer = other.recv(100)

    assert answer.startswith(b"HTTP/1.1 200")
    assert time.monotonic() - started < 2.0


def test_a_body_that_does_not_arrive_in_time_is_refused() -> None:
    told: list[Message] = []

    async def receive() -> Message:
        await asyncio.sleep(1.0)
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        told.append(message)

    async def unreachable(*_: object) -> None:
        raise AssertionError("the application was asked")

    guard = BodyLimit(unreachable, largest=10, seconds=0.01)
    with ThreadPoolExecutor(1) as apart:  # where no browser has a loop of its own
        asking = guard({"type": "http", "method": "POST", "path": READING}, receive, send)
        apart.submit(asyncio.run, asking).result()

    assert told[0]["status"] == 408
    assert b"not here after 0.01 s" in told[1]["body"]


@pytest.mark.parametrize(
    "path",
    [
        "/static/../app.py",
        "/static/%2e%2e/app.py",
        "/static/..%2f..%2fcore%2fsources.bib",
        "/static//etc/passwd",
        "/static/vendor/../../app.py",
    ],
)
def test_no_path_of_a_request_reaches_another_file(client: TestClient, path: str) -> None:
    answer = client.get(path)

    assert answer.status_code == 404
    assert "create_app" not in answer.text
    assert "root:" not in answer.text


def test_every_answer_carries_the_policy_that_allows_no_foreign_resource(client: TestClient) -> None:
    for path in ("/regimen", "/theme.css", "/api/openapi.json", "/nothing/here"):
        policy = client.get(path).headers["content-security-policy"]

        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert "http" not in policy


def test_pages_name_no_resource_of_another_host(client: TestClient) -> None:
    page = client.get("/regimen").text

    assert "http://" not in page
    assert "https://" not in page


def test_a_page_that_is_not_there_says_so_to_people_and_to_programs(client: TestClient) -> None:
    person, program = client.get("/no/such/page"), client.get("/api/no/such/thing")

    assert person.status_code == program.status_code == 404
    assert "there is nothing at &#39;/no/such/page&#39;" in person.text
    assert program.json()["type"] == "/problems/404"
