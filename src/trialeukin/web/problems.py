"""What a program is told when its request cannot be met: problem details (RFC 9457), with the place of the fault."""

from typing import Any

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

from trialeukin.core.errors import Fault

LONGEST_VALUE = 60  # characters of a value that a message repeats
MEDIA_TYPE = "application/problem+json"
TITLES = {
    400: "The request cannot be read",
    401: "A token is needed",
    403: "The request is refused",
    404: "There is nothing here",
    405: "This cannot be done here",
    408: "The request took too long to arrive",
    409: "This cannot be done now",
    413: "The request is too large",
    415: "This kind of content is not read here",
    422: "The input is wrong",
    429: "Too much is waiting already",
    500: "The server failed",
    503: "The run failed",
    507: "The data directory cannot be written",
}


class FaultFound(BaseModel):
    """One thing that is wrong with a text, and where; line and column count from one."""

    message: str = Field(description="What is wrong and the way out.")
    line: int | None = Field(description="The line; null where the text as a whole is at fault.")
    column: int | None = Field(description="The first character at fault; null where the whole line is.")
    width: int = Field(description="How many characters are at fault from there.")
    field: str | None = Field(default=None, description="The field of the request that holds the text.")


class Problem(BaseModel):
    """Problem details (RFC 9457)."""

    type: str = Field(description="What kind of problem it is; stable.", examples=["/problems/422"])
    title: str = Field(description="The kind in words.", examples=["The input is wrong"])
    status: int = Field(description="The HTTP status.", examples=[422])
    detail: str = Field(description="What is wrong here, and the way out.")
    instance: str = Field(description="The path of the request.", examples=["/api/readings"])
    faults: list[FaultFound] = Field(default_factory=list, description="Every single fault, with its place.")


def problem(request: Request, status: int, detail: str, faults: tuple[Fault, ...] = ()) -> JSONResponse:
    """Return the answer that says what is wrong with a request."""
    body = problem_of(status, detail, request.url.path, faults)
    return JSONResponse(body.model_dump(), status_code=status, media_type=MEDIA_TYPE)


def problem_of(status: int, detail: str, path: str, faults: tuple[Fault, ...] = ()) -> Problem:
    """Return what is wrong with a request to a path."""
    return Problem(
        type=f"/problems/{status}",
        title=TITLES.get(status, "This did not work"),
        status=status,
        detail=detail,
        instance=path,
        faults=[found(fault) for fault in faults],
    )


def found(fault: Fault, field: str | None = None) -> FaultFound:
    """Return a fault as a program reads it."""
    return FaultFound(message=fault.message, line=fault.line, column=fault.column, width=fault.width, field=field)


def faults_of_request(error: RequestValidationError) -> tuple[Fault, ...]:
    """Return what is wrong with the fields of a request."""
    return tuple(Fault(message=_wrong(each)) for each in error.errors())


def _wrong(error: dict[str, Any]) -> str:
    """Return the field, its value where that is short, and what is allowed."""
    if error["type"] == "json_invalid":
        place, why = error["loc"][-1] + 1, error["ctx"]["error"].lower()
        return f"character {place} of the body: not JSON ({why}): send an object, as /api/openapi.json has it"
    field, value = _dotted(error["loc"]), error.get("input")
    if error["type"] == "missing":
        return f"{field}: missing: give this field"
    if error["type"] == "extra_forbidden":
        return f"{field}: unknown field: leave it out, or see /api/openapi.json"
    shown = f" {value!r}" if isinstance(value, str | int | float) and len(repr(value)) <= LONGEST_VALUE else ""
    return f"{field}{shown}: {error['msg'][:1].lower()}{error['msg'][1:]}"


def _dotted(place: tuple[Any, ...]) -> str:
    return ".".join(map(str, place[1:] or place))


def _described(*statuses: int) -> dict[int | str, dict[str, Any]]:
    schema = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {status: {"description": TITLES[status], "content": schema} for status in statuses}


ANSWERS = _described(400, 401, 403, 404, 408, 413, 422, 500, 503)
"""The answers that every operation may give beside its own, for the OpenAPI document."""

CONFLICT = _described(409)
"""The answer of an operation that a run's state may not allow."""

BUSY = _described(429, 507)
"""The answers of an operation that puts something into the queue."""
