"""Serve: start the app over a workspace, say where it is, and open it where there is a screen."""

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
import webbrowser
from collections.abc import Callable
from pathlib import Path

from qa import ROOT
from qa.accounts import Accounts
from qa.model import N_, Refusal
from qa.workspace import OWNER, Workspace

READY = 60.0
"""Seconds within which the app must answer."""


def url(port: int) -> str:
    return f"http://localhost:{port}"


def serve(home: Path, port: int, say: Callable[[str], None]) -> int:
    """Run the app in a process of its own until it is stopped; returns its exit code.

    Where no administrator can sign in yet, a one-time link for the first one is said. Refused: a port that is taken.
    """
    _free(port)
    _invite(home, port, say)
    command = [sys.executable, str(ROOT / "qa_app.py"), "--port", str(port)]
    app = subprocess.Popen(command, env={**os.environ, "QA_HOME": str(home.resolve())})
    try:
        if _answers(app, port):
            say(f"QA Desk · 质检台  {url(port)}   (Ctrl+C stops it)")
            if _has_screen():
                webbrowser.open(url(port))
        return app.wait()
    except KeyboardInterrupt:
        app.terminate()
        return app.wait()


def _free(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except (OSError, OverflowError):
            raise Refusal(
                N_("Port {port} cannot be used; another program may hold it."),
                N_("Name another one with --port."),
                port=port,
            ) from None


def _invite(home: Path, port: int, say: Callable[[str], None]) -> None:
    ws = Workspace.open(home)
    try:
        link = None if ws.made_up else Accounts(ws).first_link(OWNER)
        if link:
            say(f"First administrator: set the password at {url(port)}/welcome?token={link}")
    finally:
        ws.records.close()


def _answers(app: "subprocess.Popen[bytes]", port: int) -> bool:
    until = time.monotonic() + READY
    while time.monotonic() < until and app.poll() is None:
        try:
            with urllib.request.urlopen(f"{url(port)}/health", timeout=2) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
    return False


def _has_screen() -> bool:
    if os.environ.get("CI") or not sys.stdout.isatty():
        return False
    return sys.platform in {"darwin", "win32"} or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
