"""A made-up shop group with a month of chats, and the truth about it, for the demo and the tests."""

import random
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from qa.demo.lines import load_lines
from qa.demo.month import contacts
from qa.demo.people import cast_agents, roster_rows, shops
from qa.demo.truth import Truth, made_up_levels, made_up_verdict, read_truth, write_truth
from qa.demo.write import write_exports, write_roster
from qa.model import N_, Refusal

__all__ = ["Demo", "Truth", "made_up_levels", "made_up_verdict", "make", "read_truth"]

FEWEST_AGENTS, MOST_AGENTS = 6, 1000


@dataclass(frozen=True)
class Demo:
    """The files of a made-up month and how much is in them."""

    exports: tuple[Path, ...]
    roster: Path
    truth: Path
    agents: int
    conversations: int
    messages: int
    faults: int
    decoys: int


def make(
    folder: Path,
    *,
    seed: int = 7,
    agents: int = 24,
    days: int = 31,
    conversations: int = 6200,
    first: date = date(2026, 10, 1),
) -> Demo:
    """Make up a month of three shops below `folder`: exports/, the roster and the truth.

    The same arguments give the same bytes in every file. Days and times are those of Asia/Shanghai. A number that
    makes no month is refused.
    """
    _refuse_if_outside("agents", agents, FEWEST_AGENTS, MOST_AGENTS)
    _refuse_if_outside("days", days, 1, 366)
    _refuse_if_outside("conversations", conversations, 1, 1_000_000)
    lines = load_lines()
    people = cast_agents(random.Random(f"{seed}/people"), lines, agents, first, days)
    month = list(contacts(seed, lines, people, first, days, conversations))
    exports = write_exports(folder / "exports", month, first, days)
    roster, truth = folder / "made-up-roster.csv", folder / "made-up-truth.json"
    write_roster(roster, roster_rows(people, shops(lines)))
    faults, decoys = write_truth(truth, seed, people, month)
    messages = sum(len(contact.lines) for contact in month)
    return Demo(exports, roster, truth, agents, conversations, messages, faults, decoys)


def _refuse_if_outside(name: str, value: int, least: int, most: int) -> None:
    if not least <= value <= most:
        raise Refusal(
            N_("{value} is too few or too many for “{name}”."),
            N_("Give a number from {least} to {most}."),
            value=value,
            name=name,
            least=least,
            most=most,
        )
