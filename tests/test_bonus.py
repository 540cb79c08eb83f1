"""Every yuan has a line, the lines add up to the amount, every line leads to what it rests on."""

import tomllib
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qa import ROOT, policy
from qa.bonus import UNITS, EventCount, bonus, validate, yuan
from qa.model import Appraisal, Bonus, Event, Refusal, Scheme, Text, Tier
from qa.scoring.appraisal import KpiInput, appraise

settings.register_profile("shared machine", deadline=None)
settings.load_profile("shared machine")

D = Decimal
SITUATIONS = [
    (path.stem, situation)
    for path in sorted((Path(__file__).parent / "bonus").glob("*.toml"))
    for situation in tomllib.loads(path.read_text(encoding="utf-8"))["situation"]
]

SCHEME = Scheme(
    id="test",
    version="2026-01-01",
    name=Text("试", "Test"),
    performance_pay=D("1234.56"),
    kpis=(),
    tiers=(
        Tier("C", Text("C 档", "tier C"), D(0), D("0.333")),
        Tier("B", Text("B 档", "tier B"), D(70), D(1)),
        Tier("A", Text("A 档", "tier A"), D(90), D("1.2")),
    ),
    events=(
        Event("fault", Text("问题", "Fault"), "findings:major", D("-20.5"), D(100), Text("伤客户。", "It hurts.")),
        Event("praise", Text("表扬", "Praise"), "rating:satisfied", D(3), D(60), Text("客户满意。", "They liked it.")),
    ),
    boundary="estimate",
    rounding="fen",
    floor=D(0),
    ceiling=D(3000),
)


@pytest.fixture(scope="module")
def standard() -> Scheme:
    return next(scheme for scheme in policy.load(ROOT / "policy").schemes if scheme.id == "standard")


def appraised(tier: str | None, scheme: Scheme = SCHEME) -> Appraisal:
    total = None if tier is None else D(75)
    return Appraisal("A1", scheme.id, scheme.version, (), total, total, tier, tier, False, ())


def happened(**counts: int) -> list[EventCount]:
    return [EventCount(name, n, tuple(f"c{i}/m{i}" for i in range(n))) for name, n in counts.items()]


# ---------------------------------------------------------------- situations in sentences


@pytest.mark.parametrize(("file", "case"), SITUATIONS, ids=[f"{file}: {case['says']}" for file, case in SITUATIONS])
def test_the_situation_is_paid_as_it_says(file: str, case: Mapping[str, Any], standard: Scheme) -> None:
    change = {key: value if key == "rounding" else D(value) for key, value in case.get("change", {}).items()}
    scheme = replace(standard, **change)
    intervals = case.get("intervals", {})
    values = {
        name: KpiInput(D(value), *(D(end) for end in intervals.get(name, (value, value))), 30)
        for name, value in case["figures"].items()
    }
    found = appraise("A1", scheme, values)
    results = {r.kpi: r for r in found.kpis}
    paid = bonus(found, scheme, "2026-10", happened(**case.get("events", {})))
    for name, expected in case.get("points", {}).items():
        assert results[name].points == D(expected)
    for name, expected in case.get("weights", {}).items():
        assert results[name].weight == D(expected)
    for name in ("total", "total_high"):
        if name in case:
            assert getattr(found, name) == D(case[name])
    for name in ("tier", "tier_by_estimate", "protected"):
        if name in case:
            assert getattr(found, name) == case[name]
    if "lines" in case:
        assert {line.id: line.amount for line in paid.lines} == {name: D(v) for name, v in case["lines"].items()}
    if "amount" in case:
        assert str(paid.amount) == case["amount"]


def test_every_line_between_two_bands_or_tiers_has_a_situation_on_it(standard: Scheme) -> None:
    figures = [case["figures"] for _, case in SITUATIONS]
    for kpi in standard.kpis:
        tried = {D(f[kpi.id]) for f in figures if kpi.id in f}
        assert {band.from_ for band in kpi.bands} <= tried, kpi.id
    totals = {D(case["total"]) for _, case in SITUATIONS if "total" in case}
    assert {tier.from_ for tier in standard.tiers if tier.from_} <= totals


# ---------------------------------------------------------------- properties

