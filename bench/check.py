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
from qa.scoring.fold import MARKS, TAIL, Form, bare_words, fold, fold_words, shorten, unify, wording

PIECES = (
    "您好 亲 在的 请问 这款 那款 您看中的 尺码 颜色 面料 今天 明天 后天 下午 晚上 发货 到货 补货 有货 没有货 快递 物流 仓库 驿站 退款 退货 换货 保修 发票 "
    "优惠券 满减 运费 包邮 地址 电话 订单 付款 备注 已经 正在 马上 稍后 一般 大概 预计 可以 需要 麻烦 辛苦 谢谢 抱歉 理解 放心 核实 查询 登记 反馈 联系 安排 处理 "
    "三天 两天 一周 七天内 工作日 原路退回 到账 签收 拒收 破损 少件 错发 质量 色差 偏大 偏小 合适 透气 舒服 耐用 安装 说明书 视频 详情页 图片 截图 链接 什么 哪个 "
    "什么时候 哪个订单 不知道您 清楚 的呢 的哦 好的 可以的 没问题 不客气 ， 。 ？ ~ ！ 呢 哦 吗 的 了 就 都 也 还 再 您 您的 我们 这边 给您 帮您 为您"
).split()
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


class PlainLoop:
    """The phrase and pattern rules in plain Python, one message and one rule at a time."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        every = pl.Series([chr(c) for c in range(0x110000) if not 0xD800 <= c < 0xE000])
        one = every.to_frame("c").select("c", fold=fold(pl.col("c")))
        self.fold = {ord(c): f for c, f in one.filter(pl.col("c") != pl.col("fold")).iter_rows()}
        kept = {form: one.select(shorten(pl.col("fold"), form)).to_series() != "" for form in Form}
        self.kept = {form: frozenset(one["fold"].filter(kept[form])) for form in Form}
        self.rules = [
            (rule, self._phrase(rule.check) if isinstance(rule.check, Phrase) else self._regex(rule.check))
            for rule in rules
        ]

    def find(self, message_id: str, text: str) -> Found:
        folded = text.translate(self.fold)
        return [(message_id, rule.id, *span) for rule, find in self.rules for span in find(text, folded)]

    def _short(self, folded: str, form: Form) -> tuple[str, list[int]]:
        places = [i for i, c in enumerate(folded) if c in self.kept[form]]
        return "".join(folded[i] for i in places), places

    def _phrase(self, check: Phrase) -> Callable[[str, str], list[tuple[int, int]]]:
        fold_ = {"pronouns": check.fold_pronouns, "particles": check.fold_particles}
        phrases = {
            bare_words(p, **fold_): any(m in fold_words(p, **fold_).strip(MARKS) for m in MARKS) for p in check.phrases
        }
        exceptions = [bare_words(e, **fold_, tail=True) for e in check.exceptions]

        def contains(text: str, folded: str) -> list[tuple[int, int]]:
            bare, places = self._short(_unified(folded, **fold_), Form.BARE)
            outside = [span for e in exceptions for span in _spans(bare, e)]
            hits = []
            for phrase, may_break in phrases.items():
                for a, b in _spans(bare, phrase):
                    if any(x <= a and b <= y for x, y in outside):
                        continue
                    gaps = sum(any(c in MARKS for c in folded[places[k] : places[k + 1]]) for k in range(a, b - 1))
                    if gaps == 0 or may_break or (gaps == b - a - 1 and b - a > 2):
                        hits.append((places[a], places[b - 1] + 1))
            hits.sort(key=lambda span: (span[0], -span[1]))
            reached, kept = 0, []
            for a, b in hits:
                if a >= reached:
                    kept.append((a, b))
                reached = max(reached, b)
            return kept

        def whole(text: str, folded: str) -> list[tuple[int, int]]:
            bare, _ = self._short(_unified(folded, **fold_), Form.BARE)
            if len(bare) > 30:
                return []
            said = wording(pl.Series([_unified(folded, **fold_)]), particles=check.fold_particles).item()
            return [(0, len(text))] if said in phrases else []

        return whole if check.match == "whole" else contains

    def _regex(self, check: Regex) -> Callable[[str, str], list[tuple[int, int]]]:
        fold_ = {"pronouns": check.fold_pronouns, "particles": check.fold_particles}
        pattern, *exceptions = (re.compile(fold_words(p, **fold_)) for p in (check.pattern, *check.exceptions))

        def find(text: str, folded: str) -> list[tuple[int, int]]:
            plain, places = self._short(_unified(folded, **fold_), Form.PLAIN)
            hits = [m.span() for m in pattern.finditer(plain)]
            outside = [m.span() for e in exceptions for m in e.finditer(plain)] if hits else []
            return [(places[a], places[b - 1] + 1) for a, b in hits if not any(x <= a and b <= y for x, y in outside)]

        return find


def _unified(folded: str, *, pronouns: bool, particles: bool) -> str:
    folded = folded.replace("您", "你").replace("妳", "你") if pronouns else folded
    return folded.replace("吗", "么").replace("嘛", "么") if particles else folded


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
    checked = checks.check(first, text_rules).select("message_id", "rule", "start", "end").rows()
    if sorted(looped) != sorted(checked):
        odd = sorted(set(looped) ^ set(checked))[:5]
        raise SystemExit(f"The loop and the check do not agree: {odd}")

    print(f"{given.messages:,} messages, {given.days} days, {len(rules)} rules, seed {given.seed}; {memory} MB at most")
    print(f"{'what':34}{'seconds':>10}{'µs/message':>12}{'findings':>10}")
    for name in seconds:
        print(
            f"{'check, ' + name:34}{seconds[name]:10.2f}{seconds[name] / given.messages * 1e6:12.2f}{findings[name]:10,}"
        )
    print(f"{'plain loop, phrases and patterns':34}{taken:10.2f}{taken / given.messages * 1e6:12.2f}{'1 day':>10}")
    print(f"The check takes {taken / seconds['phrases and patterns']:.0f} times less; the loop is scaled from day 1,")
    print(f"where both find the same {len(checked):,} places.")


if __name__ == "__main__":
    main()
