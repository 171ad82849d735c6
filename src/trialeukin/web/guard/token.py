"""Who may ask: whoever shows the token, in a header or in a cookie that the sign-in page set."""

import hashlib
import hmac

from fastapi import Request

COOKIE = "trialeukin"
SCHEME = "bearer "


def shows_token(request: Request, token: str) -> bool:
    """Say whether a request shows the token; compared in constant time."""
    given = request.headers.get("authorization", "")
    if given.lower().startswith(SCHEME):
        return same(given[len(SCHEME) :], token)
    return hmac.compare_digest(request.cookies.get(COOKIE, "").encode(), cookie_of(token).encode())


def same(given: str, token: str) -> bool:
    """Say whether two secrets are the same; compared in constant time, whatever their lengths."""
    return hmac.compare_digest(_digest(given), _digest(token))


def cookie_of(token: str) -> str:
    """Return what the cookie holds: the token itself cannot be read from it."""
    return hmac.new(token.encode(), b"trialeukin cookie", hashlib.sha256).hexdigest()


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()
