"""Who acts here, kept beside the chain: what tokens stand for, and how people are forgotten.

A line of the ledger can never be altered, so it never holds a name: it holds a token, which is
random and says nothing without the table of identities. That table is no part of the chain. To
forget somebody is to take name and address out of their row for good; the token stays in the lines,
and stands for a pseudonym from then on.

Commits still bear the address, so a row keeps a digest of it by which it is recognised. The digest
is salted, so that two stores have nothing in common. It is no secret from somebody who holds the
store and guesses the address: the repository beside it has a list to guess from.

What is to be kept is worked out here, from what is kept; the stores only read and write it.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from mainstem.domain.errors import StoreError
from mainstem.engine.ports import Identity

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

SALT = "salt"
"""The name of the salt in the table `meta`."""

_TOKEN_BYTES = 8
_SALT_BYTES = 16
_PSEUDONYM_BYTES = 2
_TRIES = 64


@dataclass(frozen=True, kw_only=True)
class Row:
    """A row of the table.

    Attributes:
        token: What lines hold.
        digest: Of the address.
        name: As git said it last; None once forgotten.
        email: In lower case; None once forgotten.
        pseudonym: What is shown instead; None until forgotten.
    """

    token: str
    digest: str
    name: str | None
    email: str | None
    pseudonym: str | None


@dataclass(frozen=True, kw_only=True)
class Kept:
    """All that a store keeps of people.

    Attributes:
        salt: What digests are made with, in hex; empty while nobody is known.
        rows: In the order of tokens.
    """

    salt: str = ""
    rows: tuple[Row, ...] = ()

    def find(self, email: str) -> Row | None:
        """The row of an address, also of one that was forgotten."""
        wanted = digest(self.salt, email) if self.salt else ""
        return next((row for row in self.rows if row.digest == wanted), None)

    def among(self, tokens: Collection[str]) -> tuple[Row, ...]:
        """The rows of these tokens.

        Raises:
            KeyError: One is nobody's.
        """
        by_token = {row.token: row for row in self.rows}
        return tuple(by_token[token] for token in dict.fromkeys(tokens))

    def put(self, *rows: Row) -> Kept:
        """The same with these rows, in the place of those that had their tokens."""
        by_token = {row.token: row for row in (*self.rows, *rows)}
        return replace(self, rows=tuple(by_token[token] for token in sorted(by_token)))


Step = Callable[[Kept], Kept]
"""What is to be kept from now on; applied twice it changes nothing more."""


def digest(salt: str, email: str) -> str:
    """The salted digest of an address, in hex, whatever the case it is written in."""
    return hmac.new(bytes.fromhex(salt), _plain(email).lower().encode(), hashlib.sha256).hexdigest()


def with_person(kept: Kept, name: str, email: str) -> Kept:
    """The same with a row for this address; the very same if it says so already."""
    found, name = kept.find(email), _plain(name)
    if found is not None and (found.pseudonym is not None or found.name == name):
        return kept
    if found is None:
        kept = kept if kept.salt else replace(kept, salt=secrets.token_hex(_SALT_BYTES))
        found = Row(
            token=_unused(secrets.token_hex, _TOKEN_BYTES, {row.token for row in kept.rows}),
            digest=digest(kept.salt, email),
            name=name,
            email=_plain(email).lower(),
            pseudonym=None,
        )
    return kept.put(replace(found, name=name))


def without(kept: Kept, tokens: Collection[str]) -> Kept:
    """The same with the rows of one person forgotten, all under one pseudonym.

    Whoever has a pseudonym keeps it, and it becomes that of their other rows.

    Raises:
        KeyError: A token is nobody's.
    """
    rows = kept.among(tokens)
    had = [row.pseudonym for row in rows if row.pseudonym is not None]
    taken = {row.pseudonym or "" for row in kept.rows}
    pseudonym = had[0] if had else _unused(_pseudonym, _PSEUDONYM_BYTES, taken)
    return kept.put(*(_forgotten(row, pseudonym) for row in rows))


def united(mine: Kept, theirs: Kept, *, shown: str) -> Kept:
    """What a store keeps behind a copy of another one: whoever is forgotten in either is.

    Tokens are the source's, as the lines are.

    Args:
        mine: What it keeps.
        theirs: What the source keeps.
        shown: The store, for the message.

    Raises:
        StoreError: The store knows people by another salt.
    """
    if mine.salt and theirs.salt and mine.salt != theirs.salt:
        raise StoreError(
            f"ledger {shown} knows people of its own, by tokens that are not the source's; name "
            "an empty store"
        )
    rows = {row.digest: row for row in mine.rows}
    for row in theirs.rows:
        before = rows.get(row.digest)
        gone = before is not None and before.pseudonym is not None
        rows[row.digest] = _forgotten(row, before.pseudonym) if before and gone else row
    return Kept(salt=mine.salt or theirs.salt).put(*rows.values())


def _forgotten(row: Row, pseudonym: str | None) -> Row:
    """The row without name and address; a pseudonym that it has stays."""
    return replace(row, name=None, email=None, pseudonym=row.pseudonym or pseudonym)


def _unused(make: Callable[[int], str], size: int, taken: Collection[str]) -> str:
    """Something random that is not taken; longer where short ones have become scarce."""
    while True:
        for _ in range(_TRIES):
            found = make(size)
            if found not in taken:
                return found
        size += 1


def _pseudonym(size: int) -> str:
    return f"contributor-{secrets.token_hex(size)}"


def _plain(text: str) -> str:
    """Text that every database holds: bytes that git could not read become escapes."""
    return text.encode("utf-8", "backslashreplace").decode()


class StoredIdentities(ABC):
    """The port `Identities` on a store that can read and change what it keeps of people."""

    def __init__(self, shown: str) -> None:
        """Reads nothing yet.

        Args:
            shown: The store, for messages.
        """
        self._shown = shown

    def token(self, name: str, email: str) -> str:
        """The token of whoever has this address; made at the first use.

        Raises:
            StoreError: The store cannot be read or written.
        """
        kept = self.kept()
        if with_person(kept, name, email) is not kept:
            kept = self._change(lambda now: with_person(now, name, email))
        return next(row.token for row in kept.rows if row.digest == digest(kept.salt, email))

    def known(self) -> Mapping[str, Identity]:
        """Everybody who has a token, by token.

        Raises:
            StoreError: The store cannot be read.
        """
        return {row.token: _identity(row) for row in self.kept().rows}

    def find(self, email: str) -> Identity | None:
        """Who has this address, also if they were forgotten; None if nobody has a token for it.

        Raises:
            StoreError: The store cannot be read.
        """
        found = self.kept().find(email)
        return None if found is None else _identity(found)

    def forget(self, tokens: Collection[str]) -> str:
        """Takes the names and addresses of one person out for good; returns their pseudonym.

        Raises:
            KeyError: A token is nobody's, or there is none; nothing was changed.
            StoreError: The store cannot be written, or an old copy of the row could not be wiped:
                then the same call again does it.
        """
        if not tokens:
            raise KeyError("no token")
        kept = self._change(lambda now: without(now, tokens))
        self._wipe()
        return next(row.pseudonym for row in kept.among(tokens) if row.pseudonym is not None)

    def take(self, theirs: Kept) -> None:
        """Adds what another store keeps, behind a copy of its lines.

        Raises:
            StoreError: The store cannot be written, or knows people by another salt.
        """
        if theirs.rows:
            self._change(lambda now: united(now, theirs, shown=self._shown))

    @abstractmethod
    def kept(self) -> Kept:
        """All that is kept of people; nothing in a store of an older layout that is only read.

        Raises:
            StoreError: The store cannot be read.
        """

    @abstractmethod
    def _change(self, step: Step) -> Kept:
        """Applies a step while nobody else changes what is kept; what is kept then.

        Raises:
            StoreError: The store cannot be written; nothing was changed.
        """

    @abstractmethod
    def _wipe(self) -> None:
        """Sees to it that no old copy of a row stays behind in the database's own files.

        Raises:
            StoreError: It cannot be done now.
        """


def _identity(row: Row) -> Identity:
    return Identity(token=row.token, name=row.name, email=row.email, pseudonym=row.pseudonym)
