"""How many conversations each stratum gives, agent by agent, in whole numbers that add up."""

from collections.abc import Mapping
from fractions import Fraction

from qa.model import N_, Plan, Refusal

Stratum = tuple[str, ...]
"""The agent first, then whatever else the plan divides by (a shop, a platform)."""

STREAMS = ("measuring", "finding")
ALLOCATIONS = ("equal", "proportional")


def allocate(counts: Mapping[Stratum, int], plan: Plan) -> dict[Stratum, int]:
    """Divide `plan.per_agent` among the strata of each agent.

    counts: how many conversations each stratum holds. Returns the same keys with how many to draw,
    never more than the stratum holds. An agent's numbers add up to `per_agent`, except that
    - an agent with fewer conversations than that gives all of them;
    - what the plan promises to each stratum comes first: a stratum of up to `take_all_up_to` is taken
      whole, any other gives `minimum`, and in the measuring stream at least 1, because of a stratum that
      nobody can be drawn from nothing can be said. Where the promises need more, the agent gives more.

    The rest is shared equally or by size, in fractions filled up within these bounds, and then rounded by
    largest remainder (ties: the larger stratum, then the key). Refuses a plan that `validate` refuses.
    """
    validate(plan)
    agents: dict[str, dict[Stratum, int]] = {}
    for stratum, size in counts.items():
        agents.setdefault(stratum[0], {})[stratum] = size
    return {stratum: n for agent in sorted(agents) for stratum, n in _of_one_agent(agents[agent], plan).items()}


def validate(plan: Plan) -> None:
    """Refuse a plan that cannot be drawn by: unknown words, numbers out of their range."""
    _known(plan, "stream", plan.stream, STREAMS)
    _known(plan, "allocation", plan.allocation, ALLOCATIONS)
    for key, value, low, high in (
        ("per_agent", plan.per_agent, 1, None),
        ("minimum", plan.minimum, 0, plan.per_agent),
        ("take_all_up_to", plan.take_all_up_to, 0, None),
        ("overlap", plan.overlap, 0, 1),
    ):
        if value < low or (high is not None and value > high):
            raise Refusal(
                N_("“{key}” is {value}, but it must be {range}."),
                N_("Mend the value of this key."),
                place=_place(plan),
                key=key,
                value=value,
                range=f">= {low}" if high is None else f"{low} … {high}",
            )
    if not 0 < plan.confidence < 1:
        raise Refusal(
            N_("The confidence is {value}, but it must lie between 0 and 1."),
            N_("Write 0.95 for an interval that holds the true value 95 times in 100."),
            place=_place(plan),
            value=plan.confidence,
        )


def _known(plan: Plan, key: str, value: str, known: tuple[str, ...]) -> None:
    if value not in known:
        raise Refusal(
            N_("“{key}” is “{value}”, which is unknown."),
            N_("Use one of: {known}."),
            place=_place(plan),
            key=key,
            value=value,
            known=", ".join(known),
        )


def _place(plan: Plan) -> str:
    return f"sampling [{plan.id}]"


def _of_one_agent(sizes: Mapping[Stratum, int], plan: Plan) -> dict[Stratum, int]:
    least = max(plan.minimum, 1) if plan.stream == "measuring" else plan.minimum
    floors = {s: size if size <= plan.take_all_up_to else min(size, least) for s, size in sizes.items()}
    total = min(sum(sizes.values()), max(plan.per_agent, sum(floors.values())))
    weights = {s: 1 if plan.allocation == "equal" else size for s, size in sizes.items()}
    return _rounded(_filled(total, weights, floors, sizes), total, sizes)


def _filled(
    total: int, weights: Mapping[Stratum, int], floors: Mapping[Stratum, int], sizes: Mapping[Stratum, int]
) -> dict[Stratum, Fraction]:
    """Shares of the total by weight, none below its floor or above its size.

    Strata that hit the bound which is hit by more in sum are fixed there, the rest is shared again.
    """
    fixed: dict[Stratum, Fraction] = {}
    free = {s for s, size in sizes.items() if size}
    while free:
        rest = total - sum(fixed.values())
        weight = sum(weights[s] for s in free)
        shares = {s: Fraction(rest) * weights[s] / weight for s in free}
        bounded = {s: min(max(share, Fraction(floors[s])), Fraction(sizes[s])) for s, share in shares.items()}
        excess = sum(bounded.values()) - rest
        done = {s for s in free if excess == 0 or (bounded[s] - shares[s]) * excess > 0}
        fixed |= {s: bounded[s] for s in done}
        free -= done
    return fixed | {s: Fraction(0) for s, size in sizes.items() if not size}


def _rounded(shares: Mapping[Stratum, Fraction], total: int, sizes: Mapping[Stratum, int]) -> dict[Stratum, int]:
    whole = {s: int(share) for s, share in shares.items()}
    by_remainder = sorted(shares, key=lambda s: (whole[s] - shares[s], -sizes[s], s))
    more = set(by_remainder[: total - sum(whole.values())])
    return {s: whole[s] + (s in more) for s in sorted(shares)}
