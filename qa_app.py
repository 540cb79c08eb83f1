"""The app: routes of our own in front of Streamlit, the gate around both.

`python qa_app.py --port 8501` serves the workspace that QA_HOME names; the settings stand in .streamlit/config.toml
beside this file and apply from any working folder.
"""

import argparse
import gc
import logging
import re
import secrets
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import streamlit as st
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from pages import signin
from pages._desk import SCREENS, accounts, current, workspace
from pages._gate import SHELL, Gate, actor_of
from qa import ROOT, reads
from qa.access import Action, may, require
from qa.language import translator
from qa.model import Actor, Refusal
from qa.reporting import report

log = logging.getLogger("qa_app")

REPORTS = {"html": "text/html", "pdf": "application/pdf", "xlsx": "application/octet-stream"}


# ---------------------------------------------------------------- routes


def shell(request: Request) -> Response:
    """The page that Streamlit's front end starts in, with our name and language; a role's first page lives at `/`."""
    actor = actor_of(request)
    if actor is not None and request.url.path == f"/{signin.HOME[actor.role]}":
        return RedirectResponse(f"/?{request.url.query}" if request.url.query else "/", 303)
    tr = translator(actor.language if actor else "zh")
    product = tr.gettext("QA Desk")
    page = SHELL.read_text(encoding="utf-8")
    page = page.replace('<html lang="en">', f'<html lang="{"zh-CN" if tr.language == "zh" else "en"}">')
    page = page.replace("<title>Streamlit</title>", f"<title>{product}</title>")
    page = page.replace('href="./favicon.png"', 'href="/favicon.svg"')
    return HTMLResponse(re.sub(r'<link rel="service-desc"[^>]*>', "", page))


def health(_request: Request) -> Response:
    """For a watchdog: the records can be read."""
    workspace().records.read("setting_now", name="zone")
    return JSONResponse({"ok": True})


async def download_report(request: Request) -> Response:
    """GET /download/report/{kind}/{period}.{format}: made for this actor now; the pipeline refuses what is not theirs."""
    actor, path = actor_of(request), request.path_params
    action = next((a for a in Action if a.value == f"report.{path['kind']}"), None)
    if actor is None or action is None or path["format"] not in REPORTS:
        return JSONResponse({"detail": "not found"}, 404)
    try:
        if not may(actor, action):
            require(actor, action)
        return await run_in_threadpool(
            _report, actor, path["kind"], path["period"], path["format"], request.query_params.get("agent")
        )
    except Refusal as refusal:
        return _plain(actor, refusal)


def _report(actor: Actor, kind: str, period: str, form: str, agent: str | None) -> Response:
    with tempfile.TemporaryDirectory(prefix="qa-report-") as folder:
        made = report(
            workspace(),
            actor,
            kind,
            period=period,
            out=Path(folder),
            formats=(form,),
            agent=agent,
            language=actor.language,
        )
        file = next(path for path in made if path.suffix == f".{form}")
        headers = {} if form == "html" else {"content-disposition": f'attachment; filename="{file.name}"'}
        return Response(file.read_bytes(), media_type=REPORTS[form], headers=headers)


def download_rejects(request: Request) -> Response:
    """GET /download/rejects/{load_id}: the rows of a load that were not accepted, with reasons."""
    actor = actor_of(request)
    if actor is None:
        return JSONResponse({"detail": "not found"}, 404)
    try:
        loads = reads.loads(workspace(), actor)
    except Refusal as refusal:
        return _plain(actor, refusal)
    name = next((v.rejects_file for v in loads if v.load.load_id == request.path_params["load_id"]), None)
    file = workspace().home / name if name else None
    if file is None or not file.resolve().is_relative_to(workspace().rejects.resolve()) or not file.is_file():
        return JSONResponse({"detail": "not found"}, 404)
    return FileResponse(file, filename=file.name, media_type="text/csv")


def nothing(_request: Request) -> Response:
    return JSONResponse({"detail": "not found"}, 404)


def _plain(actor: Actor, refusal: Refusal) -> Response:
    return Response(refusal.sentence(translator(actor.language).gettext), 403, media_type="text/plain; charset=utf-8")


PAGES = sorted({screen.path for screens in SCREENS.values() for screen in screens})

routes = [
    Route("/signin", signin.page, methods=["GET"]),
    Route("/signin", signin.sign_in, methods=["POST"]),
    Route("/demo-signin", signin.demo, methods=["POST"]),
    Route("/welcome", signin.welcome, methods=["GET"]),
    Route("/welcome", signin.first_password, methods=["POST"]),
    Route("/signout", signin.sign_out, methods=["POST"]),
    Route("/desk.css", signin.style),
    Route("/favicon.svg", signin.icon),
    Route("/health", health),
    Route("/download/rejects/{load_id}", download_rejects),
    Route("/download/report/{kind}/{period}.{format}", download_report),
    Route("/download/{rest:path}", nothing),
    *(Route(f"/{path}", shell) for path in ("", *PAGES)),
]


# ---------------------------------------------------------------- the app


@asynccontextmanager
async def lifespan(_app: Any) -> AsyncIterator[None]:
    """Open the workspace before the first request, and keep what is loaded out of the garbage collector's rounds."""
    accounts()
    gc.collect()
    gc.freeze()
    yield


def on_script_error(error: Exception) -> bool:
    """A refusal in plain words; anything else a number that stands in the log as well."""
    actor = current()
    _ = translator(actor.language if actor else "zh").gettext
    if isinstance(error, Refusal):
        st.error(error.sentence(_), icon=":material/block:")
        return True
    number = secrets.token_hex(4)
    log.error("page failed, number %s", number, exc_info=error)
    st.error(_("Something went wrong. The note with number {number} is in the log.").format(number=number))
    return True


app = st.App(
    ROOT / "pages" / "frame.py",
    routes=routes,
    middleware=[Middleware(Gate, accounts=accounts)],
    lifespan=lifespan,
    on_script_error=on_script_error,
)


def main() -> int:
    parser = argparse.ArgumentParser(description="Serve the workspace that QA_HOME names.")
    parser.add_argument("--port", type=int, default=8501)
    port = parser.parse_args().port
    try:
        accounts()
    except Refusal as refusal:
        sys.stderr.write(refusal.sentence() + "\n")
        return 1
    app.run(config={"server.port": port})
    return 0


if __name__ == "__main__":
    sys.exit(main())
