"""Draws that anyone can repeat, readers that do not read themselves, estimates that say how sure they are."""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from math import ceil, isclose
from statistics import NormalDist

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qa.model import Estimate, Member, Plan, Refusal, StratumSums, Text
from qa.sampling import estimate
from qa.sampling.allocate import Stratum, allocate, validate
from qa.sampling.assign import assign
from qa.sampling.draw import FRAME, draw, frame_hash, key

settings.register_profile("shared machine", deadline=None)
settings.load_profile("shared machine")

PLAN = Plan(
    id="monthly",
    version="1",
    name=Text("月度", "Monthly"),
    stream="measuring",
    strata=("agent", "shop"),
    allocation="equal",
    per_agent=12,
    minimum=2,
    take_all_up_to=3,
    minimum_messages=1,
    overlap=Decimal("0.15"),
    minutes=Decimal(2),
    scorecard="service",
    confidence=Decimal("0.95"),
    evidence_floor=5,
)

counts = st.dictionaries(
    st.tuples(st.sampled_from("ABC"), st.sampled_from("wxyz")), st.integers(0, 60), min_size=1, max_size=12
)
plans = st.builds(
    lambda stream, allocation, per_agent, minimum, whole: replace(
        PLAN,
        stream=stream,
        allocation=allocation,
        per_agent=per_agent,
        minimum=min(minimum, per_agent),
        take_all_up_to=whole,
    ),
    st.sampled_from(["measuring", "finding"]),
    st.sampled_from(["equal", "proportional"]),
    st.integers(1, 30),
    st.integers(0, 5),
    st.integers(0, 6),
)


def frame(sizes: dict[Stratum, int]) -> pl.DataFrame:
    rows = [(f"{'/'.join(s)}#{i}", s[0], "/".join(s)) for s, size in sizes.items() for i in range(size)]
    return pl.DataFrame(rows, schema=dict.fromkeys(FRAME, pl.String), orient="row")


def nobody(reviewer: str, member: Member) -> bool:
    return False


# ---------------------------------------------------------------- how many


