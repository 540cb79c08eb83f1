"""What others have printed, our functions give to the digits they printed (tests/published.toml)."""

import tomllib
from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

import pytest

from qa.model import StratumSums
from qa.sampling import estimate
from qa.scoring import agreement

CASES = tomllib.loads(Path(__file__).with_name("published.toml").read_text(encoding="utf-8"))["case"]
Case = Mapping[str, Any]


def units(case: Case) -> list[list[float | None]]:
    if "table" in case:
        return [
            [float(row), float(column)]
            for row, cells in enumerate(case["table"])
            for column, count in enumerate(cells)
            for _ in range(count)
        ]
    return [
        [None if cell == "." else float(cell) for cell in line.split()] for line in case["units"].split("\n") if line
    ]


def share(case: Case) -> dict[str, float | None]:
    found = estimate.share(case["k"], case["n"], case["confidence"])
    return {"low": found.low, "high": found.high}


def kappa(case: Case) -> dict[str, float | None]:
    if isinstance(case["distance"], str):
        return {"value": agreement.kappa(units(case), getattr(agreement, case["distance"]))}
    weights = case["distance"]
    return {"value": agreement.kappa(units(case), lambda a, b: weights[int(a)][int(b)])}


def alpha(case: Case) -> dict[str, float | None]:
    return {"value": agreement.alpha(units(case), case["level"])}


def ac1(case: Case) -> dict[str, float | None]:
    rated = units(case)
    return {
        "value": agreement.ac1(rated, case["categories"]),
        "percent_agreement": agreement.percent_agreement(rated),
    }


def fleiss(case: Case) -> dict[str, float | None]:
    rated = units(case)
    n = sum(len(unit) for unit in rated)
    nominal = agreement.alpha(rated, "nominal")
    assert nominal is not None
    return {"value": 1 - (1 - nominal) * n / (n - 1)}


def strata(case: Case) -> list[StratumSums]:
    return [
        StratumSums(str(index), size, n, mean * n, variance * (n - 1) + n * mean**2)
        for index, (size, n, mean, variance) in enumerate(case["strata"])
    ]


def stratified(case: Case) -> dict[str, float | None]:
    return {"mean": estimate.weighted_mean(strata(case)), "standard_error": estimate.standard_error(strata(case))}


def total(case: Case) -> dict[str, float | None]:
    error = estimate.standard_error(strata(case))
    assert error is not None
    error *= sum(size for size, *_ in case["strata"])
    return {"variance": error**2, "standard_error": error}


def reviews_needed(case: Case) -> dict[str, float | None]:
    return {size: estimate.reviews_needed(int(size), case["half_width"], case["confidence"]) for size in case["expect"]}


def comparison_factor(case: Case) -> dict[str, float | None]:
    return {"value": estimate.comparison_factor(case["confidence"])}


def student(case: Case) -> dict[str, float | None]:
    return {freedom: estimate.student(case["confidence"], int(freedom)) for freedom in case["expect"]}


@pytest.mark.parametrize("case", CASES, ids=[f"{case['statistic']}: {case['says']}" for case in CASES])
def test_the_printed_digits_come_out(case: Case) -> None:
    found = globals()[case["statistic"]](case)
    for name, printed in case["expect"].items():
        value = found[name]
        assert value is not None
        rounded = Decimal(repr(value)).quantize(Decimal(printed), ROUND_HALF_UP)
        assert rounded == Decimal(printed), f"{name} of {case['source']}"


def test_every_case_names_its_source() -> None:
    assert all(len(case["source"]) > 20 for case in CASES)


def test_the_weights_of_the_schools_matter() -> None:
    """Elementary schools are seven in ten but half of the sample: without weights the mean is 652.82, not 662.29."""
    schools = next(case for case in CASES if case["statistic"] == "stratified")
    alike = [StratumSums(s.stratum, s.n, s.n, s.total, s.squares) for s in strata(schools)]
    assert estimate.weighted_mean(alike) == pytest.approx(652.82)
