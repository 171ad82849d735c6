"""A run that is watched from two tabs, over reloads, and while its server goes away and comes back."""

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.request import Request, urlopen

import pytest
from fastapi.testclient import TestClient
from playwright.sync_api import Browser, Page, expect

from trialeukin.store.job_queue import LOST
from trialeukin.web.published_studies import published_study

SERVER = Path(__file__).with_name("restarted_server.py")
MARK = "TRIALEUKIN_TEST_MARK"
HALF = re.compile("following patients, 50 %")
FOCUS = "() => { window.dispatchEvent(new Event('focus')); }"  # a browser without a screen never leaves a tab
LONGEST_WAIT = 120_000  # ms; a run in a cold process on a busy machine
ENDED_WITHIN = 30  # s
Server = subprocess.Popen[str]
Start = Callable[[int], tuple[Server, str]]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Starts servers on one data directory; the first run goes on until its server stops."""
    servers: list[Server] = []

    def at(port: int) -> tuple[Server, str]:
        server = subprocess.Popen(
            [sys.executable, str(SERVER), str(tmp_path / "data"), f"{port}"],
            env=os.environ | {MARK: str(tmp_path / "mark")},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        servers.append(server)
        assert server.stdout is not None
        return server, server.stdout.readline().strip().rstrip("/")

    yield at
    for server in servers:
        server.kill()
        server.communicate()


def submit(address: str, seed: int = 0) -> str:
    order = {"text": published_study("ccg-2961"), "patients": 100, "replicates": 10, "seed": seed}
    asked = Request(f"{address}/api/runs", json.dumps(order).encode(), headers={"Content-Type": "application/json"})
    with urlopen(asked) as answer:
        return str(json.load(answer)["id"])


def test_two_tabs_and_a_reload_show_the_same_run_until_one_ends_it(start: Start, browser_page: Page) -> None:
    _, address = start(0)
    first = submit(address)
    one, other = browser_page, browser_page.context.new_page()
    for tab in (one, other):
        tab.goto(f"{address}/runs/{first}")
        expect(tab.locator("#stage")).to_have_text(HALF, timeout=LONGEST_WAIT)
    other.reload()
    expect(other.locator("#stage")).to_have_text(HALF)
    expect(other.get_by_role("progressbar")).to_have_attribute("value", "0.5")
    waiting = submit(address, seed=1)
    one.goto(f"{address}/runs/{waiting}")
    expect(one.get_by_role("heading", name="Waiting")).to_be_visible()
    one.get_by_role("button", name="Cancel").click()
    expect(one.get_by_text("This run was cancelled")).to_be_visible()
    one.go_back()
    one.goto(f"{address}/runs/{first}")

    one.get_by_role("button", name="Cancel").focus()
    one.keyboard.press("Enter")

    for tab in (one, other):
        expect(tab.get_by_text("This run was cancelled; nothing of it is kept.")).to_be_visible()
        expect(tab.get_by_role("progressbar")).to_have_count(0)


def test_a_run_deleted_in_one_tab_is_said_to_be_gone_in_the_other(start: Start, browser_page: Page) -> None:
    _, address = start(0)
    submit(address)
    waiting = submit(address, seed=1)
    one, other = browser_page, browser_page.context.new_page()
    for tab in (one, other):
        tab.goto(f"{address}/runs/{waiting}")
        expect(tab.get_by_role("heading", name="Waiting")).to_be_visible()

    one.get_by_role("button", name="Delete it with its files").click()

    expect(one).to_have_url(f"{address}/runs")
    expect(other.get_by_role("alert")).to_contain_text("it may have been deleted; see the list of runs")
    other.get_by_role("link", name="Runs", exact=True).click()
    expect(other.get_by_role("row")).to_have_count(2)  # its head, and the run that goes on


def test_a_finished_run_deleted_in_one_tab_is_said_to_be_gone_when_the_other_is_looked_at_or_used(
    server: str, browser_page: Page
) -> None:
    finished = submit(server)
    one, looked_at, used = browser_page, browser_page.context.new_page(), browser_page.context.new_page()
    for tab in (one, looked_at, used):
        tab.goto(f"{server}/runs/{finished}")
        expect(tab.get_by_role("heading", name="What it found")).to_be_visible(timeout=LONGEST_WAIT)
    looked_at.evaluate(FOCUS)
    expect(looked_at.get_by_role("heading", name="What it found")).to_be_visible()

    one.get_by_role("button", name="Delete it with its files").click()
    expect(one).to_have_url(f"{server}/runs")
    looked_at.evaluate(FOCUS)
    used.get_by_role("button", name="Run it again").click()

    for tab in (looked_at, used):
        expect(tab.get_by_role("alert")).to_contain_text("it may have been deleted; see the list of runs")
        expect(tab.get_by_role("link", name="Runs", exact=True)).to_be_visible()


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
def test_a_run_is_followed_over_the_end_of_its_server_to_its_result(
    start: Start, browser: Browser, how: signal.Signals
) -> None:
    server, address = start(0)
    page = browser.new_page()  # which may complain: nobody answers for a while
    connection = page.locator("#connection")
    page.goto(f"{address}/runs/{submit(address)}")
    expect(page.locator("#stage")).to_have_text(HALF, timeout=LONGEST_WAIT)

    server.send_signal(how)
    _, complaints = server.communicate(timeout=ENDED_WITHIN)
    expect(connection).to_contain_text("The server does not answer")
    start(int(address.rpartition(":")[2]))

    expect(page.get_by_role("heading", name="What it found")).to_be_visible(timeout=LONGEST_WAIT)
    expect(page.locator("#chart-lfs .main-svg").first).to_be_visible(timeout=LONGEST_WAIT)
    page.close()
    assert complaints == ""


def test_the_page_of_a_run_says_that_it_was_started_again(idle: Callable[..., TestClient]) -> None:
    client = idle()
    order = {"text": published_study("ccg-2961"), "patients": 100, "replicates": 10}
    name = client.post("/api/runs", json=order).json()["id"]
    queue = client.app.state.workshop.queue
    first = queue.claim()
    before = client.get(f"/runs/{name}").text

    queue.lose(first.lease, LOST)
    queue.claim()

    assert "Started again" not in before
    assert "Started again: the server, or the process that computed it, stopped" in client.get(f"/runs/{name}").text