class TestAllocate:
    @given(counts, plans)
    def test_numbers_add_up_and_never_exceed_what_is_there(self, sizes: dict[Stratum, int], plan: Plan) -> None:
        drawn = allocate(sizes, plan)
        assert drawn.keys() == sizes.keys()
        assert all(0 <= drawn[s] <= sizes[s] for s in sizes)
        for agent in {s[0] for s in sizes}:
            own = {s: size for s, size in sizes.items() if s[0] == agent}
            least = max(plan.minimum, 1) if plan.stream == "measuring" else plan.minimum
            promised = sum(n if n <= plan.take_all_up_to else min(n, least) for n in own.values())
            assert sum(drawn[s] for s in own) == min(sum(own.values()), max(plan.per_agent, promised))

    @given(counts, plans)
    def test_small_strata_are_taken_whole_and_others_give_the_minimum(
        self, sizes: dict[Stratum, int], plan: Plan
    ) -> None:
        drawn = allocate(sizes, plan)
        for stratum, size in sizes.items():
            assert drawn[stratum] >= (size if size <= plan.take_all_up_to else min(size, plan.minimum))

    @given(counts, plans)
    def test_in_the_measuring_stream_everybody_can_be_drawn(self, sizes: dict[Stratum, int], plan: Plan) -> None:
        drawn = allocate(sizes, replace(plan, stream="measuring"))
        assert all(drawn[stratum] >= 1 for stratum, size in sizes.items() if size)

    @given(counts, plans)
    def test_the_order_of_strata_does_not_matter(self, sizes: dict[Stratum, int], plan: Plan) -> None:
        assert allocate(dict(reversed(sizes.items())), plan) == allocate(sizes, plan)

    def test_equal_shares_differ_by_one_at_most(self) -> None:
        assert allocate({("A", "x"): 50, ("A", "y"): 60, ("A", "z"): 70, ("A", "u"): 80, ("A", "v"): 90}, PLAN) == {
            ("A", "u"): 3,
            ("A", "v"): 3,
            ("A", "x"): 2,
            ("A", "y"): 2,
            ("A", "z"): 2,
        }

    def test_proportional_shares_follow_the_sizes(self) -> None:
        plan = replace(PLAN, allocation="proportional", minimum=0)
        assert allocate({("A", "x"): 100, ("A", "y"): 200, ("A", "z"): 300}, plan) == {
            ("A", "x"): 2,
            ("A", "y"): 4,
            ("A", "z"): 6,
        }

    def test_what_a_small_stratum_cannot_give_the_others_do(self) -> None:
        assert allocate({("A", "x"): 4, ("A", "y"): 100, ("A", "z"): 100}, PLAN) == {
            ("A", "x"): 4,
            ("A", "y"): 4,
            ("A", "z"): 4,
        }
        assert allocate({("A", "x"): 1, ("A", "y"): 100}, PLAN) == {("A", "x"): 1, ("A", "y"): 11}

    def test_promises_to_strata_come_before_the_number_per_agent(self) -> None:
        plan = replace(PLAN, per_agent=3, minimum=2)
        assert sum(allocate({("A", shop): 50 for shop in "vwxyz"}, plan).values()) == 10

    def test_an_agent_with_few_conversations_gives_all(self) -> None:
        assert allocate({("A", "x"): 5, ("A", "y"): 2}, PLAN) == {("A", "x"): 5, ("A", "y"): 2}

    @pytest.mark.parametrize(
        ("change", "word"),
        [
            ({"stream": "both"}, "stream"),
            ({"allocation": "neyman"}, "allocation"),
            ({"per_agent": 0}, "per_agent.*must be >= 1"),
            ({"minimum": 13}, "minimum.*must be 0 … 12"),
            ({"take_all_up_to": -1}, "take_all_up_to"),
            ({"overlap": Decimal("1.2")}, "overlap"),
            ({"confidence": Decimal(95)}, "confidence"),
            ({"confidence": Decimal(1)}, "confidence"),
        ],
    )
    def test_a_plan_that_cannot_be_drawn_by_is_refused(self, change: dict[str, object], word: str) -> None:
        with pytest.raises(Refusal, match=word):
            validate(replace(PLAN, **change))


# ---------------------------------------------------------------- which ones


