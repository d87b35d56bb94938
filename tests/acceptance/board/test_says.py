"""What pages show is what `--json` says."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

import pytest

from tests.acceptance.board import comparing
from tests.acceptance.board.looking import Looker
from tests.acceptance.board.reading import shows

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Browser

    from tests.acceptance.board.running import Board
    from tests.acceptance.conftest import Stack

    Compare = Callable[[Looker, Callable[..., Any]], Iterator[str]]


@pytest.fixture(scope="module")
def reader(browser: Browser, board: Board) -> Iterator[Looker]:
    """One who reads."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, reduced_motion="reduce")
    yield Looker(context, board.url)
    context.close()


@pytest.fixture(scope="module")
def ask(lived_in: Stack) -> Callable[..., Any]:
    """A command's JSON, in a terminal; each is asked once."""

    @functools.cache
    def answer(*words: str) -> Any:
        return lived_in.mainstem(*words, "--json").json

    return answer


def test_answers_are_those_of_the_commands(board: Board, ask: Callable[..., Any]) -> None:
    """Every documented key with every digit."""
    assert list(comparing.answers(board, ask)) == []


@pytest.mark.parametrize("compare", comparing.PAGES, ids=lambda one: one.__name__)
def test_a_page_says_what_its_command_says(
    compare: Compare, reader: Looker, ask: Callable[..., Any]
) -> None:
    """Numbers with their intervals, verdicts, reasons, names."""
    assert list(compare(reader, ask)) == []
    assert reader.faults() == []


def test_another_number_is_seen() -> None:
    """The comparison can fail: by the last digit that is shown, or by an end of the interval."""
    estimate = {"mean": 0.1084, "low": 0.0891, "high": 0.1277}
    assert shows("loss +0.108 [+0.089, +0.128] nats", estimate)
    assert not shows("loss +0.109 [+0.089, +0.128] nats", estimate)
    assert not shows("loss +0.108 [+0.089, +0.127] nats", estimate)
    assert shows("-1,234.5", {"mean": -1234.46, "low": None, "high": None})
