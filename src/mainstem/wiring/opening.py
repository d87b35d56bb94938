"""From a folder to a project: the file, the repository, the state folder, the ledger."""

from __future__ import annotations

import contextlib
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, Any

from mainstem.domain.errors import StoreError, UsageError
from mainstem.gitrepo.repository import open_repository
from mainstem.gitrepo.trees import GitTrees
from mainstem.ledger import addresses
from mainstem.ledger.addresses import PostgresAddress
from mainstem.ledger.on_sqlite import prepare_state_folder
from mainstem.tomlfiles.stack import FILE_NAME, find_stack_file, missing_stack_file, read_stack
from mainstem.wiring.elsewhere import advice_for_a_missing_file, main_work_tree
from mainstem.wiring.project import STATE_FOLDER, Project
from mainstem.wiring.stores import LEDGER_FILE, Team, address_of, open_ledger

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mainstem.engine.ports import Ledger
    from mainstem.gitrepo.repository import Repository
    from mainstem.ledger.addresses import Address
    from mainstem.ledger.on_postgres import PostgresLedger
    from mainstem.ledger.on_sqlite import SqliteLedger


_LOOKS_PATIENCE_S = 5.0
"""So long who only looks waits for a database that has gone away: then it says so."""


@contextlib.contextmanager
def open_project(
    start: Path | None = None, *, store: str | None = None, read_only: bool = False
) -> Iterator[Project]:
    """The project that a folder belongs to; lets go of its ledger at the end.

    Args:
        start: The folder; None for the working folder.
        store: The store's address; None for the one in `mainstem.toml`.
        read_only: Whether the ledger can only be read; where there is none yet, an empty one is
            made all the same.

    Raises:
        UsageError: No `mainstem.toml`, no repository, the file is not at the repository's top, or
            the store's address is none.
        ConfigurationError: `mainstem.toml` is wrong.
        StoreError: The store cannot be opened.
        GitError: git is missing or too old.
    """
    path = _stack_file((start or Path.cwd()).absolute())
    stack = read_stack(path)
    repository = open_repository(path.parent)
    if repository.top.resolve() != path.parent.resolve():
        raise UsageError(
            f"{path} is not at the top of its repository ({repository.top}): move it there"
        )
    address = address_of(store or stack.store)
    state = path.parent / STATE_FOLDER
    prepare_state_folder(state)
    team = None
    if isinstance(address, PostgresAddress):
        team = Team(address=address, folder=state, lease_s=stack.lease_s)
    opened = _read_ledger(address, state) if read_only else open_ledger(address, state)
    with contextlib.closing(opened) as ledger:
        yield Project(
            root=path.parent,
            stack=stack,
            repository=repository,
            ledger=ledger,
            identities=ledger.identities,
            trees=GitTrees(repository, state),
            hints=() if team is not None else _hints(repository, ledger),
            team=team,
        )


def _read_ledger(address: Address, state: Path) -> SqliteLedger | PostgresLedger:
    """The ledger at an address, to be read; made if there is none.

    Raises:
        UsageError: psycopg is needed and not installed.
        StoreError: It cannot be opened.
    """
    try:
        return open_ledger(address, state, read_only=True, patience_s=_LOOKS_PATIENCE_S)
    except StoreError:
        open_ledger(address, state, patience_s=_LOOKS_PATIENCE_S).close()
        return open_ledger(address, state, read_only=True, patience_s=_LOOKS_PATIENCE_S)


def copy_store(source: str, target: str, start: Path | None = None) -> dict[str, Any]:
    """Copies a ledger from one store to another; what `store copy --json` prints.

    Args:
        source: The address of the ledger.
        target: The address of an empty store, or of one with a part of this ledger.
        start: The folder that `sqlite` belongs to; None for the working folder.

    Raises:
        UsageError: An address is none, or `sqlite` is named where no project is.
        StoreError: The target holds another ledger, or a store fails.
    """
    from mainstem.ledger import copying

    first, second = addresses.parse(source), addresses.parse(target)
    state = Path()
    if addresses.SqliteAddress() in {first, second}:
        state = _stack_file((start or Path.cwd()).absolute()).parent / STATE_FOLDER
    if second == addresses.SqliteAddress():
        prepare_state_folder(state)
    with contextlib.ExitStack() as stack:
        ours = stack.enter_context(contextlib.closing(open_ledger(first, state, read_only=True)))
        theirs = stack.enter_context(contextlib.closing(open_ledger(second, state)))
        done = copying.copy(ours, theirs, shown=second.shown)
    return {
        "from": first.shown,
        "to": second.shown,
        "lines": done.lines,
        "copied": done.copied,
        "identities": done.identities,
        "hash": done.head,
        "alterations": list(done.alterations),
    }


def _stack_file(start: Path) -> Path:
    """The `mainstem.toml` to work with.

    Raises:
        UsageError: There is none; says on which branch there is one.
    """
    try:
        return find_stack_file(start)
    except UsageError:
        advice = advice_for_a_missing_file(start)
        if advice is None:
            raise
        raise missing_stack_file(start, advice) from None


def _hints(repository: Repository, ledger: Ledger) -> tuple[str, ...]:
    """What a user who sees nothing recorded should know."""
    if next(iter(ledger.entries()), None) is not None:
        return ()
    main = main_work_tree(repository)
    if main is None or not (main / STATE_FOLDER / LEDGER_FILE).exists():
        return ()
    hint = (
        "this linked work tree keeps a record of its own, still empty; that of the main work tree "
        f"is in {main}: `mainstem -C {quote(str(main))} ...` works on it"
    )
    return (hint,)


def write_stack_file(command: str | None) -> tuple[Path, str]:
    """Writes a commented `mainstem.toml` for the repository of the working folder.

    Args:
        command: The command of one trial; None for the usual one.

    Returns:
        The file, and the trunk that it names.

    Raises:
        UsageError: There is one already, or no repository with a commit.
    """
    from mainstem.tomlfiles.template import stack_template

    repository = open_repository(Path.cwd())
    path = repository.top / FILE_NAME
    trunk = repository.current_branch() or "main"
    text = stack_template(name=repository.top.name, trunk=trunk, command=command)
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        raise UsageError(f"{path} is there already: edit it, or remove it first") from None
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror}") from None
    return path, trunk
