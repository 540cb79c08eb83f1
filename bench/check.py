"""How long the check takes: made-up messages, day by day, against a plain Python loop over the same messages.

Run: .venv/bin/python bench/check.py [--messages 1000000] [--seed 7] [--days 30]

The loop does what the phrase and pattern rules do (fold, leave out, match, exceptions, spans) message by message. It
runs over the first day only and its time is scaled; on that day its findings must be those of the check, or the
program stops. Nothing is asserted about seconds.
"""

import argparse
import re
import resource
import time
from collections.abc import Callable, Iterator, Sequence

import numpy as np
import polars as pl

from qa import ROOT, policy
from qa.model import MESSAGES, Frame, Phrase, Regex, Rule
from qa.scoring import check as checks
from qa.scoring import example
from qa.scoring.fold import MARKS, TAIL, Form, bare_words, fold, fold_words, shorten

PIECES = (
    *(
        "您好",
        "亲",
        "在的",
        "请问",
        "这款",
        "那款",
        "您看中的",
        "尺码",
        "颜色",
        "面料",
        "今天",
        "明天",
        "后天",
        "下午",
        "晚上",
        "发货",
    ),
    *(
        "到货",
        "补货",
        "有货",
        "没有货",
        "快递",
        "物流",
        "仓库",
        "驿站",
        "退款",
        "退货",
        "换货",
        "保修",
        "发票",
        "优惠券",
        "满减",
        "运费",
    ),
    *(
        "包邮",
        "地址",
        "电话",
        "订单",
        "付款",
        "备注",
        "已经",
        "正在",
        "马上",
        "稍后",
        "一般",
        "大概",
        "预计",
        "可以",
        "需要",
        "麻烦",
    ),
    *(
        "辛苦",
        "谢谢",
        "抱歉",
        "理解",
        "放心",
        "核实",
        "查询",
        "登记",
        "反馈",
        "联系",
        "安排",
        "处理",
        "三天",
        "两天",
        "一周",
        "七天内",
    ),
    *(
        "工作日",
        "原路退回",
        "到账",
        "签收",
        "拒收",
        "破损",
        "少件",
        "错发",
        "质量",
        "色差",
        "偏大",
        "偏小",
        "合适",
        "透气",
        "舒服",
        "耐用",
    ),
    *(
        "安装",
        "说明书",
        "视频",
        "详情页",
        "图片",
        "截图",
        "链接",
        "什么",
        "哪个",
        "什么时候",
        "哪个订单",
        "不知道您",
        "清楚",
        "的呢",
        "的哦",
        "好的",
    ),
    *("可以的", "没问题", "不客气", "，", "。", "？", "~", "！", "呢", "哦", "吗", "的", "了", "就", "都", "也"),
    *("还", "再", "您", "您的", "我们", "这边", "给您", "帮您", "为您"),
)
PER_CONVERSATION = 12
PLANTED = 300  # one agent message in so many says something that a rule looks for


