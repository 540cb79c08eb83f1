"""The gate in front of everything: who a request comes from, and what a stranger may fetch.

Any identity that a client sends is dropped; the cookie is looked up in the records at every request and every
websocket; what gets through carries the ids of the sign-in as headers that only this gate can set.
"""

import base64
import hashlib
import html
import re
from collections.abc import Callable
from functools import cache
from pathlib import Path
from urllib.parse import quote, urlsplit

import streamlit
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from qa.accounts import Accounts, digest
from qa.model import Actor

USER, SIGNIN = b"x-qa-user", b"x-qa-signin"
OPEN_PATHS = frozenset(
    {"/signin", "/demo-signin", "/welcome", "/health", "/_stcore/health", "/desk.css", "/favicon.svg"}
)
OPEN_FOLDERS = ("/static/",)
CLOSED = ("/_stcore/metrics", "/_stcore/agent", "/_stcore/script-health-check", "/auth/", "/component/", "/app/static/")
MACHINE = ("/_stcore/", "/media/", "/download/")
"""Paths that are never typed: a stranger gets a bare 403 there and the sign-in page everywhere else."""

SHELL = Path(streamlit.__file__).parent / "static" / "index.html"
LARGEST_FORM = 16_384
LOCAL = frozenset({"localhost", "127.0.0.1", "[::1]"})


class Gate:
    """ASGI middleware around all routes, the websocket included."""

    def __init__(self, app: ASGIApp, accounts: Callable[[], Accounts]) -> None:
        self.app, self.accounts = app, accounts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in {"http", "websocket"}:
            await self.app(scope, receive, send)
            return
        path: str = scope["path"]
        send = _guarded(send, path, scope) if scope["type"] == "http" else send
        if path.startswith(CLOSED):
            await _refuse(scope, receive, send, 404)
            return
        headers = [(k, v) for k, v in scope["headers"] if not k.lower().replace(b"_", b"-").startswith(b"x-qa-")]
        if scope["type"] == "http" and path in OPEN_PATHS and not _small(scope):
            await _refuse(scope, receive, send, 413)
            return
        if path in OPEN_PATHS or path.startswith(OPEN_FOLDERS):
            await self.app({**scope, "headers": headers}, receive, send)
            return
        token = token_of(HTTPConnection(scope))
        actor = await run_in_threadpool(self.accounts().actor_for, token) if token else None
        if actor is None:
            await _stranger(scope, receive, send)
            return
        headers += [(USER, actor.user_id.encode("latin-1")), (SIGNIN, digest(token).encode("latin-1"))]
        await self.app({**scope, "headers": headers, "qa.actor": actor}, receive, send)


def _small(scope: Scope) -> bool:
    """Whether a stranger's form says how long it is and is short. Nothing larger is read."""
    if scope["method"] in {"GET", "HEAD"}:
        return True
    length = MutableHeaders(scope=scope).get("content-length", "")
    return length.isdecimal() and int(length) <= LARGEST_FORM


def actor_of(connection: HTTPConnection) -> Actor | None:
    """Who the gate let through; None on paths that are open to strangers."""
    actor = connection.scope.get("qa.actor")
    return actor if isinstance(actor, Actor) else None


# ---------------------------------------------------------------- the cookie


def cookie_name(connection: HTTPConnection) -> str | None:
    """`__Host-qa_sid` on https, `qa_sid` on this machine; None where a cookie would travel in the clear."""
    if connection.url.scheme in {"https", "wss"}:
        return "__Host-qa_sid"
    host = connection.headers.get("host", "")
    return "qa_sid" if re.sub(r":\d+$", "", host).lower() in LOCAL else None


def token_of(connection: HTTPConnection) -> str:
    name = cookie_name(connection)
    return connection.cookies.get(name, "") if name else ""


def set_cookie(connection: HTTPConnection, response: Response, token: str) -> None:
    name = cookie_name(connection)
    if name:
        response.set_cookie(name, token, httponly=True, samesite="strict", secure=name.startswith("__Host-"), path="/")


def drop_cookie(connection: HTTPConnection, response: Response) -> None:
    name = cookie_name(connection)
    if name:
        response.delete_cookie(name, httponly=True, samesite="strict", secure=name.startswith("__Host-"), path="/")


def same_origin(connection: HTTPConnection) -> bool:
    """Does a form come from our own page? A missing Origin is believed only where the browser says so itself."""
    origin = connection.headers.get("origin")
    if origin is None:
        return connection.headers.get("sec-fetch-site") == "same-origin"
    return bool(origin) and urlsplit(origin).netloc == connection.headers.get("host")


# ---------------------------------------------------------------- refusals and headers


async def _refuse(scope: Scope, receive: Receive, send: Send, status: int) -> None:
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 1008})
        return
    await JSONResponse({"detail": "closed"}, status)(scope, receive, send)


async def _stranger(scope: Scope, receive: Receive, send: Send) -> None:
    """Nobody is signed in: pages lead to the sign-in page, everything else is refused."""
    page = scope["type"] == "http" and scope["method"] in {"GET", "HEAD"} and not scope["path"].startswith(MACHINE)
    if not page:
        await _refuse(scope, receive, send, 403)
        return
    connection = HTTPConnection(scope)
    wanted = connection.url.path + (f"?{connection.url.query}" if connection.url.query else "")
    response: Response
    if connection.headers.get("sec-fetch-site") == "cross-site":
        # A strict cookie stays at home when a link in another program is followed: ask again from our own page.
        again = html.escape(quote(wanted, safe="/?&=%:+,-._~"), quote=True)
        response = HTMLResponse(f'<!doctype html><meta http-equiv="refresh" content="0;url={again}">')
    else:
        query = "" if wanted == "/" else f"?next={quote(wanted, safe='/')}"
        response = RedirectResponse(f"/signin{query}", 303)
    await response(scope, receive, send)


def _guarded(send: Send, path: str, scope: Scope) -> Send:
    """Add the security headers to whatever is answered."""

    async def with_headers(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in security_headers(path, secure=scope.get("scheme") == "https").items():
                headers.setdefault(name, value)
            if not path.startswith(OPEN_FOLDERS):
                headers["cache-control"] = "no-store"
        await send(message)

    return with_headers


def security_headers(path: str, *, secure: bool) -> dict[str, str]:
    """What a browser may do with an answer. The plain pages of our own need nothing but one style sheet."""
    plain = path in OPEN_PATHS or path.startswith("/download/")
    headers = {
        "content-security-policy": PLAIN_POLICY if plain else app_policy(),
        "x-content-type-options": "nosniff",
        "x-frame-options": "DENY",
        "referrer-policy": "same-origin",
        "cross-origin-opener-policy": "same-origin",
        "cross-origin-resource-policy": "same-origin",
        "permissions-policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
    }
    if secure:
        headers["strict-transport-security"] = "max-age=31536000"
    return headers


PLAIN_POLICY = (
    "default-src 'none'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)


@cache
def app_policy() -> str:
    """The tightest policy that Streamlit's front end works under: its inline styles, and its one inline script by digest."""
    scripts = re.findall(r"<script>(.*?)</script>", SHELL.read_text(encoding="utf-8"), re.DOTALL)
    digests = [base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() for text in scripts]
    allowed = " ".join(f"'sha256-{value}'" for value in digests)
    return (
        f"default-src 'none'; script-src 'self' {allowed}; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; "
        "font-src 'self' data:; connect-src 'self'; worker-src 'self' blob:; media-src 'self'; manifest-src 'self'; "
        "form-action 'self'; base-uri 'none'; object-src 'none'; frame-ancestors 'none'"
    )
