"""Asks for the token where the server has one, and keeps it in a cookie."""

from typing import Annotated

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse

from trialeukin.web.guard.token import COOKIE, cookie_of, same
from trialeukin.web.pages.render import page
from trialeukin.web.settings import Settings

router = APIRouter()


def ask(request: Request, *, wrong: bool = False) -> Response:
    """Return the page that asks for the token."""
    return page(request, "sign_in.html.j2", {"wrong": wrong}, status=401)


@router.post("/sign-in")
def sign_in(request: Request, token: Annotated[str, Form(max_length=1_000)]) -> Response:
    """Take the token, and go to the first page."""
    settings: Settings = request.app.state.settings
    if settings.token is None or not same(token, settings.token):
        return ask(request, wrong=True)
    answer = RedirectResponse("/regimen", status_code=303)
    answer.set_cookie(
        COOKIE, cookie_of(settings.token), httponly=True, samesite="strict", secure=request.url.scheme == "https"
    )
    return answer
