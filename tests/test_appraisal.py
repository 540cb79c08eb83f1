"""Figures become points, points a total, the total a tier: monotone, without cliffs by accident, and in words."""

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qa import ROOT, policy
from qa.model import Appraisal, Band, Kpi, Refusal, Scheme, Text, Tier
from qa.scoring.appraisal import KpiInput, appraise, points, tier_of, validate

settings.register_profile("shared machine", deadline=None)
settings.load_profile("shared machine")

D = Decimal


def kpi(name: str, weight: int, bands: Mapping[str, str], **more: object) -> Kpi:
    given_bands = tuple(Band(D(start), D(p)) for start, p in bands.items())
    fields = {"source": "score", "curve": "steps", "unit": "points", "missing": "reweight"} | more
    return Kpi(id=name, name=Text(name, name), weight=D(weight), bands=given_bands, **fields)  # type: ignore[arg-type]


RISING = {"0": "0", "60": "50", "80": "80", "90": "100"}
FALLING = {"0": "100", "30": "80", "60": "0"}

SCHEME = Scheme(
    id="test",
    version="2026-01-01",
    name=Text("试", "Test"),
    performance_pay=D(1000),
    kpis=(
        kpi("score", 50, RISING, curve="line"),
        kpi("rate", 30, RISING),
        kpi("wait", 20, FALLING, unit="seconds", protected=False),
    ),
    tiers=(
        Tier("C", Text("C 档", "tier C"), D(0), D("0.5")),
        Tier("B", Text("B 档", "tier B"), D(70), D(1)),
        Tier("A", Text("A 档", "tier A"), D(90), D("1.2")),
    ),
    events=(),
    boundary="benefit_of_doubt",
    rounding="fen",
    floor=D(0),
    ceiling=D(5000),
)


def exactly(value: str | None) -> KpiInput:
    return KpiInput(None if value is None else D(value))


def judged(scheme: Scheme = SCHEME, **figures: str | None) -> Appraisal:
    return appraise("A1", scheme, {name: exactly(value) for name, value in figures.items()})


hundredths = st.integers(0, 10000).map(lambda n: D(n) / 100)


class TestPoints:
    @pytest.mark.parametrize(
        ("value", "expected"),
        [("0", 0), ("59.99", 0), ("60", 50), ("79.99", 50), ("80", 80), ("89.99", 80), ("90", 100), ("1000", 100)],
    )
    def test_steps_are_half_open(self, value: str, expected: int) -> None:
        assert points(kpi("rate", 100, RISING), D(value)) == expected

    @pytest.mark.parametrize(
        ("value", "expected"),
        [("0", "0"), ("30", "25"), ("60", "50"), ("70", "65"), ("80", "80"), ("85", "90"), ("99", "100")],
    )
    def test_a_line_goes_straight_from_band_to_band(self, value: str, expected: str) -> None:
        assert points(kpi("rate", 100, RISING, curve="line"), D(value)) == D(expected)

    def test_a_value_below_the_first_band_is_refused(self) -> None:
        with pytest.raises(Refusal, match="-1 lies below the first band of “rate”, which begins at 0"):
            points(kpi("rate", 100, RISING), D(-1))


class TestTotal:
    def test_points_count_by_weight(self) -> None:
        """50 % × 80 + 30 % × 50 + 20 % × 100."""
        assert judged(score="80", rate="60", wait="10").total == 75

    def test_a_missing_figure_is_left_out_and_the_others_weigh_more(self) -> None:
        """(30 × 50 + 20 × 100) / 50; a 0 would have given 35."""
        found = judged(score=None, rate="60", wait="10")
        assert found.total == 70
        assert [r.weight for r in found.kpis] == [0, 60, 40]
        assert found.kpis[0].points is None
        assert "没有足够的数据" in found.steps[0].sentence.zh and "left out" in found.steps[0].sentence.en

    def test_an_absent_figure_is_a_missing_figure(self) -> None:
        assert judged(rate="60", wait="10") == judged(score=None, rate="60", wait="10")

    def test_without_any_figure_there_is_no_total_and_no_tier(self) -> None:
        found = judged()
        assert (found.total, found.total_high, found.tier, found.tier_by_estimate) == (None, None, None, None)
        assert not found.protected
        assert "没有总分" in found.steps[-1].sentence.zh

    def test_a_scheme_may_refuse_to_do_without_a_figure(self) -> None:
        strict = replace(SCHEME, kpis=(replace(SCHEME.kpis[0], missing="refuse"), *SCHEME.kpis[1:]))
        with pytest.raises(Refusal, match="“score” of A1 is missing") as refused:
            judged(strict, rate="60", wait="10")
        assert refused.value.place == "schemes/test.toml 2026-01-01 kpis.score.missing"

    @given(hundredths, hundredths, hundredths)
    def test_names_and_order_of_kpis_do_not_matter(self, score: Decimal, rate: Decimal, wait: Decimal) -> None:
        renamed = {"score": "x", "rate": "y", "wait": "z"}
        other = replace(SCHEME, kpis=tuple(replace(k, id=renamed[k.id]) for k in reversed(SCHEME.kpis)))
        one = appraise("A1", SCHEME, {"score": KpiInput(score), "rate": KpiInput(rate), "wait": KpiInput(wait)})
        two = appraise("A1", other, {"x": KpiInput(score), "y": KpiInput(rate), "z": KpiInput(wait)})
        assert (one.total, one.tier) == (two.total, two.tier)

    @given(
        hundredths,
        hundredths,
        hundredths,
        st.sampled_from(["score", "rate", "wait"]),
        hundredths,
        hundredths,
        st.booleans(),
    )
    def test_a_better_figure_never_gives_less(
        self, score: Decimal, rate: Decimal, wait: Decimal, better: str, by: Decimal, half: Decimal, doubt: bool
    ) -> None:
        scheme = SCHEME if doubt else replace(SCHEME, boundary="estimate")
        before = {"score": score, "rate": rate, "wait": wait}
        after = before | {better: max(before[better] - by, D(0)) if better == "wait" else before[better] + by}
        one, two = (
            appraise("A1", scheme, {name: KpiInput(v, max(v - half, D(0)), v + half) for name, v in values.items()})
            for values in (before, after)
        )
        assert one.total is not None and two.total is not None and two.total >= one.total
        assert one.total_high is not None and two.total_high is not None and two.total_high >= one.total_high
        order = [tier.id for tier in SCHEME.tiers]
        assert order.index(str(two.tier)) >= order.index(str(one.tier))


