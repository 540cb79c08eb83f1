"""The roster: who served under which account, in which team, from when to when."""

import csv
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any

from qa.access import Action, require
from qa.model import CONVERSATIONS, N_, Actor, Refusal
from qa.scoring import query
from qa.workspace import Workspace

COLUMNS = ("agent_id", "name", "team", "platform", "shop", "account", "valid_from", "valid_to")
ALWAYS = "2000-01-01"


def import_roster(ws: Workspace, actor: Actor, path: Path) -> int:
    """Read a roster CSV (UTF-8; columns as COLUMNS; valid_to empty = still valid, else the first day after).

    Returns how many agents it names. An account that adopted itself at an import is ended where the roster
    names it. A row that cannot be read refuses the whole file.
    """
    require(actor, Action.ROSTER_IMPORT)
    rows = _rows(path)
    given = {(r["platform"], r["shop"], r["account"]) for r in rows}
    with ws.records.act(actor.user_id, "roster.import", path.name) as act:
        stamp = {"at": act.at, "by": actor.user_id}
        ended = [
            r for r in act.read("account_now", valid_from=ALWAYS) if (r["platform"], r["shop"], r["account"]) in given
        ]
        act.append("agent", [{**pair, **stamp} for pair in _unique(rows, ("agent_id", "name"))])
        act.append("agent_account", [_account(r, ALWAYS, ALWAYS) | stamp for r in ended])
        act.append("agent_account", [_account(r, r["valid_from"], r["valid_to"]) | stamp for r in rows])
        teams = [r for r in _unique(rows, ("agent_id", "team", "valid_from", "valid_to")) if r["team"]]
        act.append("membership", [{**r, **stamp} for r in teams])
        agents = {r["agent_id"] for r in rows}
        act.detail({"agents": len(agents), "accounts": len(given)})
    return len(agents)


def adopt(ws: Workspace, actor: Actor) -> tuple[str, ...]:
    """Make an agent of each account that nobody has claimed, so that its work is seen; returns their names.

    One account is one agent until a roster says otherwise: accounts are never joined by name.
    """
    files = ws.lake.files(ws.parts("conversations"))
    strangers = query.run(
        "strangers",
        files={"conversations": (files, CONVERSATIONS)},
        tables={"account_now": ws.records.arrow("account_now")},
    ).to_dicts()
    if not strangers:
        return ()
    with ws.records.act(actor.user_id, "roster.adopt") as act:
        taken = {r["agent_id"] for r in act.read("agent_now")}
        stamp = {"at": act.at, "by": actor.user_id}
        for row in strangers:
            row["agent_id"] = row["account"] if row["account"] not in taken else f"{row['shop']}/{row['account']}"
            taken.add(row["agent_id"])
        act.append("agent", [{"agent_id": r["agent_id"], "name": r["account"], **stamp} for r in strangers])
        act.append("agent_account", [_account(r, ALWAYS, None) | stamp for r in strangers])
        act.detail({"accounts": [r["account"] for r in strangers][:50]})
    return tuple(r["account"] for r in strangers)


def _rows(path: Path) -> list[dict[str, Any]]:
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            rows = list(csv.DictReader(file))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise Refusal(
            N_("The roster cannot be read: {error}."), N_("Save it as CSV in UTF-8."), place=path.name, error=error
        ) from None
    missing = [c for c in COLUMNS if not rows or c not in rows[0]]
    if missing:
        raise Refusal(
            N_("The roster lacks the columns {missing}."),
            N_("Give it these columns: {columns}."),
            place=path.name,
            missing=", ".join(missing),
            columns=", ".join(COLUMNS),
        )
    return [_checked(row, f"{path.name}, line {line}") for line, row in enumerate(rows, start=2)]


def _checked(row: dict[str, Any], place: str) -> dict[str, Any]:
    clean = {name: (row[name] or "").strip() for name in COLUMNS}
    empty = [name for name in COLUMNS if not clean[name] and name not in {"team", "valid_to"}]
    if empty:
        raise Refusal(N_("“{column}” is empty."), N_("Fill it in."), place=place, column=empty[0])
    for name in ("valid_from", "valid_to"):
        try:
            clean[name] = date.fromisoformat(clean[name]).isoformat() if clean[name] else None
        except ValueError:
            raise Refusal(
                N_("“{value}” is not a day."), N_("Write it as 2026-10-01."), place=place, value=clean[name]
            ) from None
    if clean["valid_to"] and clean["valid_to"] <= clean["valid_from"]:
        raise Refusal(N_("The last day comes before the first."), N_("valid_to is the first day after."), place=place)
    return clean


def _account(row: dict[str, Any], first: str, end: str | None) -> dict[str, Any]:
    names = {c: row[c] for c in ("platform", "shop", "account", "agent_id")}
    return {**names, "valid_from": first, "valid_to": end}


def _unique(rows: Iterable[dict[str, Any]], columns: tuple[str, ...]) -> list[dict[str, Any]]:
    return [
        dict(zip(columns, values, strict=True)) for values in dict.fromkeys(tuple(r[c] for c in columns) for r in rows)
    ]
