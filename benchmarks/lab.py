"""The claim's test: do labs that work collectively get more from the same compute than others do?

Every policy of the lab plays the same campaigns on three real tables and three families of drawn
landscapes, at three budgets; then under conditions that were picked because another policy might
win there. A figure is the true gain of the trunk at the end as a share of the best possible. The
claim can fail, and where it does `docs/lab.md` says so.

Campaigns are kept ten by ten (`build/bench/lab`) for the code that plays them, so the part can be
stopped anywhere and goes on where it was.
"""

from __future__ import annotations

import ast
import hashlib
import json
import math
import re
from dataclasses import asdict, dataclass
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from arena.sources import digest, home, reached
from mainstem.domain.stack import Objective
from mainstem.executors.pool import mapper
from mainstem.lab.compare import Outcome, Setting, campaigns
from mainstem.lab.landscapes.nk import nk
from mainstem.lab.landscapes.pairwise import pairwise
from mainstem.lab.landscapes.saturating import saturating
from mainstem.lab.landscapes.table import from_runs
from mainstem.lab.organisation import Contributor, Organisation, team
from mainstem.lab.policies.celebrity import Celebrity
from mainstem.lab.policies.collective import Collective
from mainstem.lab.policies.consensus import Consensus
from mainstem.lab.policies.greedy import Greedy
from mainstem.lab.policies.hierarchy import Hierarchy
from mainstem.lab.policies.intern_silo import InternSilo
from mainstem.lab.policies.mixture import Mixture
from mainstem.lab.policies.one_at_a_time import OneAtATime
from mainstem.lab.policies.seniority_veto import SeniorityVeto
from mainstem.lab.policies.silos import Silos
from mainstem.lab.standings import standings
from mainstem.wiring.lab_ledgers import passing_ledger
from tables import rungs, table

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import numpy as np

    from mainstem.executors.pool import Mapper
    from mainstem.lab.landscapes.landscape import Landscape
    from mainstem.lab.policies.policy import Way

ROOT = Path(__file__).resolve().parents[1]
TABLES = ROOT / "benchmarks" / "tables"
PAGE = ROOT / "docs" / "lab.md"
BEGIN, END = "<!-- lab: begin -->", "<!-- lab: end -->"

SEED0 = 2026
"""Of the published figures; no policy was tuned on these campaigns."""

CHEAP, SLOW = 100, 10
"""Campaigns of the cheap policies, and of those that run the engine."""

LEAST = 8
"""Campaigns that run the engine, under each of the conditions."""

MARKS = (2, 4, 8)
"""Budgets, in runs per proposal."""

LEVEL = 0.9

COLLECTIVE = "collective"
ENGINE: tuple[Way, ...] = (
    Collective(open_ledger=passing_ledger),
    Collective(open_ledger=passing_ledger, proof=False, name="collective, unproved"),
)
RIVALS: tuple[Way, ...] = (
    Greedy(),
    Greedy(seeds=1, name="greedy, 1 seed"),
    OneAtATime(),
    OneAtATime(seeds=2, level=0.2, name="one-at-a-time, 2 seeds, p < .2"),
    OneAtATime(test="anytime", name="one-at-a-time, anytime"),
    Silos(),
    Silos(metric="own", name="silos, own metric"),
    Silos(checked=0, name="silos, unchecked"),
    Hierarchy(),
    SeniorityVeto(),
    Celebrity(),
    InternSilo(),
    Consensus(),
    Mixture(parts=((Silos(), 1.0), (Hierarchy(), 1.0)), name="silos, then hierarchy"),
)


def real(name: str, rng: np.random.Generator) -> Landscape:
    """A table's landscape: the same in every campaign, so the generator is not used."""
    del rng
    return _read(name)


@cache
def _read(name: str) -> Landscape:
    found = (
        rungs.load(TABLES / "scales" / "tinylm8.npz").tables[-1]
        if name == "tinylm8"
        else table.load(TABLES / f"{name}.npz")
    )
    return from_runs(
        found.y,
        components=[proposal.component for proposal in found.proposals],
        objectives=[
            Objective(o.name, margin=o.margin, direction=o.direction, role=o.role, unit=o.unit)
            for o in found.objectives
        ],
    )


