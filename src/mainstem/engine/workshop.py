"""What a command that runs trials works with, and how it writes down what happened.

A campaign and a check need the same things: the stack, the trunk, and the doors. They come in one
hand, so that a new door changes one record and not every signature.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mainstem.engine import record as records

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mainstem.domain.proposal import CommitId, TreeId
    from mainstem.domain.stack import Stack
    from mainstem.engine.ports import Executor, Ledger, Trees
    from mainstem.engine.record import Record


@dataclass(frozen=True, kw_only=True)
class Workshop:
    """Everything a campaign works with.

    Attributes:
        stack: The stack's description.
        trunk: The trunk's commit.
        trunk_tree: The trunk's tree.
        trees: Merges recipes.
        executor: Runs trials.
        ledger: Remembers.
    """

    stack: Stack
    trunk: CommitId
    trunk_tree: TreeId
    trees: Trees
    executor: Executor
    ledger: Ledger


def write_down(
    ledger: Ledger, record: Record, entries: Sequence[tuple[str, Mapping[str, Any]]]
) -> None:
    """Writes entries and folds them into the record in one go.

    Raises:
        StoreError: The ledger cannot be written; the record is as it was.
    """
    if entries:
        for entry in ledger.append(entries):
            records.advance(record, entry)