class TestDraw:
    @given(counts, plans, st.integers(0, 2**31))
    def test_the_same_seed_draws_the_same_in_any_order_of_rows(
        self, sizes: dict[Stratum, int], plan: Plan, seed: int
    ) -> None:
        rows = frame(sizes)
        shuffled = rows.sample(fraction=1, shuffle=True, seed=seed % 1000)
        assert draw(shuffled, plan, seed) == draw(rows, plan, seed)
        assert frame_hash(shuffled) == frame_hash(rows)

    @given(counts, plans)
    def test_weights_recover_the_size_of_every_stratum(self, sizes: dict[Stratum, int], plan: Plan) -> None:
        weights: Counter[str] = Counter()
        for member in draw(frame(sizes), replace(plan, stream="measuring"), 7):
            assert member.probability == member.stratum_drawn / member.stratum_size
            weights[member.stratum] += 1 / member.probability
        for stratum, size in sizes.items():
            assert isclose(weights["/".join(stratum)], size, abs_tol=1e-6)

    def test_a_late_conversation_takes_at_most_one_place(self) -> None:
        before = {m.conversation_id for m in draw(frame({("A", "x"): 40}), PLAN, 1)}
        after = {m.conversation_id for m in draw(frame({("A", "x"): 41}), PLAN, 1)}
        assert len(before - after) <= 1

    def test_another_seed_draws_others(self) -> None:
        rows = frame({("A", "x"): 200})
        assert draw(rows, PLAN, 1) != draw(rows, PLAN, 2)

    def test_every_conversation_is_drawn_equally_often(self) -> None:
        rows = frame({("A", "x"): 30})
        times = Counter(m.conversation_id for seed in range(1000) for m in draw(rows, PLAN, seed))
        spread = (1000 * 0.4 * 0.6) ** 0.5
        assert len(times) == 30
        assert all(abs(n - 400) < 4 * spread for n in times.values())

    def test_the_number_of_a_conversation_can_be_checked_with_a_digest_program(self) -> None:
        """printf '7\\037c1' | sha256sum begins with these sixteen digits."""
        assert f"{key(7, 'c1'):016x}" == "3b31c286128a901b"

    def test_the_hash_of_the_frame_sees_every_change(self) -> None:
        rows = frame({("A", "x"): 3, ("B", "x"): 3})
        other = rows.with_columns(agent_id=pl.lit("A"))
        assert len({frame_hash(rows), frame_hash(other), frame_hash(rows.head(5))}) == 3

    def test_an_empty_frame_gives_an_empty_draw(self) -> None:
        assert draw(frame({("A", "x"): 0}), PLAN, 1) == ()

    def test_a_conversation_that_stands_twice_is_refused(self) -> None:
        rows = frame({("A", "x"): 3})
        with pytest.raises(Refusal, match=r"A/x#1.*twice"):
            draw(pl.concat([rows, rows.slice(1, 1)]), PLAN, 1)

    def test_a_missing_agent_is_refused(self) -> None:
        rows = frame({("A", "x"): 3}).with_columns(agent_id=pl.lit(None, pl.String))
        with pytest.raises(Refusal, match="agent_id"):
            draw(rows, PLAN, 1)
        with pytest.raises(Refusal, match="stratum"):
            draw(rows.drop("stratum"), PLAN, 1)


# ---------------------------------------------------------------- who reads


def members(agents: dict[str, int]) -> list[Member]:
    return [Member(f"{a}{i}", a, a, 1.0, n, n) for a, n in agents.items() for i in range(n)]


def loads(assignments: tuple[object, ...]) -> Counter[str]:
    return Counter(a.reviewer for a in assignments)  # type: ignore[attr-defined]


def barred(pairs: set[tuple[str, str]]) -> Callable[[str, Member], bool]:
    return lambda reviewer, member: (reviewer, member.agent_id) in pairs


