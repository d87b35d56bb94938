"""The layouts of every store, version by version, as files of SQL.

A store is laid out by the files `layouts/STORE-1.sql`, `layouts/STORE-2.sql` and so on, one after
the other; an older ledger is brought up by those that it lacks. So a new ledger and a migrated one
are the same by construction. A file that was released never changes.
"""

from __future__ import annotations

import re
from enum import StrEnum
from importlib import resources

VERSION = 3
"""The newest version of the layout, on every store."""


class Kind(StrEnum):
    """What a store is made of."""

    SQLITE = "sqlite"
    POSTGRESQL = "postgresql"


def text(kind: Kind, version: int) -> str:
    """The file that leads from the version before to this one."""
    name = f"layouts/{kind}-{version}.sql"
    return resources.files("mainstem.ledger").joinpath(name).read_text(encoding="utf-8")


def statements(kind: Kind, version: int) -> list[str]:
    """The statements of that file, each without its semicolon."""
    plain = re.sub(r"^--[^\n]*\n", "", text(kind, version), flags=re.MULTILINE)
    found = re.split(r"(?<=;)\n\n", plain)
    return [statement.strip().removesuffix(";") for statement in found if statement.strip()]


def made(kind: Kind, version: int = VERSION) -> dict[str, str]:
    """What a ledger of that version is made of: each statement that made a thing, by its name."""
    found: dict[str, str] = {}
    for step in range(1, version + 1):
        for statement in statements(kind, step):
            verb, _, name = statement.split()[:3]
            if verb == "DROP":
                del found[name]
            else:
                found[name] = statement
    return found


def newer(version: int) -> str:
    """What to say of a ledger whose layout this Mainstem does not know."""
    return (
        f"its layout has version {version}, this Mainstem knows {VERSION}; install a newer Mainstem"
    )
