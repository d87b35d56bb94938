r"""The hash chain: why nobody can alter a line of the ledger and leave no trace.

The rule is small enough to be repeated by others, in any language:

    genesis = 64 zeros
    hash    = sha256(previous + "\n" + seq + "\n" + at + "\n" + kind + "\n" + body), in hex

over UTF-8, where `previous` is the hash of the line before in hex (of the first line: genesis),
`seq` is in decimal, and `body` is canonical JSON: keys sorted by code point, no spaces, no escapes
but those that JSON demands, floats in their shortest form that reads back the same (`repr` of
Python), no NaN and no infinity. `docs/parts/ledger.md` holds a line to check an implementation by.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from mainstem.engine.ports import Entry

if TYPE_CHECKING:
    from collections.abc import Iterable

Row = tuple[int, str, str, str, str]
"""A line as it stands: seq, at, kind, body, hash."""

GENESIS = "0" * 64
"""What stands for the hash before the first line."""

_TIGHT = (",", ":")
_KIND = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_SURROGATE = re.compile("[\ud800-\udfff]")


def canonical(body: Mapping[str, Any]) -> str:
    """The body as canonical JSON; reading it back and writing it again changes nothing.

    A lone surrogate, which UTF-8 cannot hold, stays the escape that JSON has for it: a trial that
    prints one must not stop a campaign.

    Raises:
        ValueError: It holds NaN, an infinity, two keys of one name, or what JSON cannot say.
    """
    try:
        # There and back first: tuples become lists, enums text, pairs of surrogates one character.
        plain = _PLAIN_READER.decode(_PLAIN_WRITER.encode(dict(body)))
    except (TypeError, ValueError, RecursionError) as error:
        raise ValueError(f"a ledger entry is not JSON: {error}") from None
    text = _WRITER.encode(plain)
    return text if text.isascii() else _SURROGATE.sub(_escaped, text)


def inside(text: str) -> str:
    """A text as it stands inside a string of a canonical body, for looking it up there."""
    written = json.dumps(text, ensure_ascii=False)[1:-1]
    return _SURROGATE.sub(_escaped, written)


def sought(text: str) -> tuple[str, str]:
    """What a body is searched for: the text as it is, such as a piece of JSON, or inside a string.

    The second is empty where it is the same, and the first where no body can hold such a thing.
    """
    within = inside(text)
    plain = "" if "\0" in text or _SURROGATE.search(text) else text
    return (within, "") if plain in {"", within} else (plain, within)


def _plain(value: Any) -> Any:
    """Mappings that are no dictionaries; nothing else has a meaning of its own in JSON."""
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"{type(value).__name__} is not JSON")


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("one key twice")
    return found


def check_kind(kind: str) -> None:
    """Sees to it that a kind is a plain word, such as `trial-finished`.

    Raises:
        ValueError: It is not.
    """
    if not _KIND.fullmatch(kind):
        raise ValueError(f"a ledger entry's kind is words joined by '-', not {kind!r}")


def _escaped(found: re.Match[str]) -> str:
    """A lone surrogate as JSON writes it."""
    return f"\\u{ord(found[0]):04x}"


# Made once: `json.dumps` and `json.loads` make theirs anew for each line.
_PLAIN_WRITER = json.JSONEncoder(allow_nan=False, default=_plain)
_PLAIN_READER = json.JSONDecoder(object_pairs_hook=_unique)
_WRITER = json.JSONEncoder(allow_nan=False, ensure_ascii=False, sort_keys=True, separators=_TIGHT)


def entry_hash(previous: str, *, seq: int, at: str, kind: str, body: str) -> str:
    """The hash of a line, in hex.

    Args:
        previous: The hash of the line before, or `GENESIS`.
        seq: The line's number, from 1.
        at: When it was written.
        kind: What it records.
        body: Its canonical JSON.
    """
    content = f"{previous}\n{seq}\n{at}\n{kind}\n{body}"
    # Escapes only matter for lines that were altered to what is no UTF-8: see verify.
    return hashlib.sha256(content.encode("utf-8", "surrogateescape")).hexdigest()


def prepared(records: Iterable[tuple[str, Mapping[str, Any]]]) -> list[tuple[str, str]]:
    """Records as kinds and canonical bodies.

    Raises:
        ValueError: One is not JSON, or its kind is no plain word.
    """
    found = []
    for kind, body in records:
        check_kind(kind)
        found.append((kind, canonical(body)))
    return found


def chained(records: Iterable[tuple[str, str]], *, at: str, seq: int, previous: str) -> list[Row]:
    """Prepared records as lines.

    Args:
        records: What `prepared` gave.
        at: When they are written.
        seq: The number of the line before, 0 if there is none.
        previous: Its hash, or `GENESIS`.
    """
    rows = []
    for kind, body in records:
        seq += 1
        previous = entry_hash(previous, seq=seq, at=at, kind=kind, body=body)
        rows.append((seq, at, kind, body, previous))
    return rows


def entry_of(row: Row) -> Entry:
    """A line as a record.

    Raises:
        ValueError: Its body is not JSON.
    """
    seq, at, kind, body, found = row
    return Entry(seq=seq, at=at, kind=kind, body=json.loads(body), hash=found)
