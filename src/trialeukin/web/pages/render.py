"""Sets pages and fragments of pages from templates, with the places that every page links to."""

import hashlib
from collections.abc import Mapping
from functools import cache
from importlib import resources
from math import exp

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FunctionLoader, StrictUndefined

from trialeukin import __version__
from trialeukin.core.counting import counted
from trialeukin.report.page import unbroken
from trialeukin.report.study_wording import parameters_taken, what_if
from trialeukin.report.wording import shortly, unit_words, with_digits

Values = Mapping[str, object]
PAGES = (
    ("/regimen", "Regimen"),
    ("/compare", "Compare"),
    ("/trial", "Trial"),
    ("/runs", "Runs"),
    ("/evidence", "Evidence"),
    ("/models", "Models"),
    ("/api", "API"),
)


def page(request: Request, template: str, values: Values, *, status: int = 200) -> HTMLResponse:
    """Return a whole page; ``values`` are what its template names."""
    return HTMLResponse(_rendered(request, template, values), status_code=status)


def fragment(request: Request, template: str, values: Values, *, headers: dict[str, str] | None = None) -> HTMLResponse:
    """Return a part of a page that takes the place of an earlier one."""
    return HTMLResponse(_rendered(request, template, values), headers=headers)


def asks_for_fragment(request: Request) -> bool:
    """Say whether a page's script asks, which puts the answer into the page."""
    return request.headers.get("hx-request") == "true" and "hx-boosted" not in request.headers


def _rendered(request: Request, template: str, values: Values) -> str:
    return (
        _environment()
        .get_template(template)
        .render(values, pages=PAGES, here=request.url.path, version=__version__, asset=asset)
    )


@cache
def asset(name: str) -> str:
    """Return the address of a static file, which changes with what is in it."""
    data = resources.files("trialeukin.web").joinpath("static", name).read_bytes()
    return f"/static/{name}?v={hashlib.sha256(data).hexdigest()[:12]}"


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FunctionLoader(_template), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True,
    )  # fmt: skip
    environment.filters["whole"] = unbroken
    environment.filters["unit"] = unit_words
    environment.filters["short"] = shortly
    environment.filters["counted"] = counted
    environment.filters["parameters_taken"] = parameters_taken
    environment.filters["what_if"] = what_if
    environment.filters["with_digits"] = with_digits
    environment.filters["ratio"] = _ratio
    return environment


def _template(name: str) -> str:
    return resources.files("trialeukin.web").joinpath("templates", name).read_text(encoding="utf-8")


def _ratio(logarithm: float) -> str:
    """Return a ratio by its logarithm, such as ``0.97``."""
    return f"{exp(logarithm):.2f}"
