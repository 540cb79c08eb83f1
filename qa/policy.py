"""policy/*.toml -> model. Every refusal names file, item, key and what was expected."""

import dataclasses
import hashlib
import tomllib
import typing
from collections.abc import Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from qa.model import (
    N_,
    Category,
    Delay,
    Metric,
    Phrase,
    Plan,
    Policy,
    Refusal,
    Regex,
    Repeat,
    Rule,
    RuleKind,
    Scheme,
    Scorecard,
)

KINDS: Mapping[str, type[RuleKind]] = {"phrase": Phrase, "regex": Regex, "repeat": Repeat, "delay": Delay}

Item = dict[str, Any]
T = TypeVar("T")

UNKNOWN = "unexpected_keyword_argument"
EXPECTED: Mapping[str, str] = {
    "tuple": "a list, as [ … ]",
    "string": "a text in quotes",
    "decimal": "a number",
    "float": "a number",
    "int": "a whole number",
    "bool": "true or false",
    "date": "a day, as 2026-01-01",
    "dataclass": "a table of its own keys",
    "enum": "one of: {expected}",
}


def load(folder: Path) -> Policy:
    """Read a policy folder. Files and items keep their order by name, so the same folder gives the same policy.

    Raises Refusal for a folder, file, item or key that is missing, unknown or of the wrong type.
    """
    if not folder.is_dir():
        raise Refusal(
            N_("The policy folder is missing."),
            N_("Put it back, or make a new workspace with “qa init”."),
            place=str(folder),
        )
    rules = tuple(_rule(place, stem, key, item) for place, stem, key, item in _items(folder, "rules"))
    return Policy(
        rules=rules,
        categories=tuple(
            _build(Category, {"id": key} | item, place) for place, key, item in _tables(folder / "categories.toml")
        ),
        scorecards=tuple(_scorecard(place, stem, key, item) for place, stem, key, item in _items(folder, "scorecards")),
        plans=tuple(
            _build(Plan, {"id": key, "version": _digest(item)} | item, place)
            for place, _, key, item in _items(folder, "sampling")
        ),
        metrics=tuple(_build(Metric, {"id": key} | item, place) for place, _, key, item in _items(folder, "metrics")),
        schemes=tuple(_scheme(place, stem, key, item) for place, stem, key, item in _items(folder, "schemes")),
        digests={
            str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in sorted(folder.rglob("*.toml"))
        },
    )


def in_force(versions: typing.Iterable[T], day: str) -> T:
    """The version with the latest starting day that is not after `day` (YYYY-MM-DD). None in force is refused."""
    dated = [(getattr(version, "version"), version) for version in versions]  # noqa: B009
    started = [pair for pair in dated if pair[0] <= day]
    if not started:
        raise Refusal(
            N_("No version is in force on {day}."),
            N_("Add a version to the policy that starts on or before that day."),
            day=day,
        )
    return max(started, key=lambda pair: pair[0])[1]


def _items(folder: Path, kind: str) -> Iterator[tuple[str, str, str, Item]]:
    for path in sorted((folder / kind).glob("*.toml")):
        for place, key, item in _tables(path):
            yield place, path.stem, key, item


def _tables(path: Path) -> Iterator[tuple[str, str, Item]]:
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"), parse_float=Decimal)
    except FileNotFoundError:
        raise Refusal(N_("The file is missing."), N_("Put it back from the shipped policy."), place=path.name) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise Refusal(
            N_("The file is not TOML: {error}."),
            N_("Mend the line; text stands in quotes, and each item begins with [name]."),
            place=f"{path.parent.name}/{path.name}",
            error=str(error).rstrip("."),
        ) from None
    for key, item in tables.items():
        place = f"{path.parent.name}/{path.name} [{key}]"
        if not isinstance(item, dict):
            raise Refusal(
                N_("“{key}” stands outside of an item."),
                N_("Put it under a line such as [item_name]."),
                place=place,
                key=key,
            )
        yield place, key, item