class TestAssign:
    @given(
        st.dictionaries(st.sampled_from("ABCDE"), st.integers(1, 9), min_size=1),
        st.integers(1, 5),
        st.sets(st.tuples(st.sampled_from("12345"), st.sampled_from("ABCDE"))),
        st.decimals(0, 1, places=2),
        st.integers(0, 99),
    )
    def test_nobody_reads_against_a_conflict_and_nobody_reads_one_twice(
        self, agents: dict[str, int], people: int, pairs: set[tuple[str, str]], overlap: Decimal, seed: int
    ) -> None:
        reviewers = list("12345"[:people])
        drawn = members(agents)
        plan = replace(PLAN, overlap=overlap)
        if any(all((r, a) in pairs for r in reviewers) for a in agents):
            with pytest.raises(Refusal, match="Nobody may review"):
                assign(drawn, reviewers, plan, seed, barred(pairs))
            return
        given_out = assign(drawn, reviewers, plan, seed, barred(pairs))
        agent = {m.conversation_id: m.agent_id for m in drawn}
        assert {a.conversation_id for a in given_out if a.round == 1} == set(agent)
        assert all((a.reviewer, agent[a.conversation_id]) not in pairs for a in given_out)
        assert len({(a.conversation_id, a.reviewer) for a in given_out}) == len(given_out)
        able = sum(1 for m in drawn if sum((r, m.agent_id) not in pairs for r in reviewers) > 1)
        assert sum(a.round == 2 for a in given_out) == min(able, ceil(overlap * len(drawn)))

    @given(
        st.dictionaries(st.sampled_from("ABCDE"), st.integers(1, 9), min_size=1), st.integers(1, 6), st.integers(0, 99)
    )
    def test_loads_differ_by_one_at_most(self, agents: dict[str, int], people: int, seed: int) -> None:
        reviewers = [f"r{i}" for i in range(people)]
        load = loads(assign(members(agents), reviewers, PLAN, seed, nobody))
        assert max(load.values()) - min(load[r] for r in reviewers) <= 1

    def test_loads_are_even_although_the_first_choice_was_not(self) -> None:
        """Only r1 may read A; B is dealt to r1 too, until it has to give all of B to r2."""
        conflicts = barred({("r2", "A"), ("r3", "A"), ("r3", "B")})
        load = loads(
            assign(
                members({"A": 6, "B": 6, "C": 6}), ["r1", "r2", "r3"], replace(PLAN, overlap=Decimal(0)), 3, conflicts
            )
        )
        assert load == {"r1": 6, "r2": 6, "r3": 6}

    @settings(max_examples=40)
    @given(
        st.dictionaries(st.sampled_from("ABC"), st.integers(1, 3), min_size=1),
        st.sets(st.tuples(st.sampled_from("123"), st.sampled_from("ABC"))),
        st.integers(0, 9),
    )
    def test_loads_are_as_even_as_the_conflicts_allow(
        self, agents: dict[str, int], pairs: set[tuple[str, str]], seed: int
    ) -> None:
        """Compared with every possible way to give the conversations out."""
        reviewers = list("123")
        drawn = members(agents)
        possible = [[r for r in reviewers if (r, m.agent_id) not in pairs] for m in drawn]
        if not all(possible):
            return
        ways: set[tuple[int, ...]] = {(0, 0, 0)}
        for people in possible:
            ways = {tuple(n + (r == p) for n, r in zip(way, reviewers, strict=True)) for way in ways for p in people}
        best = min(sum(n * n for n in way) for way in ways)
        load = loads(assign(drawn, reviewers, replace(PLAN, overlap=Decimal(0)), seed, barred(pairs)))
        assert sum(n * n for n in load.values()) == best

    def test_order_of_members_and_reviewers_does_not_matter(self) -> None:
        drawn, reviewers = members({"A": 9, "B": 9}), ["r1", "r2", "r3"]
        assert assign(drawn[::-1], reviewers[::-1], PLAN, 5, nobody) == assign(drawn, reviewers, PLAN, 5, nobody)

    def test_every_agent_is_spread_over_the_reviewers(self) -> None:
        """Twelve conversations and four reviewers: each reads about three of everybody."""
        plan = replace(PLAN, overlap=Decimal(0))
        for seed in range(5):
            given_out = assign(members(dict.fromkeys("ABCDEFGH", 12)), ["r1", "r2", "r3", "r4"], plan, seed, nobody)
            shares = Counter((a.conversation_id[0], a.reviewer) for a in given_out)
            assert len(shares) == 32 and 2 <= min(shares.values()) <= max(shares.values()) <= 5

    def test_a_team_with_one_supervisor_still_gets_its_sample(self) -> None:
        given_out = assign(members({"A": 12}), ["r1"], PLAN, 1, nobody)
        assert len(given_out) == 12 and all(a.round == 1 for a in given_out)

    def test_either_reviewer_may_be_the_first(self) -> None:
        given_out = assign(members({"A": 60}), ["r1", "r2"], replace(PLAN, overlap=Decimal(1)), 1, nobody)
        first = Counter(a.reviewer for a in given_out if a.round == 1)
        assert min(first["r1"], first["r2"]) > 15

    def test_without_reviewers_it_is_refused(self) -> None:
        with pytest.raises(Refusal, match="Nobody may review"):
            assign(members({"A": 1}), [], PLAN, 1, nobody)

    def test_a_large_house_with_teams_is_dealt_evenly_within_each_team(self) -> None:
        people = [f"r{i}" for i in range(40)]
        other_teams = {(r, f"a{a}") for i, r in enumerate(people) for a in range(300) if a % 4 != i % 4}
        load = loads(assign(members({f"a{a}": 12 for a in range(300)}), people, PLAN, 1, barred(other_teams)))
        for team in range(4):
            own = [load[r] for r in people[team::4]]
            assert max(own) - min(own) <= 1


