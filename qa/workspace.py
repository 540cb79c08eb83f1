"""A workspace: one folder with its lake, records, policy and key. Everything a verb needs in one hand."""

import secrets
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import cached_property
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from qa import ROOT, bonus, policy
from qa.lake import Lake
from qa.model import N_, Actor, Part, Policy, Refusal, Role
from qa.records import Records
from qa.sampling import allocate
from qa.scoring import appraisal, check, scorecard

OWNER = Actor("owner", "owner", Role.OWNER, teams=frozenset({"*"}))
"""Who the command line acts as: the person this machine's workspace belongs to."""


def utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class Workspace:
    home: Path
    records: Records
    lake: Lake
    now: Callable[[], datetime] = field(default=utc_now)

    @classmethod
    def create(
        cls,
        home: Path,
        *,
        zone: str = "Asia/Shanghai",
        house: str = "",
        made_up: bool = False,
        key: bytes | None = None,
        now: Callable[[], datetime] = utc_now,
        records: str | None = None,
    ) -> "Workspace":
        """Make an empty workspace. A folder that holds one already, or anything else, is refused.

        `records` is the address of an empty PostgreSQL database for the records; without it they are a file in the folder.

        `key` and `now` are for made-up workspaces, which must come out the same again.
        """
        if home.exists() and any(home.iterdir()):
            raise Refusal(
                N_("The folder is not empty."),
                N_("Name a new folder with --home, or use the workspace that is there."),
                place=str(home),
            )
        _zone(zone)
        home.mkdir(parents=True, exist_ok=True, mode=0o700)
        for name in ("lake", "rejects", "reports"):
            (home / name).mkdir(mode=0o700)
        shutil.copytree(ROOT / "policy", home / "policy")
        if records is not None:
            address = home / "records.url"
            address.touch(mode=0o600)
            address.write_text(records, encoding="utf-8")
        secret = home / "key"
        secret.touch(mode=0o600)
        secret.write_bytes(key or secrets.token_bytes(32))
        workspace = cls._open(home, now)
        with workspace.records.act(OWNER.user_id, "workspace.create", str(home.name)) as act:
            values = {"zone": zone, "house": house, "made_up": "yes" if made_up else "no"}
            act.append(
                "setting", [{"name": n, "value": v, "by": OWNER.user_id, "at": act.at} for n, v in values.items()]
            )
        return workspace

    @classmethod
    def open(cls, home: Path) -> "Workspace":
        """Open a workspace that is there. A file `records.url` in it names another database for the records."""
        if not (home / "key").is_file():
            raise Refusal(
                N_("There is no workspace here."),
                N_("Make one with “qa init”, or “qa demo” for a made-up month, or name another with --home."),
                place=str(home),
            )
        return cls._open(home, utc_now)

    @classmethod
    def _open(cls, home: Path, now: Callable[[], datetime]) -> "Workspace":
        home = home.resolve()
        own = home / "records.url"
        url = own.read_text(encoding="utf-8").strip() if own.is_file() else f"sqlite:///{home / 'records.db'}"
        return cls(home, Records.open(url, now), Lake(home / "lake"), now)

    @cached_property
    def settings(self) -> dict[str, str]:
        return {row["name"]: row["value"] for row in self.records.read("setting_now")}

    @property
    def zone(self) -> str:
        return self.settings["zone"]

    @property
    def zoneinfo(self) -> ZoneInfo:
        return _zone(self.zone)

    @property
    def house(self) -> str:
        return self.settings.get("house", "")

    @property
    def made_up(self) -> bool:
        return self.settings.get("made_up") == "yes"

    @cached_property
    def key(self) -> bytes:
        """The secret behind the tokens of masked values. Without it a restored copy makes other tokens."""
        return (self.home / "key").read_bytes()

    @cached_property
    def policy(self) -> Policy:
        """The policy folder, read and proved to make sense: weights add up, bands ascend, plans can be drawn."""
        found = policy.load(self.home / "policy")
        check.verify(found.rules)
        for card in found.scorecards:
            scorecard.validate(card)
        for plan in found.plans:
            allocate.validate(plan)
        for scheme in found.schemes:
            appraisal.validate(scheme)
            bonus.validate(scheme)
        return found

    @property
    def reports(self) -> Path:
        return self.home / "reports"

    @property
    def rejects(self) -> Path:
        return self.home / "rejects"

    def today(self) -> date:
        return self.now().astimezone(self.zoneinfo).date()

    def parts(self, kind: str, first: date | None = None, end: date | None = None) -> list[Part]:
        """The live parts of a kind with first <= day < end, by day and name."""
        rows = self.records.read("part_now", kind=kind, order="name")
        parts = [Part(r["name"], r["kind"], date.fromisoformat(r["day"]), r["rows"], r["sha256"]) for r in rows]
        return [p for p in parts if (first is None or p.day >= first) and (end is None or p.day < end)]


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        raise Refusal(N_("“{zone}” is not a time zone."), N_("Write it as Asia/Shanghai."), zone=name) from None