def _rule(place: str, stem: str, key: str, item: Item) -> Rule:
    kind = str(item.get("kind", ""))
    if kind not in KINDS:
        raise Refusal(
            N_("The kind “{kind}” is unknown."),
            N_("Use one of: {known}."),
            place=f"{place} kind",
            kind=kind,
            known=", ".join(KINDS),
        )
    own = {field.name for field in dataclasses.fields(KINDS[kind])}
    check = _build(KINDS[kind], {k: v for k, v in item.items() if k in own}, place)
    rest = {k: v for k, v in item.items() if k not in own}
    given = {"id": f"{stem}.{key}", "version": _digest(item), "check": check}
    return _build(Rule, rest | given, place, hidden=set(given), more=own)


def _scorecard(place: str, stem: str, key: str, item: Item) -> Scorecard:
    shaped = item | {
        "criteria": _named(item.get("criteria", {}), place, "criteria"),
        "root_causes": _named(item.get("root_causes", {}), place, "root_causes"),
    }
    return _build(Scorecard, shaped | {"id": stem, "version": key}, place, hidden={"id", "version"})


def _scheme(place: str, stem: str, key: str, item: Item) -> Scheme:
    shaped = item | {name: _named(item.get(name, {}), place, name) for name in ("kpis", "tiers", "events")}
    return _build(Scheme, _rename(shaped) | {"id": stem, "version": key}, place, hidden={"id", "version"})


def _named(tables: object, place: str, name: str) -> list[Item]:
    if not isinstance(tables, dict) or not all(isinstance(table, dict) for table in tables.values()):
        raise Refusal(
            N_("“{name}” must hold named tables."),
            N_('Write each as its own table, such as ["2026-01-01".{name}.some_name].'),
            place=place,
            name=name,
        )
    return [{"id": key} | table for key, table in tables.items()]


def _rename(value: Any) -> Any:
    if isinstance(value, dict):
        return {("from_" if key == "from" else key): _rename(item) for key, item in value.items()}
    return [_rename(item) for item in value] if isinstance(value, list) else value


def _digest(item: Item) -> str:
    return hashlib.sha256(repr(sorted(_flat(item))).encode()).hexdigest()[:12]


def _flat(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _flat(item, f"{path}.{key}")
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _flat(item, f"{path}[{index:06}]")
    else:
        yield path, str(value)


def _build(cls: type[T], item: Item, place: str, *, hidden: set[str] | None = None, more: set[str] | None = None) -> T:
    try:
        return TypeAdapter(cls).validate_python(item)
    except ValidationError as error:
        faults = error.errors()
        worst = next((fault for fault in faults if fault["type"] == UNKNOWN), faults[0])
        raise _refusal(cls, worst, place, hidden or {"id"}, more or set()) from None


def _refusal(cls: type[Any], fault: ErrorDetails, place: str, hidden: set[str], more: set[str]) -> Refusal:
    loc, kind = fault["loc"], fault["type"]
    path = ".".join(str(step).removesuffix("_") for step in loc)
    if kind == "missing":
        return Refusal(N_("The key “{key}” is missing."), N_("Add it to the item."), place=place, key=path)
    if kind == UNKNOWN:
        known = ({field.name.removesuffix("_") for field in dataclasses.fields(_at(cls, loc[:-1]))} | more) - hidden
        return Refusal(
            N_("The key “{key}” is unknown."),
            N_("Known keys here: {known}."),
            place=place,
            key=path,
            known=", ".join(sorted(known)),
        )
    words = next((words for start, words in EXPECTED.items() if kind.startswith(start)), fault["msg"])
    return Refusal(
        N_("“{key}” must be {expected}."),
        N_("Mend the value of this key."),
        place=place,
        key=path,
        expected=words.format(expected=fault.get("ctx", {}).get("expected", "")),
    )


def _at(cls: type[Any], loc: tuple[int | str, ...]) -> type[Any]:
    """The dataclass that stands at a place of an error, found by its field types."""
    for step in loc:
        if isinstance(step, int):
            continue
        hint = typing.get_type_hints(cls)[step]
        inner = (each for each in (hint, *typing.get_args(hint)) if isinstance(each, type))
        cls = next((each for each in inner if dataclasses.is_dataclass(each)), cls)
    return cls