# ---------------------------------------------------------------- what follows


def sums(size: int, scores: list[float], name: str = "A") -> StratumSums:
    return StratumSums(name, size, len(scores), sum(scores), sum(x * x for x in scores))


scores = st.lists(st.integers(0, 20).map(lambda n: n / 20), max_size=12)
strata = st.lists(scores.flatmap(lambda x: st.integers(len(x), len(x) + 200).map(lambda n: sums(n, x))), max_size=4)


class TestMean:
    @given(strata, st.sampled_from([0.8, 0.9, 0.95]), st.none() | st.floats(0, 1))
    def test_the_interval_holds_the_value_and_stays_between_0_and_1(
        self, given_strata: list[StratumSums], confidence: float, pooled: float | None
    ) -> None:
        found = estimate.mean(given_strata, confidence, pooled)
        if found.value is None:
            assert (found.low, found.high, found.n) == (None, None, 0)
        else:
            assert found.low is not None and found.high is not None
            assert 0 <= found.low <= found.value + 1e-9 and found.value - 1e-9 <= found.high <= 1

    def test_nothing_reviewed_is_no_number(self) -> None:
        assert estimate.mean([], 0.95) == Estimate(None, None, None, 0, "no reviews")
        assert estimate.mean([sums(50, [])], 0.95).value is None

    def test_strata_count_by_their_size(self) -> None:
        found = estimate.mean([sums(300, [1.0, 1.0]), sums(100, [0.0, 0.0])], 0.95)
        assert found.value == 0.75

    def test_everything_reviewed_leaves_no_doubt(self) -> None:
        found = estimate.mean([sums(3, [0.9, 0.8, 1.0])], 0.95)
        assert found.low == found.high == found.value == pytest.approx(0.9)
        assert found.method == "all reviewed"

    def test_a_stratum_without_reviews_is_collapsed_and_named(self) -> None:
        found = estimate.mean([sums(100, [0.8, 0.9]), sums(300, [0.5, 0.6]), sums(400, [])], 0.95)
        assert found.value == pytest.approx((0.85 + 3 * 0.55) / 4)
        assert found.method == "Wilson with effective n; 1 strata without reviews collapsed"

    def test_a_collapsed_stratum_is_not_taken_for_reviewed(self) -> None:
        found = estimate.mean([sums(2, [0.8, 0.9]), sums(100, [])], 0.95)
        assert found.low is not None and found.high is not None and found.high - found.low > 0.2

    def test_equal_scores_do_not_pass_for_certainty(self) -> None:
        found = estimate.mean([sums(200, [1.0] * 5)], 0.95)
        assert found.low is not None and found.low < 0.75 and found.high == 1

    def test_plain_yes_and_no_gives_wilson_with_students_quantile(self) -> None:
        found = estimate.mean([sums(10**9, [1.0] * 9 + [0.0] * 3)], 0.95, 1.0)
        z = estimate.student(0.95, 11 + 4)
        middle, half = (
            (0.75 + z * z / 24) / (1 + z * z / 12),
            z / (1 + z * z / 12) * (0.75 * 0.25 / 12 + z * z / 576) ** 0.5,
        )
        assert (found.low, found.high) == (pytest.approx(middle - half), pytest.approx(middle + half))

    @pytest.mark.parametrize(
        ("pooled", "dispersion", "freedom"),
        [(None, (0.05 / 0.1275 + 2 * 1.0) / 5, 5), (0.3, (0.05 / 0.1275 + 4 * 0.3) / 7, 7)],
    )
    def test_four_reviews_by_hand(self, pooled: float | None, dispersion: float, freedom: int) -> None:
        """Mean 0.85, squared deviations 0.05, and 0.85 × 0.15 = 0.1275; a tenth of forty was read."""
        found = estimate.mean([sums(40, [0.8, 0.9, 0.7, 1.0])], 0.9, pooled)
        n, z = 4 / (0.9 * dispersion), estimate.student(0.9, freedom)
        middle, half = 0.85 + z * z / (2 * n), z * (0.1275 / n + z * z / (4 * n * n)) ** 0.5
        assert found.low == pytest.approx((middle - half) / (1 + z * z / n))
        assert found.high == pytest.approx((middle + half) / (1 + z * z / n))

    def test_more_reviews_narrow_the_interval(self) -> None:
        def width(times: int) -> float:
            found = estimate.mean([sums(1000, [0.9, 0.7, 0.8, 1.0] * times)], 0.95)
            assert found.low is not None and found.high is not None
            return found.high - found.low

        assert width(1) > width(2) > width(4) > width(16)

    def test_what_the_team_shows_narrows_the_interval_of_one(self) -> None:
        team = [sums(200, [0.8, 0.85, 0.9, 0.85]) for _ in range(20)]
        alone = estimate.mean(team[:1], 0.95)
        known = estimate.mean(team[:1], 0.95, estimate.dispersion(team))
        assert alone.high and alone.low and known.high and known.low
        assert known.high - known.low < (alone.high - alone.low) / 2

    def test_order_and_names_do_not_matter(self) -> None:
        given_strata = [sums(100, [0.8, 0.9]), sums(300, [0.5, 0.6]), sums(40, [])]
        renamed = [replace(s, stratum=f"other {i}") for i, s in enumerate(given_strata)]
        assert estimate.mean(renamed, 0.95) == estimate.mean(given_strata, 0.95)
        turned = estimate.mean(given_strata[::-1], 0.95)
        assert turned.low == pytest.approx(estimate.mean(given_strata, 0.95).low)

    @pytest.mark.parametrize("wrong", [StratumSums("A", 5, 2, 170.0, 14500.0), StratumSums("A", 1, 2, 1.0, 1.0)])
    def test_scores_out_of_a_hundred_and_too_many_reviews_are_refused(self, wrong: StratumSums) -> None:
        with pytest.raises(Refusal, match="do not fit"):
            estimate.mean([wrong], 0.95)
        with pytest.raises(Refusal, match="do not fit"):
            estimate.stratified_share([wrong], 0.95)


