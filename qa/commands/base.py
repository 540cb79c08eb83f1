"""What a command is, and what every command needs."""

import argparse
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from qa.accounts import Accounts
from qa.model import N_, Actor, Refusal
from qa.workspace import OWNER, Workspace

Answer = dict[str, Any]
Asked = argparse.Namespace
Argument = tuple[tuple[str, ...], Mapping[str, Any]]


@dataclass(frozen=True)
class Command:
    """A command: help, arguments for argparse, and what runs. The answer's keys are the JSON keys."""

    help: str
    run: Callable[[Asked], Answer]
    arguments: tuple[Argument, ...] = ()
    commands: Mapping[str, "Command"] | None = None


def add_arguments(parser: argparse.ArgumentParser, command: Command, common: argparse.ArgumentParser) -> None:
    """Add a command's arguments, and those of its inner commands, to a parser. `common` holds what all take."""
    for names, options in command.arguments:
        parser.add_argument(*names, **options)
    if command.commands:
        inner = parser.add_subparsers(dest="inner", required=True, metavar="WHAT")
        for name, each in command.commands.items():
            child = inner.add_parser(name, parents=[common], help=each.help, description=each.help)
            add_arguments(child, each, common)


def open_workspace(asked: Asked) -> Workspace:
    return Workspace.open(asked.home)


def progress(asked: Asked) -> Callable[[float, str], None]:
    def progress(share: float, what: str) -> None:
        asked.say(f"{share:4.0%} {what}")

    return progress


def named(ws: Workspace, login: str) -> Actor:
    """Somebody named at the command line, with the rights their account has."""
    user = next((u for u in Accounts(ws).list_users(OWNER) if u.login == login and not u.disabled), None)
    if user is None:
        raise Refusal(N_("There is no account “{login}”."), N_("“qa user list” shows them."), login=login)
    return Actor(user.user_id, user.name, user.role, user.agent_id, user.teams, user.language)
