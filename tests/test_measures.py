"""Sums of facts by agent, team, shop and platform, with the accounts and teams of the day."""

from datetime import date
from typing import Any

import polars as pl
import pytest

from qa.model import FACTS, MEASURES
from qa.scoring import query

ACCOUNTS = pl.Schema(dict.fromkeys(("platform", "shop", "account", "agent_id", "valid_from", "valid_to"), pl.String()))
TEAMS = pl.Schema(dict.fromkeys(("agent_id", "team", "valid_from", "valid_to"), pl.String()))


def fact(day: int, platform: str, account: str | None, **sums: int) -> dict[str, Any]:
    row: dict[str, Any] = {"day": date(2026, 10, day), "platform": platform, "shop": "s", "account": account}
    return {**row, **dict.fromkeys(MEASURES, 0), "conversations": 1, "ended": 1, **sums}


def held(platform: str, account: str, agent: str, first: str, end: str | None = None) -> dict[str, Any]:
    return {
        "platform": platform,
        "shop": "s",
        "account": account,
        "agent_id": agent,
        "valid_from": first,
        "valid_to": end,
    }


def measures(by: str, *rows: dict[str, Any]) -> dict[str | None, dict[str, Any]]:
    accounts = [
        held("jd", "a", "A1", "2026-01-01"),
        held("kuaishou", "a", "A1", "2026-01-01"),
        held("jd", "b", "A2", "2026-01-01", "2026-10-10"),
        held("jd", "b", "A3", "2026-10-10"),
    ]
    teams = [
        {"agent_id": "A1", "team": "一组", "valid_from": "2026-01-01", "valid_to": "2026-10-15"},
        {"agent_id": "A1", "team": "二组", "valid_from": "2026-10-15", "valid_to": None},
    ]
    found = query.run(
        "measures",
        params={"first": date(2026, 10, 1), "end": date(2026, 11, 1), "by": by, "by_day": False},
        tables={
            "facts": pl.DataFrame(list(rows), schema=FACTS),
            "account_now": pl.DataFrame(accounts, schema=ACCOUNTS),
            "membership_now": pl.DataFrame(teams, schema=TEAMS),
        },
    )
    return {r["grouped"]: r for r in found.to_dicts()}


def test_an_account_that_changes_hands_counts_for_whoever_held_it_that_day() -> None:
    found = measures("agent", fact(9, "jd", "b", satisfied=1), fact(10, "jd", "b", satisfied=2))
    assert (found["A2"]["satisfied"], found["A3"]["satisfied"]) == (1, 2)


def test_a_team_counts_its_people_on_the_days_they_were_in_it() -> None:
    found = measures("team", fact(14, "jd", "a", satisfied=1), fact(15, "jd", "a", satisfied=2))
    assert (found["一组"]["satisfied"], found["二组"]["satisfied"]) == (1, 2)


def test_what_nobody_known_served_is_told_apart_and_not_guessed() -> None:
    found = measures("agent", fact(1, "jd", "stranger"), fact(1, "jd", None), fact(1, "jd", "a"))
    assert (found[None]["conversations"], found["A1"]["conversations"]) == (2, 1)


def test_a_person_on_several_platforms_has_no_platform_and_a_person_on_one_has_it() -> None:
    found = measures("agent", fact(1, "jd", "a"), fact(1, "kuaishou", "a"), fact(1, "jd", "b"))
    assert (found["A1"]["platform"], found["A2"]["platform"]) == (None, "jd")


def test_a_transferred_conversation_counts_once_for_the_shop() -> None:
    rows = fact(1, "jd", "a", ended=0), fact(1, "jd", "b", ended=1)
    assert measures("shop", *rows)["s"]["conversations"] == 1
    assert {k: r["conversations"] for k, r in measures("agent", *rows).items()} == {"A1": 1, "A2": 1}


@pytest.mark.parametrize("by", ["agent", "team", "shop", "platform", "all"])
def test_no_grouping_loses_or_adds_anything(by: str) -> None:
    rows = [fact(d, p, a, satisfied=d) for d in (1, 9, 10, 15) for p in ("jd", "kuaishou") for a in ("a", "b", None)]
    assert sum(r["satisfied"] for r in measures(by, *rows).values()) == sum(r["satisfied"] for r in rows)
