"""A served app for tests: the real program in a process of its own, plain HTTP, and Streamlit's websocket."""

import http.client
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode

from google.protobuf.text_format import MessageToString
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import ClientConnection, connect

ROOT = Path(__file__).resolve().parent.parent


@dataclass
class Answer:
    status: int
    headers: Mapping[str, str]
    body: str


@dataclass
class Browser:
    """One cookie jar. Nothing is followed by itself."""

    port: int
    cookies: dict[str, str] = field(default_factory=dict)

    @property
    def origin(self) -> str:
        return f"http://localhost:{self.port}"

    def ask(self, method: str, path: str, body: str = "", **headers: str) -> Answer:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        sent = {"Host": f"localhost:{self.port}", **{k.replace("_", "-"): v for k, v in headers.items()}}
        if self.cookies:
            sent["Cookie"] = "; ".join(f"{k}={v}" for k, v in self.cookies.items())
        connection.request(method, path, body.encode() or None, sent)
        answer = connection.getresponse()
        for name, value in answer.getheaders():
            if name.lower() == "set-cookie":
                key, _, rest = value.partition("=")
                self.cookies[key] = rest.partition(";")[0]
        return Answer(
            answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read().decode("utf-8", "replace")
        )

    def get(self, path: str, **headers: str) -> Answer:
        return self.ask("GET", path, **headers)

    def post(self, path: str, form: Mapping[str, str], **headers: str) -> Answer:
        headers = {"Origin": self.origin, "Content_Type": "application/x-www-form-urlencoded", **headers}
        return self.ask("POST", path, urlencode(form), **headers)

    def enter(self, role: str) -> "Browser":
        """Go in by the demonstration's door."""
        answer = self.post("/demo-signin", {"role": role})
        assert answer.status == 303, answer.body
        return self

    @contextmanager
    def socket(self, *, resume: str = "", **headers: str) -> Iterator[ClientConnection]:
        sent = {"Cookie": "; ".join(f"{k}={v}" for k, v in self.cookies.items())} if self.cookies else {}
        sent |= {k.replace("_", "-"): v for k, v in headers.items()}
        protocols = ["streamlit", "-", resume] if resume else ["streamlit"]
        with connect(
            f"ws://localhost:{self.port}/_stcore/stream",
            subprotocols=protocols,
            additional_headers=sent,
            origin=self.origin,
            open_timeout=20,
            max_size=None,
        ) as opened:
            yield opened


def run_page(opened: ClientConnection, page: str = "", query: str = "") -> tuple[str, str]:
    """Run a page over the websocket: (Streamlit session id, all that was shown as one text)."""
    asked = BackMsg()
    asked.rerun_script.query_string = query
    asked.rerun_script.page_name = page
    opened.send(asked.SerializeToString())
    session, shown = "", []
    while True:
        said = ForwardMsg()
        data = opened.recv(timeout=60)
        said.ParseFromString(data if isinstance(data, bytes) else data.encode())
        kind = said.WhichOneof("type")
        if kind == "new_session":
            session = said.new_session.initialize.session_id
        elif kind == "delta":
            shown.append(MessageToString(said.delta, as_utf8=True))
        elif kind in {"navigation", "page_not_found"}:
            shown.append(MessageToString(said, as_utf8=True))
        elif kind == "script_finished":
            return session, "\n".join(shown)


@contextmanager
def served(home: Path) -> Iterator[int]:
    """Serve a workspace on a free port until the block ends."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    app = subprocess.Popen(
        [sys.executable, str(ROOT / "qa_app.py"), "--port", str(port)],
        env={**os.environ, "QA_HOME": str(home)},
        cwd=home,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    try:
        until = time.monotonic() + 60
        while True:
            try:
                if Browser(port).get("/health").status == 200:
                    break
            except OSError:
                assert app.poll() is None, app.communicate()[1].decode()
                assert time.monotonic() < until, "the app does not answer"
                time.sleep(0.2)
        yield port
    finally:
        app.terminate()
        app.wait(timeout=20)
