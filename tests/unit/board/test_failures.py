from __future__ import annotations

from typing import TYPE_CHECKING

from mainstem.board.failures import MOST_LINES, WORDS, grouped, words_of
from mainstem.board.trials import listed
from mainstem.domain.measurement import Cause
from tests.unit.board import ledgers

if TYPE_CHECKING:
    from pathlib import Path

    from mainstem.board.failures import Group


def failed(folder: Path, *ends: tuple[list[str], tuple[str, str] | None]) -> list[Group]:
    """Groups of trials that ended so: recipe, and cause with words, or None for a success."""
    batch = ledgers.asked(*({"n": n, "recipe": r} for n, (r, _) in enumerate(ends, start=1)))
    results = [
        ledgers.ended(f"c1.{n}", None if failure else 2.0, failure=failure)
        for n, (_, failure) in enumerate(ends, start=1)
    ]
    record = ledgers.record_of(folder, [ledgers.opened("a", "b"), batch, *results])
    return grouped(listed(record))


def test_failures_of_one_cause_are_one_group(tmp_path: Path) -> None:
    """The most frequent first, with the first and the last trial, and what they have in common."""
    groups = failed(
        tmp_path,
        (["a"], ("timeout", "took more than 60 s")),
        (["a", "b"], ("exit", "exit code 1: step 12 at 0x7f2a")),
        ([], None),
        (["b"], ("exit", "exit code 1: step 990 at 0x11")),
        (["b"], ("exit", "exit code 2: no file")),
    )
    first, second = groups
    assert (first.cause, first.count, first.first, first.last) == ("exit", 3, "c1.2", "c1.5")
    assert first.words == "ended with an error"
    assert first.common == ("b",)
    assert [(line.count, line.what, line.last) for line in first.lines] == [
        (2, "exit code 1: step 990 at 0x11", "c1.4"),
        (1, "exit code 2: no file", "c1.5"),
    ]
    assert (second.cause, second.count, second.common) == ("timeout", 1, ())


def test_a_group_shows_few_lines_and_says_how_many_there_are(tmp_path: Path) -> None:
    """A hundred trials with a hundred messages are no page."""
    words = ("ab", "cd", "ef", "gh", "ij", "kl", "mn")
    [group] = failed(tmp_path, *((["a"], ("exit", word)) for word in words))
    assert len(group.lines) == MOST_LINES
    assert group.kinds == len(words)


def test_where_nothing_fails_there_is_no_group(tmp_path: Path) -> None:
    """Successes are passed over."""
    assert failed(tmp_path, ([], None)) == []


def test_every_cause_has_words() -> None:
    """And one of a later version is shown as it is."""
    assert WORDS.keys() == set(Cause)
    assert words_of("timeout") == "took too long"
    assert words_of("eaten") == "eaten"