class TestShare:
    @given(st.integers(1, 400), st.data())
    def test_the_interval_mirrors_when_yes_and_no_change_places(self, n: int, data: st.DataObject) -> None:
        k = data.draw(st.integers(0, n))
        one, other = estimate.share(k, n, 0.95), estimate.share(n - k, n, 0.95)
        assert one.low is not None and other.high is not None
        assert one.low == pytest.approx(1 - other.high, abs=1e-12)

    def test_none_of_none_is_no_number(self) -> None:
        assert estimate.share(0, 0, 0.95) == Estimate(None, None, None, 0, "no reviews")

    def test_stratified_equals_a_simulation_of_the_same_posterior(self) -> None:
        given_strata = [StratumSums("a", 100, 20, 6, 6), StratumSums("b", 900, 20, 1, 1)]
        random = np.random.default_rng(1)
        total = np.zeros(200_000)
        for s in given_strata:
            p = random.beta(s.total + 0.5, s.n - s.total + 0.5, total.size)
            total += s.total + random.binomial(s.size - s.n, p)
        found = estimate.stratified_share(given_strata, 0.95)
        low, high = np.quantile(total / 1000, [0.025, 0.975])
        assert (found.low, found.high) == (pytest.approx(low, abs=0.0015), pytest.approx(high, abs=0.0015))

    def test_stratified_ends_are_0_and_1_where_nothing_else_was_seen(self) -> None:
        none, every = [StratumSums("a", 100, 10, 0, 0)], [StratumSums("a", 100, 10, 10, 10)]
        assert estimate.stratified_share(none, 0.95).low == 0
        assert estimate.stratified_share(every, 0.95).high == 1

    def test_stratified_knows_what_was_seen_already(self) -> None:
        found = estimate.stratified_share([StratumSums("a", 10, 9, 3, 3)], 0.95)
        assert (found.low, found.high) == (0.3, 0.4)

    def test_stratified_of_everything_and_of_nothing(self) -> None:
        assert estimate.stratified_share([StratumSums("a", 4, 4, 1, 1)], 0.95).method == "all reviewed"
        assert estimate.stratified_share([StratumSums("a", 4, 0, 0, 0)], 0.95).value is None

    def test_large_strata_give_what_smaller_ones_of_the_same_kind_give(self) -> None:
        """The long strata are convolved by another method than the short ones."""
        small = estimate.stratified_share([StratumSums("a", 500, 20, 6, 6), StratumSums("b", 500, 20, 1, 1)], 0.95)
        large = estimate.stratified_share(
            [StratumSums("a", 20_000, 20, 6, 6), StratumSums("b", 20_000, 20, 1, 1)], 0.95
        )
        assert (large.low, large.high) == (pytest.approx(small.low, abs=0.01), pytest.approx(small.high, abs=0.01))


