"""Style, script and the painter of figures, from this machine alone."""

import gzip
from functools import cache
from importlib import resources
from mimetypes import guess_type

from fastapi import APIRouter, HTTPException, Request, Response

from trialeukin.report.palette import theme_rules

FOR_EVER = "public, max-age=31536000, immutable"
NAMES = frozenset(
    {
        "app.css",
        "charts.js",
        "compare.js",
        "editor.js",
        "evidence.css",
        "icon.svg",
        "model.css",
        "model.js",
        "pools.js",
        "run.js",
        "tables.js",
        "trial.css",
        "trial.js",
        "vendor/htmx.min.js",
    }
)
router = APIRouter()


@router.get("/static/plotly.min.js")
def plotly(request: Request) -> Response:
    """Return the painter of figures, as its package has it."""
    headers = {"Cache-Control": FOR_EVER, "Vary": "Accept-Encoding"}
    if "gzip" not in request.headers.get("accept-encoding", ""):
        return Response(_plotly(), media_type="text/javascript", headers=headers)
    return Response(_packed(), media_type="text/javascript", headers=headers | {"Content-Encoding": "gzip"})


@router.get("/static/{name:path}")
def static(name: str) -> Response:
    """Return one of this package's own files."""
    if name not in NAMES:
        raise HTTPException(404, f"no file {name[:80]!r} here")
    data = resources.files("trialeukin.web").joinpath("static", name).read_bytes()
    return Response(data, media_type=guess_type(name)[0], headers={"Cache-Control": FOR_EVER})


@router.get("/theme.css")
def theme() -> Response:
    """Return the colours of every figure, on light and dark ground."""
    return Response(theme_rules(), media_type="text/css", headers={"Cache-Control": "max-age=3600"})


@cache
def _plotly() -> bytes:
    return resources.files("plotly").joinpath("package_data", "plotly.min.js").read_bytes()


@cache
def _packed() -> bytes:
    return gzip.compress(_plotly(), 6, mtime=0)