class TestDoubt:
    def test_the_favourable_end_decides_the_tier_of_a_protected_figure(self) -> None:
        values = {"score": KpiInput(D(88), D(80), D(94), 12), "rate": exactly("80"), "wait": exactly("10")}
        found = appraise("A1", SCHEME, values)
        assert (found.total, found.total_high) == (92, 94)
        values["score"] = KpiInput(D(84), D(76), D(90), 12)
        found = appraise("A1", SCHEME, values)
        assert (found.total, found.total_high) == (88, 94)
        assert (found.tier, found.tier_by_estimate, found.protected) == ("A", "B", True)
        assert "从宽" in found.steps[-1].sentence.zh and "doubt" in found.steps[-1].sentence.en

    def test_a_scheme_may_go_by_the_estimate(self) -> None:
        strict = replace(SCHEME, boundary="estimate")
        values = {"score": KpiInput(D(84), D(76), D(90), 12), "rate": exactly("80"), "wait": exactly("10")}
        found = appraise("A1", strict, values)
        assert (found.tier, found.protected) == ("B", False)

    def test_where_lower_is_better_the_low_end_is_the_favourable_one(self) -> None:
        shy = replace(SCHEME, kpis=(*SCHEME.kpis[:2], replace(SCHEME.kpis[2], protected=True)))
        found = appraise("A1", shy, {"wait": KpiInput(D(35), D(28), D(70))})
        assert (found.total, found.total_high) == (80, 100)

    def test_where_the_middle_is_best_the_interval_is_searched_for_it(self) -> None:
        target = kpi("target", 100, {"0": "0", "40": "100", "60": "20"})
        found = appraise("A1", replace(SCHEME, kpis=(target,)), {"target": KpiInput(D(30), D(20), D(70))})
        assert (found.total, found.total_high) == (0, 100)

    @given(hundredths, hundredths, hundredths)
    def test_doubt_never_costs_anything(self, score: Decimal, below: Decimal, above: Decimal) -> None:
        sure = judged(score=str(score))
        found = appraise("A1", SCHEME, {"score": KpiInput(score, max(score - below, D(0)), score + above)})
        order = [tier.id for tier in SCHEME.tiers]
        assert order.index(str(found.tier)) >= order.index(str(sure.tier))
        assert found.tier_by_estimate == sure.tier

    def test_an_interval_that_reaches_below_the_scale_is_no_fault(self) -> None:
        assert appraise("A1", SCHEME, {"score": KpiInput(D(5), D(-3), D(20))}).total_high is not None


