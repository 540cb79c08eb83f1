"""Which conversations are drawn: a seed and a name decide, nothing else.

Each conversation gets a number from a digest of the seed and its id (a permanent random number); the
smallest numbers of each stratum are drawn. So a draw does not depend on the order of rows, on the other
conversations or on the version of any library, and anyone can check it with a digest program.
"""

import hashlib
import json
from collections.abc import Sequence

import polars as pl

from qa.model import N_, Member, Plan, Refusal
from qa.sampling.allocate import allocate

FRAME = ("conversation_id", "agent_id", "stratum")


def key(seed: int, *names: str) -> int:
    """A number from 0 to 2**64 - 1 that is even for chance: the first 8 bytes of sha256("seed<US>name…")."""
    text = "\x1f".join((str(seed), *names))
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")


def draw(frame: pl.DataFrame, plan: Plan, seed: int) -> tuple[Member, ...]:
    """Draw by simple chance within each stratum of each agent, as many as `allocate` says.

    frame: one row per conversation that may be drawn, with conversation_id, agent_id, stratum (texts).
    Returns members by agent, stratum and conversation; `probability` is drawn / size of the stratum, so
    that over the drawn ones 1 / probability adds up to the size. An empty frame gives an empty draw.
    Refuses a missing column or value, and a conversation that stands twice in the frame.
    """
    ids, agents, strata = _columns(frame)
    groups: dict[tuple[str, str], list[tuple[int, str]]] = {}
    for conversation, agent, stratum in zip(ids, agents, strata, strict=True):
        groups.setdefault((agent, stratum), []).append((key(seed, conversation), conversation))
    sizes: dict[tuple[str, ...], int] = {group: len(rows) for group, rows in groups.items()}
    quotas = allocate(sizes, plan)
    members: list[Member] = []
    for (agent, stratum), rows in sorted(groups.items()):
        size, n = len(rows), quotas[agent, stratum]
        drawn = sorted(conversation for _, conversation in sorted(rows)[:n])
        members += [Member(conversation, agent, stratum, n / size, size, n) for conversation in drawn]
    return tuple(members)


def frame_hash(frame: pl.DataFrame) -> str:
    """sha256 over the sorted rows [conversation_id, agent_id, stratum], each as one line of JSON."""
    rows = sorted(zip(*_columns(frame), strict=True))
    digest = hashlib.sha256()
    for row in rows:
        digest.update(json.dumps(row, ensure_ascii=False).encode() + b"\n")
    return digest.hexdigest()


def _columns(frame: pl.DataFrame) -> tuple[Sequence[str], Sequence[str], Sequence[str]]:
    absent = [name for name in FRAME if name not in frame.columns or frame[name].null_count()]
    if absent:
        raise Refusal(
            N_("The list of conversations to draw from lacks {columns}."),
            N_("Every conversation needs its id, its agent and its stratum."),
            columns=", ".join(absent),
        )
    ids, agents, strata = (frame[name].cast(pl.String).to_list() for name in FRAME)
    if len(set(ids)) < len(ids):
        twice = frame.filter(frame["conversation_id"].is_duplicated())["conversation_id"].cast(pl.String).min()
        raise Refusal(
            N_("The conversation “{conversation}” stands twice in the list to draw from."),
            N_("Give each conversation one agent: the last one who served it."),
            conversation=twice,
        )
    return ids, agents, strata
