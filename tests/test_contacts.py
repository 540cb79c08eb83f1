"""Contacts and facts: clocks, rounds, ratings and orders of one day, from the SQL files."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import polars as pl

from qa.model import CONTACTS, CONVERSATIONS, FACTS, MEASURES, MESSAGES
from qa.scoring import query

START = datetime(2026, 10, 1, 2, 0, tzinfo=UTC)


def talk(
    *lines: tuple[int, str, str | None, str], conversation: str = "k1", **said: Any
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Messages and the conversation row of one dialogue; a line is (seconds, speaker, account, text)."""
    place = {"platform": "kuaishou", "shop": "s", "conversation_id": conversation}
    rows = [
        {
            **place,
            "message_id": f"m{i}",
            "position": i,
            "sent_at": START + timedelta(seconds=at),
            "speaker": who,
            "account": account,
            "text": text,
        }
        for i, (at, who, account, text) in enumerate(lines)
    ]
    human = [account for _, who, account, _ in lines if who == "agent" and account]
    row = {
        **dict.fromkeys(CONVERSATIONS),
        **place,
        "customer": "c-1",
        "started_at": START,
        "ended_at": START + timedelta(seconds=lines[-1][0]),
        "account": human[-1] if human else None,
        "messages": len(lines),
        "agent_messages": sum(who == "agent" for _, who, _, _ in lines),
        "customer_messages": sum(who == "customer" for _, who, _, _ in lines),
        **said,
    }
    return pl.DataFrame(rows, schema=MESSAGES), pl.DataFrame([row], schema=CONVERSATIONS)


def contacts(*talks: tuple[pl.DataFrame, pl.DataFrame]) -> list[dict[str, Any]]:
    tables = {"messages": pl.concat([m for m, _ in talks]), "conversations": pl.concat([c for _, c in talks])}
    found = query.run("contacts", tables=tables)
    assert found.columns == list(CONTACTS)
    return found.cast(dict(CONTACTS)).to_dicts()


def test_a_round_runs_from_the_first_waiting_message_to_the_first_reply() -> None:
    [row] = contacts(
        talk(
            (0, "customer", None, "在吗"),
            (10, "customer", None, "这件还有货吗"),
            (40, "agent", "a", "有的"),
            (45, "agent", "a", "您要几件"),
            (60, "customer", None, "两件"),
            (250, "agent", "a", "好的"),
        )
    )
    assert (row["first_n"], row["first_seconds"], row["first_30s"], row["first_180s"]) == (1, 40, 0, 1)
    assert (row["rounds"], row["answered"], row["response_seconds"]) == (2, 2, 40 + 190)
    assert (row["answered_180s"], row["answered_300s"], row["longest_wait"]) == (1, 2, 190)


def test_the_clock_for_a_human_starts_after_the_bots_last_word() -> None:
    [row] = contacts(
        talk(
            (0, "customer", None, "你好"),
            (1, "bot", "客服助手", "请选择问题"),
            (100, "customer", None, "转人工"),
            (120, "agent", "a", "您好"),
        )
    )
    assert row["first_seconds"] == 20


def test_a_hand_over_by_the_bot_starts_the_clock_where_the_customer_says_nothing_more() -> None:
    [row] = contacts(
        talk((0, "customer", None, "转人工"), (5, "bot", "客服助手", "正在转接"), (65, "agent", "a", "您好"))
    )
    assert (row["rounds"], row["first_seconds"]) == (1, 60)


def test_thanks_at_the_end_do_not_wait_for_an_answer_but_a_question_does() -> None:
    thanks = contacts(talk((0, "customer", None, "在吗"), (5, "agent", "a", "在"), (9, "customer", None, "谢谢")))
    question = contacts(talk((0, "customer", None, "在吗"), (5, "agent", "a", "在"), (9, "customer", None, "能退吗")))
    assert (thanks[0]["rounds"], thanks[0]["answered"]) == (1, 1)
    assert (question[0]["rounds"], question[0]["answered"]) == (2, 1)


def test_after_a_transfer_each_account_answers_for_its_own_rounds_and_the_last_for_the_rating() -> None:
    rows = contacts(
        talk(
            (0, "customer", None, "退货怎么退"),
            (10, "agent", "a", "给您转售后"),
            (20, "customer", None, "好"),
            (80, "agent", "b", "我来处理"),
            rating="disappointed",
            rating_reason="attitude",
        )
    )
    by = {r["account"]: r for r in rows}
    assert (by["a"]["first_seconds"], by["b"]["first_seconds"]) == (10, 60)
    assert (by["a"]["conversations"], by["b"]["conversations"]) == (1, 1)
    assert (by["a"]["ended"], by["b"]["ended"]) == (0, 1)
    assert (by["a"]["attitude_disappointed"], by["b"]["attitude_disappointed"]) == (0, 1)


def test_a_conversation_that_only_a_bot_answered_counts_its_rating_for_nobody() -> None:
    [row] = contacts(talk((0, "customer", None, "在吗"), (1, "bot", "客服助手", "在的"), rating="satisfied"))
    assert row["account"] is None
    assert (row["satisfied"], row["rounds"], row["unanswered"]) == (1, 0, 0)


def test_a_conversation_that_nobody_answered_is_unanswered() -> None:
    [row] = contacts(talk((0, "customer", None, "在吗")))
    assert (row["unanswered"], row["rounds"], row["longest_wait"]) == (1, 0, None)


def test_a_conversation_that_nobody_rated_counts_as_no_rating_and_not_as_missing() -> None:
    [row] = contacts(talk((0, "customer", None, "在吗"), (1, "agent", "a", "在")))
    assert {m: row[m] for m in MEASURES if row[m] is None} == {}
    [row] = contacts(talk((0, "customer", None, "在吗"), (1, "agent", "a", "在"), rating="neutral"))
    assert {m: row[m] for m in MEASURES if row[m] is None} == {}


def test_money_is_counted_in_fen() -> None:
    [row] = contacts(
        talk(
            (0, "customer", None, "在吗"),
            (1, "agent", "a", "在"),
            ordered_at=START,
            paid_at=START,
            paid_amount=Decimal("129.90"),
        )
    )
    assert (row["ordered"], row["paid"], row["paid_fen"]) == (1, 1, 12990)


def test_facts_are_the_sums_of_contacts() -> None:
    talks = [
        talk((0, "customer", None, "在吗"), (5, "agent", "a", "在"), conversation=f"k{i}", rating="satisfied")
        for i in range(3)
    ]
    rows = pl.DataFrame(contacts(*talks), schema=CONTACTS)
    facts = query.run("facts", tables={"contacts": rows.with_columns(day=pl.lit(date(2026, 10, 1)))})
    assert facts.columns == list(FACTS)
    [row] = facts.cast(dict(FACTS)).to_dicts()
    assert {m: row[m] for m in MEASURES} == {m: rows[m].sum() for m in MEASURES}