money = st.decimals(0, 5000, places=4)
coefficients = st.decimals(0, 3, places=3)
schemes = st.builds(
    lambda pay, low, high, rounding, amount, cap, floor, room: replace(
        SCHEME,
        performance_pay=pay,
        tiers=(replace(SCHEME.tiers[0], coefficient=low), replace(SCHEME.tiers[1], coefficient=low + high)),
        events=(replace(SCHEME.events[0], amount=-amount, cap=amount + cap), SCHEME.events[1]),
        rounding=rounding,
        floor=D(floor),
        ceiling=D(floor + room),
    ),
    money,
    coefficients,
    coefficients,
    st.sampled_from(["fen", "jiao", "yuan"]),
    st.decimals(0, 100, places=3),
    st.decimals(0, 500, places=3),
    st.integers(0, 300),
    st.integers(0, 9000),
)
tiers = st.sampled_from(["C", "B", None])
counts = st.integers(0, 20)


def pay(scheme: Scheme, tier: str | None, faults: int, praise: int) -> Bonus:
    return bonus(appraised(tier, scheme), scheme, "2026-10", happened(fault=faults, praise=praise))


@given(schemes, tiers, counts, counts)
def test_the_lines_add_up_to_the_amount_exactly(scheme: Scheme, tier: str | None, faults: int, praise: int) -> None:
    found = pay(scheme, tier, faults, praise)
    assert sum(line.amount for line in found.lines) == found.amount
    assert found.amount % UNITS[scheme.rounding] == 0
    assert str(found.amount).partition(".")[2].__len__() == 2


@given(schemes, tiers, counts, counts)
def test_the_amount_stays_within_floor_and_ceiling(scheme: Scheme, tier: str | None, faults: int, praise: int) -> None:
    assert scheme.floor <= pay(scheme, tier, faults, praise).amount <= scheme.ceiling


@given(schemes, tiers, counts, counts)
def test_rounding_moves_at_most_half_a_unit(scheme: Scheme, tier: str | None, faults: int, praise: int) -> None:
    rest = [line.amount for line in pay(scheme, tier, faults, praise).lines if line.id == "rounding"]
    assert all(0 < abs(amount) <= UNITS[scheme.rounding] / 2 for amount in rest)


@given(schemes, counts, counts)
def test_a_higher_tier_never_pays_less(scheme: Scheme, faults: int, praise: int) -> None:
    assert pay(scheme, "B", faults, praise).amount >= pay(scheme, "C", faults, praise).amount


@given(schemes, tiers, counts, counts)
def test_fewer_faults_and_more_praise_never_pay_less(
    scheme: Scheme, tier: str | None, faults: int, praise: int
) -> None:
    base = pay(scheme, tier, faults + 1, praise).amount
    assert pay(scheme, tier, faults, praise).amount >= base
    assert pay(scheme, tier, faults + 1, praise + 1).amount >= base


@given(schemes, tiers, counts, counts)
def test_the_order_of_events_does_not_matter(scheme: Scheme, tier: str | None, faults: int, praise: int) -> None:
    events = happened(fault=faults, praise=praise)
    there = bonus(appraised(tier, scheme), scheme, "2026-10", events)
    assert bonus(appraised(tier, scheme), scheme, "2026-10", events[::-1]) == there


@given(schemes, tiers, counts, counts)
def test_every_line_has_its_steps_and_every_event_its_evidence(
    scheme: Scheme, tier: str | None, faults: int, praise: int
) -> None:
    found = pay(scheme, tier, faults, praise)
    steps = {step.id: step for step in found.steps}
    for line in found.lines:
        own = steps[line.steps[0]]
        assert D(own.value) == line.amount
        assert own.sentence.zh and own.sentence.en and own.policy.startswith("schemes/test.toml 2026-01-01")
        assert not line.id.startswith("event.") or own.evidence


# ---------------------------------------------------------------- single cases


def test_steps_of_the_appraisal_travel_with_the_bonus(standard: Scheme) -> None:
    values = {"quality": KpiInput(D(82), D(75), D(88), 2, ("c1", "c2"))}
    found = bonus(appraise("A1", standard, values), standard, "2026-10", happened(major=1))
    steps = {step.id: step for step in found.steps}
    assert all(name in steps for line in found.lines for name in line.steps)
    trail = ["bonus.performance"]
    while steps[trail[-1]].parents:
        trail.append(steps[trail[-1]].parents[0])
    assert steps[trail[-1]].evidence == ("c1", "c2")
    assert steps["bonus.event.major"].evidence == ("c0/m0",)


