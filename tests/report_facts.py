"""Made-up facts for the tests of reports and charts: a shop group, 24 people, one of them with hostile chats."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from qa.bonus import EventCount, bonus
from qa.model import (
    Agent,
    Band,
    Estimate,
    Event,
    Kpi,
    Metric,
    Plan,
    RatingValue,
    Scheme,
    Severity,
    Text,
    Tier,
    Verdict,
)
from qa.report import (
    AppraisalFacts,
    BonusFacts,
    ComplianceFacts,
    DailyFacts,
    Facts,
    House,
    PayrollFacts,
    ReviewFacts,
)
from qa.scoring.appraisal import KpiInput, appraise
from qa.views import (
    AgentDay,
    AgentResult,
    Attention,
    BonusView,
    FindingView,
    MetricCard,
    MetricValue,
    RatingView,
    ReviewView,
    Today,
    WorkItem,
)

ZONE = "Asia/Shanghai"
MONTH = "2026-10"
HOUSE = House("晴川电商客服中心", made_up=True, generated=date(2026, 10, 31))
HOSTILE = '<script>alert(1)</script> **bold** [a](http://x.example) \u202egnirts\u202c =1+1 & "q"'
FORMULAS = ("=1+1", "+1", "-1", "@SUM(A1)", "http://x.example", "＝1+1")
NAMES = [
    "李娜",
    "王敏",
    "张伟",
    "刘洋",
    "陈静",
    "杨帆",
    "赵雪",
    "黄磊",
    "周婷",
    "吴昊",
    "徐丽",
    "孙鹏",
    "胡月",
    "朱琳",
    "高强",
    "林悦",
    "何晨",
    "郭佳",
    "马超",
    "罗兰",
    "梁爽",
    "宋雨",
    "郑凯",
    "谢添",
]
TEAMS = ("售前一组", "售后一组", "售后二组")


def _kpi(
    kpi: str, zh: str, en: str, source: str, weight: int, unit: str, bands: list[tuple[str, str]], **more: object
) -> Kpi:
    rows = tuple(Band(Decimal(start), Decimal(points)) for start, points in bands)
    return Kpi(
        kpi,
        Text(zh, en),
        source,
        Decimal(weight),
        str(more.get("curve", "steps")),
        rows,
        unit,
        "reweight",
        bool(more.get("protected")),
    )


SCHEME = Scheme(
    id="standard",
    version="2026-01-01",
    name=Text("标准绩效方案", "Standard scheme"),
    performance_pay=Decimal("1500.00"),
    kpis=(
        _kpi(
            "quality",
            "质检得分",
            "Quality score",
            "score",
            40,
            "points",
            [("0", "0"), ("60", "50"), ("80", "80"), ("95", "100")],
            curve="line",
            protected=True,
        ),
        _kpi(
            "good",
            "好评率",
            "Good-rating rate",
            "metric:good_rating_rate",
            30,
            "share",
            [("0", "0"), ("0.70", "50"), ("0.80", "80"), ("0.85", "90"), ("0.90", "100")],
            protected=True,
        ),
        _kpi(
            "response",
            "平均响应",
            "Average response",
            "metric:average_response",
            20,
            "seconds",
            [("0", "100"), ("40", "85"), ("60", "70"), ("90", "50")],
        ),
        _kpi(
            "workload",
            "接待量",
            "Conversations",
            "metric:conversations",
            10,
            "count",
            [("0", "40"), ("100", "60"), ("200", "80"), ("300", "100")],
        ),
    ),
    tiers=(
        Tier("D", Text("D 档", "D"), Decimal(0), Decimal("0.5")),
        Tier("C", Text("C 档", "C"), Decimal(70), Decimal("0.8")),
        Tier("B", Text("B 档", "B"), Decimal(80), Decimal("1.0")),
        Tier("A", Text("A 档", "A"), Decimal(90), Decimal("1.2")),
    ),
    events=(
        Event(
            "major",
            Text("确认的严重问题", "Confirmed major finding"),
            "findings:major",
            Decimal("-20.00"),
            Decimal("100.00"),
            Text("对抗式语言伤害客户。", "Confrontational language hurts customers."),
        ),
    ),
    boundary="benefit_of_doubt",
    rounding="fen",
    floor=Decimal("0.00"),
    ceiling=Decimal("2000.00"),
)
PLAN = Plan(
    id="monthly", version="d41d8c", name=Text("月度考核抽检", "Monthly measuring sample"), stream="measuring", strata=("agent", "shop"),
    allocation="proportional", per_agent=12, minimum=2, take_all_up_to=2, minimum_messages=2, overlap=Decimal("0.15"), minutes=Decimal(2),
    scorecard="service", confidence=Decimal("0.95"), evidence_floor=5,
)  # fmt: skip


def _metric(
    metric: str, zh: str, en: str, unit: str, better: str, threshold: str | None, spare: str = "none"
) -> Metric:
    return Metric(
        id=metric, name=Text(zh, en), unit=unit, numerator=("a",), denominator=() if unit == "count" else ("b",), better=better, platforms=(),
        source="Kuaishou shop service indicators, calendar month", dated=date(2021, 9, 1),
        note=Text("满意 ÷（满意 + 一般 + 失望），含机器人接待", "satisfied / (satisfied + neutral + disappointed), bot contacts included"),
        threshold=None if threshold is None else Decimal(threshold), spare=spare,
    )  # fmt: skip


GOOD = _metric("good_rating_rate", "好评率", "Good-rating rate", "share", "higher", "0.80", "bad_ratings")
ATTITUDE = _metric(
    "bad_attitude_share", "服务态度差占比", "Bad-attitude share", "share", "lower", "0.06", "attitude_ratings"
)
REPLY = _metric("reply_rate_3m", "3 分钟回复率", "Reply rate in 3 minutes", "share", "higher", "0.70")
RESPONSE = _metric("average_response", "平均响应", "Average response", "seconds", "lower", "40")
COUNT = _metric("conversations", "接待量", "Conversations", "count", "higher", None)


def value(
    metric: Metric, value: float | None, n: int, group: str = "", headroom: int | None = None, meets: bool | None = None
) -> MetricValue:
    top = round((value or 0) * n)
    return MetricValue(metric, group, value, top, n, None, None, headroom, meets)


def person(place: int) -> AgentResult:
    """The agent at a place in NAMES; every figure follows from the place, two people lack some."""
    agent = Agent(f"00{place + 17:03d}", NAMES[place], TEAMS[place % 3])
    quality = 93.4 - 1.3 * place if place != 22 else None
    half = 3.2 + (place * 7 % 5)
    score = Estimate(
        quality,
        None if quality is None else quality - half,
        None if quality is None else min(100, quality + half),
        14 if quality else 3,
        "stratified",
    )
    good, response = Decimal("0.93") - Decimal("0.011") * place, Decimal(28) + Decimal("2.5") * place
    given = {
        "good": KpiInput(good, good - Decimal("0.03"), good + Decimal("0.03"), 214 - place),
        "response": KpiInput(response, n=1830),
        "workload": KpiInput(Decimal(310 - 6 * place), n=310 - 6 * place),
    }
    if quality is not None:
        low, high = (Decimal(f"{end:.2f}") for end in (score.low or 0, score.high or 0))
        given["quality"] = KpiInput(
            Decimal(f"{quality:.2f}"), low, high, 14, tuple(f"ks-{place:02d}-{i:04d}" for i in range(14))
        )
    if place == 23:
        given.pop("good")
    metrics = (value(GOOD, float(good), 214 - place, agent.name, 9, good >= Decimal("0.8")),)
    return AgentResult(
        agent.agent_id,
        agent.name,
        agent.team,
        score,
        metrics,
        appraise(agent.agent_id, SCHEME, given),
        place % 3,
        place % 2,
    )


PEOPLE = tuple(person(place) for place in range(len(NAMES)))


def bonus_view(result: AgentResult, *, closed: bool = True) -> BonusView:
    assert result.appraisal is not None
    count = result.confirmed
    events = [EventCount("major", count, tuple(f"{result.agent_id}-m{i}" for i in range(count)))] if count else []
    return BonusView(
        result.agent_id,
        result.name,
        result.team,
        bonus(result.appraisal, SCHEME, MONTH, events),
        result.appraisal,
        closed,
    )


BONUSES = tuple(bonus_view(result) for result in PEOPLE)


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
