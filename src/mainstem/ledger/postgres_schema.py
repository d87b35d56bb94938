"""The layout of a PostgreSQL store: made once, recognised ever after, migrated, never guessed at.

A store fills a schema of its own. The schema is ours if its table `meta` says so; its version tells
whether this Mainstem can work with it, or has to bring it up first. Anything else is somebody's,
and stays as it is.

What stands in the database is compared with what should stand there by laying the same layout out
once more, in a scratch schema of a transaction that is taken back: the database describes both.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from mainstem.domain.errors import StoreError
from mainstem.ledger import layout
from mainstem.ledger.chain import GENESIS
from mainstem.ledger.layout import VERSION, Kind
from mainstem.ledger.postgres_link import search_path

if TYPE_CHECKING:
    from mainstem.ledger.postgres_link import Connection

# One process at a time looks whether there is a layout, and makes it.
TURN = "SELECT pg_advisory_xact_lock(hashtextextended('mainstem ' || %s, 0))"

# Is there such a schema, does it hold anything, and is one of its tables called meta?
LOOK = """
    SELECT count(*) > 0, count(relation.oid) > 0, bool_or(relation.relname = 'meta')
    FROM pg_namespace AS place
    LEFT JOIN pg_class AS relation ON relation.relnamespace = place.oid
    WHERE place.nspname = %s
"""

# What a store says of itself.
ABOUT = "SELECT name, value FROM meta"
DESCRIBE = "INSERT INTO meta (name, value) VALUES (%s, %s)"
UPDATE_VERSION = "UPDATE meta SET value = %s WHERE name = 'version'"

ENCODING = "SELECT current_setting('server_encoding')"

# Everything that keeps lines as they are, a row each: what kind of thing, its name, what it is.
PARTS = """
    WITH place AS (SELECT oid FROM pg_namespace WHERE nspname = %(schema)s),
    relation AS (SELECT * FROM pg_class WHERE relnamespace = (SELECT oid FROM place))
    SELECT CASE relkind WHEN 'v' THEN 'view' ELSE 'table' END, relname,
        concat_ws(' ', relkind, relpersistence, relrowsecurity, relforcerowsecurity, (
            SELECT string_agg(concat_ws(' ', attname, format_type(atttypid, atttypmod), attnotnull,
                attidentity, pg_get_expr(adbin, adrelid)), ', ' ORDER BY attnum)
            FROM pg_attribute LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
            WHERE attrelid = relation.oid AND attnum > 0 AND NOT attisdropped
        ), CASE relkind WHEN 'v' THEN pg_get_viewdef(oid) END)
    FROM relation WHERE relkind IN ('r', 'v', 'p', 'f', 'm')
    UNION ALL
    SELECT 'index', relname, pg_get_indexdef(oid) FROM relation WHERE relkind = 'i'
    UNION ALL
    SELECT 'rule of ' || relname, conname, concat_ws(' ', pg_get_constraintdef(c.oid), convalidated)
    FROM pg_constraint AS c JOIN relation ON relation.oid = conrelid
    UNION ALL
    SELECT 'trigger', tgname, concat_ws(' ', pg_get_triggerdef(t.oid), tgenabled)
    FROM pg_trigger AS t JOIN relation ON relation.oid = tgrelid WHERE NOT tgisinternal
    UNION ALL
    SELECT 'rewriting', rulename, pg_get_ruledef(r.oid)
    FROM pg_rewrite AS r JOIN relation ON relation.oid = ev_class WHERE relkind <> 'v'
    UNION ALL
    SELECT 'policy', polname, concat_ws(' ', polcmd, pg_get_expr(polqual, polrelid))
    FROM pg_policy JOIN relation ON relation.oid = polrelid
    UNION ALL
    SELECT 'function', proname, concat_ws(' ', pg_get_function_arguments(oid),
        pg_get_function_result(oid), provolatile, prosecdef,
        array_to_string(proconfig, ' '), prosrc)
    FROM pg_proc WHERE pronamespace = (SELECT oid FROM place)
