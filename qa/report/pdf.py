"""HTML -> PDF. Loads nothing from outside the page; run it in a worker process, it takes seconds and much memory."""

import contextlib
import importlib
import io
import logging
from pathlib import Path
from typing import Any

from qa.model import N_, Refusal


class _Missing(logging.Handler):
    """Collects the characters for which WeasyPrint found no font."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.characters: set[str] = set()

    def emit(self, record: logging.LogRecord) -> None:
        values = record.args if isinstance(record.args, tuple) else ()
        self.characters |= {v for v in values if isinstance(v, str) and len(v) == 1}

    def everyday(self) -> set[str]:
        """Those that every Chinese font has: a rare character in one chat is no reason to refuse."""
        return {c for c in self.characters if not c.isascii() and len(c.encode("gb2312", "ignore")) == 2}


def pdf(page: str, *, font: Path | None = None) -> bytes:
    """The page as PDF, A4. `font` is a font file with Chinese characters for a machine that has none installed.

    Refuses where the Pango library is missing, or where a Chinese character would come out as an empty box.
    """
    try:
        with contextlib.redirect_stdout(io.StringIO()):  # it prints its advice when a library is missing
            weasyprint: Any = importlib.import_module("weasyprint")
            typefaces: Any = importlib.import_module("weasyprint.text.fonts")
            urls: Any = importlib.import_module("weasyprint.urls")
    except (ImportError, OSError) as error:
        raise Refusal(
            N_("PDF files cannot be made: the Pango library is missing on this machine."),
            N_("Install it (Debian, Ubuntu: apt install libpango-1.0-0 libpangoft2-1.0-0), or print the HTML."),
        ) from error
    fonts = typefaces.FontConfiguration()
    sheets = []
    if font is not None:
        if not font.is_file():
            raise Refusal(N_("The font file is not there."), N_("Name a .ttf, .ttc or .otf file."), place=str(font))
        face = f"@font-face{{font-family:'QA Desk Chinese';src:url('{font.resolve().as_uri()}')}} html{{--zh:'QA Desk Chinese'}}"
        sheets.append(
            weasyprint.CSS(string=face, font_config=fonts, url_fetcher=urls.URLFetcher(allowed_protocols=("file",)))
        )
    missing = _Missing()
    log = logging.getLogger("weasyprint")
    log.addHandler(missing)
    try:
        written: bytes = weasyprint.HTML(
            string=page, url_fetcher=urls.URLFetcher(allowed_protocols=("data",))
        ).write_pdf(stylesheets=sheets, font_config=fonts)
    finally:
        log.removeHandler(missing)
    if missing.everyday():
        raise Refusal(
            N_("PDF files cannot be made: no font on this machine has the Chinese character “{character}”."),
            N_("Install a Chinese font (Debian, Ubuntu: apt install fonts-noto-cjk), or print the HTML."),
            character=min(missing.everyday()),
        )
    return written
