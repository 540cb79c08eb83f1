"""Shared workspaces: an empty one for each test, and one made-up month for all tests that only read."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from qa.rehearsal import rehearse
from qa.workspace import Workspace

SMALL = {"seed": 7, "agents": 6, "days": 31, "conversations": 420}


@pytest.fixture
def ws(tmp_path: Path) -> Iterator[Workspace]:
    made = Workspace.create(tmp_path / "home", house="测试")
    yield made
    made.records.close()


@pytest.fixture(scope="session")
def demo_home(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """A small made-up month. Only read it; use `demo_copy` to write."""
    home = tmp_path_factory.mktemp("demo") / "home"
    made, _ = rehearse(home, **SMALL)
    made.records.close()
    return home


@pytest.fixture
def demo(demo_home: Path) -> Iterator[Workspace]:
    opened = Workspace.open(demo_home)
    yield opened
    opened.records.close()


@pytest.fixture
def demo_copy(demo_home: Path, tmp_path: Path) -> Iterator[Workspace]:
    """The made-up month in a copy of its own."""
    shutil.copytree(demo_home, tmp_path / "copy")
    opened = Workspace.open(tmp_path / "copy")
    yield opened
    opened.records.close()
