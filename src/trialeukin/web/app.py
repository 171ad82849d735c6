"""The application: its pages, its interface for programs, and what guards both."""

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial
from http import HTTPStatus

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from trialeukin import __version__
from trialeukin.core.errors import Fault, InputError, RunError
from trialeukin.store.catalogue_errors import CatalogueError, QueueFullError, RunStateError, UnknownRunError
from trialeukin.web.api import (
    comparisons,
    decisions,
    dose_response,
    evidence,
    models,
    regimens,
    runs,
    sensitivities,
    surrogacy,
)
from trialeukin.web.evidence_base import EvidenceBase
from trialeukin.web.guard.body import BodyLimit
from trialeukin.web.guard.headers import SafeHeaders
from trialeukin.web.guard.origin import refusal
from trialeukin.web.guard.token import shows_token
from trialeukin.web.pages import (
    api_page,
    assets,
    compare_page,
    decision_page,
    evidence_page,
    model_page,
    pool_page,
    regimen_page,
    runs_page,
    sign_in,
    trial_page,
)
from trialeukin.web.pages.render import asks_for_fragment, fragment, page
from trialeukin.web.previews import Previews
from trialeukin.web.problems import TITLES, faults_of_request, problem
from trialeukin.web.settings import Settings
from trialeukin.web.workshop import Workshop

API = "/api/"
REFUSALS: dict[type[Exception], int] = {
    UnknownRunError: 404,
    RunStateError: 409,
    QueueFullError: 429,
    CatalogueError: 507,
    RunError: 503,
}
OPEN = ("/static/", "/theme.css", "/sign-in")
COURSES_KEPT = 16  # of hundreds of patients and doses, some megabytes each
DESCRIPTION = (
    "What trialeukin does, for programs: regimens, responses, studies, runs, evidence and models. Every failure is "
    "an application/problem+json (RFC 9457) with the place of the fault. Research software, not a medical device."
)


def create_app(settings: Settings, workshop: Workshop) -> FastAPI:
    """Return the application of a server; whoever opened the workshop closes it.

    Raises
    ------
    StudyError
        When a study or an assessment of the server's user is at fault.
    """
    app = FastAPI(
        title="trialeukin",
        version=__version__,
        description=DESCRIPTION,
        openapi_url="/api/openapi.json",
        docs_url=None,
        redoc_url=None,
        separate_input_output_schemas=False,
        lifespan=_working,
    )
    app.state.settings = settings
    app.state.base = EvidenceBase.open(settings.evidence)
    app.state.previews = Previews()
    app.state.contrasts = Previews()
    app.state.courses = Previews(most=COURSES_KEPT)
    app.state.workshop = workshop
    app.state.ending = bool  # whoever serves it says when it ends; until then never
    for each in (
        assets,
        sign_in,
        regimen_page,
        trial_page,
        runs_page,
        compare_page,
        evidence_page,
        pool_page,
        decision_page,
        model_page,
        api_page,
    ):
        app.include_router(each.router, include_in_schema=False)
    for noun in (regimens, runs, comparisons, sensitivities, evidence, decisions, dose_response, surrogacy, models):
        app.include_router(noun.router, prefix="/api")
    for kind, status in REFUSALS.items():
        app.add_exception_handler(kind, partial(_refused_run, status))
    app.add_exception_handler(InputError, _wrong_input)
    app.add_exception_handler(RequestValidationError, _wrong_request)
    app.add_exception_handler(HTTPException, _refused)
    app.add_exception_handler(Exception, _broken)
    app.middleware("http")(_guard)
    app.add_middleware(BodyLimit, largest=settings.limits.body, seconds=settings.limits.body_seconds)
    app.add_middleware(SafeHeaders)
    return app


@asynccontextmanager
async def _working(app: FastAPI) -> AsyncIterator[None]:
    """Do runs as long as requests are answered."""
    workshop: Workshop = app.state.workshop
    runner = workshop.runner()
    runner.start()
    yield
    await asyncio.to_thread(runner.stop)


async def _guard(request: Request, answer: Callable[[Request], Awaitable[Response]]) -> Response:
    """Refuse what comes from elsewhere, or without the token where there is one."""
    settings: Settings = request.app.state.settings
    why = refusal(request, settings.host)
    if why is not None:
        return _said(request, 403, why)
    is_open = request.url.path.startswith(OPEN)
    if settings.token is not None and not is_open and not shows_token(request, settings.token):
        if request.url.path.startswith(API):
            return _said(request, 401, "send the header 'Authorization: Bearer TOKEN' with this server's token")
        return sign_in.ask(request)
    return await answer(request)


def _wrong_input(request: Request, error: Exception) -> Response:
    faults = error.faults if isinstance(error, InputError) else ()
    return _said(request, 422, str(error), faults)


def _refused_run(status: int, request: Request, error: Exception) -> Response:
    return _said(request, status, str(error))


def _wrong_request(request: Request, error: Exception) -> Response:
    faults = faults_of_request(error) if isinstance(error, RequestValidationError) else ()
    return _said(request, 422, "; ".join(fault.message for fault in faults), faults)


def _refused(request: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        return _broken(request, error)
    allowed = _allowed(request) or (error.headers or {}).get("Allow", "")
    said = {
        404: f"there is nothing at {request.url.path[:200]!r}: start at /regimen, or at /api for programs",
        405: f"{request.method} is not done here: allowed is {allowed}",
    }
    plain = error.detail == HTTPStatus(error.status_code).phrase
    answer = _said(request, error.status_code, said.get(error.status_code, error.detail) if plain else error.detail)
    answer.headers.update(error.headers or {})
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        answer.headers["Allow"] = allowed
    return answer


def _allowed(request: Request) -> str:
    """Return every method of the interface at a path; the framework names those of one operation alone."""
    for path, operations in request.app.openapi()["paths"].items():
        if re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", path), request.url.path):
            return ", ".join(sorted(method.upper() for method in operations))
    return ""


def _broken(request: Request, error: Exception) -> Response:
    return _said(request, 500, f"an error of trialeukin itself, {type(error).__name__}: please report it")


def _said(request: Request, status: int, detail: str, faults: tuple[Fault, ...] = ()) -> Response:
    """Return what is wrong: to a program as problem details, to a person as a page or a part of one."""
    if request.url.path.startswith(API):
        return problem(request, status, detail, faults)
    values = {"title": TITLES.get(status, "This did not work"), "detail": detail}
    if asks_for_fragment(request):
        return fragment(request, "parts/failure.html.j2", values)
    return page(request, "failure.html.j2", values, status=status)
