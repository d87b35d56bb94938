"""Where a store is: `sqlite`, `sqlite:FILE` or `postgresql://...`, and how that is shown to people.

An address may hold a password, and addresses end up in messages. So an address is parsed once, and
from then on only its `shown` form goes anywhere but to the database's own client.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qsl, quote, unquote, urlsplit

from mainstem.domain.errors import UsageError

SQLITE = "sqlite"
"""The address of the file in the state folder."""

DEFAULT_SCHEMA = "mainstem"
"""Where a PostgreSQL store lies unless its address names another schema."""

_SCHEMES = ("postgresql", "postgres")
_SCHEMA = re.compile(r"[a-z_][a-z0-9_]{0,47}")
_SECRETS = ("password", "sslpassword")
_WORDS = 'write "sqlite" or "postgresql://USER@HOST/DATABASE"'


@dataclass(frozen=True, kw_only=True)
class PostgresAddress:
    """A store in a PostgreSQL database.

    Attributes:
        conninfo: What the database's client is given; may hold a password, so it is not shown.
        schema: The schema that holds the store.
        shown: The address without passwords.
        secrets: What must never be shown, as it may stand in a message.
    """

    conninfo: str = field(repr=False)
    schema: str
    shown: str
    secrets: tuple[str, ...] = field(default=(), repr=False)

    def __str__(self) -> str:
        return self.shown

    def without_secrets(self, text: str) -> str:
        """A message of somebody else's, on one line and without passwords."""
        for secret in self.secrets:
            text = text.replace(secret, "***")
        return " ".join(text.split())


@dataclass(frozen=True, kw_only=True)
class SqliteAddress:
    """A store in a SQLite file.

    Attributes:
        path: The file; None for the one in the state folder.
    """

    path: Path | None = None

    @property
    def shown(self) -> str:
        """The address as people write it."""
        return SQLITE if self.path is None else f"{SQLITE}:{self.path}"


Address = SqliteAddress | PostgresAddress


def parse(text: str) -> Address:
    """An address as a user gives it.

    Raises:
        UsageError: It is none; said without the address, which may hold a password.
    """
    scheme, colon, rest = text.partition(":")
    if text == SQLITE:
        return SqliteAddress()
    if scheme == SQLITE and rest:
        return SqliteAddress(path=Path(rest.removeprefix("//")))
    if colon and scheme in _SCHEMES and rest.startswith("//"):
        return _postgres(text)
    raise UsageError(f"the store's address begins with {scheme[:20]!r}: {_WORDS}")


def _postgres(text: str) -> PostgresAddress:
    try:
        parts = urlsplit(text)
        parts.port  # noqa: B018  # raises ValueError if it is no number
        pairs = parse_qsl(parts.query, keep_blank_values=True, strict_parsing=bool(parts.query))
    except ValueError:
        # urlsplit's own words would quote the place where a password may stand.
        raise UsageError(
            "the store's address postgresql://... cannot be read: write special characters of "
            "its user and password as %XX, such as %2F for a slash"
        ) from None
    if parts.fragment:
        raise UsageError("the store's address postgresql://... holds a '#': write it as %23")
    schemas = [value for name, value in pairs if name == "schema"] or [DEFAULT_SCHEMA]
    schema = schemas[-1]
    if not _SCHEMA.fullmatch(schema) or schema.startswith("pg_"):
        raise UsageError(
            f"the store's address: schema={schema[:60]} cannot name a schema: small letters, "
            "digits and '_', at most 48, not beginning with a digit or pg_"
        )
    user, _, host = parts.netloc.rpartition("@")
    name, colon, password = user.partition(":")
    kept = [(k, v) for k, v in pairs if k != "schema"]
    secrets = [v for k, v in pairs if k in _SECRETS] + ([password] if colon else [])
    place = f"{name}@{host}" if user else host
    public = [(k, v) for k, v in pairs if k not in _SECRETS]
    return PostgresAddress(
        conninfo=f"postgresql://{parts.netloc}{parts.path}{_query(kept)}",
        schema=schema,
        shown=f"postgresql://{place}{parts.path}{_query(public)}",
        secrets=tuple(
            form
            for secret in secrets
            if secret
            for form in dict.fromkeys((secret, unquote(secret), quote(secret, safe="")))
        ),
    )


def _query(pairs: list[tuple[str, str]]) -> str:
    if not pairs:
        return ""
    return "?" + "&".join(f"{quote(k, safe='')}={quote(v, safe='/')}" for k, v in pairs)


def holds_password(text: str) -> bool:
    """Whether an address holds a password; False as well if it is no address."""
    try:
        address = parse(text)
    except UsageError:
        return False
    return isinstance(address, PostgresAddress) and bool(address.secrets)
