"""How far reviewers agree who rated the same conversations. Each coefficient with its source; none is rounded.

Every function takes `units`: one sequence per conversation with one place per reviewer, None where that
reviewer did not rate it. A value is a level (a number). None comes back where the data say nothing: no
conversation was rated twice, or all ratings are equal ("no variation": neither agreement nor its lack shows).
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from itertools import combinations

from qa.model import N_, Refusal

Units = Sequence[Sequence[float | None]]
Distance = Callable[[float, float], float]


def percent_agreement(units: Units) -> float | None:
    """Share of equal pairs among the ratings of a conversation, averaged over those rated twice or more.

    0 to 1 (Gwet 2014, Handbook of Inter-Rater Reliability, 4th ed., the p_a of its coefficients). Chance is left in.
    """
    shares = [
        sum(count * (count - 1) for count in Counter(values).values()) / (len(values) * (len(values) - 1))
        for values in _pairable(units)
    ]
    return sum(shares) / len(shares) if shares else None


def kappa(units: Units, distance: Distance) -> float | None:
    """Cohen's weighted kappa of two reviewers: 1 − Σ v p_observed / Σ v p_expected.

    distance: the disagreement weight v of two levels, 0 for equal ones: `nominal` gives plain kappa (Cohen
    1960, Educ. Psychol. Meas. 20:37), `linear` or `squared` suit ordered levels (Cohen 1968, Psychol. Bull.
    70:213). −1 to 1. Conversations that one of the two did not rate are left out. Refuses more reviewers.
    """
    if any(len(unit) != 2 for unit in units):
        raise Refusal(
            N_("Kappa compares two reviewers, no more and no fewer."),
            N_("Use Krippendorff's alpha for more reviewers."),
        )
    pairs = [(a, b) for a, b in units if a is not None and b is not None]
    observed = sum(distance(a, b) for a, b in pairs)
    left, right = Counter(a for a, _ in pairs), Counter(b for _, b in pairs)
    expected = sum(left[a] * right[b] * distance(a, b) for a in left for b in right)
    return 1 - observed * len(pairs) / expected if expected else None


def alpha(units: Units, level: str) -> float | None:
    """Krippendorff's alpha: 1 − observed / expected disagreement; any number of reviewers, gaps allowed.

    level: nominal, ordinal, interval or ratio, as the levels are to be read; it has no default because it
    changes the answer (Krippendorff 2011, Computing Krippendorff's Alpha-Reliability). Up to 1; 0 is chance.
    0.8 and above is read as good, 0.667 to 0.8 as tentative (Krippendorff). Refuses an unknown level.
    """
    pairable = _pairable(units)
    counts = Counter(value for values in pairable for value in values)
    distance = _distance(level, counts)
    n = sum(counts.values())
    observed = sum(
        2 * distance(a, b) / (len(values) - 1) for values in pairable for a, b in combinations(sorted(values), 2)
    )
    expected = sum(2 * counts[a] * counts[b] * distance(a, b) for a, b in combinations(sorted(counts), 2))
    return 1 - observed * (n - 1) / expected if expected else None


def ac1(units: Units, categories: int) -> float | None:
    """Gwet's AC1: agreement beyond chance that does not collapse where nearly all ratings are the same.

    categories: how many levels the criterion offers, used or not. (p_a − p_e) / (1 − p_e), with p_e =
    Σ π (1 − π) / (categories − 1) (Gwet 2008, Br. J. Math. Stat. Psychol. 61:29). −1 to 1. Equal ratings
    throughout give 1. Refuses fewer than two categories or fewer than were used.
    """
    rated = [[value for value in unit if value is not None] for unit in units]
    rated = [values for values in rated if values]
    used = sorted({value for values in rated for value in values})
    if categories < max(len(used), 2):
        raise Refusal(
            N_("{categories} levels were named, but {used} were used."),
            N_("Give the number of levels that the criterion offers, two at least."),
            categories=categories,
            used=len(used),
        )
    observed = percent_agreement(units)
    if observed is None:
        return None
    shares = [sum(values.count(value) / len(values) for values in rated) / len(rated) for value in used]
    by_chance = sum(p * (1 - p) for p in shares) / (categories - 1)
    return (observed - by_chance) / (1 - by_chance)


def nominal(a: float, b: float) -> float:
    """Any two different levels differ by the same."""
    return float(a != b)


def linear(a: float, b: float) -> float:
    """Two levels differ by their distance."""
    return abs(a - b)


def squared(a: float, b: float) -> float:
    """Two levels differ by the square of their distance."""
    return (a - b) ** 2


def _pairable(units: Units) -> list[list[float]]:
    rated = ([value for value in unit if value is not None] for unit in units)
    return [values for values in rated if len(values) > 1]


def _distance(level: str, counts: Mapping[float, int]) -> Distance:
    def ordinal(a: float, b: float) -> float:
        low, high = min(a, b), max(a, b)
        between = sum(count for value, count in counts.items() if low <= value <= high)
        return (between - (counts[a] + counts[b]) / 2) ** 2 if a != b else 0.0

    def ratio(a: float, b: float) -> float:
        return ((a - b) / (a + b)) ** 2 if a + b else 0.0

    known: dict[str, Distance] = {"nominal": nominal, "ordinal": ordinal, "interval": squared, "ratio": ratio}
    if level not in known:
        raise Refusal(
            N_("The level of measurement “{level}” is unknown."),
            N_("Use one of: {known}."),
            level=level,
            known=", ".join(known),
        )
    return known[level]
