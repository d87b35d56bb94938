"""A project as large as any: a real repository, and a ledger as long campaigns leave it.

    make_project(folder, Size(proposals=1000, trials=10_000, campaigns=10))
    make_project(folder, Size(proposals=1000, trials=10_000, campaigns=1))

Nothing is trained. Every line is of a kind and a form that the engine writes, chained and put into
the ledger by its own doors; trees are those that git makes, and merges are made by git. What the
trials measured follows from one landscape with pairs, crashes and noise, so that the statistics see
what they were made for. Each campaign but the last has ended and was merged; the last one waits for
a batch, as while `integrate` works.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from large_repository import AUTHORS, Recipes, author, clashes, make_repository
from mainstem.domain.proposal import Proposal, ProposalId, TreeId
from mainstem.domain.stack import Direction
from mainstem.engine import record as records
from mainstem.engine.lineage import earlier_runs, lineage
from mainstem.engine.record import Record, setup_digest
from mainstem.engine.rungs import setups
from mainstem.gitrepo.merging import Member, Signature, advance
from mainstem.ledger.chain import chained, entry_of, prepared
from mainstem.people.reviews import REVIEW_GIVEN
from mainstem.wiring import open_project

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from mainstem.wiring import Project

BATCH = 4
PAIRS = 24
"""Most confirmation pairs of a campaign's candidate."""

POINTS = 8
"""Points of a learning curve; trials of the last campaign have one."""

_START = dt.datetime(2025, 1, 6, tzinfo=dt.UTC)
_TRUNK = {"loss": 3.2, "accuracy": 61.0, "latency": 40.0, "params": 1_000_000.0}
_NOISE = {"loss": 0.006, "accuracy": 0.3, "latency": 0.5, "params": 0.0}
_MARGIN = {"loss": 0.01, "accuracy": 0.5, "latency": 2.0, "params": 50_000.0}
_CAUSES = (
    ("exit", "exit code 1: RuntimeError: CUDA out of memory"),
    ("exit", "exit code 1: AssertionError: shapes do not match"),
    ("signal", "SIGKILL: more than 4 GB of memory"),
    ("timeout", "stopped after 600 s"),
    ("metric-missing", "no value of loss in $MAINSTEM_METRICS"),
)
_HOSTS = ("node-a", "node-b")


@dataclass(frozen=True, kw_only=True)
class Size:
    """How much there is.

    Attributes:
        proposals: In all campaigns together.
        trials: Likewise.
        campaigns: How many, with as many proposals and trials each.
        running: Whether the last campaign waits for a batch; else it has ended like the others.
        seed: Of everything that is drawn.
    """

    proposals: int = 1000
    trials: int = 10_000
    campaigns: int = 10
    running: bool = True
    seed: int = 0


@dataclass(kw_only=True)
class Landscape:
    """What recipes are worth.

    Attributes:
        alone: Gain of each proposal per objective, in margins.
        pairs: Gain of two together beyond their own.
        crashes: Sets that crash, each with what is said of it.
    """

    alone: Mapping[str, Mapping[str, float]]
    pairs: Mapping[frozenset[str], float]
    crashes: Mapping[frozenset[str], tuple[str, str]]

    def gain(self, recipe: frozenset[str]) -> dict[str, float]:
        """Gain over the root, in margins."""
        found = {name: sum(self.alone[p][name] for p in recipe) for name in _TRUNK}
        bonus = sum(worth for pair, worth in self.pairs.items() if pair <= recipe)
        return {**found, "loss": found["loss"] + bonus, "accuracy": found["accuracy"] + bonus / 2}

    def failure(self, recipe: frozenset[str]) -> tuple[str, str] | None:
        """Why it crashes, if it does."""
        found = (why for guilty, why in self.crashes.items() if guilty <= recipe)
        return next(found, None)


