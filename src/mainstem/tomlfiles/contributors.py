"""`contributors.toml` becomes records: who contributes, what they are, and how large a claim is.

The file is a team's own and stands in no recipe's way: everything works without it. What is written
there reaches shares, credit and audits, and never a decision.
"""

from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING

from mainstem.decisions.shares import LEAST_LINE
from mainstem.domain.contributor import Contributor
from mainstem.tomlfiles.stack import load, one_problem
from mainstem.tomlfiles.table import Table, shown

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

FILE_NAME = "contributors.toml"
"""The file, beside `mainstem.toml`."""

KEYS = (
    *("handle", "kind", "emails", "joined", "team", "weight"),
    *("given_names", "family_names", "orcid"),
)

_PSEUDONYM = re.compile(r"contributor-[0-9a-f]{4,}")
"""The store recognises the addresses of whoever was forgotten: the file needs none of them."""

_EMAIL = re.compile(r"[^\s@<>]+@[^\s@<>]+")
_ORCID = re.compile(r"([0-9]{4}-){3}[0-9]{3}[0-9X]")


def read_contributors(path: Path) -> tuple[Contributor, ...] | None:
    """Those whom the file names, in its order; None where there is no file.

    Raises:
        ConfigurationError: The file is wrong; holds every problem, each with its line.
    """
    text = _text(path)
    return None if text is None else parse_contributors(text, path.name)


def read_least_line(path: Path) -> int:
    """How many proposals have to be in line for anybody to wait; the default without a file.

    Raises:
        ConfigurationError: The file is wrong; holds every problem, each with its line.
    """
    text = _text(path)
    return LEAST_LINE if text is None else parse_least_line(text, path.name)


def parse_contributors(text: str, where: str = FILE_NAME) -> tuple[Contributor, ...]:
    """Those whom a text names.

    Args:
        text: The content of a `contributors.toml`.
        where: The file's name, for messages.

    Raises:
        ConfigurationError: The text is wrong; holds every problem, each with its line.
    """
    return _parsed(text, where)[0]


def parse_least_line(text: str, where: str = FILE_NAME) -> int:
    """How many proposals have to be in line for anybody to wait, as a text says.

    Raises:
        ConfigurationError: The text is wrong; holds every problem, each with its line.
    """
    return _parsed(text, where)[1]


def _text(path: Path) -> str | None:
    """The file's text; None where there is no file."""
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        said = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise one_problem(path.name, f"it cannot be read: {said}") from None


def _parsed(text: str, where: str) -> tuple[tuple[Contributor, ...], int]:
    """Whom a text names, and the least line."""
    data, source = load(text, where)
    file = Table(data=data, place=(), source=source)
    file.only(("contributors", "shares"))
    tables = file.tables("contributors")
    found = tuple(_contributor(table) for table in tables)
    _apart(tables, found)
    shares = file.table("shares")
    shares.only(("line",))
    line = shares.whole("line", LEAST_LINE, least=1)
    source.settle()
    return found, line


def _contributor(table: Table) -> Contributor:
    table.only(KEYS)
    table.require("handle", 'write handle = "ada"')
    if not _PSEUDONYM.fullmatch(str(table.data.get("handle"))):
        what = 'write those of their commits: emails = ["ada@example.org"]'
        if table.require("emails", what) and table.data["emails"] == []:
            table.problem("emails", "contributors.emails is empty: commits are told apart by them")
    return Contributor(
        handle=table.text("handle", ""),
        kind=table.text("kind", ""),
        emails=tuple(email.lower() for email in table.texts("emails", _email_fault)),
        joined=_date(table),
        team=table.text("team", ""),
        weight=table.number("weight", 1.0, above=0.0, most=1e6),
        given_names=table.text("given_names", ""),
        family_names=table.text("family_names", ""),
        orcid=_orcid(table),
    )


def _email_fault(email: str) -> str | None:
    """What is wrong with an address, or None."""
    return None if _EMAIL.fullmatch(email) else 'write an address, such as "ada@example.org"'


def _orcid(table: Table) -> str:
    """An ORCID iD, without the address that goes before it."""
    value = table.text("orcid", "")
    if value and not _ORCID.fullmatch(value):
        what = f"contributors.orcid is {shown(value)}: write it as 0000-0002-1825-0097"
        table.problem("orcid", what)
    return value


def _date(table: Table) -> dt.date | None:
    """Since when somebody contributes; a date without a time."""
    value = table.data.get("joined")
    if value is None or (isinstance(value, dt.date) and not isinstance(value, dt.datetime)):
        return value
    what = f"contributors.joined is {shown(value)}: write a date without quotes, such as 2026-02-01"
    table.problem("joined", what)
    return None


def _apart(tables: Sequence[Table], found: Sequence[Contributor]) -> None:
    """Names every handle and address that stands for a second contributor."""
    handles: dict[str, int] = {}
    emails: dict[str, int] = {}
    for table, one in zip(tables, found, strict=True):
        line = table.source.line((*table.place, "handle"))
        if one.handle and one.handle in handles:
            what = f"a second {shown(one.handle)}: the first is on line {handles[one.handle]}"
            table.problem("handle", what)
        handles.setdefault(one.handle, line)
        for email in dict.fromkeys(one.emails):
            if email in emails:
                table.problem("emails", f"{shown(email)} is somebody's on line {emails[email]} too")
            emails.setdefault(email, line)
