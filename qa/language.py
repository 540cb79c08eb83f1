"""Words and figures as people read them: catalogues, money, shares, days and instants. Imports nothing of ours.

Programs speak English message ids; `locale/<locale>/LC_MESSAGES/messages.po` holds what people see, read as text so
that a catalogue edited by hand counts at once. Everything here is for showing: it rounds half up and never computes.
A missing figure is the word for "no data", never 0 and never an empty cell.
"""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from gettext import NullTranslations
from io import BytesIO
from pathlib import Path
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal
from babel.support import Translations

LOCALES: Mapping[str, str] = {"zh": "zh_Hans_CN", "en": "en"}
CATALOGUES = Path(__file__).resolve().parent.parent / "locale"

Number = int | float | Decimal

_DAY_PATTERNS = {"zh": ("M月d日 EEE", "y年M月d日 EEE", "y年M月"), "en": ("EEE d MMM", "EEEE d MMMM y", "MMMM y")}
_MINUS = "\u2212"
_GLUE = "\u00a0"  # keeps a figure and its unit on one line


class Translator:
    """One language: `gettext` and `ngettext` for messages, the other methods for figures and times.

    Every method takes None for a missing figure and answers with the word for it.
    """

    def __init__(self, language: str) -> None:
        self.language = language
        self.locale = Locale.parse(LOCALES[language])
        self._catalogue = _catalogue(LOCALES[language])

    def gettext(self, message: str) -> str:
        """The message in this language; the English message itself where no catalogue knows it."""
        return self._catalogue.gettext(message)

    def ngettext(self, one: str, many: str, n: int) -> str:
        """The message for one or for many, in this language's own plural."""
        return self._catalogue.ngettext(one, many, n)

    def missing(self) -> str:
        return self.gettext("no data")

    def number(self, value: Number | None, digits: int = 0, *, signed: bool = False) -> str:
        """`1,234.5`; with `signed` a plus is written too."""
        if value is None:
            return self.missing()
        rounded = _rounded(value, digits)
        return _sign(rounded, signed) + format_decimal(
            abs(rounded), format="#,##0" + ("." + "0" * digits if digits else ""), locale=self.locale
        )

    def money(self, yuan: Decimal | None, *, signed: bool = False) -> str:
        """`¥1,234.50`: two places, more where the amount has more, so that nothing is hidden."""
        if yuan is None:
            return self.missing()
        amount = format_decimal(abs(yuan), format="#,##0.00######", locale=self.locale, decimal_quantization=False)
        return f"{_sign(yuan, signed)}¥{amount}"

    def percent(self, share: Number | None, digits: int = 1) -> str:
        """A share from 0 to 1 as `83.1 %` (zh) or `83.1%` (en)."""
        if share is None:
            return self.missing()
        gap = _GLUE if self.language == "zh" else ""
        return f"{self.number(_decimal(share) * 100, digits)}{gap}%"

    def share(self, share: Number | None, n: int, digits: int = 1) -> str:
        """A share with what it rests on: `83.1 %，n=214`."""
        comma = "，" if self.language == "zh" else ", "
        return f"{self.percent(share, digits)}{comma}n={self.number(n)}"

    def difference(self, share: Number | None, digits: int = 1) -> str:
        """The difference of two shares, in points and with a sign: `+3.1 个百分点`."""
        if share is None:
            return self.missing()
        points = self.number(_decimal(share) * 100, digits, signed=True)
        return self.gettext("{points} percentage points").format(points=points)

    def seconds(self, seconds: Number | None, digits: int = 1) -> str:
        """`38.4 秒`, for figures that are compared with a line."""
        if seconds is None:
            return self.missing()
        return self.gettext("{seconds} s").format(seconds=self.number(seconds, digits))

    def duration(self, seconds: Number | None) -> str:
        """`8 分 20 秒`, for one wait that a person reads."""
        if seconds is None:
            return self.missing()
        minutes, rest = divmod(int(_rounded(seconds, 0)), 60)
        if not minutes:
            return self.seconds(rest, 0)
        hours, minutes_left = divmod(minutes, 60)
        if not hours:
            return self.gettext("{minutes} min {seconds} s").format(minutes=minutes, seconds=f"{rest:02d}")
        return self.gettext("{hours} h {minutes} min").format(hours=self.number(hours), minutes=f"{minutes_left:02d}")

    def figure(self, value: Number | None, unit: str, digits: int | None = None) -> str:
        """A value in a metric's or step's unit: share, seconds, count, ratio, yuan, points; another unit is written after it."""
        if unit == "share":
            return self.percent(value, 1 if digits is None else digits)
        if unit == "seconds":
            return self.seconds(value, 1 if digits is None else digits)
        if unit == "yuan":
            return self.money(None if value is None else _decimal(value))
        places = {"count": 0, "ratio": 2, "points": 1}.get(unit, 1) if digits is None else digits
        figure = self.number(value, places)
        return figure if value is None or unit in {"count", "ratio", "points", ""} else f"{figure}{_GLUE}{unit}"

    def day(self, day: date | None, today: date | None = None) -> str:
        """`2026-10-30`; seen from `today`, near days by name: `昨天 10月30日 周五`."""
        if day is None:
            return self.missing()
        near = self._near(day, today)
        if not near:
            return day.isoformat()
        return f"{near} {format_date(day, _DAY_PATTERNS[self.language][0], locale=self.locale)}"

    def long_day(self, day: date | None) -> str:
        """`2026年10月30日 周五`, for headings."""
        if day is None:
            return self.missing()
        return format_date(day, _DAY_PATTERNS[self.language][1], locale=self.locale)

    def month(self, period: str) -> str:
        """`2026-10` as `2026年10月`."""
        first = datetime.strptime(period, "%Y-%m").date()
        return format_date(first, _DAY_PATTERNS[self.language][2], locale=self.locale)

    def instant(self, at: datetime | None, zone: str, today: date | None = None) -> str:
        """An aware instant in the shop's zone: `2026-10-30 14:05`; seen from `today`, `昨天 14:05`."""
        if at is None:
            return self.missing()
        if at.tzinfo is None:
            raise ValueError("an instant without a zone cannot be shown")
        here = at.astimezone(ZoneInfo(zone))
        return f"{self._near(here.date(), today) or here.date().isoformat()} {here:%H:%M}"

    def _near(self, day: date, today: date | None) -> str:
        if today is None:
            return ""
        if day == today:
            return self.gettext("today")
        return self.gettext("yesterday") if day == today - timedelta(days=1) else ""


@cache
def translator(language: str) -> Translator:
    """The translator of a language tag (`zh`, `zh-CN`, `en`, `en_GB`); Chinese for any other."""
    return Translator("en" if language.lower().startswith("en") else "zh")


def _catalogue(locale: str) -> NullTranslations:
    file = CATALOGUES / locale / "LC_MESSAGES" / "messages.po"
    if locale == LOCALES["en"]:
        return NullTranslations()
    with file.open("rb") as source:
        compiled = BytesIO()
        write_mo(compiled, read_po(source, locale=locale))
    compiled.seek(0)
    return Translations(compiled)


def _decimal(value: Number) -> Decimal:
    return value if isinstance(value, Decimal) else Decimal(str(value))


def _rounded(value: Number, digits: int) -> Decimal:
    return _decimal(value).quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)


def _sign(value: Decimal, signed: bool) -> str:
    if value < 0:
        return _MINUS
    return "+" if signed and value > 0 else ""
