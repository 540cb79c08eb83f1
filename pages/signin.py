"""Sign-in, first password and demonstration: plain pages of our own that work without JavaScript."""

from collections.abc import Callable
from html import escape
from string import Template
from urllib.parse import quote

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, RedirectResponse, Response

from pages._desk import SCREENS, accounts
from pages._gate import cookie_name, drop_cookie, same_origin, set_cookie, token_of
from qa import ROOT
from qa.language import Translator, translator
from qa.model import N_, Refusal, Role, User

CSS = ROOT / "pages" / "desk.css"
ICON = ROOT / "pages" / "favicon.svg"

DEMO: tuple[tuple[Role, str, str], ...] = (
    (Role.SUPERVISOR, N_("Supervisor"), N_("Yesterday's figures, where to look first, and the review desk")),
    (Role.HR, N_("HR"), N_("The month at a glance, scores with their certainty, bonus statements")),
    (Role.AGENT, N_("Agent"), N_("My score, the reasons, and the way to the next tier")),
    (Role.ADMIN, N_("Administrator"), N_("Import of chat logs, people and accounts")),
)


async def page(request: Request) -> Response:
    """GET /signin"""
    actor = await run_in_threadpool(accounts().actor_for, token_of(request))
    if actor is not None:
        return RedirectResponse(target(request.query_params.get("next", "/")), 303)
    language = request.query_params.get("lang")
    response = _signin_page(request)
    if language in {"zh", "en"}:
        response.set_cookie("qa_lang", language, max_age=31536000, samesite="strict", httponly=True)
    return response


async def sign_in(request: Request) -> Response:
    """POST /signin"""
    form = await request.form(max_fields=8, max_files=0)
    login, password = str(form.get("login", ""))[:200], str(form.get("password", ""))[:1000]
    return await _enter(request, str(form.get("next", "/")), lambda: accounts().verify(login, password), login)


async def demo(request: Request) -> Response:
    """POST /demo-signin"""
    form = await request.form(max_fields=8, max_files=0)
    role = next((r for r, _, _ in DEMO if r.value == form.get("role")), None)
    if role is None:
        return _signin_page(request, status=400)
    return await _enter(request, "/", lambda: accounts().demo_user(role))


async def welcome(request: Request) -> Response:
    """GET /welcome?token=…: the person behind a one-time link sets a password."""
    token = request.query_params.get("token", "")[:200]
    try:
        user = await run_in_threadpool(accounts().invited, token)
    except Refusal as refusal:
        return _signin_page(request, refusal, status=410)
    return _welcome_page(request, token, user)


async def first_password(request: Request) -> Response:
    """POST /welcome"""
    form = await request.form(max_fields=8, max_files=0)
    token, password = str(form.get("token", ""))[:200], str(form.get("password", ""))[:1000]
    try:
        user = await run_in_threadpool(accounts().invited, token)
    except Refusal as refusal:
        return _signin_page(request, refusal, status=410)
    if password != str(form.get("again", "")):
        refusal = Refusal(N_("The two passwords differ."), N_("Type the same one twice."))
        return _welcome_page(request, token, user, refusal)
    response = await _enter(request, "/", lambda: accounts().redeem(token, password), user.login)
    return response if response.status_code == 303 else _welcome_page(request, token, user, _said(response))


async def sign_out(request: Request) -> Response:
    """POST /signout"""
    if not same_origin(request):
        return _signin_page(request, _foreign(), status=403)
    await run_in_threadpool(accounts().end_signin, token_of(request))
    response = RedirectResponse("/signin", 303)
    drop_cookie(request, response)
    return response


def style(_request: Request) -> Response:
    return FileResponse(CSS, media_type="text/css")


def icon(_request: Request) -> Response:
    return FileResponse(ICON, media_type="image/svg+xml")


def target(wanted: str) -> str:
    """Where to go after signing in: a path of ours, or the first page."""
    local = wanted.startswith("/") and not wanted.startswith(("//", "/signin", "/signout", "/download", "/_", "/media"))
    return wanted if local and wanted.isprintable() and "\\" not in wanted else "/"


# ---------------------------------------------------------------- one way in


class _Refused(HTMLResponse):
    refusal: Refusal


async def _enter(request: Request, wanted: str, prove: Callable[[], User], login: str = "") -> Response:
    """Prove who it is, start a sign-in with a new token and go on; or show the page again with the reason."""
    try:
        if not same_origin(request):
            raise _foreign()
        if cookie_name(request) is None:
            raise Refusal(
                N_("Passwords do not travel in the clear."),
                N_("Open this page with https, or as localhost on the machine itself."),
            )
        user = await run_in_threadpool(prove)
        await run_in_threadpool(accounts().end_signin, token_of(request))
        token = await run_in_threadpool(accounts().start_signin, user.user_id)
    except Refusal as refusal:
        response = _Refused(_document(request, _signin_body(request, refusal, wanted, login)), 401)
        response.refusal = refusal
        return response
    entered = RedirectResponse(target(wanted), 303)
    set_cookie(request, entered, token)
    return entered


def _said(response: Response) -> Refusal | None:
    return response.refusal if isinstance(response, _Refused) else None


def _foreign() -> Refusal:
    return Refusal(N_("This form came from another page."), N_("Open QA Desk again and sign in there."))