class TestSteps:
    def test_every_step_names_its_policy_and_every_parent_exists(self) -> None:
        found = judged(score="80", rate="60", wait="10")
        ids = [step.id for step in found.steps]
        assert len(set(ids)) == len(ids)
        assert all(parent in ids for step in found.steps for parent in step.parents)
        assert all(step.policy.startswith("schemes/test.toml 2026-01-01") for step in found.steps)

    def test_the_trail_leads_from_the_tier_to_the_evidence(self) -> None:
        found = appraise("A1", SCHEME, {"score": KpiInput(D(80), D(70), D(88), 2, ("c1", "c2"))})
        steps = {step.id: step for step in found.steps}
        trail = [steps["tier"]]
        while trail[-1].parents:
            trail.append(steps[trail[-1].parents[0]])
        assert [step.id for step in trail] == ["tier", "total", "kpi.score.points", "kpi.score.figure"]
        assert trail[-1].evidence == ("c1", "c2")

    def test_sentences_have_their_numbers_put_in(self) -> None:
        found = judged(score="80", rate="60", wait="10")
        said = {step.id: step.sentence for step in found.steps}
        assert said["kpi.wait.figure"].zh == "wait 10 秒（n=0）。"
        assert said["kpi.wait.points"].zh == "10 秒，在 0 秒（含）到 30 秒（不含）之间，得 100 分。"
        assert said["kpi.rate.points"].en == "60 points is from 60 points and under 80 points: 50 points."
        assert said["total"].zh == "score 80 × 50% + rate 50 × 30% + wait 100 × 20% = 75 分。"
        assert said["tier"].zh == "总分 75 分，在 70 分（含）到 90 分（不含）之间，为 B 档。"

    def test_a_number_is_never_shown_on_the_other_side_of_its_line(self) -> None:
        shares = replace(SCHEME, kpis=(kpi("share", 100, {"0": "0", "0.8": "100"}, unit="share"),))
        assert "79.996%" in judged(shares, share="0.79996").steps[0].sentence.zh
        assert "80%" in judged(shares, share="0.8").steps[0].sentence.zh
        assert "83.18%" in judged(shares, share="0.831776").steps[0].sentence.zh
        assert judged(shares, share="0.7999999").steps[0].value == "0.7999999"

    def test_a_total_just_below_a_line_is_shown_below_it(self) -> None:
        found = judged(score="79.9999", rate="90", wait="30")
        assert found.total == D("85.999925")
        low = replace(SCHEME, tiers=(SCHEME.tiers[0], replace(SCHEME.tiers[1], from_=D(86))))
        found = judged(low, score="79.9999", rate="90", wait="30")
        assert found.tier == "C" and "85.9999" in found.steps[-1].sentence.zh


class TestRefusals:
    @pytest.mark.parametrize(
        ("change", "words", "place"),
        [
            ({"kpis": (kpi("a", 60, RISING),)}, "add up to 60", "kpis"),
            ({"kpis": (kpi("a", 100, RISING), kpi("b", 0, RISING))}, "not above 0", "kpis"),
            ({"kpis": (kpi("a", 50, RISING), kpi("a", 50, RISING))}, "same id", ""),
            ({"kpis": (kpi("a", 100, {}),)}, "gap", "kpis.a.bands"),
            ({"kpis": (kpi("a", 100, {"10": "0", "20": "5"}),)}, "values below 10 have no answer", "kpis.a.bands"),
            ({"kpis": (kpi("a", 100, {"0": "0", "90": "5", "80": "9"}),)}, "80 follows 90", "kpis.a.bands"),
            ({"kpis": (kpi("a", 100, {"0": "0", "90": "5", "90.0": "9"}),)}, "two answers", "kpis.a.bands"),
            ({"kpis": (kpi("a", 100, RISING, curve="spline"),)}, "spline", "kpis.a.curve"),
            ({"kpis": (kpi("a", 100, RISING, missing="zero"),)}, "zero", "kpis.a.missing"),
            ({"tiers": SCHEME.tiers[1:]}, "values below 70 have no answer", "tiers"),
            ({"tiers": (*SCHEME.tiers, replace(SCHEME.tiers[2], id="S"))}, "two answers", "tiers"),
            ({"tiers": SCHEME.tiers[::-1]}, "gap", "tiers"),
            ({"tiers": ()}, "gap", "tiers"),
            ({"boundary": "luck"}, "luck", "boundary"),
        ],
    )
    def test_a_scheme_that_would_appraise_by_chance_is_refused(
        self, change: dict[str, object], words: str, place: str
    ) -> None:
        with pytest.raises(Refusal, match=words) as refused:
            validate(replace(SCHEME, **change))  # type: ignore[arg-type]
        assert refused.value.place.startswith(f"schemes/test.toml 2026-01-01 {place}".strip())

    def test_the_figure_of_an_unknown_kpi_is_refused(self) -> None:
        with pytest.raises(Refusal, match="“speed” belongs to no KPI"):
            judged(speed="1")

    @pytest.mark.parametrize("wrong", ["NaN", "Infinity", "-Infinity"])
    def test_what_is_not_a_number_is_refused(self, wrong: str) -> None:
        with pytest.raises(Refusal, match="“score” of A1 is not a number"):
            judged(score=wrong)
        with pytest.raises(Refusal, match="not a number"):
            appraise("A1", SCHEME, {"score": KpiInput(D(80), D(wrong), D(90))})


@given(hundredths)
def test_every_total_has_exactly_one_tier(total: Decimal) -> None:
    tier = tier_of(SCHEME, total)
    above = [each.from_ for each in SCHEME.tiers if each.from_ > tier.from_]
    assert tier.from_ <= total and all(total < start for start in above)


def test_the_shipped_schemes_are_sound() -> None:
    schemes = policy.load(ROOT / "policy").schemes
    assert schemes
    for scheme in schemes:
        validate(scheme)
