"""Made-up facts for each kind of report; some of the words in them are hostile."""

from datetime import UTC, date, datetime, timedelta

from report_people import (
    ATTITUDE,
    BONUSES,
    COUNT,
    GOOD,
    HOSTILE,
    HOUSE,
    MONTH,
    NAMES,
    PEOPLE,
    PLAN,
    REPLY,
    RESPONSE,
    SCHEME,
    value,
)

from qa.model import (
    RatingValue,
    Severity,
    Text,
    Verdict,
)
from qa.report import (
    AppraisalFacts,
    BonusFacts,
    ComplianceFacts,
    DailyFacts,
    Facts,
    PayrollFacts,
    ReviewFacts,
)
from qa.views import (
    AgentDay,
    Attention,
    FindingView,
    MetricCard,
    RatingView,
    ReviewView,
    Today,
    WorkItem,
)

ZONE = "Asia/Shanghai"


def finding(
    text: str, matched: str, *, verdict: Verdict | None = None, hour: int = 6, name: str = "反问：什么？"
) -> FindingView:
    start = text.index(matched)
    return FindingView(
        finding_id=f"f-{hour}-{matched}", rule="confrontation.curt_what", name=Text(name, "Rhetorical: What?"), category="rhetorical",
        category_name=Text("反问词", "Rhetorical question"), severity=Severity.MAJOR, why=Text("生硬的反问让客户觉得被轻视。", "A curt question back reads as contempt."),
        instead="亲，请问您具体想了解哪一款呢？", conversation_id="ks-1029-0042", message_id=f"ks-1029-0042-{hour}", agent_name="李娜",
        sent_at=datetime(2026, 10, 30, hour, 5, tzinfo=UTC), start=start, end=start + len(matched), matched=matched, text=text, value=None, verdict=verdict,
    )  # fmt: skip


FINDINGS = (
    finding("什么？", "什么", verdict=Verdict.CONFIRMED),
    finding(
        "亲，不是告诉过您了吗，自己看一下详情页",
        "不是告诉过您了吗",
        verdict=Verdict.CONFIRMED,
        hour=7,
        name="质问：不是说过了",
    ),
    finding("这个我不清楚哦，您问一下快递那边吧", "不清楚", hour=8, name="推诿：不清楚"),
    finding("您要哪个颜色？", "哪个", verdict=Verdict.REJECTED, hour=9),
    finding(HOSTILE, "<script>", hour=10, name="推诿：不清楚"),
)


def _rating(
    zh: str, en: str, weight: str, level: int | None, words: tuple[str, str] | None, top: int = 4
) -> RatingView:
    return RatingView(Text(zh, en), weight, level, Text(*words) if words else None, top)


def review(place: int, *, note: str = "") -> ReviewView:
    levels = (
        ("客气，但只有套话，客户着急时没有回应情绪", "Civil, but stock phrases only"),
        ("礼貌耐心，有问候和结束语，个别句子偏生硬", "Polite and patient, a stiff sentence here or there"),
        ("自然、亲切，先安抚再办事", "Natural and warm, calmed first and then acted"),
    )
    ratings = (
        _rating("红线：尊重客户", "Critical: respect", "0", 1, ("没有", "Did not"), 1),
        _rating("态度与称呼", "Courtesy", "20", 2 + place % 3, levels[place % 3]),
        _rating(
            "听懂需求",
            "Understood the need",
            "20",
            None if place == 1 else 3,
            None if place == 1 else ("听懂了，漏了一处细节", "Understood, one detail missed"),
        ),
    )
    at = datetime(2026, 10, 20, 2, 15, tzinfo=UTC) + timedelta(days=place)
    return ReviewView(
        f"r-{place}",
        f"ks-1020-{place:04d}",
        "李娜",
        "周主管",
        at,
        f"{78 + 4 * place}.5",
        ratings,
        note,
        Text("流程不清", "Unclear process") if place == 2 else None,
    )


REVIEWS = tuple(
    review(place, note="开头安抚得好；退款时效要主动说清楚。" if place == 0 else HOSTILE if place == 3 else "")
    for place in range(4)
)