def test_dispersion_of_yes_and_no_is_1_and_of_nothing_is_unknown() -> None:
    assert estimate.dispersion([sums(100, [1.0, 0.0, 1.0, 0.0])]) == 1
    assert estimate.dispersion([sums(100, [0.8])]) is None
    assert estimate.dispersion([sums(100, [1.0, 1.0])]) is None
    assert estimate.dispersion([]) is None


def test_dispersion_by_hand() -> None:
    """Squared deviations 0.005 + 0.02 with two degrees of freedom, mean 0.775: 0.0125 of 0.174375."""
    assert estimate.dispersion([sums(100, [0.8, 0.9]), sums(100, [0.6, 0.8]), sums(50, [])]) == pytest.approx(
        0.0125 / 0.174375
    )


def test_a_standard_error_by_hand() -> None:
    """Two of a hundred with variance 0.005."""
    assert estimate.standard_error([sums(100, [0.8, 0.9])]) == pytest.approx((0.98 * 0.005 / 2) ** 0.5)


def test_a_standard_error_needs_two_reviews_of_each_stratum() -> None:
    assert estimate.standard_error([sums(100, [0.8, 0.9]), sums(100, [0.8])]) is None
    assert estimate.standard_error([]) is None


# ---------------------------------------------------------------- coverage

Population = Callable[[np.random.Generator, int, float], np.ndarray]


def marked(random: np.random.Generator, n: int, shift: float) -> np.ndarray:
    """Five criteria of five levels, as the shipped scorecard has them, around 85 of 100."""
    quality = np.clip(0.85 + shift + random.normal(0, 0.12, (n, 1)), 0.02, 0.999)
    return random.binomial(4, np.repeat(quality, 5, 1)) @ np.array([20, 20, 25, 20, 15]) / 400


def capped(random: np.random.Generator, n: int, shift: float) -> np.ndarray:
    """The same, and one in twenty-five is capped at 0."""
    return marked(random, n, shift + 0.03) * (random.random(n) > 0.04)


def passed(random: np.random.Generator, n: int, shift: float) -> np.ndarray:
    """Yes or no, nine in ten."""
    return (random.random(n) < 0.9 + shift).astype(float)


def two_kinds(random: np.random.Generator, n: int, shift: float) -> np.ndarray:
    """Full marks or 60 of 100."""
    return np.where(random.random(n) < 0.8 + shift, 1.0, 0.6)


def nearly_full(random: np.random.Generator, n: int, shift: float) -> np.ndarray:
    """Full marks but for one in eight, which has 80."""
    return np.where(random.random(n) < 0.875 + shift, 1.0, 0.8)


