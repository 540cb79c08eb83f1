"""A real Chromium over a served copy of the made-up month. Without a Chromium these tests say so and are skipped."""

import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Error, Page, Request, sync_playwright

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from serving import served

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
QUIET = ("Failed to load resource: the server responded with a status of 404", "status of 401")
"""What Chromium says of answers that are meant: the front end feels for its base path, a sign-in is refused."""


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    found = next((path for name in NAMES if (path := shutil.which(name))), None)
    with sync_playwright() as playwright:
        try:
            browser = playwright.chromium.launch(executable_path=found, args=["--no-sandbox"])
        except Error as error:
            pytest.skip(
                f"no Chromium is installed (looked for {', '.join(NAMES)} and Playwright's own): {str(error)[:80]}"
            )
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def address(demo_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    home = tmp_path_factory.mktemp("served") / "home"
    shutil.copytree(demo_home, home)
    with served(home) as port:
        yield f"http://localhost:{port}"


@dataclass
class Desk:
    """A browser window and what went wrong in it."""

    page: Page
    address: str
    faults: list[str] = field(default_factory=list)

    def listens(self, page: Page) -> None:
        page.on("console", self._said)
        page.on("request", self._asked)
        page.on("dialog", lambda dialog: (self.faults.append(f"dialog {dialog.message}"), dialog.dismiss()))
        page.on("pageerror", lambda error: self.faults.append(f"script error {error}"))

    def _said(self, message: ConsoleMessage) -> None:
        if message.type == "error" and not any(text in message.text for text in QUIET):
            self.faults.append(f"console {message.text}")

    def _asked(self, request: Request) -> None:
        if not request.url.startswith((self.address, "data:", "blob:")):
            self.faults.append(f"request to {request.url}")

    def goes(self, path: str) -> "Desk":
        """Open a path and wait until the page stands still."""
        self.page.goto(self.address + path)
        return self.settles()

    def settles(self) -> "Desk":
        self.page.wait_for_selector(
            '[data-testid="stMain"] .qa, [data-testid="stMain"] [data-testid="stAlert"]', timeout=30_000
        )
        self.page.wait_for_function(
            "() => document.querySelector('[data-testid=\"stApp\"]')?.dataset.testScriptState === 'notRunning'",
            timeout=30_000,
        )
        self.page.wait_for_timeout(250)
        return self

    def sees(self, text: str) -> None:
        self.page.get_by_text(text).first.wait_for(timeout=20_000)

    @property
    def words(self) -> str:
        """All text that a person can see, also in fields; not the ligatures that icons are written with."""
        return str(self.page.evaluate(WORDS))


WORDS = """() => {
    const copy = document.body.cloneNode(true);
    copy.querySelectorAll('[data-testid=stIconMaterial], [data-testid=stSkipToContent], [data-testid=stFileUploader] button').forEach(e => e.remove());
    document.body.append(copy);
    const fields = [...copy.querySelectorAll('input, textarea')].map(e => e.placeholder + ' ' + e.value);
    const words = [copy.innerText, ...fields].join('\\n');
    copy.remove();
    return words;
}"""


@pytest.fixture
def enter(chromium: Browser, address: str) -> Iterator[Callable[..., Desk]]:
    """Open a window and go in by the demonstration's door of a role."""
    opened: list[Desk] = []

    def go(role: str, *, width: int = 1440, height: int = 900, scheme: str = "light") -> Desk:
        context = chromium.new_context(
            viewport={"width": width, "height": height},
            color_scheme=scheme,  # type: ignore[arg-type]
            locale="zh-CN",
            timezone_id="Asia/Shanghai",
        )
        desk = Desk(context.new_page(), address)
        desk.listens(desk.page)
        opened.append(desk)
        desk.page.goto(address + "/signin")
        desk.page.click(f"button[value={role}]")
        return desk.settles()

    yield go
    faults = [fault for desk in opened for fault in desk.faults]
    for desk in opened:
        desk.page.context.close()
    assert faults == []


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A browser on a busy machine may miss a moment: its tests get a second try, and the summary counts it."""
    for item in items:
        if item.path.parent == Path(__file__).parent:
            item.add_marker(pytest.mark.flaky(reruns=1))
