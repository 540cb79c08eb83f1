"""The `qa` command. With --json one JSON object goes to standard output and nothing else; words go to standard error."""

import argparse
import csv
import dataclasses
import json
import os
import sys
import traceback
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from qa.commands import COMMANDS, add_arguments
from qa.language import translator
from qa.model import N_, Refusal, Text

__all__ = ["main"]


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command: 0 done, 1 refused with a reason, 2 wrong usage."""
    parser = _parser()
    asked = parser.parse_args(argv)
    asked.home = Path(getattr(asked, "home", None) or os.environ.get("QA_HOME") or "./workspace")
    asked.json = getattr(asked, "json", False)
    asked.lang = getattr(asked, "lang", None) or os.environ.get("LANG", "en")
    asked.say = _say
    words = translator("zh" if asked.lang.startswith("zh") else "en")
    try:
        answer = COMMANDS[asked.command].run(asked)
        _answer(asked, answer)
        return int(answer["_then"]() if "_then" in answer else answer.get("_exit", 0))
    except Refusal as refusal:
        _say(refusal.sentence(words.gettext))
    except KeyboardInterrupt:
        _say(words.gettext(N_("Stopped.")))
    except Exception:
        _say(_unexpected(asked.home))
    return 1


def _parser() -> argparse.ArgumentParser:
    common = argparse.ArgumentParser(add_help=False, argument_default=argparse.SUPPRESS)
    common.add_argument("--home", help="the workspace folder (default: QA_HOME or ./workspace)")
    common.add_argument("--json", action="store_true", help="print one JSON object and nothing else")
    common.add_argument("--lang", help="zh or en")
    parser = argparse.ArgumentParser(
        "qa", parents=[common], description="Chat quality assurance and performance review."
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, command in COMMANDS.items():
        child = commands.add_parser(name, parents=[common], help=command.help, description=command.help)
        add_arguments(child, command, common)
    return parser


def _say(words: str) -> None:
    print(words, file=sys.stderr, flush=True)  # noqa: T201 - this is where the program speaks


def _answer(asked: argparse.Namespace, answer: Mapping[str, Any]) -> None:
    shown = {k: v for k, v in answer.items() if not k.startswith("_")}
    if asked.json:
        print(json.dumps(shown, ensure_ascii=False, default=_plain))  # noqa: T201
    elif getattr(asked, "format", None) == "csv":
        rows = shown["rows"]
        writer = csv.DictWriter(sys.stdout, list(rows[0]) if rows else [])
        writer.writeheader()
        writer.writerows({k: _inert(v) for k, v in row.items()} for row in rows)
    else:
        _print(shown)


def _print(answer: Mapping[str, Any]) -> None:
    for key, value in answer.items():
        if isinstance(value, list):
            print(f"{key}: {len(value)}")  # noqa: T201
            for row in value:
                print("  " + (_line(row) if isinstance(row, dict) else str(row)))  # noqa: T201
        elif isinstance(value, dict):
            print(f"{key}:")  # noqa: T201
            for name, inner in value.items():
                print(f"  {name}: {inner}")  # noqa: T201
        else:
            print(f"{key}: {value}")  # noqa: T201


def _line(row: Mapping[str, Any]) -> str:
    return " · ".join(f"{k} {_short(v)}" for k, v in row.items() if v not in (None, "", [], {}))


def _short(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.4g}"
    return f"{len(value)}" if isinstance(value, list) else str(value)


def _inert(value: Any) -> Any:
    return "'" + value if isinstance(value, str) and value[:1] in "=+-@\t\r\n＝＋－＠" and value else value


def _plain(value: Any) -> Any:
    if isinstance(value, Text):
        return {"zh": value.zh, "en": value.en}
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return dataclasses.asdict(value)
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Decimal | Path):
        return str(value)
    return list(value)


def _unexpected(home: Path) -> str:
    """Keep what happened where the owner can send it from, and say so without showing it."""
    number = datetime.now(UTC).strftime("%Y%m%dT%H%M%S")
    folder = home if home.is_dir() else Path.cwd()
    log = folder / "errors.log"
    try:
        with log.open("a", encoding="utf-8") as file:
            file.write(f"{number}\n{traceback.format_exc()}\n")
        log.chmod(0o600)
    except OSError:
        return f"Something unexpected happened ({number}), and it could not be written down. Look at disk and rights."
    return f"Something unexpected happened ({number}). It is written in {log}; please send it to whoever helps you."


if __name__ == "__main__":
    sys.exit(main())