@dataclass(frozen=True, kw_only=True)
class Kind:
    """What is played on.

    Attributes:
        name: In file names.
        title: For people.
        n: Proposals.
        landscape: Draws one.
        marks: Budgets, in runs per proposal.
        organisation: Who works on it.
    """

    name: str
    title: str
    n: int
    landscape: Callable[[np.random.Generator], Landscape]
    marks: tuple[int, ...] = MARKS
    organisation: Callable[[Sequence[str]], Organisation] = team

    def setting(self, mark: int) -> Setting:
        """At a budget of so many runs a proposal."""
        return Setting(
            name=f"{self.name}-{mark}",
            landscape=self.landscape,
            budget=self.n * mark,
            organisation=self.organisation,
        )


GOOD_TRUNK = (82.0, 97.0)
"""Percentiles of recipes between which NK's trunk lies, as that of the arena's Rugged does."""

KINDS = (
    Kind(name="tinylm10", title="table tinylm10", n=10, landscape=partial(real, "tinylm10")),
    Kind(
        name="classifier12",
        title="table classifier12",
        n=12,
        landscape=partial(real, "classifier12"),
    ),
    Kind(name="tinylm8", title="table tinylm8, top rung", n=8, landscape=partial(real, "tinylm8")),
    Kind(
        name="nk12",
        title="NK, n = 12, K = 3, noise .05",
        n=12,
        landscape=partial(nk, 12, 3, noise=0.05, trunk=GOOD_TRUNK),
    ),
    Kind(
        name="pairwise12", title="pairwise, n = 12, noise 1", n=12, landscape=partial(pairwise, 12)
    ),
    Kind(
        name="saturating12",
        title="saturating, n = 12, noise 1",
        n=12,
        landscape=partial(saturating, 12),
    ),
)


def wise(components: Sequence[str]) -> Organisation:
    """A team whose opinions err by .3 sds of true worths: five times less than reviewers do."""
    known = team(components)
    return Organisation(
        contributors=tuple(
            Contributor(home=c.home, rank=c.rank, student=c.student, judgement=0.3)
            for c in known.contributors
        )
    )


def trickling(components: Sequence[str]) -> Organisation:
    """A team whose proposals come in one in three runs, and whose people stay for 60 on average."""
    return Organisation(contributors=team(components).contributors, arrivals=1 / 3, stay=60.0)


CONDITIONS = (
    Kind(
        name="tiny",
        title="one run a proposal (pairwise)",
        n=12,
        landscape=partial(pairwise, 12),
        marks=(1,),
    ),
    Kind(
        name="quiet",
        title="hardly any noise (pairwise, noise .05)",
        n=12,
        landscape=partial(pairwise, 12, noise=0.05),
        marks=(3,),
    ),
    Kind(
        name="loud",
        title="much noise (pairwise, noise 3)",
        n=12,
        landscape=partial(pairwise, 12, noise=3.0),
        marks=(8,),
    ),
    Kind(
        name="additive",
        title="no interaction (NK, K = 0)",
        n=12,
        landscape=partial(nk, 12, 0, noise=0.05),
        marks=(4,),
    ),
    Kind(
        name="rugged",
        title="everything interacts (NK, K = 11)",
        n=12,
        landscape=partial(nk, 12, 11, noise=0.05, trunk=GOOD_TRUNK),
        marks=(8,),
    ),
    Kind(
        name="many",
        title="many proposals (pairwise, n = 40; in margins)",
        n=40,
        landscape=partial(pairwise, 40),
        marks=(3,),
    ),
    Kind(
        name="wise",
        title="judges who hardly err (pairwise, opinions .3 sd)",
        n=12,
        landscape=partial(pairwise, 12),
        marks=(4,),
        organisation=wise,
    ),
    Kind(
        name="trickle",
        title="proposals that trickle in (pairwise)",
        n=12,
        landscape=partial(pairwise, 12),
        marks=(8,),
        organisation=trickling,
    ),
    Kind(
        name="rich",
        title="20 runs a proposal (NK, K = 3)",
        n=12,
        landscape=partial(nk, 12, 3, noise=0.05, trunk=GOOD_TRUNK),
        marks=(20,),
    ),
)