def made_up(rules: Sequence[Rule], messages: int, days: int, seed: int) -> Iterator[Frame]:
    """MESSAGES of one day after another. The same arguments give the same messages."""
    rng = np.random.default_rng(seed)
    pieces = pl.Series(PIECES)
    planted = pl.Series([text for rule in rules for text in sentences(rule)])
    for day in range(days):
        n = messages // days
        length = rng.integers(2, 12, n)
        words = pl.DataFrame(
            {"i": np.repeat(np.arange(n), length), "w": pieces.gather(rng.integers(0, len(pieces), length.sum()))}
        )
        text = words.group_by("i", maintain_order=True).agg(pl.col("w").str.join(""))["w"]
        agent = rng.random(n) < 0.45
        says = agent & (rng.random(n) < 1 / PLANTED)
        text = text.scatter(np.flatnonzero(says), planted.gather(rng.integers(0, len(planted), says.sum())))
        frame = pl.DataFrame({"text": text, "agent": agent, "row": np.arange(n)})
        yield frame.select(
            platform=pl.lit("made-up"),
            shop=pl.lit("made-up"),
            conversation_id=pl.format("{}-{}", pl.lit(day), pl.col("row") // PER_CONVERSATION),
            message_id=pl.format("{}-{}", pl.lit(day), "row"),
            position=pl.col("row") % PER_CONVERSATION,
            sent_at=pl.lit(day * 86_400_000) + pl.col("row") % PER_CONVERSATION * 20_000,
            speaker=pl.when("agent").then(pl.lit("agent")).otherwise(pl.lit("customer")),
            account=pl.when("agent").then(pl.lit("a")),
            text="text",
        ).cast(dict(MESSAGES))


def sentences(rule: Rule) -> list[str]:
    read = [example.read(written, rule.speaker).messages for written in rule.hit]
    return [frame["text"].item() for frame in read if frame.height == 1]


Found = list[tuple[str, str, int, int]]
Span = tuple[int, int]


class Message:
    """One message for the loop: each form is made when a rule first asks for it, and once."""

    def __init__(self, loop: "PlainLoop", text: str) -> None:
        self.loop, self.text, self.folded = loop, text, text.translate(loop.fold)
        self.forms: dict[tuple[Form, bool, bool], tuple[str, list[int]]] = {}

    def form(self, form: Form, pronouns: bool, particles: bool) -> tuple[str, list[int]]:
        key = (form, pronouns, particles)
        if key not in self.forms:
            folded = self.folded.replace("您", "你").replace("妳", "你") if pronouns else self.folded
            folded = folded.replace("吗", "么").replace("嘛", "么") if particles else folded
            kept = self.loop.kept[form]
            places = [i for i, c in enumerate(folded) if c in kept]
            self.forms[key] = "".join(folded[i] for i in places), places
        return self.forms[key]


class PlainLoop:
    """The phrase and pattern rules in plain Python: each message, each rule, each phrase. Emoticon codes around whole
    messages are not looked at; the made-up messages have few, and those that have are left to the check."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        every = pl.Series([chr(c) for c in range(0x110000) if not 0xD800 <= c < 0xE000])
        one = every.to_frame("c").select("c", fold=fold(pl.col("c")))
        self.fold = {ord(c): f for c, f in one.filter(pl.col("c") != pl.col("fold")).iter_rows()}
        kept = {form: one.select(shorten(pl.col("fold"), form)).to_series() != "" for form in Form}
        self.kept = {form: frozenset(one["fold"].filter(kept[form])) for form in Form}
        self.rules = [(r.id, phrase(r.check) if isinstance(r.check, Phrase) else pattern(r.check)) for r in rules]

    def find(self, message_id: str, text: str) -> Found:
        message = Message(self, text)
        return [(message_id, rule, *span) for rule, find in self.rules for span in find(message)]


def phrase(check: Phrase) -> Callable[[Message], list[Span]]:
    """What finds the phrases of one rule in one message."""
    fold_ = check.fold_pronouns, check.fold_particles
    fold_by_name = dict(zip(("pronouns", "particles"), fold_, strict=True))
    phrases = {bare_words(p, **fold_by_name): _broken(p) for p in check.phrases}
    exceptions = [bare_words(e, **fold_by_name, tail=True) for e in check.exceptions]

    def contained(message: Message) -> list[Span]:
        bare, places = message.form(Form.BARE, *fold_)
        hits = []
        for literal, may_break in phrases.items():
            for a, b in _spans(bare, literal) if literal in bare else ():
                gaps = sum(any(c in MARKS for c in message.folded[places[k] : places[k + 1]]) for k in range(a, b - 1))
                harmless = any(x <= a and b <= y for e in exceptions for x, y in _spans(bare, e))
                if not harmless and (gaps == 0 or may_break or (gaps == b - a - 1 and b - a > 2)):
                    hits.append((places[a], places[b - 1] + 1))
        return _outermost(hits)

    def whole(message: Message) -> list[Span]:
        bare, _ = message.form(Form.BARE, *fold_)
        said = (bare.rstrip(TAIL) or bare) if check.fold_particles else bare
        return [(0, len(message.text))] if said in phrases else []

    return whole if check.match == "whole" else contained


def pattern(check: Regex) -> Callable[[Message], list[Span]]:
    """What finds the pattern of one rule in one message."""
    fold_ = check.fold_pronouns, check.fold_particles
    wanted, *exceptions = (
        re.compile(fold_words(p, pronouns=fold_[0], particles=fold_[1])) for p in (check.pattern, *check.exceptions)
    )

    def find(message: Message) -> list[Span]:
        plain, places = message.form(Form.PLAIN, *fold_)
        hits = [m.span() for m in wanted.finditer(plain)]
        outside = [m.span() for e in exceptions for m in e.finditer(plain)] if hits else []
        return [(places[a], places[b - 1] + 1) for a, b in hits if not any(x <= a and b <= y for x, y in outside)]

    return find


def _outermost(hits: list[Span]) -> list[Span]:
    reached, kept = 0, []
    for a, b in sorted(hits, key=lambda span: (span[0], -span[1])):
        if a >= reached:
            kept.append((a, b))
        reached = max(reached, b)
    return kept


def _broken(words: str) -> bool:
    folded = fold_words(words, pronouns=False, particles=False).strip(MARKS)
    return any(mark in folded for mark in MARKS)


def _spans(text: str, part: str) -> list[tuple[int, int]]:
    return [(m.start(), m.start() + len(part)) for m in re.finditer(f"(?={re.escape(part)})", text)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--messages", type=int, default=1_000_000)
    parser.add_argument("--days", type=int, default=30)
    parser.add_argument("--seed", type=int, default=7)
    given = parser.parse_args()
    rules = policy.load(ROOT / "policy").rules
    text_rules = [rule for rule in rules if rule.kind in ("phrase", "regex")]
    checks.check(next(made_up(rules, 100, 1, given.seed)), rules)  # builds the maps

    seconds = {"all rules": 0.0, "phrases and patterns": 0.0}
    findings = dict.fromkeys(seconds, 0)
    first: Frame | None = None
    for day in made_up(rules, given.messages, given.days, given.seed):
        for name, own in (("all rules", rules), ("phrases and patterns", text_rules)):
            start = time.perf_counter()
            found = checks.check(day, own)
            seconds[name] += time.perf_counter() - start
            findings[name] += found.height
        first = day if first is None else first
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024

    assert first is not None
    loop = PlainLoop(text_rules)
    said = first.filter(pl.col("speaker") == "agent").select("message_id", "text").rows()
    start = time.perf_counter()
    looped = [found for message_id, text in said for found in loop.find(message_id, text)]
    taken = (time.perf_counter() - start) * given.days
    plain_texts = first.filter(~pl.col("text").str.contains("[", literal=True))["message_id"]
    checked = checks.check(first, text_rules).filter(pl.col("message_id").is_in(plain_texts.implode()))
    checked = checked.select("message_id", "rule", "start", "end").rows()
    looped = [found for found in looped if found[0] in set(plain_texts)]
    if sorted(looped) != sorted(checked):
        odd = sorted(set(looped) ^ set(checked))[:5]
        raise SystemExit(f"The loop and the check do not agree: {odd}")

    print(f"{given.messages:,} messages, {given.days} days, {len(rules)} rules, seed {given.seed}; {memory} MB at most")
    print(f"{'what':34}{'seconds':>10}{'µs/message':>12}{'findings':>10}")
    for name, spent in seconds.items():
        print(f"{'check, ' + name:34}{spent:10.2f}{spent / given.messages * 1e6:12.2f}{findings[name]:10,}")
    print(f"{'plain loop, phrases and patterns':34}{taken:10.2f}{taken / given.messages * 1e6:12.2f}{'1 day':>10}")
    print(f"The check takes {taken / seconds['phrases and patterns']:.0f} times less; the loop is scaled from day 1,")
    print(f"where both find the same {len(checked):,} places.")


if __name__ == "__main__":
    main()
