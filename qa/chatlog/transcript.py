"""TXT as 旺旺 and QQ write it -> a table: a line with time and name, then the words until the next such line."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from qa.chatlog.columns import Names, Table
from qa.chatlog.source import Column, folded
from qa.chatlog.turns import Turn, talked
from qa.model import N_, Refusal, Speaker

TIME = r"(?P<time>\d{4}[-/.]\d{1,2}[-/.]\d{1,2} {1,2}\d{1,2}:\d{2}(?::\d{2})?)"
NAME = r"(?P<name>[^\s,;|\"(（<][^\t,;|\"(（<]{0,79}?) *(?:[(（<](?P<id>[^\t,;|\"()（）<>]{1,80})[)）>])?"
HEADS = (re.compile(rf"{TIME} {{1,4}}{NAME} *"), re.compile(rf"{NAME} {{1,4}}{TIME} *"))
SUB_ACCOUNT = re.compile(r"(?P<shop>[^:：\s][^:：]*)[:：][^:：]*[^:：\s]")
DELIMITED = re.compile(r"[,;\t|]")
LONGEST = 250
"""Characters of a line with time and name."""
LINES_ABOVE = 10
"""Lines above the first message that may hold a title."""


@dataclass(frozen=True)
class Who:
    name: str
    id: str

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(filter(None, (self.id, self.name)))


def is_transcript(text: bytes) -> bool:
    """True where one of the first lines tells time and name, and none above it is a row of a table."""
    return _head(text[:8192].decode("utf-8", "ignore").splitlines()) is not None


def _head(lines: list[str]) -> re.Pattern[str] | None:
    filled = [line for line in lines if line.strip()]
    for line in filled[: LINES_ABOVE + 1]:
        head = next((head for head in HEADS if _match(head, line)), None)
        if head or DELIMITED.search(line):
            return head
    return None


def _match(head: re.Pattern[str], line: str) -> re.Match[str] | None:
    return head.fullmatch(line) if len(line) <= LONGEST else None


def read_transcript(text: bytes, names: Names) -> Table:
    """Read text in UTF-8: a talk of one customer with one shop. A row's line is that of its time and name.

    An agent has a name or id of the form 店铺:子账号, or is the one that the mapping names as `agent`, with the shop
    as `shop`. Raises Refusal where no agent, no shop, or more than one customer or shop is found.
    """
    lines = text.decode("utf-8").splitlines()
    head = _head(lines) or HEADS[0]
    said = list(_cut(lines, head))
    everyone = list(dict.fromkeys(who for _, _, who, _ in said))
    accounts = {who: account for who in everyone if (account := _account(who, names))}
    shop = _shop(list(accounts.values()), names)
    speakers = {who: _speaker(who, accounts, shop, names) for who in everyone}
    customers = [who for who in everyone if speakers[who] == Speaker.CUSTOMER]
    if len({who.id or who.name for who in customers}) > 1:
        raise Refusal(
            N_("More than one customer, or an agent that is not known, speaks in the text: {count} names."),
            N_("Export one customer at a time, or say in the mapping who the agent is: agent and shop."),
            place=names.place,
            count=len(customers),
        )
    customer = (customers[0].id or customers[0].name) if customers else ""
    turns = [
        Turn(line, time, speakers[who], accounts.get(who, "" if speakers[who] == Speaker.CUSTOMER else who.name), words)
        for line, time, who, words in said
    ]
    return talked(turns, shop, customer, names)


def _cut(lines: list[str], head: re.Pattern[str]) -> Iterator[tuple[int, str, Who, str]]:
    """Line, time, name and words of each message."""
    found = [(index, match) for index, line in enumerate(lines) if (match := _match(head, line))]
    ends = [index for index, _ in found[1:]] + [len(lines)]
    for (index, match), end in zip(found, ends, strict=True):
        time = re.sub(" +", " ", match["time"])
        yield index + 1, time, Who(match["name"].strip(), match["id"] or ""), "\n".join(lines[index + 1 : end]).strip()


def _account(who: Who, names: Names) -> str:
    told = names.mapping.get(Column.AGENT)
    return next((name for name in who.names if name == told or SUB_ACCOUNT.fullmatch(name)), "")


def _shop(accounts: list[str], names: Names) -> str:
    told = names.mapping.get(Column.SHOP)
    shops = {match["shop"] for account in accounts if (match := SUB_ACCOUNT.fullmatch(account))}
    if not accounts or not (told or shops):
        raise Refusal(
            N_("The text does not say who the agent is: no name has the form 店铺:子账号."),
            N_("Say it in the mapping: agent is the agent's name as the text has it, shop is the shop."),
            place=names.place,
        )
    if len(shops) > 1 and not told:
        raise Refusal(N_("More than one shop speaks in the text."), N_("Export one shop at a time."), place=names.place)
    return told or shops.pop()


def _speaker(who: Who, accounts: dict[Who, str], shop: str, names: Names) -> Speaker:
    source = names.source
    if who in accounts or shop in who.names or folded(who.name) in map(folded, source.bots):
        return Speaker.AGENT
    kinds = (Speaker.BOT, Speaker.SYSTEM)
    return next((k for k in kinds if folded(who.name) in map(folded, source.speakers.get(k, ()))), Speaker.CUSTOMER)
