"""Runs that somebody else made, taken into the ledger: the next campaign's search starts from them.

They are a line of their own kind, `runs-imported`, and never trials: nobody asked for them, no log
and no tree of ours stands behind them. A campaign that opens later observes them after all runs of
its own kind. What confirms a merge is fresh pairs as ever; and a margin in percent, which fresh
pairs are held to, is fixed by runs of the trunk that were made here.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mainstem.domain.errors import UsageError
from mainstem.domain.recipe import in_order
from mainstem.domain.stack import MARGIN_RUNS
from mainstem.engine import record as records
from mainstem.engine.lineage import EarlierRun, earlier_runs, lineage
from mainstem.engine.workshop import write_if_last

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy as np

    from mainstem.domain.proposal import CommitId, TreeId
    from mainstem.domain.recipe import Recipe
    from mainstem.domain.stack import Objective, Stack
    from mainstem.engine.ports import Ledger
    from mainstem.engine.record import Record

ALIKE = 0.01
"""Their baseline is not this trunk if a difference as large is that unlikely, on either side."""


@dataclass(frozen=True, kw_only=True)
class Foreign:
    """A run that somebody else made.

    Attributes:
        name: Its name where it was made.
        recipe: Proposals of this stack.
        seed: Its seed.
        values: Raw value per objective; None if it failed.
        places: Where and how it was measured, as far as that is known.
    """

    name: str
    recipe: Recipe
    seed: int
    values: Mapping[str, float] | None
    places: Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class Source:
    """Where runs come from.

    Attributes:
        file: The file's name.
        sha256: Its digest.
        about: What it says of itself.
    """

    file: str
    sha256: str
    about: str = ""


def take_in(
    ledger: Ledger,
    record: Record,
    stack: Stack,
    runs: Sequence[Foreign],
    source: Source,
    *,
    trunk: CommitId,
    tree: TreeId,
) -> dict[str, Any]:
    """Writes runs of the trunk and of open proposals into the ledger.

    Args:
        ledger: Where they are written.
        record: All lines of the ledger.
        stack: The stack, at the rung that confirms.
        runs: At least one.
        source: Where they come from.
        trunk: The trunk's commit: what their baseline stands for.
        tree: The trunk's tree.

    Returns:
        `import` (its name), `line`, `runs`, and `notes`.

    Raises:
        UsageError: They are in the ledger already, or their baseline is not this trunk.
        StoreError: The ledger cannot be written.
    """
    rung = stack.confirm_rung.name
    setup = records.setup_digest(stack.at(stack.confirm_rung))
    for known in record.imports:
        if (known["sha256"], known["trunk"], known["setup"]) == (source.sha256, trunk, setup):
            raise UsageError(f"{source.file} is in the ledger already, as {known['import']}")
    own = _trunk_runs(record, trunk, {setup: rung}, tree)
    notes = _compared(stack.objectives, own, runs, source.file)
    notes += _margins_open(stack.objectives, own)
    name = f"i{len(record.imports) + 1}"
    body = _body(name, record, runs, source)
    body |= {"trunk": trunk, "trunk_tree": tree, "setup": setup, "rung": rung}
    if not write_if_last(ledger, record, [(records.RUNS_IMPORTED, body)]):
        raise UsageError("somebody else wrote to the ledger meanwhile: the same command again")
    return {"import": name, "line": record.seq, "runs": len(runs), "notes": notes}


def _body(name: str, record: Record, runs: Sequence[Foreign], source: Source) -> dict[str, Any]:
    """The ledger's line, without what the stack says."""
    order = [p.id for p in record.in_order()]
    return {
        "import": name,
        "file": source.file,
        "sha256": source.sha256,
        "about": source.about,
        "runs": [
            {
                "run": f"{name}.{at}",
                "name": run.name,
                "recipe": list(in_order(run.recipe, order)),
                "seed": run.seed,
                "values": None if run.values is None else dict(run.values),
                "places": dict(run.places),
            }
            for at, run in enumerate(runs, start=1)
        ],
    }


def _trunk_runs(
    record: Record, trunk: CommitId, setups: Mapping[str, str], tree: TreeId
) -> list[Mapping[str, float]]:
    """What runs of the trunk that were made here measured."""
    line = lineage(record, trunk)
    held = frozenset(line.members)
    found = earlier_runs(record, line, setups=setups, tree=tree)
    return [run.values for run in found if run.recipe == held and run.values is not None]


