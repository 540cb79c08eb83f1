"""Import: chat logs -> messages and conversations in the lake. Nothing is lost, nothing is stored twice."""

import csv
import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import polars as pl

from qa import ROOT, chatlog
from qa.access import Action, require
from qa.model import CONVERSATIONS, MESSAGES, N_, Actor, Frame, Load, Part, Refusal, Reject
from qa.pipeline.roster import adopt
from qa.workspace import Workspace

Progress = Callable[[float, str], None]
NEAR = timedelta(days=3)
"""A conversation is looked for this far around the days of a file; its id may come again months later."""

SAID_OF_CONVERSATION = [name for name in CONVERSATIONS if name.startswith(("rating", "order", "paid"))]


@dataclass(frozen=True)
class FileResult:
    """What became of one file. `refused` holds the sentence when nothing of it was stored."""

    file: str
    rows_in: int = 0
    accepted: int = 0
    duplicate: int = 0
    rejected: int = 0
    masked: int = 0
    conversations: int = 0
    already_loaded: bool = False
    rejects_file: str | None = None
    refused: Refusal | None = None


@dataclass(frozen=True)
class ImportResult:
    files: tuple[FileResult, ...]
    new_accounts: tuple[str, ...]

    def total(self, count: str) -> int:
        return sum(getattr(file, count) for file in self.files)


def import_logs(
    ws: Workspace,
    actor: Actor,
    paths: Sequence[Path],
    *,
    source: str | None = None,
    mapping: Mapping[str, str] | None = None,
    zone: str | None = None,
    progress: Progress | None = None,
) -> ImportResult:
    """Read files and folders of exports into the lake, each file as one act: whole or not at all.

    A file that cannot be read is refused with its reason and the others go on. `mapping` gives column
    names (ours -> theirs) for a file whose columns are not recognised; `zone` is that of times without one.
    """
    require(actor, Action.LOAD_IMPORT)
    files = list(_files(paths))
    results = []
    for index, path in enumerate(files):
        if progress:
            progress(index / len(files), path.name)
        try:
            with _opened(path) as members:
                for name, file in members:
                    results.append(_result(ws, actor, file, name, source or "plain", mapping, zone or ws.zone))
        except Refusal as refusal:
            results.append(FileResult(path.name, refused=refusal))
    accounts = adopt(ws, actor)
    if progress:
        progress(1.0, "")
    return ImportResult(tuple(results), accounts)


def _files(paths: Sequence[Path]) -> Iterable[Path]:
    for path in paths:
        if path.is_dir():
            inside = sorted(p for p in path.rglob("*") if p.is_file() and not p.name.startswith("."))
            if not inside:
                raise Refusal(N_("The folder holds no file."), N_("Name a folder with exports."), place=str(path))
            yield from inside
        elif path.is_file():
            yield path
        else:
            raise Refusal(N_("There is no such file."), N_("Look at the name and the folder."), place=str(path))


@contextmanager
def _opened(path: Path) -> Iterator[Sequence[tuple[str, Path]]]:
    """A file under its name; the members of a ZIP as zip!member, in a private folder that is gone afterwards."""
    if not chatlog.is_archive(path):
        yield [(path.name, path)]
        return
    with TemporaryDirectory(prefix="qa-import-") as folder:
        yield [(f"{path.name}!{name}", file) for name, file in chatlog.unpack(path, Path(folder))]


def _result(
    ws: Workspace, actor: Actor, path: Path, name: str, source: str, mapping: Mapping[str, str] | None, zone: str
) -> FileResult:
    try:
        return _import_file(ws, actor, path, name, source, mapping, zone)
    except Refusal as refusal:
        refusal.place = refusal.place or name
        return FileResult(name, refused=refusal)