"""


def prepare(db: Connection, schema: str, *, shown: str, now: str, read_only: bool) -> None:
    """Makes the layout in a new schema, or brings that of an older store up, in one transaction.

    Args:
        db: A connection in autocommit mode whose search path begins with the schema.
        schema: The store's schema.
        shown: The store's address, for messages.
        now: The present, kept in `meta`.
        read_only: Nothing may be made; an older store is read as it is.

    Raises:
        StoreError: The schema is somebody else's, or of a newer Mainstem, or empty and read-only;
            or the database does not hold text in UTF-8.
        psycopg.Error: The database failed.
    """
    version = _version(db, schema, shown)
    if version == VERSION or (version and read_only):
        return
    if read_only:
        raise StoreError(f"no ledger at {shown}: nothing was recorded there yet")
    row = db.execute(ENCODING).fetchone()
    if row is not None and row[0] != "UTF8":
        raise StoreError(
            f"ledger {shown} cannot be made: the database holds text as {row[0]}; "
            "make another with `createdb --template=template0 --encoding=UTF8 NAME`"
        )
    with db.transaction():
        db.execute(TURN, (schema,))
        version = _version(db, schema, shown)
        if not version:
            _make_schema(db, schema)
        bring_up(db, version)
        if not version:
            about = {
                "application": "mainstem",
                "version": str(VERSION),
                "chain": "sha256, see docs/parts/ledger.md",
                "genesis": GENESIS,
                "created_at": now,
            }
            db.cursor().executemany(DESCRIBE, list(about.items()))
        else:
            db.execute(UPDATE_VERSION, (str(VERSION),))


def bring_up(db: Connection, version: int, to: int = VERSION) -> None:
    """Runs the files of the versions after this one; they fill the first schema of the path."""
    for step in range(version + 1, to + 1):
        db.execute(layout.text(Kind.POSTGRESQL, step).encode())


def _make_schema(db: Connection, schema: str) -> None:
    from psycopg import sql

    row = db.execute(LOOK, (schema,)).fetchone()
    if row is None or not row[0]:
        db.execute(sql.SQL("CREATE SCHEMA {}").format(sql.Identifier(schema)))


def _version(db: Connection, schema: str, shown: str) -> int:
    """The version of the schema's layout; 0 if there is no such schema, or it is empty.

    Raises:
        StoreError: It is not a ledger, or one of a newer Mainstem.
    """
    there, filled, has_meta = db.execute(LOOK, (schema,)).fetchone() or (False, False, False)
    if not there or not filled:
        return 0
    about: dict[str, Any] = dict(db.execute(ABOUT).fetchall()) if has_meta else {}
    version = str(about.get("version", ""))
    if about.get("application") != "mainstem" or not version.isdecimal():
        raise StoreError(
            f"ledger {shown} cannot be opened: the schema {schema!r} of the database is another "
            "program's; name another with ?schema=NAME"
        )
    if int(version) > VERSION:
        raise StoreError(f"ledger {shown} cannot be opened: {layout.newer(int(version))}")
    return int(version)


def departures(db: Connection, schema: str, *, shown: str) -> list[str]:
    """What of the layout is gone, different or added, a line for each.

    Raises:
        psycopg.Error: The database failed.
    """
    import psycopg

    version = _version(db, schema, shown)
    found = parts(db, schema)
    try:
        right = _right(db, f"{schema}_{os.urandom(4).hex()}", version)
    except psycopg.errors.InsufficientPrivilege:
        line = (
            "the database's layout was not compared: that takes the right to make a schema "
            "(GRANT CREATE ON DATABASE); lines may have been altered"
        )
        return [line]
    lines = []
    for kind, name in dict.fromkeys((*right, *found)):
        before, now = right.get((kind, name)), found.get((kind, name))
        if before != now:
            state = "is gone" if now is None else "was added" if before is None else "was changed"
            lines.append(f"the database's {name} ({kind}) {state}: lines may have been altered")
    return lines


def _right(db: Connection, scratch: str, version: int) -> dict[tuple[str, str], str]:
    """The parts of a layout as they should be; nothing of it stays.

    Raises:
        psycopg.Error: The scratch schema cannot be made.
    """
    from psycopg import sql

    with db.transaction(force_rollback=True):
        db.execute(sql.SQL("CREATE SCHEMA {}").format(sql.Identifier(scratch)))
        db.execute("SELECT set_config('search_path', %s, true)", (search_path(scratch),))
        bring_up(db, 0, version)
        return parts(db, scratch)


def parts(db: Connection, schema: str) -> dict[tuple[str, str], str]:
    """What a schema holds, by kind and name, described without the schema's own name."""
    rows = db.execute(PARTS, {"schema": schema}).fetchall()
    return {
        (str(kind), str(name)): str(what).replace(f'"{schema}"', "").replace(schema, "")
        for kind, name, what in rows
    }