@dataclass(frozen=True, kw_only=True)
class Lab:
    """The part, with what was asked for on the command line.

    Attributes:
        landscapes: Names of kinds or conditions; empty: all.
        processes: How many at once.
        cheap: Campaigns of the cheap policies.
        slow: Campaigns of those that run the engine.
        seed0: Tells sets of campaigns apart.
        play: Whether to play what is missing, or only to print what there is.
        docs: Whether to write the tables into the documentation.
    """

    resumes: ClassVar[bool] = True

    landscapes: tuple[str, ...] = ()
    processes: int = 1
    cheap: int = CHEAP
    slow: int = SLOW
    seed0: int = SEED0
    play: bool = True
    docs: bool = False

    def measure(self, folder: Path, *, quick: bool) -> dict[str, Any]:
        """Plays what is missing; the figures are the standings of every kind and budget."""
        folder.mkdir(parents=True, exist_ok=True)
        found: dict[str, Any] = {}
        with mapper(self.processes) as over:
            for kind in self._kinds(quick=quick):
                for mark in kind.marks[-1:] if quick else kind.marks:
                    outcomes = self._outcomes(folder, kind, mark, over, quick=quick)
                    if any(o.policy == COLLECTIVE for o in outcomes):
                        ranked = standings(outcomes, reference=COLLECTIVE, level=LEVEL)
                        found.setdefault(kind.name, {})[str(mark)] = [asdict(s) for s in ranked]
        if self.docs and not quick:
            write_page(PAGE, found)
        return {"standings": found}

    def table(self, figures: dict[str, Any]) -> str:
        """Every kind, then the conditions."""
        return page(figures["standings"])

    def _kinds(self, *, quick: bool) -> list[Kind]:
        known = [KINDS[2]] if quick else [*KINDS, *CONDITIONS]
        return [kind for kind in known if not self.landscapes or kind.name in self.landscapes]

    def _outcomes(
        self, folder: Path, kind: Kind, mark: int, over: Mapper, *, quick: bool
    ) -> list[Outcome]:
        cheap, slow = (10, 1) if quick else (self.cheap, self.slow)
        engine = ENGINE[:1] if kind in CONDITIONS else ENGINE
        slow = min(slow, LEAST) if kind in CONDITIONS else slow
        plan = [(RIVALS, cheap, ""), *(((way,), slow, digest()) for way in engine)]
        found: list[Outcome] = []
        for ways, wanted, code in plan:
            setting = kind.setting(mark)
            key = played_by(setting, ways, self.seed0, code)
            file = folder / f"{setting.name}-{ways[0].name.replace(', ', '-')}-{key}.json"
            more = wanted if self.play else 0
            found += _kept(file, setting, ways, wanted=more, seed=self.seed0, over=over)
        return found


def played_by(setting: Setting, ways: Sequence[Way], seed: int, code: str) -> str:
    """A key of the question and of the code that answers it, but for docstrings and comments."""
    asked = re.sub(r" at 0x[0-9a-f]+", "", f"{setting} {ways} {seed} {code}")
    package = home()
    if package is None:
        raise SystemExit("lab: mainstem is not installed")
    modules = {"mainstem.lab.compare", *(type(way).__module__ for way in ways)}
    modules |= {f"mainstem.lab.landscapes.{name}" for name in ("nk", "saturating", "table")}
    roots = [package.joinpath(*module.split(".")[1:]).with_suffix(".py") for module in modules]
    counted = [_bare(file) for file in reached(roots, package, ["lab"])]
    return hashlib.sha256("\0".join([asked, *counted]).encode()).hexdigest()[:16]


def _bare(file: Path) -> str:
    """A module's code without docstrings."""
    tree = ast.parse(file.read_bytes())
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if isinstance(body, list) and body and isinstance(body[0], ast.Expr):
            body[0] = ast.Pass()
    return ast.unparse(tree)


def _kept(
    file: Path, setting: Setting, ways: Sequence[Way], *, wanted: int, seed: int, over: Mapper
) -> list[Outcome]:
    """Campaigns from a file as far as they are there; the others are played, ten at a time."""
    rows = json.loads(file.read_text("utf-8")) if file.exists() else []
    found = [Outcome(**row) for row in rows]
    while len(found) < wanted * len(ways):
        first = len(found) // len(ways)
        numbers = range(first, min(wanted, first + 10))
        found += campaigns(setting, ways, numbers, seed=seed, mapper=over)
        file.write_text(json.dumps([asdict(o) for o in found]), encoding="utf-8")
    return found


# ---- what is said of it


def page(figures: dict[str, Any]) -> str:
    """Tables of every kind and of the conditions, and where another policy is ahead."""
    parts = [_kind_table(kind, figures[kind.name]) for kind in KINDS if kind.name in figures]
    conditions = [kind for kind in CONDITIONS if kind.name in figures]
    if conditions:
        parts.append(_condition_table(conditions, figures))
    parts.append(_ahead(figures))
    return "\n\n".join(parts)


