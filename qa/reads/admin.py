"""What an administrator sees: loads and coverage."""

from datetime import UTC, datetime

import polars as pl

from qa.access import Action, require
from qa.model import CONVERSATIONS, Actor, Load, Period
from qa.views import Coverage, LoadView
from qa.workspace import Workspace


def loads(ws: Workspace, actor: Actor) -> tuple[LoadView, ...]:
    """Every reading of a chat log, the newest first."""
    require(actor, Action.LOAD_READ)
    names = {u["user_id"]: u["name"] for u in ws.records.read("user_now")}
    found = []
    for row in ws.records.read("load", order="-at"):
        counts = (row["rows_in"], row["accepted"], row["duplicate"], row["rejected"], row["masked"])
        load = Load(row["load_id"], row["file"], row["file_hash"], row["source"], *counts)
        rejects = ws.rejects / f"{load.file_hash[:16]}.csv"
        shown = str(rejects) if load.rejected and rejects.is_file() else None
        found.append(LoadView(load, instant(row["at"]), names.get(row["by"], row["by"]), shown))
    return tuple(found)


def coverage(ws: Workspace, actor: Actor, period: str) -> tuple[Coverage, ...]:
    """Conversations of each shop on each day of the month, so that a missing day is seen."""
    require(actor, Action.LOAD_READ)
    month = Period.named(period)
    parts = ws.parts("conversations", month.first, month.end)
    rows = pl.concat(
        [ws.lake.scan("conversations", [p]).select("platform", "shop", day=pl.lit(p.day)) for p in parts]
        or [CONVERSATIONS.to_frame().lazy().select("platform", "shop", day=pl.lit(None, pl.Date))]
    )
    counted = rows.group_by("platform", "shop", "day").len().sort("platform", "shop", "day").collect()
    every = pl.date_range(month.first, month.end, "1d", closed="left", eager=True).to_list()
    found = []
    for (platform, shop), group in counted.partition_by("platform", "shop", as_dict=True).items():
        held = dict(zip(group["day"], group["len"], strict=True))
        found.append(Coverage(str(platform), str(shop), tuple((day, held.get(day, 0)) for day in every)))
    return tuple(found)


def instant(text: str) -> datetime:
    """An instant of the records as an aware time."""
    return datetime.fromisoformat(text.replace("Z", "+00:00")).astimezone(UTC)
