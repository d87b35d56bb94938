"""`mainstem import`, put together: the file, its report and page, and the ledger."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from mainstem.domain.errors import UsageError
from mainstem.domain.foreign import quoted
from mainstem.engine import importing
from mainstem.engine.importing import Foreign, Source
from mainstem.frontier import leaderboard, supported
from mainstem.frontier.import_page import page
from mainstem.frontier.objectives import spec
from mainstem.frontier.records import records_of
from mainstem.frontier.runs import Reading, runs_of
from mainstem.frontier.table import Shape, read_table

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from mainstem.frontier.runs import ForeignRuns
    from mainstem.frontier.supported import Asked
    from mainstem.frontier.table import Table
    from mainstem.wiring.project import Project


def report(
    path: Path,
    *,
    objectives: Sequence[str],
    asked: Asked,
    reading: Mapping[str, Any],
    seed: int,
    ask: int,
) -> dict[str, Any]:
    """The documented JSON of `mainstem import` of a file that is not taken into a ledger.

    Args:
        path: The file.
        objectives: As they were named, such as `val_bpb,margin=0.002`.
        asked: Gains that are asked for, of records.
        reading: `baseline`, `only` and `ignored` of `Reading`, of runs.
        seed: Seed of everything random, of runs.
        ask: How many runs to name that are worth running next.

    Raises:
        ConfigurationError: What is wrong with the file, all at once.
        UsageError: The call does not fit the file.
    """
    table, named = read_table(path), tuple(spec(text) for text in objectives)
    if table.shape is Shape.RECORDS:
        _refuse(table, {**reading}, "of runs, and these are records")
        if len(named) > 1:
            raise UsageError(f"{table.file} holds records of one metric: name one objective")
        return supported.report(table, records_of(table, named[0] if named else None), asked)
    of_records = {
        "gain": asked.gains,
        "nats": asked.nats,
        "tokens-per-byte": asked.tokens_per_byte,
    }
    _refuse(table, of_records, "of records, and these are runs")
    found = runs_of(table, Reading(objectives=named, **reading))
    return leaderboard.report(table, found, seed=seed, ask=ask)


def _refuse(table: Table, options: Mapping[str, Any], why: str) -> None:
    """Options that say nothing about this shape of file.

    Raises:
        UsageError: One of them is given.
    """
    for name, value in options.items():
        if value:
            option = {"ignored": "ignore"}.get(name, name)
            raise UsageError(f"{table.file}: --{option} is {why}")


def take_in(
    project: Project,
    path: Path,
    *,
    reading: Mapping[str, Any],
    names: Mapping[str, str],
    seed: int,
    ask: int,
) -> dict[str, Any]:
    """Takes a file's runs into the ledger; the documented JSON, with what became of them.

    Args:
        project: Whose ledger.
        path: The file.
        reading: As in `report`.
        names: The proposal that a change of the file is, where it has another name.
        seed: Seed of everything random.
        ask: How many runs to name that are worth running next.

    Raises:
        ConfigurationError: What is wrong with the file, all at once.
        UsageError: It holds records, no run of an open proposal, or runs at another rung or of
            another baseline, or stands in the ledger already.
        StoreError: The ledger cannot be written.
    """
    table = read_table(path)
    if table.shape is Shape.RECORDS:
        raise UsageError(f"{table.file} holds records: --into takes runs of changes, with seeds")
    found = runs_of(table, Reading(known=project.stack.objectives, **reading))
    record = project.record()
    taken, notes = _of_proposals(project, found, names)
    said = leaderboard.report(table, found, seed=seed, ask=ask)
    source = Source(file=table.file, sha256=table.sha256, about=table.text("about"))
    done = importing.take_in(
        project.ledger,
        record,
        project.stack,
        taken,
        source,
        trunk=project.trunk_commit,
        tree=project.trees.merger.tree_of(project.trunk_commit),
    )
    return {**said, "into": {**done, "notes": [*notes, *done["notes"]]}}


def _of_proposals(
    project: Project, found: ForeignRuns, names: Mapping[str, str]
) -> tuple[list[Foreign], list[str]]:
    """The runs whose changes are open proposals here, and what to say of the others.

    Raises:
        UsageError: No run has a proposal, a name is none of the file's, or the rung is another.
    """
    unknown = [change for change in names if change not in found.changes]
    if unknown:
        raise UsageError(f"--call {quoted(unknown[0])}: the file has no such change")
    is_open = {str(p.id) for p in project.record().open_proposals()}
    taken, strange = [], Counter[str]()
    for run in found.runs:
        recipe = frozenset(names.get(change, change) for change in run.changes)
        if recipe <= is_open and len(recipe) == len(run.changes):
            taken.append(
                Foreign(
                    name=run.name,
                    recipe=recipe,
                    seed=run.seed,
                    values=run.values,
                    places=run.places,
                )
            )
        strange.update(recipe - is_open)
    if not any(run.recipe for run in taken):
        has = ", ".join(quoted(name) for name in list(strange)[:6])
        raise UsageError(
            f"none of its changes is an open proposal here ({has}): take the branches in with "
            "`mainstem propose`, or say which is which with --call CHANGE PROPOSAL"
        )
    return taken, [*_strangers(found, taken, strange), *_elsewhere(project, taken)]


def _strangers(found: ForeignRuns, taken: Sequence[Foreign], strange: Counter[str]) -> list[str]:
    """What was left out, and why."""
    left = len(found.runs) - len(taken)
    if not left:
        return []
    names = ", ".join(f"{quoted(name)} ({count})" for name, count in strange.most_common(6))
    return [f"{left} runs left out: not of open proposals: {names}"]


def _elsewhere(project: Project, taken: Sequence[Foreign]) -> list[str]:
    """Where the runs were measured, as far as they say.

    Raises:
        UsageError: At another rung than the one that confirms here.
    """
    here = project.stack.confirm_rung.name
    rungs = {run.places["rung"] for run in taken if "rung" in run.places}
    if rungs - {here}:
        other = ", ".join(sorted(rungs - {here}))
        raise UsageError(
            f"the runs were made at rung {quoted(other)}, and this stack confirms at {here}: "
            "choose runs with --only rung=..., or leave the column out if it is the same scale"
        )
    said = [] if rungs else [f"no rung is named: taken as runs at {here}"]
    for key in ("harness", "machine"):
        names = sorted({run.places[key] for run in taken if key in run.places})
        if names:
            shown = ", ".join(names[:6])
            said.append(f"measured by another {key} than ours, as far as anyone knows: {shown}")
    return said


def write_page(file: Path, found: Mapping[str, Any]) -> None:
    """Writes the page of a report.

    Raises:
        UsageError: It cannot be written.
    """
    try:
        file.write_text(page(found), encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{file} cannot be written: {error.strerror}") from None
