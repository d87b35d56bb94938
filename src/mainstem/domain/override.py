"""What a person decides against the evidence, or without it, and what that costs."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mainstem.domain.proposal import ProposalId
    from mainstem.domain.verdict import Estimate


class OverrideKind(StrEnum):
    """What a person says of a proposal; the last one stands."""

    VETO = "veto"
    FORCE = "force"
    WITHDRAW = "withdraw"
    LIFT = "lift"

    @property
    def past(self) -> str:
        """What a proposal is then: `vetoed`, `forced`, `withdrawn` or `lifted`."""
        return _PAST[self]


_PAST = {
    OverrideKind.VETO: "vetoed",
    OverrideKind.FORCE: "forced",
    OverrideKind.WITHDRAW: "withdrawn",
    OverrideKind.LIFT: "lifted",
}


@dataclass(frozen=True, kw_only=True)
class Override:
    """An override as the ledger has it.

    Attributes:
        seq: The number of its line.
        at: When it was written (ISO 8601, UTC).
        proposal: Of which proposal.
        kind: What was said.
        reason: Why, in the words of who said it.
        by: Who signed it: a token that says nothing by itself (`engine.ports.Identities`).
    """

    seq: int
    at: str
    proposal: ProposalId
    kind: OverrideKind
    reason: str
    by: str

    @property
    def bars(self) -> bool:
        """Whether it keeps the proposal out of everything that is asked and merged."""
        return self.kind in {OverrideKind.VETO, OverrideKind.WITHDRAW}


@dataclass(frozen=True, kw_only=True)
class Price:
    """What an override changes: f(with it) - f(without it), posterior; below 0 is a loss.

    Attributes:
        with_it: The recipe that the evidence favours with the override.
        without_it: The recipe that it favours without.
        difference: By objective, in its unit.
        value: Over all objectives in margins: the sum of gains of those to improve, less what a
            broken margin costs.
        runs: How many runs would win the loss back at the pace of the runs so far, which took
            `runs_so_far` for the value of the recipe without it; None where that is worth nothing.
            What comes late in a search comes slower, so take it as the least.
        runs_so_far: Runs that say something of this landscape.
    """

    with_it: frozenset[str]
    without_it: frozenset[str]
    difference: Mapping[str, Estimate]
    value: Estimate
    runs: Estimate | None
    runs_so_far: int