def _series(level: float, spread: float) -> tuple[tuple[date, float | None], ...]:
    first = date(2026, 10, 1)
    return tuple(
        (first + timedelta(days=i), None if i == 12 else level + spread * ((i * 37 % 11) - 5) / 5) for i in range(30)
    )


def _day(place: int) -> AgentDay:
    result = PEOPLE[place]
    rated = 0 if place == 4 else 17 - place % 6
    return AgentDay(
        result.agent_id, result.name, result.team, 96 - 3 * place, None if place == 5 else 21.0 + 3 * place, 0.98 - 0.01 * place,
        rated - min(rated, place % 5), rated, min(rated, place % 5), place % 3, place % 2, result.score,
    )  # fmt: skip


ATTENTION = (
    Attention(
        Text(
            "李娜好评率 71 %（n=17），低于她自己的常态",
            "Li Na: good-rating rate 71 % (n=17), below her own usual level",
        ),
        Text("5 条中差评里 3 条写“没有解决”", "3 of 5 bad ratings say “not solved”"),
        "conversations",
        (),
        Text("看会话", "Read them"),
    ),
    Attention(
        Text("“不清楚”类推诿昨天 6 次", "Deflection “not sure” 6 times yesterday"),
        Text("其中 4 次在退款问题上：像是团队缺话术", "4 of them about refunds: the team seems to lack a script"),
        "rules",
        (),
        Text("写话术", "Write a script"),
    ),
)
TODAY = Today(
    day=date(2026, 10, 30),
    made_up=True,
    cards=(
        MetricCard(value(GOOD, 0.831, 214, headroom=9, meets=True), _series(0.83, 0.05)),
        MetricCard(value(ATTITUDE, 0.083, 36, headroom=-1, meets=False), _series(0.06, 0.04)),
        MetricCard(value(REPLY, 0.96, 1830, meets=True), _series(0.95, 0.02)),
    ),
    to_judge=17,
    to_review=12,
    minutes=24,
    attention=ATTENTION,
    agents=tuple(_day(place) for place in range(14)),
)
WORKLIST = tuple(
    WorkItem(
        f"a-{i}",
        f"ks-1030-{i:04d}",
        NAMES[i],
        "快手一店",
        datetime(2026, 10, 30, 3 + i, 20, tzinfo=UTC),
        Text("随机", "by chance"),
        1 + i % 2,
        i == 2,
        i,
        (None, RatingValue.NEUTRAL, RatingValue.SATISFIED, RatingValue.DISAPPOINTED)[i],
    )
    for i in range(4)
)
SHOPS = (
    ("快手一店", (value(GOOD, 0.8411, 1246, "快手一店", 64, True), value(ATTITUDE, 0.0505, 198, "快手一店", 2, True))),
    (
        "淘宝旗舰店",
        (value(GOOD, 0.7977, 1532, "淘宝旗舰店", -18, False), value(ATTITUDE, 0.0968, 310, "淘宝旗舰店", -12, False)),
    ),
)
METRICS = tuple(
    each
    for shop, rated in SHOPS
    for each in (
        *rated,
        value(REPLY, 0.9612, 18230, shop, None, True),
        value(RESPONSE, 43.26, 17500, shop, None, False),
        value(COUNT, 4120.0, 4120, shop),
    )
)

FACTS: dict[str, Facts] = {
    "daily": DailyFacts(HOUSE, TODAY, FINDINGS, WORKLIST),
    "review": ReviewFacts(HOUSE, MONTH, PEOPLE[2], REVIEWS, FINDINGS, SCHEME, PLAN, 312, 14, 20261031),
    "appraisal": AppraisalFacts(HOUSE, MONTH, PEOPLE, tuple(card.now for card in TODAY.cards), SCHEME, PLAN),
    "bonus": BonusFacts(HOUSE, MONTH, BONUSES[:3], SCHEME),
    "payroll": PayrollFacts(HOUSE, MONTH, BONUSES),
    "compliance": ComplianceFacts(HOUSE, MONTH, METRICS),
}
