"""What a reviewer ticks becomes a score that says how it came about."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qa import ROOT, policy
from qa.model import Criterion, CriterionRating, Level, Refusal, Scorecard, Text
from qa.scoring.scorecard import score, validate

settings.register_profile("shared machine", deadline=None)
settings.load_profile("shared machine")


def criterion(name: str, weight: int, top: int = 4, **more: object) -> Criterion:
    levels = tuple(Level(v, Text(f"第{v}级", f"level {v}")) for v in range(top + 1))
    return Criterion(name, Text(name, name), Text("？", "?"), Decimal(weight), levels, **more)  # type: ignore[arg-type]


CARD = Scorecard(
    id="card",
    version="2026-01-01",
    name=Text("表", "Card"),
    criteria=(
        criterion("red", 0, 1, critical=True, cap=Decimal(40)),
        criterion("a", 50),
        criterion("b", 30, 3),
        criterion("c", 20, 4, may_not_apply=False),
    ),
    root_causes=(),
)

levels = st.fixed_dictionaries(
    {
        "red": st.sampled_from([0, 1, None]),
        "a": st.sampled_from([0, 1, 2, 3, 4, None]),
        "b": st.sampled_from([0, 1, 2, 3, None]),
        "c": st.integers(0, 4),
    }
)


def rated(**given_levels: int | None) -> tuple[CriterionRating, ...]:
    return tuple(CriterionRating(name, level) for name, level in given_levels.items())


def test_full_marks_are_100_and_lowest_marks_0() -> None:
    assert score(CARD, rated(red=1, a=4, b=3, c=4))[0] == 100
    assert score(CARD, rated(red=1, a=0, b=0, c=0))[0] == 0


def test_each_criterion_gives_its_weight_by_its_level() -> None:
    """50 × 2/4 + 30 × 1/3 + 20 × 3/4 = 25 + 10 + 15."""
    assert score(CARD, rated(red=1, a=2, b=1, c=3))[0] == 50


def test_what_does_not_apply_is_left_out_and_the_rest_weighs_more() -> None:
    """(30 × 1/3 + 20 × 3/4) / 50 × 100 = 50, neither a gift of full marks nor a 0."""
    value, steps = score(CARD, rated(red=1, a=None, b=1, c=3))
    assert value == 50
    left_out = next(step for step in steps if step.id == "review.a")
    assert left_out.value == "" and "不适用" in left_out.sentence.zh and "left out" in left_out.sentence.en
    assert "权重合计 50" in steps[-1].sentence.zh and "weight 50" in steps[-1].sentence.en


def test_thirds_are_kept_to_a_ten_thousandth_half_up() -> None:
    card = replace(CARD, criteria=(criterion("a", 100, 3),))
    assert str(score(card, rated(a=1))[0]) == "33.3333"
    assert str(score(card, rated(a=2))[0]) == "66.6667"


def test_a_critical_item_at_its_lowest_level_caps_the_score() -> None:
    value, steps = score(CARD, rated(red=0, a=4, b=3, c=4))
    assert value == 40
    assert "封顶为 40.00" in steps[-1].sentence.zh and "capped" in steps[-1].sentence.en


def test_a_cap_does_not_lift_a_lower_score() -> None:
    assert score(CARD, rated(red=0, a=0, b=0, c=0))[0] == 0


def test_the_lower_of_two_caps_holds() -> None:
    card = replace(CARD, criteria=(*CARD.criteria, criterion("worse", 0, 1, critical=True, cap=Decimal(0))))
    assert score(card, (*rated(red=0, a=4, b=3, c=4), CriterionRating("worse", 0)))[0] == 0


def test_a_critical_item_with_a_weight_counts_twice_only_when_it_fails() -> None:
    card = replace(CARD, criteria=(criterion("red", 50, 2, critical=True, cap=Decimal(60)), criterion("a", 50)))
    assert score(card, rated(red=1, a=4))[0] == 75
    assert score(card, rated(red=0, a=4))[0] == 50


def test_nothing_that_applies_is_no_score() -> None:
    card = replace(CARD, criteria=CARD.criteria[:3])
    value, steps = score(card, rated(red=1, a=None, b=None))
    assert value is None
    assert steps[-1].value == "" and "没有分数" in steps[-1].sentence.zh


def test_a_failed_critical_item_alone_gives_its_cap() -> None:
    card = replace(CARD, criteria=CARD.criteria[:3])
    assert score(card, rated(red=0, a=None, b=None))[0] == 40


@given(levels)
def test_the_order_of_ratings_does_not_matter(given_levels: dict[str, int | None]) -> None:
    ratings = rated(**given_levels)
    assert score(CARD, ratings[::-1]) == score(CARD, ratings)


@given(levels, st.sampled_from("abc"))
def test_a_better_level_never_scores_less(given_levels: dict[str, int | None], name: str) -> None:
    level = given_levels[name]
    top = next(c.top for c in CARD.criteria if c.id == name)
    if level is None or level == top:
        return
    before, after = score(CARD, rated(**given_levels))[0], score(CARD, rated(**given_levels | {name: level + 1}))[0]
    assert before is not None and after is not None and after >= before


@given(levels)
def test_every_criterion_has_a_step_and_the_total_names_them_all(given_levels: dict[str, int | None]) -> None:
    _, steps = score(CARD, rated(**given_levels))
    assert [step.id for step in steps] == ["review.red", "review.a", "review.b", "review.c", "review.score"]
    assert steps[-1].parents == tuple(step.id for step in steps[:-1])
    assert all("criteria." in step.policy for step in steps[:-1])


def test_sentences_have_their_numbers_put_in() -> None:
    _, steps = score(CARD, rated(red=1, a=3, b=1, c=4))
    said = {step.id: step for step in steps}
    assert said["review.red"].sentence.zh == "“第1级” 红线项，未触发。"
    assert said["review.a"].sentence.zh == "“第3级” 第 3 级（满级 4），权重 50，得 37.50 分。"
    assert said["review.a"].sentence.en == "“level 3” Level 3 of 4, weight 50: 37.50 points."
    assert [step.value for step in steps] == ["0.00", "37.50", "10.00", "20.00", "67.50"]
    assert said["review.score"].sentence.zh == "3 项适用，权重合计 100，折合百分制得 67.50 分。"
    assert (
        said["review.score"].sentence.en == "3 criteria apply with weight 100 in sum; out of 100 that is 67.50 points."
    )


def test_a_critical_item_that_failed_says_so_whether_it_has_a_weight_or_not() -> None:
    assert "本会话最高 40 分" in score(CARD, rated(red=0, a=3, b=1, c=4))[1][0].sentence.zh
    heavy = replace(CARD, criteria=(criterion("red", 100, 2, critical=True, cap=Decimal(60)),))
    assert "scores 60 at most" in score(heavy, rated(red=0))[1][0].sentence.en
    assert "权重 100，得 50.00 分" in score(heavy, rated(red=1))[1][0].sentence.zh


@pytest.mark.parametrize(
    ("ratings", "words"),
    [
        (rated(red=1, a=4, b=3), "not rated yet: c"),
        (rated(red=1, a=5, b=3, c=4), "“a” has no level 5"),
        (rated(red=1, a=4, b=-1, c=4), "“b” has no level -1"),
        (rated(red=1, a=4, b=3, c=None), "“c” applies to every conversation"),
        ((*rated(red=1, a=4, b=3, c=4), CriterionRating("d", 1)), "“d” is rated"),
        ((*rated(red=1, a=4, b=3, c=4), CriterionRating("a", 1)), "“a” is rated"),
    ],
)
def test_ratings_that_do_not_fit_are_refused(ratings: tuple[CriterionRating, ...], words: str) -> None:
    with pytest.raises(Refusal, match=words):
        score(CARD, ratings)


@pytest.mark.parametrize(
    ("criteria", "words"),
    [
        ((criterion("a", 60), criterion("b", 30)), "add up to 90"),
        ((criterion("a", 110), criterion("b", -10)), "add up to 100"),
        ((replace(criterion("a", 100), levels=(Level(1, Text("", "")), Level(2, Text("", "")))),), "levels of “a”"),
        ((replace(criterion("a", 100), levels=(Level(0, Text("", "")),)),), "levels of “a”"),
        ((replace(criterion("a", 100), levels=()),), "levels of “a”"),
        ((criterion("a", 100), criterion("idle", 0)), "“idle” has no effect"),
        ((criterion("a", 100, critical=True, cap=Decimal(101)),), "“a” has no effect, or a cap"),
    ],
)
def test_a_scorecard_that_cannot_score_is_refused(criteria: tuple[Criterion, ...], words: str) -> None:
    with pytest.raises(Refusal, match=words):
        validate(replace(CARD, criteria=criteria))


def test_the_shipped_scorecard_can_score() -> None:
    for card in policy.load(ROOT / "policy").scorecards:
        validate(card)
        best = tuple(CriterionRating(c.id, c.top) for c in card.criteria)
        worst = tuple(CriterionRating(c.id, 0) for c in card.criteria)
        assert score(card, best)[0] == 100
        assert score(card, worst)[0] == 0
        assert all(level.words.zh and level.words.en for c in card.criteria for level in c.levels)
