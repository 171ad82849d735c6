"""Listens: makes the application of the settings, warms what the first page needs, and answers until it is stopped."""

import contextlib
import socket
from collections.abc import Callable
from threading import Thread

import uvicorn

from trialeukin.core.errors import InputError, TrialeukinError
from trialeukin.model.named import all_names, system_of
from trialeukin.regimen.library import load
from trialeukin.trial.background import background_for
from trialeukin.trial.response import response_of
from trialeukin.web.app import create_app
from trialeukin.web.settings import Settings
from trialeukin.web.workshop import Workshop

WARMED = "calgb-19808"
KEPT_OPEN = 15


def serve(settings: Settings, *, listening: Callable[[str], None]) -> None:
    """Answer requests until the process is told to stop.

    Parameters
    ----------
    settings : Settings
        Where to listen and what to refuse.
    listening : callable
        Called with the address once requests are taken.

    Raises
    ------
    InputError
        When the data directory or the address cannot be had, or a study of the server's user is at fault.
    """
    with contextlib.ExitStack() as stack:
        bound = stack.enter_context(contextlib.closing(_socket(settings)))
        port = bound.getsockname()[1]
        workshop = Workshop.open(settings)
        stack.callback(workshop.data.close)
        app = create_app(settings, workshop)
        config = uvicorn.Config(
            app,
            log_level="warning",
            access_log=False,
            server_header=False,
            timeout_keep_alive=KEPT_OPEN,
            timeout_graceful_shutdown=5,
        )
        server = uvicorn.Server(config)
        app.state.ending = lambda: server.should_exit
        Thread(target=_warm, daemon=True).start()
        host = f"[{settings.host}]" if ":" in settings.host else settings.host
        listening(f"http://{host}:{port}/")
        with contextlib.suppress(KeyboardInterrupt):  # Ctrl-C is how it is stopped
            server.run(sockets=[bound])


def _socket(settings: Settings) -> socket.socket:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    bound = socket.socket(family, socket.SOCK_STREAM)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind((settings.host, settings.port))
    except OSError as fault:
        bound.close()
        where = f"{settings.host}, port {settings.port}"
        raise InputError(f"{where}: {fault.strerror}: choose another with --port, or 0 for any that is free") from None
    bound.listen(128)
    return bound


def _warm() -> None:
    """Read models and compile the first model, before somebody waits for them."""
    for name in all_names():
        system_of(name)
    regimen = load(WARMED)
    with contextlib.suppress(TrialeukinError):
        response_of(regimen, background_for([regimen]), patients=20)
