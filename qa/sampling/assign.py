"""Who reads which conversation: by chance, evenly, some twice by different people, never against a conflict.

Chance matters more than any later adjustment: where each agent is read by several people, a strict reader
harms nobody in particular. Loads are evened out along paths: a conversation moves from the fullest reader to
another, whose own conversation moves on, until no path makes the loads more even (Harvey, Ladner, Lovász and
Tamir 2006, Semi-matchings for bipartite graphs and load balancing, J. Algorithms 59:53).
"""

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from math import ceil

from qa.model import N_, Assignment, Member, Plan, Refusal
from qa.sampling.draw import key

Conflicts = Callable[[str, Member], bool]
Readers = dict[str, set[str]]
"""Conversation id -> who reads it."""


def assign(
    members: Sequence[Member], reviewers: Sequence[str], plan: Plan, seed: int, conflicts: Conflicts
) -> tuple[Assignment, ...]:
    """Give each conversation a reader, and a share of `plan.overlap` (rounded up) a second, blind one.

    conflicts(reviewer, member) is true where that person must not read that conversation. Loads differ by
    at most 1 wherever the conflicts allow it. Where fewer conversations than the share have two possible
    readers, those are read twice and no others: a team with one supervisor still gets its sample.
    Round 1 and 2 of a conversation are in random order. Order of members and reviewers does not matter.
    Refuses an empty list of reviewers and a conversation that nobody may read.
    """
    drawn = {m.conversation_id: m for m in members}
    possible = {c: _possible(m, reviewers, conflicts) for c, m in sorted(drawn.items())}
    twice = _twice(possible, plan, seed)
    readers = _dealt(drawn, possible, twice, seed)
    _even_out(readers, possible, sorted(set(reviewers)))
    return tuple(
        Assignment(conversation, reviewer, place)
        for conversation in sorted(readers)
        for place, reviewer in enumerate(
            sorted(readers[conversation], key=lambda r: key(seed, "round", conversation, r)), start=1
        )
    )


def _possible(member: Member, reviewers: Sequence[str], conflicts: Conflicts) -> tuple[str, ...]:
    possible = tuple(r for r in sorted(set(reviewers)) if not conflicts(r, member))
    if not possible:
        raise Refusal(
            N_("Nobody may review the conversation “{conversation}” of {agent}."),
            N_("Add a reviewer who neither served it nor is barred from that team."),
            conversation=member.conversation_id,
            agent=member.agent_id,
        )
    return possible


def _twice(possible: Mapping[str, tuple[str, ...]], plan: Plan, seed: int) -> set[str]:
    wanted = ceil(Fraction(plan.overlap) * len(possible))
    able = [c for c, people in possible.items() if len(people) > 1]
    return set(sorted(able, key=lambda c: (key(seed, "overlap", c), c))[:wanted])


def _dealt(drawn: Mapping[str, Member], possible: Mapping[str, tuple[str, ...]], twice: set[str], seed: int) -> Readers:
    """Deal in random order to the least loaded; among equals to who has least of that agent, then by chance."""
    load: dict[str, int] = {}
    seen: dict[tuple[str, str], int] = {}
    readers: Readers = {c: set() for c in drawn}
    deals = [(key(seed, "deal", c, str(copy)), c) for c in drawn for copy in range(1 + (c in twice))]
    for _, c in sorted(deals):
        agent = drawn[c].agent_id
        chosen = min(
            (r for r in possible[c] if r not in readers[c]),
            key=lambda r: (load.get(r, 0), seen.get((r, agent), 0), key(seed, "reader", c, r), r),
        )
        readers[c].add(chosen)
        load[chosen] = load.get(chosen, 0) + 1
        seen[chosen, agent] = seen.get((chosen, agent), 0) + 1
    return readers


def _even_out(readers: Readers, possible: Mapping[str, tuple[str, ...]], reviewers: Sequence[str]) -> None:
    while path := _path(readers, possible, reviewers):
        for conversation, giver, taker in path:
            readers[conversation].remove(giver)
            readers[conversation].add(taker)


def _path(
    readers: Readers, possible: Mapping[str, tuple[str, ...]], reviewers: Sequence[str]
) -> list[tuple[str, str, str]]:
    """Moves (conversation, giver, taker) from a reader to one with at least two fewer; empty: none is left."""
    holds: dict[str, list[str]] = {r: [] for r in reviewers}
    for conversation, people in readers.items():
        for reviewer in people:
            holds[reviewer].append(conversation)
    load = {r: len(held) for r, held in holds.items()}
    full = sorted((r for r in reviewers if load[r] >= min(load.values()) + 2), key=lambda r: (-load[r], r))
    moves = {r: _takers(held, readers, possible) for r, held in holds.items()} if full else {}
    for start in full:
        came: dict[str, tuple[str, str]] = {}
        queue = [start]
        for giver in queue:
            for taker, conversation in moves[giver].items():
                if taker == start or taker in came:
                    continue
                came[taker] = (conversation, giver)
                if load[taker] <= load[start] - 2:
                    return _traced(came, taker, start)
                queue.append(taker)
    return []


def _takers(held: Sequence[str], readers: Readers, possible: Mapping[str, tuple[str, ...]]) -> dict[str, str]:
    """Who could take over one of the held conversations, with the first such conversation."""
    takers: dict[str, str] = {}
    for conversation in held:
        for taker in possible[conversation]:
            if taker not in readers[conversation]:
                takers.setdefault(taker, conversation)
    return takers


def _traced(came: Mapping[str, tuple[str, str]], last: str, start: str) -> list[tuple[str, str, str]]:
    moves = []
    while last != start:
        conversation, giver = came[last]
        moves.append((conversation, giver, last))
        last = giver
    return moves