def _kind_table(kind: Kind, found: dict[str, Any]) -> str:
    """Policies by share at each budget."""
    marks = [mark for mark in kind.marks if str(mark) in found]
    names = [s["policy"] for s in found[str(marks[-1])]]
    head = " | ".join(f"{mark}n = {mark * kind.n} runs | worse" for mark in marks)
    lines = [
        f"### {kind.title}",
        "",
        f"| policy | {head} | time at {marks[-1]}n | campaigns |",
        "|---|" + "---|---|" * len(marks) + "---|---|",
    ]
    for name in names:
        cells, took, played = list[str](), 0.0, 0
        for mark in marks:
            standing = next((s for s in found[str(mark)] if s["policy"] == name), None)
            cells += _cells(standing)
            if standing:
                took, played = standing["time"], standing["campaigns"]
        lines.append(f"| {name} | {' | '.join(cells)} | {took:.0f} | {played} |")
    return "\n".join(lines)


def _cells(standing: dict[str, Any] | None) -> list[str]:
    """The share with its interval, and how many end worse than the trunk."""
    if standing is None:
        return ["", ""]
    share, worse = standing["share"], standing["worse"]
    return [interval(share), f"{100 * worse['mean']:.0f}%"]


def interval(of: dict[str, Any], sign: int = 1) -> str:
    """A mean with its interval, perhaps of the other sign."""
    mean, low, high = of["mean"], of["low"], of["high"]
    if sign < 0:
        mean, low, high = -mean, -high, -low
    if not math.isfinite(low):
        return f"{mean:.2f}"
    return f"{mean:.2f} ({low:.2f} to {high:.2f})"


def _condition_table(conditions: Sequence[Kind], figures: dict[str, Any]) -> str:
    """Of each condition the collective, and the best of the others."""
    lines = [
        "### Conditions",
        "",
        "| condition | runs | collective | best rival | its share | collective behind it by |",
        "|---|---|---|---|---|---|",
    ]
    for kind in conditions:
        for mark, ranked in figures[kind.name].items():
            ours = next(s for s in ranked if s["policy"] == COLLECTIVE)
            best = next(s for s in ranked if not s["policy"].startswith(COLLECTIVE))
            lines.append(
                f"| {kind.title} | {int(mark) * kind.n} | {interval(ours['share'])} | "
                f"{best['policy']} | {interval(best['share'])} | {interval(best['behind'], -1)} |"
            )
    return "\n".join(lines)


def _ahead(figures: dict[str, Any]) -> str:
    """Where another policy is ahead of the collective, and where it is behind all of them.

    Ahead: the interval of the paired difference lies on one side of 0.
    """
    won, lost, open_ = [], [], []
    for kind in (*KINDS, *CONDITIONS):
        for mark, ranked in figures.get(kind.name, {}).items():
            rivals = [s for s in ranked if not s["policy"].startswith(COLLECTIVE)]
            place = f"{kind.title}, {mark}n"
            ahead = [s["policy"] for s in rivals if s["behind"]["high"] < 0.0]
            if ahead:
                lost.append(f"- {place}: {'; '.join(ahead)}")
            elif all(s["behind"]["low"] > 0.0 for s in rivals):
                won.append(place)
            else:
                near = [s["policy"] for s in rivals if s["behind"]["low"] <= 0.0]
                open_.append(f"- {place}: {'; '.join(near)}")
    return "\n\n".join(
        [
            "### Where the claim fails",
            "Policies that are ahead of `collective`, their interval of the difference below 0:",
            "\n".join(lost) or "nowhere.",
            "Policies that cannot be told from it, where none is ahead:",
            "\n".join(open_) or "nowhere.",
            f"Ahead of all others: {'; '.join(won) or 'nowhere'}.",
        ]
    )


def write_page(page_file: Path, figures: dict[str, Any]) -> None:
    """Puts the tables between the markers of a page.

    Raises:
        ValueError: The page has no markers.
    """
    before, begin, rest = page_file.read_text(encoding="utf-8").partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"{page_file.name} has no line {BEGIN!r} with {END!r} after it")
    draft = page_file.with_suffix(".tmp")
    draft.write_text(f"{before}{begin}\n\n{page(figures)}\n\n{end}{after}", encoding="utf-8")
    draft.replace(page_file)
