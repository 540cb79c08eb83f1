"""Metrics, their lines, and headroom."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa import ROOT, policy
from qa.model import MEASURES, Metric, Text
from qa.scoring.metrics import headroom, meets, ratio

SHIPPED = {m.id: m for m in policy.load(ROOT / "policy").metrics}
GOOD, ATTITUDE = SHIPPED["good_rating_rate"], SHIPPED["bad_attitude_share"]


def rated(good: int, bad: int, attitude: int = 0) -> dict[str, int]:
    return {**dict.fromkeys(MEASURES, 0), "satisfied": good, "disappointed": bad, "attitude_disappointed": attitude}


def test_every_shipped_metric_is_made_of_facts_that_exist() -> None:
    assert {c for m in SHIPPED.values() for c in (*m.numerator, *m.denominator)} <= set(MEASURES)


def test_nothing_rated_has_no_value_rather_than_zero() -> None:
    assert ratio(GOOD, rated(0, 0)) == (None, 0, 0)
    assert meets(GOOD, None) is None
    assert headroom(GOOD, rated(0, 0)) is None


def test_a_count_has_no_denominator() -> None:
    assert ratio(SHIPPED["conversations"], {**rated(0, 0), "conversations": 7}) == (Decimal(7), 7, 7)


@pytest.mark.parametrize(("good", "bad", "right"), [(80, 20, True), (79, 20, False), (81, 20, True)])
def test_on_the_line_is_right(good: int, bad: int, right: bool) -> None:
    assert meets(GOOD, ratio(GOOD, rated(good, bad))[0]) is right


def test_at_the_line_of_80_percent_one_bad_rating_takes_four_good_ones() -> None:
    assert headroom(GOOD, rated(80, 20)) == 0
    assert headroom(GOOD, rated(80, 21)) == -4
    assert headroom(GOOD, rated(84, 20)) == 1


def test_attitude_headroom_counts_ratings_that_are_bad_for_that_reason() -> None:
    assert headroom(ATTITUDE, rated(0, 100, 0)) == 6
    assert headroom(ATTITUDE, rated(0, 100, 8)) == -2


@given(st.integers(0, 3000), st.integers(0, 800))
def test_headroom_is_the_last_number_that_still_keeps_the_line(good: int, bad: int) -> None:
    spare = headroom(GOOD, rated(good, bad))
    if spare is None:
        assert good + bad == 0
    elif spare >= 0:
        assert meets(GOOD, ratio(GOOD, rated(good, bad + spare))[0])
        assert not meets(GOOD, ratio(GOOD, rated(good, bad + spare + 1))[0])
    else:
        assert meets(GOOD, ratio(GOOD, rated(good - spare, bad))[0])
        assert not meets(GOOD, ratio(GOOD, rated(good - spare - 1, bad))[0])


def test_a_metric_without_a_line_has_no_headroom() -> None:
    free = Metric(
        "x", Text("x", "x"), "share", ("satisfied",), ("rated",), "higher", (), "house", date(2026, 1, 1), Text("", "")
    )
    assert headroom(free, {"satisfied": 1, "rated": 2}) is None
