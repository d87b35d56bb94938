"""Small organisations, planted in lines of a ledger: what they decide, and by which rule."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from mainstem.domain.contributor import Authorship, Contributor
from mainstem.domain.stack import Objective, Role, Rung, Stack
from mainstem.engine import record as records
from mainstem.engine.ports import Entry
from mainstem.people.directory import Directory

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from mainstem.domain.proposal import Proposal

STACK = Stack(
    name="toy",
    trunk="main",
    command="python train.py",
    timeout_s=60.0,
    objectives=(Objective("loss", margin=0.05), Objective("params", margin=50.0, role=Role.GUARD)),
    rungs=(Rung(name="default"),),
)
START = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
UNTIL = "2026-01-02T00:00:00.000+00:00"


@dataclass
class Lines:
    """A ledger, a minute from line to line."""

    entries: list[Entry]

    def add(self, kind: str, body: dict[str, Any]) -> None:
        """One more line."""
        seq = len(self.entries) + 1
        at = (START + dt.timedelta(minutes=seq)).isoformat(timespec="milliseconds")
        self.entries.append(Entry(seq=seq, at=at, kind=kind, body=body, hash=""))

    def take(self, proposal: str, claim: str = "") -> None:
        """Takes a proposal in."""
        order = 1 + sum(e.kind == records.PROPOSAL_TAKEN for e in self.entries)
        body = {"branch": proposal, "commit": proposal, "base": "0", "tree": proposal}
        rest = {"components": [], "id": proposal, "order": order, "claim": claim}
        self.add(records.PROPOSAL_TAKEN, {**body, **rest})

    def open(self, campaign: str, proposals: Sequence[str], setup: str = "old") -> None:
        """Opens a campaign without a budget."""
        body = {"campaign": campaign, "seed": 0, "trunk": "0", "setup": setup, "batch": 4}
        rest = {"budget": None, "rung": "default", "inherited": [], "proposals": list(proposals)}
        trees = {p: p for p in proposals}
        self.add(records.CAMPAIGN_OPENED, {**body, **rest, "trees": trees})

    def run(self, campaign: str, recipes: Sequence[Sequence[str]]) -> None:
        """Asks for trials and finishes them."""
        first = sum(e.kind == records.TRIAL_FINISHED for e in self.entries)
        names = [f"{campaign}.{first + k}" for k in range(len(recipes))]
        rows = [
            {"trial": name, "recipe": list(recipe), "seed": 0, "purpose": "search", "tree": name}
            for name, recipe in zip(names, recipes, strict=True)
        ]
        self.add(records.BATCH_ASKED, {"campaign": campaign, "trials": rows})
        for name in names:
            body = {"campaign": campaign, "trial": name, "values": {"loss": 1.0}, "failure": None}
            self.add(records.TRIAL_FINISHED, body)

    def judge(self, campaign: str, proposal: str, kind: str, evidence: Any = None) -> None:
        """Writes a verdict."""
        body = {"campaign": campaign, "proposal": proposal, "kind": kind, "reason": "so"}
        kept = {} if evidence is None else {"evidence": evidence}
        self.add(records.VERDICT, {**body, "others": [], **kept})

    def end(self, campaign: str) -> None:
        """Ends a campaign."""
        self.add(records.CAMPAIGN_ENDED, {"campaign": campaign})

    def merge(self, *proposals: str) -> None:
        """Merges."""
        self.add(records.MERGED, {"recipe": list(proposals)})

    def override(self, proposal: str, kind: str, by: str = "t0") -> None:
        """A maintainer's word."""
        body = {"proposal": proposal, "kind": kind, "reason": "so", "by": by, "campaign": "c1"}
        self.add("override", body)


def evidence(gain: float, *, margin: float = 0.05, belongs: float | None = None) -> dict[str, Any]:
    """What stood in the ledger, with a gain in margins."""
    mean = gain * margin
    improve = {"mean": mean, "low": mean - margin, "high": mean + margin, "margin": margin}
    guard = {"mean": 1.0, "low": 0.0, "high": 2.0, "margin": 50.0, "role": "guard"}
    return {
        "gain": {"loss": {**improve, "role": "improve"}, "params": guard},
        "belongs": float(1.0 / (1.0 + np.exp(-gain))) if belongs is None else belongs,
        "trials": 3,
    }


@dataclass(frozen=True, kw_only=True)
class Organisation:
    """Lines, and who wrote what.

    Attributes:
        entries: The ledger.
        people: Whom contributors.toml names.
        author: Who wrote each proposal, largest part first.
    """

    entries: list[Entry]
    people: tuple[Contributor, ...]
    author: dict[str, list[tuple[str, float]]]

    def directory(self, rename: Callable[[str], str] = str) -> Directory:
        """Who is who, perhaps under other names."""

        def authors_of(proposal: Proposal) -> tuple[Authorship, ...]:
            return tuple(
                Authorship(name=rename(h), email=f"{rename(h)}@x.org", share=share)
                for h, share in self.author[proposal.id]
            )

        people = tuple(
            Contributor(
                handle=rename(one.handle),
                emails=(f"{rename(one.handle)}@x.org",),
                kind=one.kind,
                team=one.team,
                joined=one.joined,
            )
            for one in self.people
        )
        return Directory(listed=people, authors_of=authors_of)


def organisation(
    seed: int,
    *,
    decisions: int = 120,
    seniors_odds: float = 1.0,
    people: int = 16,
    merit: float = 0.0,
) -> Organisation:
    """Campaigns of 20 decisions, on proposals of staff (who came first), students and agents.

    What is merged depends on the measured gain, and on being senior as strongly as is planted; what
    seniors file gains more by `merit` margins.
    Of each campaign's proposals the last still waits.
    """
    rng = np.random.default_rng(seed)
    kinds = ["staff"] * (people // 2) + ["student", "agent"] * people
    known = tuple(
        Contributor(
            handle=f"p{k}",
            kind=kinds[k],
            team=("north", "south")[k % 2],
            joined=dt.date(2020, 1, 1) + dt.timedelta(days=30 * k),
        )
        for k in range(people)
    )
    lines, author = Lines([]), {}
    for start in range(0, decisions, 20):
        campaign = f"c{start // 20 + 1}"
        own = [f"{campaign}-{k}" for k in range(min(20, decisions - start))]
        for proposal in [*own, f"{campaign}-late"]:
            author[proposal] = [(f"p{rng.integers(people)}", 1.0)]
            claim = "loss +0.05" if rng.random() < 0.5 else "it helps"
            lines.take(proposal, claim)
        lines.open(campaign, own)
        merged = []
        for proposal in own:
            lines.run(campaign, [[proposal]] * int(rng.integers(1, 5)))
            senior = int(author[proposal][0][0][1:]) < people // 2
            gain = float(rng.normal(0.0, 2.0)) + merit * (senior - 0.5)
            logit = 1.2 * np.arcsinh(gain) - 1.0 + np.log(seniors_odds) * (senior - 0.5)
            if rng.random() < 1.0 / (1.0 + np.exp(-logit)):
                merged.append(proposal)
            kind = "merge" if proposal in merged else "shelve"
            lines.judge(campaign, proposal, kind, evidence(gain))
        lines.end(campaign)
        if merged:
            lines.merge(*merged)
        for proposal in own:
            if proposal not in merged and rng.random() < 0.1:
                lines.override(proposal, "veto", by=f"t{rng.integers(4)}")
    return Organisation(entries=lines.entries, people=known, author=author)
