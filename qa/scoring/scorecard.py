"""A reviewer's levels -> the score of one conversation, with the sentence behind every point."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

from qa.model import N_, Criterion, CriterionRating, Refusal, Scorecard, Step, Text

FULL = 100
PRECISION = Decimal("0.0001")


def score(scorecard: Scorecard, ratings: Sequence[CriterionRating]) -> tuple[Decimal | None, tuple[Step, ...]]:
    """Σ weight × level / top × 100 / Σ weight over the criteria that apply, to 0.0001 point, half up.

    A criterion that does not apply (level None) is left out, the others weigh more: never a gift of full
    marks, never a 0. A critical item at its lowest level caps the score at its `cap`; where no weighted
    criterion applies at all, the cap itself is the score, the best that was still possible. Nothing applies
    and no cap acts: None. Returns the score and its steps, one per criterion and the total.
    Refuses an unknown criterion or level, a criterion without a rating or with two, and "does not apply"
    where the scorecard rules it out.
    """
    levels = _levels(scorecard, ratings)
    steps = tuple(_step(scorecard, c, levels[c.id]) for c in scorecard.criteria)
    weighed = {c.id: (c, level) for c in scorecard.criteria if c.weight and (level := levels[c.id]) is not None}
    weight = sum((c.weight for c, _ in weighed.values()), Decimal(0))
    caps = [c for c in scorecard.criteria if c.critical and levels[c.id] == _lowest(c)]
    if not weight and not caps:
        return None, (*steps, _total(scorecard, None, weight, caps, len(weighed)))
    earned = sum((Fraction(c.weight) * Fraction(level, c.top) for c, level in weighed.values()), Fraction(0))
    exact = earned * FULL / Fraction(weight) if weight else Fraction(FULL)
    capped = min([exact, *(Fraction(c.cap) for c in caps)])
    result = (Decimal(capped.numerator) / Decimal(capped.denominator)).quantize(PRECISION, ROUND_HALF_UP)
    return result, (*steps, _total(scorecard, result, weight, caps, len(weighed)))


def validate(scorecard: Scorecard) -> None:
    """Refuse a scorecard that cannot score: weights that do not add up, levels that do not count up from 0."""
    weights = sum((c.weight for c in scorecard.criteria), Decimal(0))
    if weights != FULL or any(c.weight < 0 for c in scorecard.criteria):
        raise Refusal(
            N_("The weights add up to {sum}, not to 100."),
            N_("Change the weights of the criteria; a critical item that only caps has weight 0."),
            place=_place(scorecard),
            sum=weights,
        )
    for c in scorecard.criteria:
        values = sorted(level.value for level in c.levels)
        if len(values) < 2 or values != list(range(len(values))):
            raise Refusal(
                N_("The levels of “{criterion}” are {values}; they must be 0, 1, 2 … each once, two at least."),
                N_("Number the levels from 0 for the worst."),
                place=_place(scorecard),
                criterion=c.id,
                values=", ".join(map(str, values)) or "-",
            )
        if not 0 <= c.cap <= FULL or not (c.weight or c.critical):
            raise Refusal(
                N_("“{criterion}” has no effect, or a cap outside 0 to 100."),
                N_("Give it a weight, or make it critical with a cap from 0 to 100."),
                place=_place(scorecard),
                criterion=c.id,
            )


def _levels(scorecard: Scorecard, ratings: Iterable[CriterionRating]) -> Mapping[str, int | None]:
    criteria = {c.id: c for c in scorecard.criteria}
    levels: dict[str, int | None] = {}
    for rating in ratings:
        criterion = criteria.get(rating.criterion)
        if criterion is None or rating.criterion in levels:
            raise Refusal(
                N_("“{criterion}” is rated, but it is not in the scorecard, or it is rated twice."),
                N_("Open the conversation again and rate each criterion once."),
                place=_place(scorecard),
                criterion=rating.criterion,
            )
        _allow(scorecard, criterion, rating.level)
        levels[criterion.id] = rating.level
    missing = [c.id for c in scorecard.criteria if c.id not in levels]
    if missing:
        raise Refusal(
            N_("These criteria are not rated yet: {missing}."),
            N_("Choose a level for each, or “does not apply”."),
            place=_place(scorecard),
            missing=", ".join(missing),
        )
    return levels


def _allow(scorecard: Scorecard, criterion: Criterion, level: int | None) -> None:
    if level is None and not criterion.may_not_apply:
        raise Refusal(
            N_("“{criterion}” applies to every conversation."),
            N_("Choose one of its levels."),
            place=_place(scorecard),
            criterion=criterion.id,
        )
    if level is not None and level not in {each.value for each in criterion.levels}:
        raise Refusal(
            N_("“{criterion}” has no level {level}."),
            N_("Choose one of its levels: {known}."),
            place=_place(scorecard),
            criterion=criterion.id,
            level=level,
            known=", ".join(str(each.value) for each in criterion.levels),
        )


def _lowest(criterion: Criterion) -> int:
    return min(level.value for level in criterion.levels)


def _place(scorecard: Scorecard) -> str:
    return f"scorecards/{scorecard.id}.toml {scorecard.version}"


def _step(scorecard: Scorecard, c: Criterion, level: int | None) -> Step:
    place = f"{_place(scorecard)} criteria.{c.id}"
    if level is None:
        sentence = Text("不适用，不计分，其余各项按权重补足。", "Does not apply: left out, the others weigh more.")
        return Step(f"review.{c.id}", c.name, "", "points", sentence, place)
    words = next(each.words for each in c.levels if each.value == level)
    if c.critical and level == _lowest(c):
        zh, en = f"红线项：本会话最高 {c.cap:f} 分。", f"Critical: this conversation scores {c.cap:f} at most."
    elif c.critical and not c.weight:
        zh, en = "红线项，未触发。", "Critical item, not triggered."
    else:
        zh = f"第 {level} 级（满级 {c.top}），权重 {c.weight:f}，得 {_shown(c.weight * level / c.top)} 分。"
        en = f"Level {level} of {c.top}, weight {c.weight:f}: {_shown(c.weight * level / c.top)} points."
    sentence = Text(f"“{words.zh}” {zh}", f"“{words.en}” {en}")
    return Step(f"review.{c.id}", c.name, _shown(c.weight * level / c.top), "points", sentence, place)


def _total(
    scorecard: Scorecard, result: Decimal | None, weight: Decimal, caps: Sequence[Criterion], applied: int
) -> Step:
    parents = tuple(f"review.{c.id}" for c in scorecard.criteria)
    name = Text("会话得分", "Score of the conversation")
    if result is None:
        sentence = Text("没有一项适用，因此没有分数。", "No criterion applies, so there is no score.")
        return Step("review.score", name, "", "points", sentence, _place(scorecard), (), parents)
    zh = f"{applied} 项适用，权重合计 {weight:f}，折合百分制得 {_shown(result)} 分。"
    en = f"{applied} criteria apply with weight {weight:f} in sum; out of 100 that is {_shown(result)} points."
    if caps:
        zh = f"触发红线“{'、'.join(c.name.zh for c in caps)}”，得分封顶为 {_shown(result)} 分。"
        en = f"Critical: {', '.join(c.name.en for c in caps)}. The score is {_shown(result)} points, capped."
    return Step("review.score", name, _shown(result), "points", Text(zh, en), _place(scorecard), (), parents)


def _shown(points: Decimal) -> str:
    return f"{points.quantize(Decimal('0.01'), ROUND_HALF_UP):f}"