def _import_file(
    ws: Workspace, actor: Actor, path: Path, name: str, source: str, mapping: Mapping[str, str] | None, zone: str
) -> FileResult:
    before = _digest(path)
    known = ws.records.read("load", file_hash=before)
    if known and mapping is None:
        rejected = known[0]["rejected"]
        return FileResult(name, known[0]["rows_in"], 0, known[0]["rows_in"] - rejected, rejected, already_loaded=True)
    described = chatlog.load_source(_source_file(ws, source))
    reading = chatlog.read(path, zone=zone, key=ws.key, source=described, mapping=mapping, now=ws.now(), name=name)
    if reading.file_hash != before:
        raise Refusal(N_("The file changed while it was read."), N_("Import it again when it is complete."))
    return _store(ws, actor, reading, name)


def _source_file(ws: Workspace, source: str) -> Path:
    own = ws.home / "policy" / "sources" / f"{source}.toml"
    path = own if own.is_file() else ROOT / "policy" / "sources" / f"{source}.toml"
    if not path.is_file():
        known = sorted(p.stem for p in path.parent.glob("*.toml"))
        raise Refusal(
            N_("The source “{source}” is unknown."), N_("Use one of: {known}."), source=source, known=", ".join(known)
        )
    return path


def _store(ws: Workspace, actor: Actor, reading: chatlog.Reading, name: str) -> FileResult:
    """Work out what changes, then write it down in one act; again if another import came between."""
    while True:
        seen = _live(ws.records.read("part_now"))
        merged = _merge(ws, reading)
        with ws.records.act(actor.user_id, "import", name) as act:
            if _live(act.read("part_now")) == seen:
                load = _load(reading, merged, name, act.at)
                act.append("load", [_load_row(load, act.at, actor)])
                events = [*_events(merged.dropped, False, load, act.at), *_events(merged.added, True, load, act.at)]
                act.append("part_event", events)
                act.detail({"rows_in": load.rows_in, "accepted": load.accepted, "rejected": load.rejected})
                break
    return FileResult(
        name,
        load.rows_in,
        load.accepted,
        load.duplicate,
        load.rejected,
        load.masked,
        merged.conversations,
        rejects_file=_write_rejects(ws, load, [*reading.rejects, *merged.rejects]),
    )


def _live(rows: Sequence[Mapping[str, Any]]) -> frozenset[str]:
    return frozenset(row["name"] for row in rows if row["kind"] in {"messages", "conversations"})


def _load(reading: chatlog.Reading, merged: "Merged", name: str, at: str) -> Load:
    return Load(
        load_id=f"{at}-{reading.file_hash[:12]}",
        file=name,
        file_hash=reading.file_hash,
        source=reading.source,
        rows_in=reading.rows_in,
        accepted=merged.accepted,
        duplicate=merged.duplicate + reading.duplicates,
        rejected=len(reading.rejects) + len(merged.rejects),
        masked=reading.masked,
    )


@dataclass(frozen=True)
class Merged:
    """What a reading changes in the lake: parts that come, parts that go, and what was not new."""

    added: tuple[Part, ...]
    dropped: tuple[Part, ...]
    accepted: int
    duplicate: int
    rejects: tuple[Reject, ...]
    conversations: int


def _merge(ws: Workspace, reading: chatlog.Reading) -> Merged:
    """Compare with what the lake holds of the same conversations; write the days that change."""
    said = reading.conversations
    first, last = _span(ws, reading.messages)
    stored = _by_day(ws, "conversations", first - NEAR, last + NEAR + timedelta(days=1))
    known = stored.join(said.select("conversation_id"), on="conversation_id", how="semi")
    foreign = _foreign(said, known)
    incoming = reading.messages.join(foreign, on="conversation_id", how="anti")
    older = _older(ws, known)
    same, changed, new = _compare(incoming, older)
    rejects = (*_foreign_rejects(reading, foreign), *_changed_rejects(reading, changed))
    touched = pl.concat([new.select("conversation_id").unique(), _richer(said, known)], how="vertical").unique(
        "conversation_id"
    )
    touched = touched.join(foreign, on="conversation_id", how="anti")
    messages = _ordered(older.join(touched, on="conversation_id", how="semi"), new)
    conversations = _summarise(ws, messages, said, known)
    added, dropped = _rewrite(ws, messages, conversations, known.join(touched, on="conversation_id", how="semi"))
    return Merged(added, dropped, new.height, same.height, rejects, conversations.height)


