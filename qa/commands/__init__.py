"""The commands of `qa`: their words, their options, and which verb each one calls."""

import argparse
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from qa.commands import chats, figures, keeping, people
from qa.commands.base import Answer, Argument, Asked, Command, add_arguments
from qa.model import Role, Speaker

__all__ = ["COMMANDS", "Command", "add_arguments"]


def arg(*names: str, **options: Any) -> Argument:
    return names, options


def _inner(asked: Asked) -> Answer:
    inner = COMMANDS[asked.command].commands
    assert inner is not None
    return inner[asked.inner].run(asked)


def _day(text: str) -> date:
    return date.fromisoformat(text)


def _whole(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("must be 1 or more")
    return number


FROM = arg("--from", dest="first", type=_day, metavar="DAY", help="first day, as 2026-10-01")
TO = arg("--to", dest="last", type=_day, metavar="DAY", help="last day")
DATE = arg("--date", type=_day, metavar="DAY", default=None, help="one day")
PERIOD = arg("--period", metavar="MONTH", default=None, help="one month, as 2026-10")
PORT = arg("--port", type=int, default=8501)

COMMANDS: Mapping[str, Command] = {
    "init": Command(
        "make a workspace",
        keeping.init,
        (
            arg("--tz", default="Asia/Shanghai", help="time zone of the shops"),
            arg("--name", default="", help="name of the house"),
            arg("--records", default=None, metavar="URL", help="a PostgreSQL database for the records"),
        ),
    ),
    "demo": Command(
        "make up a month in a fresh workspace, run everything over it, and open the app",
        keeping.demo,
        (
            arg("--seed", type=int, default=7),
            arg("--agents", type=_whole, default=24),
            arg("--days", type=_whole, default=31),
            arg("--conversations", type=_whole, default=6200),
            arg("--no-serve", action="store_true"),
            PORT,
        ),
    ),
    "import": Command(
        "read exports: files or folders",
        chats.import_,
        (
            arg("paths", nargs="+", type=Path, metavar="PATH"),
            arg("--source", default=None),
            arg("--map", type=Path, default=None, metavar="FILE", help="TOML with [columns]: our name = theirs"),
            arg("--tz", default=None, metavar="ZONE", help="zone of times that name none"),
        ),
    ),
    "roster": Command("read who serves under which account in which team", chats.roster, (arg("file", type=Path),)),
    "check": Command(
        "run the rules over the messages",
        chats.check,
        (FROM, TO, arg("--again", action="store_true", help="also days that did not change")),
    ),
    "findings": Command(
        "list findings",
        chats.findings,
        (
            FROM,
            TO,
            arg("--rule", default=None),
            arg("--limit", type=_whole, default=10_000),
            arg("--format", choices=("json", "csv"), default=None),
        ),
    ),
    "rules": Command(
        "test the rules, or try a sentence",
        _inner,
        commands={
            "test": Command("run every example of every rule", chats.rules_test),
            "try": Command(
                "what the rules find in a sentence",
                chats.rules_try,
                (arg("text"), arg("--speaker", choices=[s.value for s in Speaker], default="agent")),
            ),
        },
    ),
    "metrics": Command(
        "platform metrics with numerator, denominator, line and headroom",
        figures.metrics,
        (
            FROM,
            TO,
            arg("--by", choices=("all", "agent", "team", "shop", "platform"), default="all"),
            arg("--metric", default=None),
        ),
    ),
    "sample": Command(
        "draw conversations for review",
        figures.sample,
        (arg("plan", metavar="PLAN"), DATE, PERIOD, arg("--seed", type=int, default=None)),
    ),
    "score": Command("scores with intervals, KPI points and tiers", figures.score, (arg("period", metavar="PERIOD"),)),
    "bonus": Command(
        "bonus lines with steps", figures.bonus, (arg("period", metavar="PERIOD"), arg("--agent", default=None))
    ),
    "close": Command(
        "freeze a month; takes two people",
        figures.close,
        (
            arg("period", metavar="PERIOD"),
            arg("--by", required=True, metavar="NAME"),
            arg("--second", required=True, metavar="NAME"),
        ),
    ),
    "report": Command(
        "write reports",
        figures.report,
        (
            arg("kind", choices=("daily", "review", "appraisal", "bonus", "payroll", "compliance")),
            DATE,
            PERIOD,
            arg("--out", type=Path, required=True, metavar="DIR"),
            arg("--format", default="html", help="html,pdf,xlsx"),
            arg("--agent", default=None),
        ),
    ),
    "verify": Command("prove that everything adds up", keeping.verify),
    "watch": Command(
        "import exports as they arrive in a folder",
        chats.watch,
        (
            arg("folder", type=Path, metavar="DIR"),
            arg("--every", type=float, default=10.0, help="seconds"),
            arg("--once", action="store_true", help="only what is there now"),
        ),
    ),
    "backup": Command("write the workspace into one file", keeping.backup, (arg("file", type=Path),)),
    "restore": Command("make a workspace of a backup", keeping.restore, (arg("file", type=Path),)),
    "user": Command(
        "accounts for the app",
        _inner,
        commands={
            "add": Command(
                "add an account and print its one-time link",
                people.user_add,
                (
                    arg("login"),
                    arg("--name", default=None),
                    arg("--role", choices=[r.value for r in Role if r is not Role.OWNER], required=True),
                    arg("--agent", default=None, help="agent id, for role agent"),
                    arg("--team", action="append", help="a supervisor's team; * for all"),
                ),
            ),
            "list": Command("list accounts", people.user_list),
            "disable": Command("close an account", people.user_disable, (arg("login"),)),
        },
    ),
    "serve": Command("open the app", keeping.serve, (PORT,)),
}
"""Every command; the README and a test hold this table."""
