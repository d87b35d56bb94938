"""Small real ledgers for tests of the board: lines as the engine writes them, one after another."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mainstem.domain.stack import Component, Objective, Rung, Stack
from mainstem.engine import record as records
from mainstem.engine.record import Record, fold
from mainstem.ledger.on_sqlite import SqliteLedger

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from mainstem.engine.ports import Entry

    Line = tuple[str, Mapping[str, Any]]

TRUNK = "0" * 40

HOST = {"host": "kite", "cpu": "small", "kind": "k1"}

STACK = Stack(
    name="tiny",
    trunk="main",
    command="sh train.sh {seed}",
    timeout_s=60.0,
    objectives=(
        Objective("loss", margin=0.03, unit="nats"),
        Objective("size", margin="10%", role="guard"),
    ),
    rungs=(Rung(name="small"),),
    components=(
        Component(name="optimizer", globs=("optim.py",)),
        Component(name="data", globs=("data/**",)),
        Component(name="inference", globs=("export.py",)),
    ),
)


class Clock:
    """A clock that moves a second at every look."""

    def __init__(self) -> None:
        self.looks = 0

    def now(self) -> str:
        """The next second of 2024."""
        self.looks += 1
        minutes, seconds = divmod(self.looks, 60)
        return f"2024-01-01T{minutes // 60:02d}:{minutes % 60:02d}:{seconds:02d}.000Z"

    def monotonic_s(self) -> float:
        """The same, as a number."""
        return float(self.looks)


def proposal(name: str, order: int, *components: str, **more: Any) -> Line:
    """A branch that was taken in."""
    body = {"id": name, "branch": name, "commit": f"{order:040d}", "base": TRUNK}
    body |= {"tree": f"{order + 100:040d}", "components": list(components), "order": order}
    return records.PROPOSAL_TAKEN, {**body, "claim": "", "follows": None, **more}


def opened(*proposals: str, campaign: str = "c1", **more: Any) -> Line:
    """A campaign that began."""
    body = {"campaign": campaign, "seed": 0, "trunk": TRUNK, "setup": "s", "batch": 4}
    body |= {"budget": 40, "rung": "small", "proposals": list(proposals), "inherited": []}
    trees = {p: f"{n:040d}" for n, p in enumerate(proposals)}
    return records.CAMPAIGN_OPENED, {**body, "trees": trees, **more}


def asked(*trials: Mapping[str, Any], campaign: str = "c1") -> Line:
    """A batch; a trial is `{"n", "recipe"}` and what differs from a search that git can merge."""
    rows = [
        {
            "trial": f"{campaign}.{t['n']}",
            "recipe": list(t["recipe"]),
            "seed": t.get("seed", 100 + t["n"]),
            "rung": "small",
            "purpose": t.get("purpose", "search"),
            "tree": t.get("tree", f"{t['n']:040d}"),
        }
        for t in trials
    ]
    return records.BATCH_ASKED, {"campaign": campaign, "trials": rows}


def ended(
    trial: str,
    loss: float | None = None,
    *,
    failure: tuple[str, str] | None = None,
    wall_s: float = 10.0,
    **more: Any,
) -> Line:
    """A result: a value of `loss`, or a failure as cause and words."""
    run = {"ending": "exited", "exit_code": 0, "signal": None, "wall_s": wall_s, "cpu_s": 1.0}
    run |= {"peak_rss_bytes": 10**6, "log_dir": f"logs/{trial}", "host": HOST, "confinement": {}}
    body: dict[str, Any] = {"campaign": trial.partition(".")[0], "trial": trial, "notes": {}}
    body["values"] = None if loss is None else {"loss": loss, "size": 1000.0}
    body["failure"] = None if failure is None else {"cause": failure[0], "what": failure[1]}
    return records.TRIAL_FINISHED, {**body, "run": run, **more}


def checked(*losses: float, number: int = 1) -> Line:
    """A check with these runs; the last one repeats the first one's seed."""
    rows = [
        {
            "trial": f"k{number}.{k + 1}",
            "seed": 7 if k == len(losses) - 1 else 7 + k,
            "counts": k < len(losses) - 1,
            "values": {"loss": loss, "size": 1000.0},
            "notes": {},
            "wall_s": 9.0,
            "log_dir": f"logs/k{number}.{k + 1}",
        }
        for k, loss in enumerate(losses)
    ]
    noise = {"mean": losses[0], "sd": 0.01, "deterministic": False, "repeatable": True}
    size = {"mean": 1000.0, "sd": 0.0, "deterministic": True, "repeatable": True}
    objectives = {
        "loss": {**noise, "margin": 0.03, "unit": "nats", "role": "improve"},
        "size": {**size, "margin": 100.0, "unit": "", "role": "guard"},
    }
    body = {"trunk": TRUNK, "trunk_tree": "t", "setup": "s", "rung": "small", "cost": 1.0}
    body |= {"objectives": objectives, "trials": rows, "trial_s": 9.0, "cpu_s": 1.0}
    host = {"host": HOST, "confinement": {"profile": "none", "not_enforced": "all"}}
    return records.CHECK_FINISHED, {**body, **host, "peak_rss_bytes": 10**6}


def verdict(name: str, kind: str, reason: str = "for a reason") -> Line:
    """A verdict that was written down."""
    body = {"campaign": "c1", "proposal": name, "kind": kind, "reason": reason, "others": []}
    return records.VERDICT, body


def over(*recipe: str, campaign: str = "c1", confirmed: bool = True) -> Line:
    """The end of a campaign."""
    body = {"campaign": campaign, "recipe": list(recipe), "confirmed": confirmed, "spent": 40}
    return records.CAMPAIGN_ENDED, body


def merged(*recipe: str) -> Line:
    """A merge."""
    body = {"campaign": "c1", "old": TRUNK, "new": "1" * 40, "recipe": list(recipe)}
    commits = {p: f"{n:040d}" for n, p in enumerate(recipe)}
    more = {"commits": commits, "confirmation": None, "gain": {}, "forced": []}
    return records.MERGED, {**body, **more}


def written(folder: Path, lines: Sequence[Line]) -> list[Entry]:
    """The lines as a real ledger gives them back."""
    ledger = SqliteLedger(folder / "ledger.sqlite", Clock())
    try:
        ledger.append(lines)
        return list(ledger.entries())
    finally:
        ledger.close()


def opened_again(folder: Path) -> SqliteLedger:
    """The ledger that was written there."""
    return SqliteLedger(folder / "ledger.sqlite", Clock(), read_only=True)


def record_of(folder: Path, lines: Sequence[Line]) -> Record:
    """The same, folded."""
    return fold(written(folder, lines))
