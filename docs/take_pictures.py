"""Take the pictures of the documents from the made-up month: `make pictures`."""

import shutil
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from serving import served  # noqa: E402

from qa.rehearsal import rehearse  # noqa: E402

PICTURES = {"today": ("supervisor", "/"), "month": ("hr", "/"), "my-month": ("agent", "/")}


def main() -> None:
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    with tempfile.TemporaryDirectory() as folder:
        made, _ = rehearse(Path(folder) / "home")
        made.records.close()
        with served(made.home) as port, sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
            for name, (role, path) in PICTURES.items():
                page = browser.new_context(viewport={"width": 1440, "height": 900}, locale="zh-CN").new_page()
                _enter(page, f"http://localhost:{port}", role)
                page.goto(f"http://localhost:{port}{path}")
                page.wait_for_selector('[data-testid="stMain"] .qa', timeout=60_000)
                page.wait_for_timeout(2_000)
                page.screenshot(path=ROOT / "docs" / "pictures" / f"{name}.png")
            browser.close()


def _enter(page: Page, address: str, role: str) -> None:
    page.goto(f"{address}/signin")
    page.click(f'button[value="{role}"]')
    page.wait_for_load_state("networkidle")


if __name__ == "__main__":
    main()
