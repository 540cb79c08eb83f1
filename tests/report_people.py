"""A made-up team for the tests of reports and charts: house, scheme, metrics, 24 people and their bonuses."""

from datetime import date
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
    Scheme,
    Text,
    Tier,
)
from qa.report import (
    House,
)
from qa.scoring.appraisal import KpiInput, appraise
from qa.views import (
    AgentResult,
    BonusView,
    MetricValue,
)

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
