"""Who may look, and what a browser may do with what it is shown.

The board only shows: every method but GET and HEAD is refused here, before any route. On loopback
the Host header must name this machine, so that no page of the web can read the board by a name
that it points at 127.0.0.1 (DNS rebinding). Elsewhere a token is asked for: once in the address,
then it is a cookie, which no other site's page can send.
"""

from __future__ import annotations

import hashlib
import hmac
from http.cookies import CookieError, SimpleCookie
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlencode, urlsplit

from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse

if TYPE_CHECKING:
    from starlette.responses import Response
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

COOKIE = "mainstem-board"
HERE = frozenset({"localhost", "127.0.0.1", "::1"})
"""Names of this machine on loopback."""

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
"""No script, style or address but the board's own, and nothing inline."""

HEADERS = (
    (b"content-security-policy", POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"x-frame-options", b"DENY"),
)


class Guard:
    """An ASGI application in front of another."""

    def __init__(self, inner: ASGIApp, *, token: str | None) -> None:
        """Args: the application, and the token that is asked for; None: loopback, none is."""
        self._inner = inner
        self._token = token

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuses, or hands on and adds the headers."""
        if scope["type"] != "http":
            await self._inner(scope, receive, send)
            return

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], *HEADERS]
            await send(message)

        answer = self._refusal(scope)
        await (answer or self._inner)(scope, receive, with_headers)

    def _refusal(self, scope: Scope) -> Response | None:
        """What is answered in the place of the application; None: it is asked."""
        if scope["method"] not in {"GET", "HEAD"}:
            said = f"the board only shows: {scope['method']} does nothing here"
            return _refused(scope, said, 405, {"allow": "GET, HEAD"})
        headers = {key.lower(): value.decode("latin-1") for key, value in scope["headers"]}
        if self._token is None:
            return _not_here(scope, headers.get(b"host", ""))
        return self._without_token(scope, headers, self._token)

    def _without_token(
        self, scope: Scope, headers: dict[bytes, str], token: str
    ) -> Response | None:
        query = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)
        given = dict(query).get("token")
        if given is not None and _same(given, token):
            rest = urlencode([pair for pair in query if pair[0] != "token"])
            path = scope["raw_path"].decode("latin-1") if "raw_path" in scope else scope["path"]
            # More than one slash at its beginning would lead to another host.
            found = RedirectResponse(f"/{path.lstrip('/')}{'?' if rest else ''}{rest}", 303)
            found.set_cookie(COOKIE, derived(token), httponly=True, samesite="strict")
            return found
        bearer = headers.get(b"authorization", "").partition("Bearer ")[2]
        cookie = _cookie(headers.get(b"cookie", ""))
        if _same(bearer, token) or _same(cookie, derived(token)):
            return None
        wrong = ""
        if given is not None or bearer:
            wrong = "the token is not this board's: "
        elif cookie:
            # Browsers do not tell ports apart: the cookie may be of another board here, too.
            wrong = (
                "the token that this browser kept is not this board's: it was started anew with "
                "another one, or the browser has been to another board here since; "
            )
        said = wrong + (
            "this board asks for a token: open the address that `mainstem board` printed, which "
            "ends in ?token=..., or send it as `Authorization: Bearer ...`"
        )
        return _refused(scope, said, 401, {"www-authenticate": "Bearer"})


def derived(token: str) -> str:
    """What the cookie holds: who reads it has not read the token."""
    return hashlib.sha256(f"mainstem board {token}".encode()).hexdigest()


def _same(given: str, wanted: str) -> bool:
    return hmac.compare_digest(given.encode(), wanted.encode())


def _cookie(header: str) -> str:
    try:
        found = SimpleCookie(header).get(COOKIE)
    except CookieError:
        return ""
    return "" if found is None else found.value


def _refused(scope: Scope, said: str, status: int, headers: dict[str, str]) -> Response:
    """A refusal: as data where data were asked for, else as text."""
    if scope["path"].startswith("/api/"):
        return JSONResponse({"error": said}, status, headers)
    return PlainTextResponse(f"{said}\n", status, headers)


def _not_here(scope: Scope, host: str) -> Response | None:
    """A refusal of a Host header that does not name loopback."""
    try:
        name = urlsplit(f"//{host}").hostname
    except ValueError:
        name = None
    if name in HERE:
        return None
    said = (
        "this board answers only as localhost: to look at it from elsewhere start it with --host, "
        "or forward a port to this machine"
    )
    return _refused(scope, said, 421, {})
