"""The report as a comment of a pull request: a summary first, tables, long parts folded.

GitHub takes 65,536 characters. What does not fit is cut by rows, and said. Names, reasons and logs
mean nothing in it: no markup, no HTML, no mention of anybody, no link that nobody wrote.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from mainstem.board import report_tables as tables, report_words as words
from mainstem.plots import numbers
from mainstem.plots.visible import in_a_line

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from mainstem.board.report_tables import Table

    Material = Mapping[str, Any]

MOST = 65_000
"""Characters of a whole comment; GitHub takes a few more."""

_ROWS = (1000, 300, 100, 40, 15, 5, 1)
_CELL, _SENTENCE = 240, 2000
_ACTS = re.compile(r"[\\`*_\[\]|~$<>&]")
"""What means something to Markdown or HTML in the middle of a line."""

_STARTS = re.compile(r"^(?=[-+#=>]|\d+[.)])")
_ADDRESS = re.compile(r":(?=//)|(?<=\bwww)\.", re.IGNORECASE)
_CALLS = re.compile(r"@(?=\w)|#(?=\d)")
"""What GitHub would call somebody by, or another issue."""

_ENTITIES = {"<": "&lt;", ">": "&gt;", "&": "&amp;"}


def markdown(found: Material, *, most: int = MOST) -> str:
    """The text.

    Args:
        found: The JSON of `mainstem report`.
        most: Characters that it may have.
    """
    text = ""
    for rows in _ROWS:
        text = "\n\n".join(part for part in _parts(found, rows) if part) + "\n"
        if len(text) <= most:
            return text
    end = "\n\n</details>\n\nThe rest did not fit: `mainstem report` has all of it.\n"
    return text[: most - len(end)] + end


def plain(text: str, most: int = _CELL) -> str:
    """Text of others, which means nothing to Markdown, to HTML or to GitHub.

    Args:
        text: Of anybody.
        most: Characters of it that are told.
    """
    line = numbers.brief(in_a_line(text[: 8 * most]), most)
    line = _ACTS.sub(lambda hit: _ENTITIES.get(hit[0], f"\\{hit[0]}"), line)
    line = _CALLS.sub(lambda hit: f"<span>{hit[0]}</span>", line)
    line = _ADDRESS.sub(lambda hit: f"&#{ord(hit[0])};", line)
    return _STARTS.sub("&#8203;", line)


def code(text: str) -> str:
    """Text of ours as code; GitHub makes no link of a hash in it."""
    return f"`{text}`"


def _parts(found: Material, rows: int) -> Iterator[str]:
    yield f"## {plain(words.title(found))}"
    for note in words.notes(found):
        yield f"> **Note**: {_said(note)}"
    concluded = words.conclusions(found)
    if concluded:
        yield f"**{_said(concluded[0])}**"
        yield "\n".join(f"- {_said(one)}" for one in concluded[1:])
    if found["campaign"] is not None:
        yield "### Objectives"
        yield table(tables.objectives(found), rows)
    if found["show"]["proposals"]:
        yield "### Verdicts"
        yield table(_verdicts(found), rows)
    yield from _folded(found, rows)
    yield _foot(found)


def _said(sentence: str) -> str:
    """A sentence of ours with names of others in it."""
    return plain(sentence, _SENTENCE)


def _verdicts(found: Material) -> Table:
    """Every proposal, without what it touches."""
    whole = tables.proposals(found)
    kept = [k for k, name in enumerate(whole.columns) if name != "touches"]
    return tables.Table(
        name=whole.name,
        caption="",
        columns=tuple(whole.columns[k] for k in kept),
        rows=[[row[k] for k in kept] for row in whole.rows],
        right=frozenset(kept.index(k) for k in whole.right),
        badge=0,
    )


def _folded(found: Material, rows: int) -> Iterator[str]:
    """What is a click away."""
    if found["campaign"] is None:
        return
    yield _fold("What each proposal does alone", [table(tables.effects(found), rows)])
    clear = words.clear(found)
    if clear:
        yield _fold(
            f"{numbers.plural(len(clear), 'clear interaction')}",
            [table(tables.interactions(found, most=min(rows, 20)), rows)],
        )
    optional = (
        ("Sets to choose from", tables.front(found)),
        ("Credit", tables.credit(found)),
        ("The frontier", tables.gaps(found)),
        ("What failed", tables.failures(found)),
    )
    for name, one in optional:
        if one is not None:
            yield _fold(name, [table(one, rows)])
    if found["candidates"]:
        yield _fold("What was put to the test", [table(tables.candidates(found), rows)])
    how = [f"- {plain(what)}: {plain(said, 600)}" for what, said in words.method(found)]
    yield _fold("How it was done", [*words.HOW, "\n".join(how[:rows])])
    yield _fold(
        "What this cannot say", ["\n".join(f"- {_said(one)}" for one in words.limits(found))]
    )


def _fold(summary: str, parts: Sequence[str]) -> str:
    inside = "\n\n".join(part for part in parts if part)
    return f"<details>\n<summary>{summary}</summary>\n\n{inside}\n\n</details>"


def table(found: Table, most: int) -> str:
    """A table of at most so many rows; verdicts are bold."""
    head = "| " + " | ".join(plain(name) or " " for name in found.columns) + " |"
    sides = (" ---: " if k in found.right else " --- " for k in range(len(found.columns)))
    lines = [head, f"|{'|'.join(sides)}|"]
    for row in found.rows[:most]:
        cells = [
            f"**{plain(cell)}**" if k == found.badge else plain(cell) for k, cell in enumerate(row)
        ]
        lines.append(f"| {' | '.join(cells)} |")
    parts = [plain(found.caption, 400), "\n".join(lines)]
    left = len(found.rows) - most
    if left > 0:
        parts.append(f"*{left} more did not fit here: `mainstem report` has all of it.*")
    parts.append(plain(found.more))
    return "\n\n".join(part for part in parts if part)


def _foot(found: Material) -> str:
    made, ledger = found["made"], found["ledger"]
    return (
        f"<sub>mainstem {plain(made['mainstem'])}, {plain(made['at'][:16].replace('T', ' '))} UTC; "
        f"line {ledger['lines']} of the ledger has the hash {code(ledger['hash'])} "
        "(`mainstem verify`); gains: above 0 is better, 90% intervals in brackets</sub>"
    )