def make_project(folder: Path, size: Size | None = None, *, store: str | None = None) -> Path:
    """Makes the repository `folder` and its ledger; returns the folder.

    Args:
        folder: It must not be there yet.
        size: How much there is.
        store: The address of an empty store; None for the state folder.
    """
    size = size or Size()
    recipes = make_repository(folder, size.proposals)
    with open_project(folder, store=store) as project:
        maker = _Maker(
            project=project,
            recipes=recipes,
            size=size,
            rng=np.random.default_rng(size.seed),
            landscape=_landscape(list(recipes.branches), np.random.default_rng([size.seed, 1])),
        )
        maker.check()
        for number in range(size.campaigns):
            maker.campaign(number)
        maker.flush()
    return folder


def _landscape(names: Sequence[str], rng: np.random.Generator) -> Landscape:
    worth = rng.normal(-0.1, 1.0, (len(names), 2)) * (rng.random((len(names), 1)) < 0.5)
    latency = rng.normal(0.0, 0.2, len(names)) * (rng.random(len(names)) < 0.3)
    params = rng.integers(-1, 4, len(names)) * 0.05 * (rng.random(len(names)) < 0.2)
    alone = {
        name: {
            "loss": float(worth[i, 0]),
            "accuracy": float(0.7 * worth[i, 0] + 0.5 * worth[i, 1]),
            "latency": float(latency[i]),
            "params": float(-params[i]),
        }
        for i, name in enumerate(names)
    }
    near = [(i, i + int(rng.integers(1, 9))) for i in range(0, len(names) - 9, 2)]
    pairs = {frozenset({names[i], names[j]}): float(rng.normal(0.0, 1.2)) for i, j in near}
    causes = [_CAUSES[i % len(_CAUSES)] for i in range(len(names))]
    guilty = [{names[i]} for i in range(17, len(names), 60)]
    guilty += [{names[i], names[i + 3]} for i in range(11, len(names) - 3, 40)]
    return Landscape(
        alone=alone,
        pairs=pairs,
        crashes={frozenset(g): why for g, why in zip(guilty, causes, strict=False)},
    )