def _span(ws: Workspace, messages: Frame) -> tuple[date, date]:
    days = messages.select(_day(ws, "sent_at").alias("day"))["day"]
    today = ws.today()
    return (days.min() or today, days.max() or today)  # type: ignore[return-value]


def _day(ws: Workspace, column: str) -> pl.Expr:
    return pl.col(column).dt.convert_time_zone(ws.zone).dt.date()


def _by_day(ws: Workspace, kind: str, first: date, end: date) -> Frame:
    """Rows of a kind with the day and name of the part they stand in."""
    parts = ws.parts(kind, first, end)
    frames = [ws.lake.read(kind, [p]).with_columns(day=pl.lit(p.day), part=pl.lit(p.name)) for p in parts]
    empty = CONVERSATIONS if kind == "conversations" else MESSAGES
    return (
        pl.concat(frames)
        if frames
        else empty.to_frame().with_columns(day=pl.lit(None, pl.Date), part=pl.lit(None, pl.String))
    )


def _older(ws: Workspace, known: Frame) -> Frame:
    days = set(known["day"].to_list())
    parts = [p for p in ws.parts("messages") if p.day in days]
    return (
        ws.lake.scan("messages", parts)
        .join(known.lazy().select("conversation_id"), on="conversation_id", how="semi")
        .collect()
    )


def _foreign(said: Frame, known: Frame) -> Frame:
    """Conversations whose id is already taken by another shop."""
    return (
        said.join(known.select("conversation_id", p="platform", s="shop"), on="conversation_id")
        .filter((pl.col("p") != pl.col("platform")) | (pl.col("s") != pl.col("shop")))
        .select("conversation_id")
        .unique()
    )


def _compare(incoming: Frame, older: Frame) -> tuple[Frame, Frame, Frame]:
    """Messages that are there already, that are there with other words, and that are new."""
    key = ["conversation_id", "message_id"]
    pairs = incoming.join(older.select(*key, stored=pl.col("text")), on=key)
    same = pairs.filter(pl.col("text") == pl.col("stored"))
    changed = pairs.filter(pl.col("text") != pl.col("stored"))
    return same, changed, incoming.join(older.select(key), on=key, how="anti")


def _richer(said: Frame, known: Frame) -> Frame:
    """Conversations about which the file says something that the lake does not know yet, such as a rating."""
    pairs = said.join(known.select("conversation_id", *SAID_OF_CONVERSATION), on="conversation_id", suffix="_known")
    news = [pl.col(c).is_not_null() & pl.col(f"{c}_known").is_null() for c in SAID_OF_CONVERSATION]
    return pairs.filter(pl.any_horizontal(news)).select("conversation_id")


def _ordered(older: Frame, new: Frame) -> Frame:
    """All messages of the touched conversations with positions 0, 1, 2 … by time, then by order of arrival."""
    columns = [name for name in MESSAGES if name != "position"]
    both = pl.concat(
        [
            older.sort("conversation_id", "position").select(*columns, customer=pl.lit(None, pl.String)),
            new.sort("conversation_id", "sent_at", "row").select(*columns, "customer"),
        ]
    )
    return both.sort("conversation_id", "sent_at", maintain_order=True).with_columns(
        position=pl.int_range(pl.len(), dtype=pl.Int32).over("conversation_id")
    )


def _summarise(ws: Workspace, messages: Frame, said: Frame, known: Frame) -> Frame:
    """One row per touched conversation. What was known first stays; the file fills what was missing."""
    human = pl.col("speaker") == "agent"
    counted = messages.group_by("conversation_id", maintain_order=True).agg(
        pl.col("platform").first(),
        pl.col("shop").first(),
        pl.col("sent_at").min().alias("started_at"),
        pl.col("sent_at").max().alias("ended_at"),
        pl.col("account").filter(human).drop_nulls().last().alias("account"),
        pl.len().cast(pl.Int32).alias("messages"),
        human.sum().cast(pl.Int32).alias("agent_messages"),
        (pl.col("speaker") == "customer").sum().cast(pl.Int32).alias("customer_messages"),
    )
    told = ["customer", *SAID_OF_CONVERSATION]
    whole = counted.join(said.select("conversation_id", *told), on="conversation_id", how="left").join(
        known.select("conversation_id", *told), on="conversation_id", how="left", suffix="_known"
    )
    return whole.with_columns(*(pl.coalesce(f"{c}_known", c).alias(c) for c in told), day=_day(ws, "ended_at")).select(
        *CONVERSATIONS, "day"
    )


