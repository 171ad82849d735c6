"""A server to ask, and a browser to look with; where no Chromium is installed its tests are skipped, loudly."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from threading import Thread
from time import sleep

import pytest
import uvicorn
from fastapi import FastAPI
from fastapi.testclient import TestClient
from playwright.sync_api import Browser, ConsoleMessage, Page, expect, sync_playwright

from trialeukin.web.app import create_app
from trialeukin.web.settings import Settings
from trialeukin.web.workshop import Workshop

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
LONGEST_WAIT = 20_000  # ms; a cold model compiles on a busy machine


@contextmanager
def opened(settings: Settings) -> Iterator[FastAPI]:
    """An application whose data directory is closed in the end."""
    workshop = Workshop.open(settings)
    try:
        yield create_app(settings, workshop)
    finally:
        workshop.data.close()


@pytest.fixture
def client(tmp_path: Path) -> Iterator[TestClient]:
    """A program that asks an application of its own, without a network."""
    with opened(Settings(data=tmp_path)) as app, TestClient(app, base_url="http://127.0.0.1") as asking:
        yield asking


@pytest.fixture
def idle(tmp_path: Path) -> Iterator[Callable[..., TestClient]]:
    """Makes programs that ask applications of their own, with settings of their own, in which nobody does runs."""
    with ExitStack() as kept:

        def ask(**settings: object) -> TestClient:
            app = kept.enter_context(opened(Settings(data=tmp_path, **settings)))
            return TestClient(app, base_url="http://127.0.0.1")

        yield ask


@contextmanager
def served(settings: Settings) -> Iterator[str]:
    """The address of a server on this machine."""
    with opened(settings) as app:
        running = uvicorn.Server(uvicorn.Config(app, port=0, log_level="warning", timeout_graceful_shutdown=1))
        thread = Thread(target=running.run, daemon=True)
        thread.start()
        while not running.started:
            sleep(0.02)
        yield f"http://127.0.0.1:{running.servers[0].sockets[0].getsockname()[1]}"
        running.should_exit = True
        thread.join(timeout=15)


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a server on this machine."""
    with served(Settings(data=tmp_path_factory.mktemp("data"))) as address:
        yield address


@pytest.fixture
def locked(tmp_path: Path) -> Iterator[tuple[str, str]]:
    """The address of a server that asks for a token, and the token."""
    token = "a token of this test alone"
    with served(Settings(data=tmp_path, token=token)) as address:
        yield address, token


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium, without a screen."""
    if CHROMIUM is None:
        pytest.skip("NO BROWSER TEST RAN: no chromium on this machine; install the package chromium")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=list(QUIET))
        yield chromium
        chromium.close()


EXPECTED = (
    "status of 4",  # the browser says so of every refusal
    "htmx:sendAbort",  # a question that a newer one replaces; what fails is htmx:sendError
    "htmx:afterRequest",  # of either
)


@contextmanager
def quiet_page(browser: Browser) -> Iterator[Page]:
    """A new page of the browser; what it complains of on its console fails the test."""
    complaints: list[str] = []

    def note(message: ConsoleMessage) -> None:
        expected = any(words in message.text for words in EXPECTED)
        if message.type in {"error", "warning"} and not expected:
            complaints.append(message.text)

    context = browser.new_context()
    page = context.new_page()
    page.set_default_timeout(LONGEST_WAIT)
    expect.set_options(timeout=LONGEST_WAIT)
    page.on("console", note)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    yield page
    context.close()
    assert complaints == []


@pytest.fixture
def browser_page(browser: Browser) -> Iterator[Page]:
    """A page of the browser that must not complain."""
    with quiet_page(browser) as page:
        yield page


@pytest.fixture(scope="module")
def lasting_page(browser: Browser) -> Iterator[Page]:
    """A page of the browser that must not complain, for all tests of a module."""
    with quiet_page(browser) as page:
        yield page