@dataclass(kw_only=True)
class _Maker:
    """Writes line after line, and knows what a reader of them knows."""

    project: Project
    recipes: Recipes
    size: Size
    rng: np.random.Generator
    landscape: Landscape
    record: Record = field(default_factory=Record)
    held: list[str] = field(default_factory=list)
    _end: tuple[int, str] | None = None
    _rows: list[Any] = field(default_factory=list)
    _time_s: float = 0.0

    def write(self, *lines: tuple[str, Mapping[str, Any]], took_s: float = 0.0) -> None:
        """Chains lines behind the last one and folds them; `flush` puts them into the ledger."""
        self._time_s += took_s
        if self._end is None:
            self._end = self.project.ledger.end()
        at = (_START + dt.timedelta(seconds=self._time_s)).isoformat(timespec="milliseconds")
        rows = chained(
            prepared(lines),
            at=at.replace("+00:00", "Z"),
            seq=self._end[0],
            previous=self._end[1],
        )
        for row in rows:
            records.advance(self.record, entry_of(row))
        self._end = (rows[-1][0], rows[-1][4])
        self._rows += rows

    def flush(self) -> None:
        """Puts what was written into the ledger."""
        ledger: Any = self.project.ledger  # both stores take lines of others
        ledger.take_rows(self._rows)
        self._rows = []

    @property
    def pairs(self) -> int:
        """Confirmation pairs of a campaign: of a small one they are half of its trials."""
        return min(PAIRS, self.size.trials // self.size.campaigns // 4)

    def check(self) -> None:
        """A check of the trunk."""
        stack = self.project.stack
        values = [self._measured(frozenset(), noise=at < 5) for at in range(6)]
        objectives = {
            o.name: {
                "mean": float(np.mean([v[o.name] for v in values[:5]])),
                "sd": float(np.std([v[o.name] for v in values[:5]], ddof=1)),
                "deterministic": _NOISE[o.name] == 0.0,
                "repeatable": True,
                "margin": _MARGIN[o.name],
                "unit": o.unit,
                "role": o.role,
            }
            for o in stack.objectives
        }
        body = {
            "trunk": self.project.trunk_commit,
            "trunk_tree": self.recipes.tree(()),
            "rung": stack.confirm_rung.name,
            "cost": 1.0,
            "setup": setup_digest(stack),
            "objectives": objectives,
            "trial_s": 40.0,
            "cpu_s": 39.0,
            "peak_rss_bytes": 2**30,
            "trials": [
                {
                    "trial": f"k1.{at + 1}",
                    "seed": at % 5,
                    "counts": at < 5,
                    "values": values[at],
                    "notes": {},
                    "wall_s": 40.0,
                    "log_dir": f"logs/k1.{at + 1}",
                }
                for at in range(6)
            ],
            "confinement": _confinement(),
            "host": _host(0),
        }
        self.write((records.CHECK_FINISHED, body), took_s=240.0)

    # ---- a campaign

    def campaign(self, number: int) -> None:
        """Takes its proposals in, runs it, ends it and merges what it confirmed."""
        names = list(self.recipes.branches)
        share = self.size.proposals // self.size.campaigns
        mine = names[number * share : (number + 1) * share]
        self._propose(mine, first=number * share)
        self._review(mine)
        campaign = f"c{number + 1}"
        trials = self.size.trials // self.size.campaigns
        self._open(campaign, mine, budget=trials)
        best = self._best(mine)
        last = number + 1 == self.size.campaigns
        recipes = self._asks(mine, best, trials - 2 * self.pairs)
        self._run(campaign, recipes, best, curves=last, leave=last and self.size.running)
        if last and self.size.running:
            return
        self._judge(campaign, mine, best)
        self._override(mine, best)
        if not last:
            self._merge(campaign, best)

    def _propose(self, names: Sequence[str], *, first: int) -> None:
        root = self.project.repository.trunk("main") if not self.held else None
        base = root or self.record.in_order()[0].base
        trunk = self.project.trunk_commit
        for at, name in enumerate(names, start=first):
            branch = self.recipes.branches[name]
            body = {
                "id": name,
                "branch": name,
                "commit": branch.commit,
                "base": base,
                "tree": self.recipes.tree([name]),
                "components": list(branch.components),
                "order": at + 1,
                "claim": f"lowers the loss by {at % 7 / 100:.2f}" if at % 3 == 0 else "",
                "follows": None,
            }
            self.write((records.PROPOSAL_TAKEN, body), took_s=60.0)
            if clashes(at) and at > first:
                pair = [names[at - first - 1], name]
                paths = sorted(
                    set.intersection(*(set(self.recipes.branches[p].files) for p in pair))
                )
                body = {"trunk": trunk, "proposals": pair, "paths": paths}
                self.write((records.CONFLICT_FOUND, body))

    def _review(self, names: Sequence[str]) -> None:
        for at, name in enumerate(names):
            if at % 5:
                continue
            token = self.project.identities.token(*author(int(self.rng.integers(AUTHORS))))
            body = {
                "proposal": name,
                "merge": round(float(self.rng.random()), 2),
                "effects": {"loss": round(float(self.rng.normal(0.0, 0.01)), 4)},
                "note": "looks like what we tried in spring" if at % 2 else "",
                "by": token,
                "seen": {"campaign": None, "trials": 0, "verdict": None},
            }
            self.write((REVIEW_GIVEN, body), took_s=30.0)

    def _open(self, campaign: str, names: Sequence[str], *, budget: int) -> None:
        stack, trunk = self.project.stack, self.project.trunk_commit
        tree = self.recipes.tree(())
        line = lineage(self.record, trunk)
        held = frozenset(line.members)
        inherited = [
            {
                "trial": run.trial,
                "recipe": sorted(run.recipe - held),
                "without": sorted(held - run.recipe),
                "seed": run.seed,
                "values": run.values,
            }
            for run in earlier_runs(self.record, line, setups=setups(stack), tree=TreeId(tree))
        ]
        body = {
            "campaign": campaign,
            "seed": 0,
            "trunk": trunk,
            "trunk_tree": tree,
            "setup": setup_digest(stack),
            "batch": BATCH,
            "budget": budget,
            "rung": stack.confirm_rung.name,
            "proposals": list(names),
            "trees": {name: self.recipes.tree([name]) for name in names},
            "inherited": inherited,
        }
        self.write((records.CAMPAIGN_OPENED, body), took_s=600.0)

    def _best(self, names: Sequence[str]) -> frozenset[str]:
        """Four that are good together: greedy on the truth, as a good campaign would find them."""
        best: frozenset[str] = frozenset()
        worth = {name: sum(self.landscape.gain(frozenset({name})).values()) for name in names}
        for name in sorted(names, key=lambda p: -worth[p])[:40]:
            wider = best | {name}
            if len(wider) > 4 or not self._mergeable(wider):
                continue
            if self._value(wider) > self._value(best) + 0.2:
                best = wider
        return best

    def _value(self, recipe: frozenset[str]) -> float:
        gain = self.landscape.gain(recipe)
        fine = min(gain["latency"], gain["params"]) > -0.5
        return gain["loss"] + gain["accuracy"] if fine else -1.0

    def _mergeable(self, recipe: Iterable[str]) -> bool:
        """Whether no two of them add the same file, and they run."""
        files = [path for name in recipe for path in self.recipes.branches[name].files]
        return len(files) == len(set(files)) and not self.landscape.failure(frozenset(recipe))

    def _asks(
        self, names: Sequence[str], best: frozenset[str], count: int
    ) -> list[tuple[frozenset[str], str]]:
        """What is asked for in the search: the trunk, each alone, then sets near the best."""
        found: list[frozenset[str]] = [frozenset()] * 3
        found += [frozenset({name}) for name in names[: count // 3]]
        while len(found) < count:
            start = best if self.rng.random() < min(1.0, len(found) / count) else frozenset()
            flips = self.rng.choice(names, size=int(self.rng.integers(0, 7)), replace=False)
            recipe = start ^ frozenset(flips.tolist())
            files = [path for name in recipe for path in self.recipes.branches[name].files]
            if len(files) == len(set(files)):
                found.append(recipe)
        return [(recipe, "search") for recipe in found[:count]]

    def _run(
        self,
        campaign: str,
        search: Sequence[tuple[frozenset[str], str]],
        best: frozenset[str],
        *,
        curves: bool,
        leave: bool,
    ) -> None:
        """Asks and finishes batch by batch; the last one is left running if that is wished."""
        asks = [*search]
        if best:
            pairs = range(self.pairs)
            asks += [(arm, "confirm") for _ in pairs for arm in (best, frozenset())]
        used: set[int] = set()
        seed = 0
        for start in range(0, len(asks), BATCH):
            rows = []
            for at, (recipe, purpose) in enumerate(asks[start : start + BATCH], start=start + 1):
                if purpose == "search" or recipe:
                    seed = self._seed(used)
                rows.append(
                    {
                        "trial": f"{campaign}.{at}",
                        "recipe": sorted(recipe, key=list(self.recipes.branches).index)
                        if len(recipe) > 1
                        else list(recipe),
                        "seed": seed,
                        "rung": "small",
                        "purpose": purpose,
                        "tree": self.recipes.tree(recipe),
                    }
                )
            self.write((records.BATCH_ASKED, {"campaign": campaign, "trials": rows}), took_s=2.0)
            if leave and start + BATCH >= len(asks):
                return
            for row in rows:
                self._finish(campaign, row, curves=curves)

    def _seed(self, used: set[int]) -> int:
        while True:
            seed = int(self.rng.integers(2**31))
            if seed not in used:
                used.add(seed)
                return seed

    def _finish(self, campaign: str, row: Mapping[str, Any], *, curves: bool) -> None:
        recipe = frozenset(row["recipe"]) | frozenset(self.held)
        failure = self.landscape.failure(recipe)
        values = None if failure is not None else self._measured(recipe)
        wall_s = round(float(self.rng.uniform(30.0, 50.0)), 3)
        at = int(row["trial"].rpartition(".")[2])
        kept = {}
        if curves and values is not None:
            steps = [25 * k for k in range(1, POINTS + 1)]
            kept = {"curves": {"loss": [[s, values["loss"] + 40.0 / s] for s in steps]}}
        body = {
            "campaign": campaign,
            "trial": row["trial"],
            "values": values,
            "failure": None if failure is None else {"cause": failure[0], "what": failure[1]},
            "notes": {},
            **kept,
            "run": {
                "ending": "exited",
                "exit_code": 0 if failure is None else 1,
                "signal": None,
                "wall_s": wall_s,
                "cpu_s": round(0.95 * wall_s, 3),
                "peak_rss_bytes": 2**30 + 4096 * at,
                "log_dir": f"logs/{row['trial']}",
                "host": _host(at),
                "confinement": _confinement(),
            },
        }
        self.write((records.TRIAL_FINISHED, body), took_s=wall_s / BATCH)

    def _measured(self, recipe: frozenset[str], *, noise: bool = True) -> dict[str, float]:
        gain = self.landscape.gain(recipe)
        found = {}
        for objective in self.project.stack.objectives:
            name = objective.name
            sign = 1.0 if objective.direction is Direction.MAXIMIZE else -1.0
            value = _TRUNK[name] + sign * gain[name] * _MARGIN[name]
            value += float(self.rng.normal()) * _NOISE[name] if noise else 0.0
            found[name] = round(value, 6)
        return found

    # ---- its end

    def _judge(self, campaign: str, names: Sequence[str], best: frozenset[str]) -> None:
        held: dict[str, int] = {}
        for asked, _ in self.record.campaigns[campaign].ended_trials():
            for member in asked.trial.recipe:
                held[member] = held.get(member, 0) + 1
        lines = []
        for name in names:
            kind, reason, others = self._verdict(name, best)
            gain = {
                objective.name: _estimate(worth * _MARGIN[objective.name], objective.name)
                | {"margin": _MARGIN[objective.name], "role": objective.role}
                for objective in self.project.stack.objectives
                for worth in [self.landscape.alone[name][objective.name]]
            }
            spoke = {"gain": gain, "belongs": float(name in best), "trials": held.get(name, 0)}
            body = {
                "campaign": campaign,
                "proposal": name,
                "kind": kind,
                "reason": reason,
                "others": others,
                "evidence": spoke,
            }
            lines.append((records.VERDICT, body))
        ended = {
            "campaign": campaign,
            "recipe": [name for name in names if name in best],
            "confirmed": bool(best),
            "spent": len(self.record.campaigns[campaign].finished),
        }
        self.write(*lines, (records.CAMPAIGN_ENDED, ended), took_s=5.0)

    def _verdict(self, name: str, best: frozenset[str]) -> tuple[str, str, list[str]]:
        if name in best:
            return "merge", f"{self.pairs} fresh pairs confirmed the set that it is in", []
        if self.landscape.failure(frozenset({name})):
            return "broken", "it crashed in every trial that held it", []
        spoiled = (set(g) - {name} for g in self.landscape.crashes if name in g)
        for others in spoiled:
            return "rework", f"it crashes together with {', '.join(others)}", sorted(others)
        return "shelve", "no gain beyond half a margin on the trunk as it is", []

    def _override(self, names: Sequence[str], best: frozenset[str]) -> None:
        rest = [name for name in names if name not in best]
        for kind, name in (("veto", rest[len(rest) // 3]), ("withdraw", rest[-1])):
            body = {
                "proposal": name,
                "kind": kind,
                "reason": "its licence is not ours" if kind == "veto" else "found a better way",
                "by": self.project.identities.token("Lead", "lead@example.org"),
                "campaign": self.record.active,
                "price": None,
            }
            self.write((records.OVERRIDE, body), took_s=60.0)

    def _member(self, proposal: Proposal, campaign: str) -> Member:
        message = (
            f"Merge proposal {proposal.id}\n\nConfirmed by {self.pairs} fresh pairs.\n\n"
            f"Mainstem-Proposal: {proposal.id}\nMainstem-Campaign: {campaign}\n"
        )
        return Member(id=ProposalId(proposal.id), commit=proposal.commit, message=message)

    def _merge(self, campaign: str, best: frozenset[str]) -> None:
        """Merges the confirmed set with git, and sees that its tree is the one computed here."""
        chosen = [p for p in self.record.in_order() if p.id in best]
        if not chosen:
            return
        old = self.project.trunk_commit
        self.recipes.merge(p.id for p in chosen)
        tree = self.project.trees.tree(old, chosen)
        if tree != self.recipes.tree(()):
            raise RuntimeError(
                f"git made {tree} of {sorted(best)}, and {self.recipes.tree(())} here"
            )
        who = Signature(name="Lead", email="lead@example.org", time_s=1704164645)
        done = advance(
            self.project.repository,
            self.project.trees.merger,
            branch="main",
            expected=old,
            members=[self._member(p, campaign) for p in chosen],
            tree=TreeId(tree),
            author=who,
            committer=who,
        )
        del self.project.trunk_commit  # it has moved
        gain = self.landscape.gain(best)
        asked = self.record.campaigns[campaign].asked()
        body = {
            "campaign": campaign,
            "old": done.old,
            "new": done.new,
            "recipe": [p.id for p in chosen],
            "commits": {str(c.id): str(c.commit) for c in done.commits},
            "confirmation": _confirmation(chosen, [a.name for a in asked][-2 * self.pairs :]),
            "gain": {
                o.name: _estimate(gain[o.name] * _MARGIN[o.name], o.name)
                | {"level": 0.9, "unit": o.unit}
                for o in self.project.stack.objectives
            },
            "forced": [],
        }
        self.write((records.MERGE_PLANNED, body), (records.MERGED, body), took_s=300.0)
        self.held += [p.id for p in chosen]


def _confirmation(chosen: Sequence[Proposal], trials: Sequence[str]) -> dict[str, Any]:
    """What proved a set, as `views.candidate` says it."""
    tested = {"exact": False, "e_margin": 1e6, "keeps_margin": True, "skewness": 0.1}
    return {
        "number": 1,
        "recipe": [p.id for p in chosen],
        "outcome": "confirmed",
        "pairs": len(trials) // 2,
        "threshold": 65.8,
        "trials": [list(pair) for pair in zip(trials[1::2], trials[::2], strict=True)],
        "objectives": [
            {"objective": name, "e_gain": 1e4 if at < 2 else None, "gains": at < 2, **tested}
            for at, name in enumerate(_TRUNK)
        ],
    }


def _estimate(mean: float, name: str) -> dict[str, float]:
    half = 0.4 * _NOISE[name]
    return {"mean": mean, "low": mean - half, "high": mean + half}


def _host(at: int) -> dict[str, str]:
    return {
        "host": _HOSTS[at % len(_HOSTS)],
        "system": "Linux 6.1",
        "cpu": "EPYC 9354",
        "cpus": "64",
        "python": "3.11.2",
        "packages": "3f9a0c11",
        "kind": "5d2e77aa",
    }


def _confinement() -> dict[str, str]:
    return {"profile": "bubblewrap", "asked": "files network", "not_enforced": ""}
