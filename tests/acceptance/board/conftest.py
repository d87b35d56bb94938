"""A board over a project that has seen something, and a browser to look at it."""

from __future__ import annotations

import fcntl
import os
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.acceptance.board import project
from tests.acceptance.board.crawling import crawl
from tests.acceptance.board.looking import Looker, opened_browser
from tests.acceptance.board.running import settled

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Browser

    from tests.acceptance.board.crawling import Crawl
    from tests.acceptance.board.running import Board
    from tests.acceptance.conftest import Stack
    from tests.acceptance.forked import Forks

    Make = Callable[[Path, Forks], Stack]


@pytest.fixture(scope="session")
def copied(
    forks: Forks, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[str, Make], Stack]]:
    """A project of this test process's own; only the first process that wants one makes it."""
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")

        def copy(name: str, make: Make) -> Stack:
            first = shared / f"board-{name}"
            with (shared / f"board-{name}.lock").open("w") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX)
                if not first.exists():
                    made = make(base / f"{name}-made", forks)
                    made.path.rename(first)
            own = base / f"{name}-copy"
            shutil.copytree(first, own, symlinks=True)
            return project.Stack(own, forks=forks)

        yield copy


@pytest.fixture(scope="session")
def lived_in(copied: Callable[[str, Make], Stack]) -> Stack:
    """A project with proposals of every verdict, a merge, a second campaign and a veto."""
    return copied("lived-in", project.make_lived_in)


@pytest.fixture(scope="session")
def board(lived_in: Stack) -> Iterator[Board]:
    """A board over it that has worked everything out."""
    with settled(lived_in.path) as found:
        yield found


@pytest.fixture(scope="module")
def crawled(board: Board) -> Crawl:
    """Every page of it."""
    return crawl(board)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One browser per module: Playwright's event loop must not outlive those who know of it."""
    with opened_browser() as found:
        yield found


@pytest.fixture
def looker(browser: Browser, board: Board) -> Iterator[Looker]:
    """Somebody who looks at the board; whatever a page does wrong fails the test."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    found = Looker(context, board.url)
    yield found
    faults = found.faults()
    context.close()
    assert faults == []
