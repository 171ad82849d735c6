"""Refuses what another site makes a browser send, and names that do not belong to this server.

A browser says with every request which site it comes from (``Sec-Fetch-Site``, ``Origin``); what changes
anything is taken from this site alone. A program says neither and is no browser that could be misled. The name in
``Host`` has to be an address or one of this machine's names, so that a name which another site lets point here is no
way in.
"""

import ipaddress
from urllib.parse import urlsplit

from fastapi import Request

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


def refusal(request: Request, host: str) -> str | None:
    """Return why a request is refused; None where it is not.

    Parameters
    ----------
    request : Request
        What is asked.
    host : str
        The name or address that the server listens on.
    """
    named = request.headers.get("host", "")
    if not _belongs_here(named, host):
        return f"the name {named[:80]!r} is not this server's: open it by its address or as localhost"
    if request.method in SAFE_METHODS:
        return None
    site = request.headers.get("sec-fetch-site")
    if site is not None and site not in {"same-origin", "none"}:
        return "the request comes from another site: send it from a page of this server"
    origin = request.headers.get("origin")
    if origin is not None and urlsplit(origin).netloc != named:
        return "the request comes from another site: send it from a page of this server"
    return None


def _belongs_here(named: str, host: str) -> bool:
    try:
        name = urlsplit(f"//{named}").hostname or ""
    except ValueError:
        return False
    if name in {"localhost", host.strip("[]").lower()}:
        return True
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
