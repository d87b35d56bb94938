from __future__ import annotations

from pathlib import Path

import pytest

from mainstem.domain.errors import UsageError
from mainstem.ledger.addresses import PostgresAddress, SqliteAddress, parse

SECRET = "hunter2"  # noqa: S105  # no secret of anybody's


def postgres(text: str) -> PostgresAddress:
    """An address that is one of PostgreSQL."""
    found = parse(text)
    assert isinstance(found, PostgresAddress)
    return found


@pytest.mark.parametrize(
    ("text", "path"),
    [("sqlite", None), ("sqlite:a/b.sqlite", "a/b.sqlite"), ("sqlite:///x/b", "/x/b")],
)
def test_a_file(text: str, path: str | None) -> None:
    """The one in the state folder, or one that is named."""
    assert parse(text) == SqliteAddress(path=None if path is None else Path(path))


@pytest.mark.parametrize(
    ("text", "shown", "conninfo"),
    [
        ("postgresql:///lab", "postgresql:///lab", "postgresql:///lab"),
        ("postgres://ada@h:5433/lab", "postgresql://ada@h:5433/lab", "postgresql://ada@h:5433/lab"),
        (
            "postgresql://ada:hunter2@h,i:1/lab?sslmode=require",
            "postgresql://ada@h,i:1/lab?sslmode=require",
            "postgresql://ada:hunter2@h,i:1/lab?sslmode=require",
        ),
        (
            "postgresql:///lab?host=/run/pg&password=hunter2&user=ada",
            "postgresql:///lab?host=/run/pg&user=ada",
            "postgresql:///lab?host=/run/pg&password=hunter2&user=ada",
        ),
        ("postgresql://?service=team", "postgresql://?service=team", "postgresql://?service=team"),
    ],
)
def test_a_database(text: str, shown: str, conninfo: str) -> None:
    """The database's client gets all of it but the schema; people get no password."""
    found = postgres(text)
    assert (found.shown, found.conninfo, found.schema) == (shown, conninfo, "mainstem")
    assert str(found) == shown
    assert SECRET not in repr(found)


def test_a_schema_can_be_named() -> None:
    """One database can hold many stores."""
    found = postgres("postgresql:///lab?schema=vision&sslmode=require")
    assert found.schema == "vision"
    assert found.conninfo == "postgresql:///lab?sslmode=require"
    assert postgres("postgresql:///lab?schema=vision").conninfo == "postgresql:///lab"


@pytest.mark.parametrize(
    "text",
    [
        "mysql://u:hunter2@h/d",
        "hunter2",
        "postgresql:/hunter2",
        "postgresql://u:hun/ter2@h/d",
        "postgresql://u:hunter2@h:port/d",
        "postgresql://u:hunter2@[h/d",
        "postgresql://u:hunter2#x@h/d",
        "postgresql://u:hunter2@h/d?schema=Vision",
        "postgresql://u:hunter2@h/d?schema=pg_x",
        "postgresql://u:hunter2@h/d?schema=a;b",
        "postgresql://u:hunter2@h/d?schema",
        "sqlite:",
        "",
    ],
)
def test_what_is_no_address_is_said_without_it(text: str) -> None:
    """One line that says how to write one, and holds no part that may be a password."""
    with pytest.raises(UsageError) as error:
        parse(text)
    said = str(error.value)
    assert "\n" not in said
    assert "ter2@" not in said
    assert text == SECRET or SECRET not in said


def test_what_others_say_is_shown_without_passwords() -> None:
    """A message of the database's client, whatever form of the password it quotes."""
    found = postgres("postgresql://u:a%2Fb%20c@h/d")
    said = found.without_secrets("bad a%2Fb%20c\nor a/b c here")
    assert said == "bad *** or *** here"
