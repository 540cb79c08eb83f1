"""Time: the period."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import polars as pl

from qa.model.words import N_, Refusal


@dataclass(frozen=True)
class Period:
    """A calendar month, as 2026-10. `first` is inside, `end` is the first day after."""

    name: str
    first: date
    end: date

    @classmethod
    def named(cls, name: str) -> "Period":
        """Read YYYY-MM; anything else is refused."""
        try:
            first = datetime.strptime(name, "%Y-%m").date()
        except ValueError:
            raise Refusal(N_("“{name}” is not a month."), N_("Write it as 2026-10."), name=name) from None
        year, month = divmod(first.year * 12 + first.month, 12)
        return cls(first.strftime("%Y-%m"), first, date(year, month + 1, 1))


Frame = pl.DataFrame
Row = Mapping[str, Any]