def test_sentences_have_their_numbers_put_in() -> None:
    said = {step.id: step.sentence for step in pay(SCHEME, "B", 6, 1).steps}
    assert said["bonus.performance"].zh == "绩效工资 ¥1,234.56 × B 档系数 1 = ¥1,234.56。"
    assert said["bonus.event.fault"].zh == (
        "问题 6 次 × −¥20.50 = −¥123.00。每月以 ¥100.00 为限，计 −¥100.00。原因：伤客户。"
    )
    assert said["bonus.event.praise"].en == "Praise: 1 × ¥3.00 = ¥3.00. Why: They liked it."


@pytest.mark.parametrize(
    ("change", "faults", "zh", "en", "key"),
    [
        (
            {"floor": D(1200)},
            9,
            "以上合计 ¥1,134.56，保底 ¥1,200.00，差额 ¥65.44。",
            "The lines above add up to ¥1,134.56; floor ¥1,200.00, difference ¥65.44.",
            "floor",
        ),
        (
            {"ceiling": D(1000)},
            0,
            "以上合计 ¥1,234.56，封顶 ¥1,000.00，差额 −¥234.56。",
            "The lines above add up to ¥1,234.56; ceiling ¥1,000.00, difference −¥234.56.",
            "ceiling",
        ),
    ],
)
def test_floor_and_ceiling_say_what_they_did(change: dict[str, Any], faults: int, zh: str, en: str, key: str) -> None:
    step = pay(replace(SCHEME, **change), "B", faults, 0).steps[-1]
    assert (step.sentence.zh, step.sentence.en, step.policy) == (zh, en, f"schemes/test.toml 2026-01-01 {key}")


def test_rounding_says_what_it_did() -> None:
    step = pay(replace(SCHEME, rounding="jiao"), "B", 0, 0).steps[-1]
    assert step.sentence.zh == "以上合计 ¥1,234.56，四舍五入到角为 ¥1,234.60。"
    assert step.sentence.en == "The lines above add up to ¥1,234.56, rounded half up to jiao: ¥1,234.60."


def test_without_a_tier_the_pay_agreed_is_paid_and_the_reason_is_said() -> None:
    found = pay(SCHEME, None, 0, 0)
    assert str(found.amount) == "1234.56"
    assert "不定档" in found.steps[-1].sentence.zh and "as agreed" in found.steps[-1].sentence.en


@pytest.mark.parametrize(
    ("amount", "said"),
    [("0", "¥0.00"), ("1234.5", "¥1,234.50"), ("-50", "−¥50.00"), ("0.005", "¥0.005"), ("1E+3", "¥1,000.00")],
)
def test_money_is_written_with_its_sign_before_the_currency(amount: str, said: str) -> None:
    assert yuan(D(amount)) == said


@pytest.mark.parametrize(
    ("events", "words"),
    [
        ([EventCount("bribe", 1, ("m",))], "“bribe” is not in the scheme"),
        ([EventCount("fault", 1, ("m",)), EventCount("fault", 1, ("m",))], "counted twice"),
        ([EventCount("fault", -1, ("m",))], "counted -1 times"),
        ([EventCount("fault", 2, ())], "without anything that shows it"),
    ],
)
def test_events_that_nobody_could_check_are_refused(events: list[EventCount], words: str) -> None:
    with pytest.raises(Refusal, match=words):
        bonus(appraised("B"), SCHEME, "2026-10", events)


def test_an_appraisal_by_another_version_is_refused() -> None:
    with pytest.raises(Refusal, match="made by the scheme test 2026-01-01, not by test 2026-07-01"):
        bonus(appraised("B"), replace(SCHEME, version="2026-07-01"), "2026-10", [])


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"rounding": "dollar"}, "“dollar” is unknown"),
        ({"floor": D(3001)}, "do not fit together"),
        ({"floor": D("0.005")}, "do not fit together"),
        ({"ceiling": D("2999.5"), "rounding": "yuan"}, "not whole yuan"),
        ({"events": (replace(SCHEME.events[0], cap=D(20)),)}, "cap 20 of “fault” is below"),
    ],
)
def test_money_rules_that_contradict_each_other_are_refused(change: dict[str, Any], words: str) -> None:
    with pytest.raises(Refusal, match=words):
        validate(replace(SCHEME, **change))
    with pytest.raises(Refusal, match=words):
        bonus(appraised("B"), replace(SCHEME, **change), "2026-10", [])


def test_the_shipped_scheme_has_sound_money_rules(standard: Scheme) -> None:
    validate(standard)