# ---------------------------------------------------------------- what is shown


def _words(request: Request) -> Translator:
    return translator(request.query_params.get("lang") or request.cookies.get("qa_lang") or "zh")


def _signin_page(request: Request, refusal: Refusal | None = None, status: int = 200) -> HTMLResponse:
    body = _signin_body(request, refusal, request.query_params.get("next", "/"))
    return HTMLResponse(_document(request, body), status)


def _welcome_page(request: Request, token: str, user: User, refusal: Refusal | None = None) -> HTMLResponse:
    _ = _words(request).gettext
    body = _filled(
        WELCOME,
        title=_("Welcome, {name}").format(name=user.name),
        lead=_("Choose a password of at least 12 characters. A sentence is easy to remember."),
        alert_html=_alert(refusal, _),
        token=token,
        login_label=_("Sign-in name"),
        login=user.login,
        password_label=_("New password"),
        again_label=_("The same again"),
        act=_("Set password and sign in"),
    )
    return HTMLResponse(_document(request, body), 200 if refusal is None else 400)


def _signin_body(request: Request, refusal: Refusal | None, wanted: str, login: str = "") -> str:
    _ = _words(request).gettext
    made_up = accounts().ws.made_up
    return _filled(
        SIGNIN,
        above_html=_demo_part(_) if made_up else _filled("<h1>$title</h1>", title=_("Sign in")),
        alert_html=_alert(refusal, _),
        next=target(wanted),
        login_label=_("Sign-in name"),
        login=login,
        focus="" if made_up else "autofocus",
        password_label=_("Password"),
        quiet="qa-quiet" if made_up else "",
        act=_("Sign in"),
    )


def _demo_part(_: Callable[[str], str]) -> str:
    doors = "".join(_filled(DOOR, role=role.value, name=_(name), what=_(what)) for role, name, what in DEMO)
    return _filled(
        DOORS,
        title=_("Walk through the demonstration"),
        lead=_("A made-up shop group with a month of chats. No person, shop or order in it is real."),
        doors_html=doors,
        other=_("or with an account"),
    )


def _alert(refusal: Refusal | None, _: Callable[[str], str]) -> str:
    return _filled('<p class="qa-alert" role="alert">$said</p>', said=refusal.sentence(_)) if refusal else ""


def _document(request: Request, body: str) -> str:
    tr = _words(request)
    _ = tr.gettext
    other, name = ("en", "English") if tr.language == "zh" else ("zh", "中文")
    wanted = quote(target(request.query_params.get("next", "/")), safe="/")
    switch = _filled(
        '<a href="/signin?lang=$other&amp;next=$wanted" lang="$other">$name</a>', other=other, wanted=wanted, name=name
    )
    return _filled(
        DOCUMENT,
        language="zh-CN" if tr.language == "zh" else "en",
        product=_("QA Desk"),
        house=accounts().ws.house,
        switch_html="" if request.url.path == "/welcome" else switch,
        body_html=body,
        promise=_("Everything stays on this machine. Customers' personal data is masked before it is stored."),
    )


def _filled(template: str, **texts: str) -> str:
    """The template with its texts escaped; only names that end in _html are HTML already."""
    safe = {name: text if name.endswith("_html") else escape(text, quote=True) for name, text in texts.items()}
    return Template(template).substitute(safe)


WELCOME = """
<h1>$title</h1>
<p class="qa-lead">$lead</p>
$alert_html
<form method="post" action="/welcome" class="qa-form">
  <input type="hidden" name="token" value="$token">
  <label>$login_label<input value="$login" autocomplete="username" readonly></label>
  <label>$password_label
    <input name="password" type="password" autocomplete="new-password" minlength="12" required autofocus></label>
  <label>$again_label
    <input name="again" type="password" autocomplete="new-password" minlength="12" required></label>
  <button class="qa-button">$act</button>
</form>"""

SIGNIN = """
$above_html
$alert_html
<form method="post" action="/signin" class="qa-form">
  <input type="hidden" name="next" value="$next">
  <label>$login_label
    <input name="login" value="$login" autocomplete="username" autocapitalize="none" spellcheck="false" maxlength="64" required $focus></label>
  <label>$password_label
    <input name="password" type="password" autocomplete="current-password" maxlength="256" required></label>
  <button class="qa-button $quiet">$act</button>
</form>"""

DOORS = """
<h1>$title</h1>
<p class="qa-lead">$lead</p>
<form method="post" action="/demo-signin" class="qa-doors">$doors_html</form>
<p class="qa-or"><span>$other</span></p>"""

DOOR = '<button class="qa-door" name="role" value="$role"><b>$name</b><span>$what</span></button>'

DOCUMENT = """<!doctype html>
<html lang="$language">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <meta name="color-scheme" content="light dark">
  <title>$product</title>
  <link rel="icon" href="/favicon.svg">
  <link rel="stylesheet" href="/desk.css">
</head>
<body class="qa-plain">
  <header><img src="/favicon.svg" alt="" width="28" height="28"><b>$product</b><span>$house</span>$switch_html</header>
  <main>$body_html</main>
  <footer>$promise</footer>
</body>
</html>"""


HOME = {role: screens[0].path for role, screens in SCREENS.items()}