def _compared(
    objectives: Sequence[Objective],
    own: Sequence[Mapping[str, float]],
    runs: Sequence[Foreign],
    file: str,
) -> list[str]:
    """Whether their baseline measures what this trunk does; a note where that is not known.

    Raises:
        UsageError: It measures something else, on some objective.
    """
    import numpy as np  # here and not above: every command loads this module, few import runs

    theirs = [run.values for run in runs if not run.recipe and run.values is not None]
    if min(len(own), len(theirs)) < 2:
        side = "this trunk has" if len(own) < 2 else "their baseline has"
        said = (
            f"not compared: {side} fewer than two runs, so nobody knows whether their baseline "
            "measures what this trunk does (`mainstem check` measures the trunk)"
        )
        return [said]
    for objective in objectives:
        mine = np.array([values[objective.name] for values in own])
        other = np.array([values[objective.name] for values in theirs])
        if not _alike(mine, other):
            raise UsageError(
                f"{file}: the baseline measures {objective.name} {other.mean():.6g}, this trunk "
                f"{mine.mean():.6g}: more than chance (p < {ALIKE:g} on either side), so it is "
                "other code, data or hardware, and its gains would be wrong here; nothing was "
                "taken in"
            )
    return []


def _alike(mine: np.ndarray[Any, Any], other: np.ndarray[Any, Any]) -> bool:
    """Whether two samples may have one mean; what never varies must agree."""
    from mainstem.stats.records import welch  # scipy: most commands import nothing

    sides = [welch(mine, other, sign) for sign in (1.0, -1.0)]
    if None in sides:
        return math.isclose(float(mine.mean()), float(other.mean()), rel_tol=1e-9)
    return all(side is None or side.p >= ALIKE / 2.0 for side in sides)


def _margins_open(objectives: Sequence[Objective], own: Sequence[Mapping[str, float]]) -> list[str]:
    """What to know where a margin in percent is not fixed yet by runs of this trunk."""
    relative = [o.name for o in objectives if o.is_relative]
    if not relative or len(own) >= MARGIN_RUNS:
        return []
    said = (
        f"the margin of {', '.join(relative)} is a percentage of what this trunk measures here, "
        f"and it has fewer than {MARGIN_RUNS} runs: until it has, their runs of the baseline do "
        "not count (run `mainstem check` before `mainstem integrate`)"
    )
    return [said]


def imported(
    record: Record,
    stack: Stack,
    own: Sequence[EarlierRun],
    *,
    trunk: CommitId,
) -> list[EarlierRun]:
    """The runs of others that a campaign on this trunk starts from, as runs on its root.

    Args:
        record: What the ledger holds.
        stack: The stack's description.
        own: The runs that were made here, in the order in which they are observed.
        trunk: The trunk's commit.
    """
    line = lineage(record, trunk)
    whole = frozenset(line.members)
    ran = [run for run in own if run.recipe == whole and run.rung == stack.confirm_rung.name]
    fixed = sum(run.values is not None for run in ran) >= MARGIN_RUNS
    may_be_trunk = fixed or not any(o.is_relative for o in stack.objectives)
    found = _on_line(record, stack, trunk)
    return [run for run in found if may_be_trunk or run.recipe != whole]


def fresh(record: Record, stack: Stack, *, trunk: CommitId, after: int) -> bool:
    """Whether runs were imported that a campaign does not have, which opened after so many imports.

    Args:
        record: What the ledger holds.
        stack: The stack's description.
        trunk: The trunk's commit.
        after: How many imports stood in the ledger when the campaign was opened.
    """
    return bool(_on_line(record, stack, trunk, after=after))


def _on_line(record: Record, stack: Stack, trunk: CommitId, *, after: int = 0) -> list[EarlierRun]:
    """Imported runs with today's settings, on this trunk or on one that it came from."""
    line, setup = lineage(record, trunk), records.setup_digest(stack.at(stack.confirm_rung))
    return [
        EarlierRun(
            trial=row["run"],
            recipe=line.held[body["trunk"]] | frozenset(row["recipe"]),
            seed=row["seed"],
            values=row["values"],
            rung=body["rung"],
        )
        for body in record.imports[after:]
        if body["setup"] == setup and body["trunk"] in line.held
        for row in body["runs"]
    ]
