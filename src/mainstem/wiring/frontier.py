"""`mainstem frontier`, put together: the file of references, the ledger, and the clock."""

from __future__ import annotations

import contextlib
import datetime as dt
import os
from typing import TYPE_CHECKING, Any

from mainstem.domain.errors import ConfigurationError, UsageError
from mainstem.domain.reference import Claim, Frontier
from mainstem.frontier import harness_json, hub_yaml
from mainstem.frontier.importing import Found, take
from mainstem.frontier.results import UnreadableError
from mainstem.tomlfiles.frontier import FILE_NAME, parse_frontier, read_frontier, read_text
from mainstem.tomlfiles.references import appended
from mainstem.wiring.clock import SystemClock

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from mainstem.frontier.importing import Wanted
    from mainstem.frontier.report import World
    from mainstem.wiring.project import Project

YAML = (".yaml", ".yml")
"""Ends of names of files that are read as YAML; all others are read as JSON."""

_LARGEST_BYTES = 64_000_000
_FURTHEST_EAST = dt.timedelta(hours=14)


def frontier(project: Project, *, html: Path | None = None) -> dict[str, Any]:
    """The documented JSON of `mainstem frontier`, and its page.

    Args:
        project: Whose trunk.
        html: Where the page is written; None for nowhere.

    Raises:
        ConfigurationError: `frontier.toml` is wrong.
        UsageError: The page cannot be written.
    """
    from mainstem.frontier.page import page  # loads the statistics: only here
    from mainstem.frontier.report import report

    found = report(_world(project))
    found["file"] = FILE_NAME if (project.root / FILE_NAME).exists() else None
    if html is not None:
        try:
            html.write_text(page(found), encoding="utf-8")
        except OSError as error:
            raise UsageError(f"{html} cannot be written: {error.strerror}") from None
    return found


def claimed(project: Project, name: str) -> tuple[Claim, str]:
    """A reference as the claim of a proposal, and that in words.

    Raises:
        ConfigurationError: `frontier.toml` is wrong.
        UsageError: There is no such reference, it is of no objective, or it claims no effect.
    """
    from mainstem.frontier.report import claim_of  # loads the statistics: only here

    world = _world(project)
    found = world.frontier.reference(name)
    if found is None:
        listed = ", ".join(one.id for one in world.frontier.references) or "none"
        raise UsageError(f"--reference {name}: {FILE_NAME} has no such reference; it has {listed}")
    if not found.objective:
        raise UsageError(f"--reference {name}: it is of {found.metric}, which is no objective")
    gain = claim_of(world, found)
    if isinstance(gain, str):
        raise UsageError(
            f"--reference {name}: it states no gain, and {gain}. Write gain = ... into "
            f"{FILE_NAME}, as its source states it"
        )
    claim = Claim(reference=found.id, objective=found.objective, gain=gain)
    unit = f" {found.unit}" if found.unit else ""
    return claim, f"{found.objective} +{gain:.6g}{unit}"


def imported(
    project: Project, files: Sequence[Path], wanted: Wanted, *, dry_run: bool
) -> dict[str, Any]:
    """Adds what files of results hold to `frontier.toml`; the JSON of `mainstem frontier import`.

    Args:
        project: Whose file.
        files: As harnesses write them.
        wanted: What a person says of them.
        dry_run: Only say what would be added.

    Raises:
        ConfigurationError: `frontier.toml` is wrong, or what would be added is.
        UsageError: A file cannot be read or is of no known form, or nothing can be added.
    """
    path = project.root / FILE_NAME
    text = read_text(path) or ""
    known = _parsed(project, text)
    results = [found for file in files for found in _read(project, file)]
    taken = take(results, project.stack.objectives, known.references, wanted)
    added = appended(text, taken.references)
    try:
        _parsed(project, added)
    except ConfigurationError as error:
        raise UsageError(
            f"nothing was added to {FILE_NAME}, as it would be wrong:\n{error}"
        ) from None
    if not dry_run and added != text:
        _write(path, added)
    return {
        "file": FILE_NAME,
        "dry_run": dry_run,
        "taken": [
            {"id": one.id, "objective": one.objective, "metric": one.metric, "value": one.value}
            for one in taken.references
        ],
        "left": [{"file": one.file, "name": one.name, "why": one.why} for one in taken.left],
    }


def _world(project: Project) -> World:
    from mainstem.frontier.report import World

    record = project.record()
    found = read_frontier(project.root / FILE_NAME, project.stack, today=_today())
    return World(
        stack=project.stack,
        frontier=Frontier() if found is None else found,
        record=record,
        entries=list(project.ledger.entries()),
        latest=project.standing(record),
        trunk=project.trunk_commit,
        tree=project.trees.merger.tree_of(project.trunk_commit),
        now=SystemClock().now(),
    )


def _parsed(project: Project, text: str) -> Frontier:
    return parse_frontier(text, FILE_NAME, project.stack, today=_today(), folder=project.root)


def _today() -> dt.date:
    """The latest day that it is anywhere: no date that a person may write is to come."""
    return (dt.datetime.fromisoformat(SystemClock().now()) + _FURTHEST_EAST).date()


def _read(project: Project, file: Path) -> list[Found]:
    """The values of one file.

    Raises:
        UsageError: It cannot be read, or is of no known form.
    """
    try:
        if file.stat().st_size > _LARGEST_BYTES:
            raise UsageError(f"{file}: larger than {_LARGEST_BYTES:,} bytes, no file of results")
        content = file.read_bytes().decode("utf-8")
        reader = hub_yaml.read if file.suffix in YAML else harness_json.read
        results = reader(content)
    except OSError as error:
        raise UsageError(f"{file} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise UsageError(f"{file}: it is not UTF-8") from None
    except UnreadableError as error:
        raise UsageError(f"{file}: {error}") from None
    except ModuleNotFoundError as error:
        raise UsageError(f"{file}: {error}") from None
    place = _place(project.root, file)
    return [Found(file=str(file), place=place, result=result) for result in results]


def _place(root: Path, file: Path) -> str:
    """A file of this folder as a source; empty for one from elsewhere."""
    whole, folder = file.resolve(), root.resolve()
    return whole.relative_to(folder).as_posix() if whole.is_relative_to(folder) else ""


def _write(path: Path, text: str) -> None:
    """Puts a text in a file's place at once, with the mode that the file had.

    Raises:
        UsageError: It cannot be written; the file is as it was.
    """
    whole = path.resolve()  # a link stays one
    part = whole.with_name(f"{whole.name}.part")
    try:
        with part.open("xb") as file:
            file.write(text.encode("utf-8"))
            file.flush()
            os.fsync(file.fileno())
        with contextlib.suppress(FileNotFoundError):
            part.chmod(whole.stat().st_mode)
        part.replace(whole)
    except FileExistsError:
        raise UsageError(
            f"{part} is there already: another import is at work, or was killed; remove it"
        ) from None
    except OSError as error:
        with contextlib.suppress(OSError):
            part.unlink()
        raise UsageError(f"{path} cannot be written: {error.strerror}") from None