def _rewrite(
    ws: Workspace, messages: Frame, conversations: Frame, moved: Frame
) -> tuple[tuple[Part, ...], tuple[Part, ...]]:
    """Write a part for each day that gets conversations, and again each part that some were taken from."""
    added, dropped = [], []
    gone = moved.select("conversation_id")
    days = set(moved["day"].to_list())
    for part in (p for kind in ("messages", "conversations") for p in ws.parts(kind) if p.day in days):
        rows = ws.lake.read(part.kind, [part])
        keep = rows.join(gone, on="conversation_id", how="anti", maintain_order="left")
        if keep.height == rows.height:
            continue
        dropped.append(part)
        if keep.height:
            added.append(ws.lake.write(part.kind, part.day, keep))
    placed = messages.join(conversations.select("conversation_id", "day"), on="conversation_id", maintain_order="left")
    for (day,), rows in sorted(placed.partition_by("day", as_dict=True).items()):
        added.append(ws.lake.write("messages", day, rows.sort("conversation_id", "position")))
    for (day,), rows in sorted(conversations.partition_by("day", as_dict=True).items()):
        added.append(ws.lake.write("conversations", day, rows.sort("conversation_id")))
    return tuple(added), tuple(dropped)


def _events(parts: Iterable[Part], live: bool, load: Load, at: str) -> list[dict[str, Any]]:
    return [
        {
            "name": p.name,
            "kind": p.kind,
            "day": p.day.isoformat(),
            "rows": p.rows,
            "sha256": p.sha256,
            "live": live,
            "load_id": load.load_id,
            "at": at,
        }
        for p in parts
    ]


def _load_row(load: Load, at: str, actor: Actor) -> dict[str, Any]:
    counts = {c: getattr(load, c) for c in ("rows_in", "accepted", "duplicate", "rejected", "masked")}
    names = {c: getattr(load, c) for c in ("load_id", "file", "file_hash", "source")}
    return {**names, **counts, "at": at, "by": actor.user_id}


def _foreign_rejects(reading: chatlog.Reading, foreign: Frame) -> Iterable[Reject]:
    rows = reading.messages.join(foreign, on="conversation_id", how="semi")
    reason = "the conversation id belongs to another shop in this workspace; give it the shop's name in front"
    return (Reject(reading.file, r["row"], "conversation_id", reason, r["conversation_id"]) for r in rows.to_dicts())


def _changed_rejects(reading: chatlog.Reading, changed: Frame) -> Iterable[Reject]:
    reason = "the message is stored already with other words; the first stays"
    return (Reject(reading.file, r["row"], "text", reason, r["text"][:200]) for r in changed.to_dicts())


def _write_rejects(ws: Workspace, load: Load, rejects: Sequence[Reject]) -> str | None:
    """The rejects as CSV that a sheet opens safely. Values are masked text or ids, cut to 200 characters."""
    if not rejects:
        return None
    path = ws.rejects / f"{load.file_hash[:16]}.csv"
    with path.open("w", newline="", encoding="utf-8-sig") as file:
        writer = csv.writer(file, quoting=csv.QUOTE_ALL)
        writer.writerow(["file", "row", "column", "reason", "value"])
        for r in sorted(rejects, key=lambda r: r.row):
            writer.writerow([_inert(str(v)) for v in (r.file, r.row, r.column, r.reason, r.value)])
    path.chmod(0o600)
    return str(path)


def _inert(value: str) -> str:
    start = value.lstrip("\ufeff \u200b")[:1]
    return "'" + value if start and start in "=+-@\t\r\n\0＝＋－＠" else value


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