DESIGNS = {
    "five of 200": ([200], [5]),
    "twelve of 250": ([250], [12]),
    "four of each of three": ([40, 60, 150], [4, 4, 4]),
    "nine and three": ([180, 60], [9, 3]),
    "two of each of four": ([60, 60, 60, 60], [2, 2, 2, 2]),
    "twenty of 100": ([100], [20]),
}
FAST = [
    ("twelve of 250", marked),
    ("four of each of three", capped),
    ("nine and three", two_kinds),
    ("twelve of 250", passed),
]


def coverage(design: str, population: Population, runs: int, seed: int) -> float:
    """How often the interval holds the true mean of all conversations; a team of 12 lends its dispersion."""
    random = np.random.default_rng(seed)
    sizes, ns = DESIGNS[design]
    held = 0
    for run in range(runs):
        shift = random.normal(0, 0.03)
        agent = [population(random, size, shift + d) for size, d in zip(sizes, (-0.03, 0.02, 0.0, 0.01), strict=False)]
        if run % 20 == 0:
            team = [
                sums(size, list(population(random, n, random.normal(0, 0.03))))
                for _ in range(12)
                for size, n in zip(sizes, ns, strict=True)
            ]
        seen = [sums(len(x), list(random.choice(x, n, replace=False))) for x, n in zip(agent, ns, strict=True)]
        found = estimate.mean(seen, 0.95, estimate.dispersion(team))
        assert found.low is not None and found.high is not None
        held += found.low - 1e-9 <= np.concatenate(agent).mean() <= found.high + 1e-9
    return held / runs


@pytest.mark.parametrize(("design", "population"), FAST, ids=[f"{d}, {p.__name__}" for d, p in FAST])
def test_the_interval_holds_the_truth_as_often_as_it_says(design: str, population: Population) -> None:
    assert coverage(design, population, 700, 11) >= 0.93


@pytest.mark.slow
@pytest.mark.parametrize("population", [marked, capped, passed, two_kinds, nearly_full], ids=lambda p: p.__name__)
@pytest.mark.parametrize("design", DESIGNS)
def test_the_interval_holds_the_truth_in_thirty_designs(design: str, population: Population) -> None:
    assert coverage(design, population, 4000, 12) >= 0.93


RISKY = [
    (0.30, 0.03, 20, 20),
    (0.30, 0.03, 10, 30),
    (0.20, 0.10, 20, 20),
    (0.50, 0.20, 15, 15),
    (0.30, 0.03, 40, 60),
    (0.10, 0.01, 10, 10),
]


@pytest.mark.parametrize(("p_risky", "p_rest", "n_risky", "n_rest"), RISKY)
def test_shares_of_a_risk_weighted_sample_hold_the_truth(
    p_risky: float, p_rest: float, n_risky: int, n_rest: int
) -> None:
    """100 risky conversations and 900 others: where an interval from the standard error holds it 58 times in 100."""
    random = np.random.default_rng(5)
    held, error, runs = 0, 0.0, 2000
    for _ in range(runs):
        faults = random.binomial(100, p_risky), random.binomial(900, p_rest)
        hits = (
            random.hypergeometric(faults[0], 100 - faults[0], n_risky),
            random.hypergeometric(faults[1], 900 - faults[1], n_rest),
        )
        found = estimate.stratified_share(
            [
                StratumSums("risky", 100, n_risky, int(hits[0]), int(hits[0])),
                StratumSums("rest", 900, n_rest, int(hits[1]), int(hits[1])),
            ],
            0.95,
        )
        truth = sum(faults) / 1000
        assert found.low is not None and found.high is not None and found.value is not None
        held += found.low - 1e-9 <= truth <= found.high + 1e-9
        error += found.value - truth
    assert held / runs >= 0.93
    assert abs(error / runs) < 4 * 0.08 / runs**0.5, "the weighted share must not lean to the risky ones"


def test_student_goes_over_into_the_normal_quantile() -> None:
    assert estimate.student(0.95, 1e7) == pytest.approx(NormalDist().inv_cdf(0.975), abs=1e-6)
