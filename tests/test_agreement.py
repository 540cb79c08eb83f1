"""What agreement says where there is little to say: gaps, one reviewer, no variation. The figures stand in published.toml."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qa.model import Refusal
from qa.scoring.agreement import ac1, alpha, kappa, linear, nominal, percent_agreement, squared

settings.register_profile("shared machine", deadline=None)
settings.load_profile("shared machine")

ratings = st.lists(st.lists(st.none() | st.integers(0, 4), min_size=3, max_size=3), max_size=12)


def test_without_anything_rated_twice_nothing_is_said() -> None:
    alone = [[1, None], [None, 2], [None, None]]
    assert percent_agreement(alone) is None
    assert kappa(alone, nominal) is None
    assert alpha(alone, "ordinal") is None
    assert ac1(alone, 5) is None
    assert alpha([], "nominal") is None


def test_without_variation_chance_cannot_be_told_from_agreement() -> None:
    same = [[4, 4], [4, 4], [4, 4]]
    assert kappa(same, linear) is None
    assert alpha(same, "interval") is None
    assert percent_agreement(same) == 1
    assert ac1(same, 5) == 1


def test_conversations_that_one_of_two_did_not_rate_are_left_out() -> None:
    assert (
        kappa([[1, 1], [2, 3], [1, None], [None, 2]], nominal)
        == kappa([[1, 1], [2, 3]], nominal)
        == pytest.approx(1 / 3)
    )


def test_far_disagreement_weighs_more_only_where_levels_are_ordered() -> None:
    near, far = [[0, 1], [1, 1], [4, 4], [3, 3]], [[0, 4], [1, 1], [4, 4], [3, 3]]
    assert alpha(near, "nominal") != alpha(near, "interval")
    near_squared, far_squared = kappa(near, squared), kappa(far, squared)
    assert near_squared is not None and far_squared is not None and near_squared > far_squared


def test_ratio_takes_two_zeros_for_equal() -> None:
    assert alpha([[0, 0], [1, 1], [2, 2]], "ratio") == 1


@given(ratings)
def test_the_order_of_reviewers_and_conversations_does_not_matter(units: list[list[int | None]]) -> None:
    turned = [unit[::-1] for unit in units[::-1]]
    for level in ("nominal", "ordinal", "interval"):
        assert alpha(turned, level) == pytest.approx(alpha(units, level))
    assert ac1(turned, 5) == pytest.approx(ac1(units, 5))


@given(ratings)
def test_full_agreement_is_1_and_nothing_is_above_it(units: list[list[int | None]]) -> None:
    agreed = [[value for _ in unit] for unit in units if (value := unit[0]) is not None]
    assert alpha(agreed, "ordinal") in {None, 1}
    found = alpha(units, "ordinal")
    assert found is None or found <= 1


def test_a_third_reviewer_an_unknown_level_and_too_few_categories_are_refused() -> None:
    with pytest.raises(Refusal, match="two reviewers"):
        kappa([[1, 2, 3]], nominal)
    with pytest.raises(Refusal, match="“metric” is unknown"):
        alpha([[1, 2]], "metric")
    with pytest.raises(Refusal, match="2 levels were named, but 3 were used"):
        ac1([[1, 2], [3, 3]], 2)
    with pytest.raises(Refusal, match="1 levels were named"):
        ac1([[1, 1]], 1)
