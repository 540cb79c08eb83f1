"""The policy folder: what is shipped loads, and what is wrong is refused with file, item, key and expectation."""

from pathlib import Path

import pytest

from qa import ROOT, policy
from qa.model import Refusal

BAD = sorted((Path(__file__).parent / "bad_policy").glob("*.toml"))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "rules").mkdir()
    (tmp_path / "categories.toml").write_text(
        '[rhetorical]\nname.zh = "反问"\nname.en = "Rhetorical"\n', encoding="utf-8"
    )
    return tmp_path


@pytest.mark.parametrize("path", BAD, ids=lambda p: p.stem)
def test_a_faulty_file_is_refused_with_its_place_and_what_was_expected(folder: Path, path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    (folder / "rules" / "x.toml").write_text(text, encoding="utf-8")
    with pytest.raises(Refusal) as refused:
        policy.load(folder)
    assert str(refused.value).startswith(text.splitlines()[0].removeprefix("# "))


def test_the_shipped_policy_loads_whole() -> None:
    shipped = policy.load(ROOT / "policy")
    assert shipped.rules
    assert shipped.scorecards
    assert shipped.plans
    assert shipped.metrics
    assert shipped.schemes
    assert len({rule.id for rule in shipped.rules}) == len(shipped.rules)


def test_every_category_of_a_rule_has_a_name() -> None:
    shipped = policy.load(ROOT / "policy")
    assert {rule.category for rule in shipped.rules} <= {category.id for category in shipped.categories}


def test_a_change_of_a_rule_is_a_new_version_and_a_comment_is_not(folder: Path) -> None:
    text = (
        (ROOT / "tests" / "bad_policy" / "unknown_key.toml").read_text(encoding="utf-8").replace("phrazes = []\n", "")
    )
    path = folder / "rules" / "x.toml"
    versions = []
    for change in (text, text + "# a comment\n", text.replace("什么", "哪个")):
        path.write_text(change, encoding="utf-8")
        versions.append(policy.load(folder).rules[0].version)
    assert versions[0] == versions[1] != versions[2]


def test_a_missing_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refusal, match="policy folder is missing"):
        policy.load(tmp_path / "none")


def test_the_version_in_force_is_the_latest_that_has_begun() -> None:
    cards = policy.load(ROOT / "policy").scorecards
    assert policy.in_force(cards, "2099-01-01") == max(cards, key=lambda c: c.version)
    with pytest.raises(Refusal, match="No version is in force on 1999-01-01"):
        policy.in_force(cards, "1999-01-01")
