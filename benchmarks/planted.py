"""Planted organisations: does a log give back the veto rate and the silo width of who kept it?

Blind: each organisation is drawn, keeps its log as a file, and the lab is handed the bytes of that
file and nothing else. Veto rates are drawn alike from 5% to 60%, which is not the lab's prior;
all else that the lab does not know (who owns what, how high the bar is, how noisy judgement, how
often a veto is written down, how much leaks) is drawn too.

*Coverage* is the share of 90% intervals that hold the planted rate, and of 90% sets that hold the
planted width. Goals hold for the first three kinds of log, with 1,000 organisations each. Rates
that are the same in all organisations and logs that tell less (200 each), and organisations that
are not as the lab has it (100 each), are measured and claimed nothing of; so are the lab's own
policies (`planted_policies`).
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

import planted_policies
from mainstem.lab.log_text import parse, written
from mainstem.lab.planted import Kept, Planted, any_layout, log_of
from mainstem.lab.recover import recovered
from mainstem.lab.teams import Layout

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

PAGE = Path(__file__).resolve().parents[1] / "docs" / "recovery.md"
BEGIN, END = "<!-- measured: begin -->", "<!-- measured: end -->"

ALL = Kept.APPROVALS | Kept.VETOES | Kept.RECIPES | Kept.INTERACTIONS
NO_APPROVALS = Kept.VETOES | Kept.RECIPES | Kept.INTERACTIONS
MERGES = Kept.RECIPES
LOW, HIGH = 0.87, 0.93
GOAL_SET, GOAL_MODE = 0.87, 0.8
QUICK = 20
_SEED = 8
_LONG = 1500  # decisions from which the rate of an organisation of another kind is counted


@dataclass(frozen=True, kw_only=True)
class Cell:
    """A kind of organisation.

    Attributes:
        logs: What its log keeps.
        group: Under which heading it stands.
        traits: What is fixed of it; all else is drawn.
        uneven: Whether teams own any number of neighbouring components.
        counted: Whether its rate is counted from a long log, as no single rate is planted.
    """

    logs: Kept
    group: str
    traits: Mapping[str, Any] = field(default_factory=dict)
    uneven: bool = False
    counted: bool = False

    @property
    def claimed(self) -> bool:
        """Whether the goals hold for it."""
        return self.group == _CLAIMED


GROUPS = {
    "claimed": 1000,
    "the same rate in all": 200,
    "less to go by": 200,
    "not as the lab has it": 100,
    "the lab's own policies": 100,
}
"""The headings, and how many organisations of each kind are planted."""

_CLAIMED, _SAME, _LESS, _WRONG, _POLICIES = GROUPS

CELLS: dict[str, Cell] = {
    "everything is logged": Cell(logs=ALL, group=_CLAIMED),
    "no approvals": Cell(logs=NO_APPROVALS, group=_CLAIMED),
    "evidence, recipes, merges only": Cell(logs=MERGES, group=_CLAIMED),
    **{
        f"{name}, rate {rate:g}": Cell(logs=logs, group=_SAME, traits={"veto_rate": rate})
        for name, logs in (("everything", ALL), ("merges only", MERGES))
        for rate in (0.02, 0.05, 0.1, 0.3, 0.5, 0.8)
    },
    "everything, 80 decisions": Cell(logs=ALL, group=_LESS, traits={"decisions": 80}),
    "merges only, 80 decisions": Cell(logs=MERGES, group=_LESS, traits={"decisions": 80}),
    "everything, 2 recipes a round": Cell(logs=ALL, group=_LESS, traits={"recipes": 2}),
    "merges only, 2 recipes a round": Cell(logs=MERGES, group=_LESS, traits={"recipes": 2}),
    "everything but recipes": Cell(
        logs=ALL & ~Kept.RECIPES, group=_LESS, traits={"interaction_sd": 1.0}
    ),
    "vetoes rarer of strong evidence": Cell(
        logs=ALL, group=_WRONG, traits={"by_strength": -0.5}, counted=True
    ),
    "the same, merges only": Cell(
        logs=MERGES, group=_WRONG, traits={"by_strength": -0.5}, counted=True
    ),
    "vetoes differ by component": Cell(
        logs=ALL, group=_WRONG, traits={"by_component": 1.0}, counted=True
    ),
    "a fifth of weak ones vetoed too, no approvals": Cell(
        logs=NO_APPROVALS, group=_WRONG, traits={"vetoes_weak": 0.2}
    ),
    "a tenth of approvals wrong": Cell(logs=ALL, group=_WRONG, traits={"misapproved": 0.1}),
    "a tenth of components wrong": Cell(logs=ALL, group=_WRONG, traits={"mislabelled": 0.1}),
    "sds half of the true ones, merges only": Cell(
        logs=MERGES, group=_WRONG, traits={"overstated": 2.0}
    ),
    "judgement with heavy tails, merges only": Cell(
        logs=MERGES, group=_WRONG, traits={"heavy": True}
    ),
    "teams of any sizes": Cell(logs=ALL, group=_WRONG, uneven=True),
}


def organisation(cell: Cell, number: int) -> Planted:
    """An organisation of a kind: what is not fixed is drawn."""
    rng = np.random.default_rng([_SEED, 1, number])
    components = int(rng.integers(4, 9))
    drawn = Planted(
        veto_rate=float(rng.uniform(0.05, 0.6)),
        layout=any_layout(rng, components),
        proposals=int(rng.integers(8, 13)),
        recipes=int(rng.integers(2, 7)),
        leak=float(rng.uniform(0.0, 0.25)),
        bar=float(rng.uniform(0.5, 2.0)),
        judgement_sd=float(rng.uniform(0.3, 1.0)),
        interaction_sd=float(rng.uniform(0.0, 1.5)),
        written=float(rng.uniform(0.3, 1.0)),
        logs=cell.logs,
    )
    layout = _uneven(rng, components) if cell.uneven else drawn.layout
    return replace(drawn, layout=layout, **cell.traits)


def _uneven(rng: np.random.Generator, components: int) -> Layout:
    """Teams with borders wherever chance puts them."""
    team = np.concatenate([[0], np.cumsum(rng.random(components - 1) < 0.5)])
    return Layout(width=int(np.bincount(team).max()), team=tuple(map(int, team)))


def _rate(cell: Cell, planted: Planted, number: int) -> float:
    """The rate that is to be given back."""
    if not cell.counted:
        return planted.veto_rate
    # The same seed draws the same components to be vetoed more; the rest goes on for longer.
    rng = np.random.default_rng([_SEED, 2, number])
    long = replace(planted, decisions=_LONG, logs=Kept.APPROVALS | Kept.VETOES)
    approved = [one for one in log_of(rng, long).decisions if one.approved]
    return float(np.mean([not one.merged for one in approved]))


def case(cell: Cell, number: int) -> dict[str, float] | None:
    """One organisation, from its log's file alone; None where nothing is concluded of it."""
    planted = organisation(cell, number)
    log = log_of(np.random.default_rng([_SEED, 2, number]), planted)
    found = recovered(parse("log.jsonl", written(log).encode()))
    rate, silo = found.veto_rate, found.silo_width
    if rate is None or silo is None:
        return None
    truth, width = _rate(cell, planted, number), planted.layout.width
    return {
        "covered": float(rate.low <= truth <= rate.high),
        "width": rate.high - rate.low,
        "off": rate.median - truth,
        "held": float(width in silo.within),
        "right": float(silo.mode == width),
        "widths": float(len(silo.within)),
    }


def measured(one: Callable[[int], dict[str, float] | None], cases: int) -> dict[str, float]:
    """Means over so many organisations of a kind; `width` is a median.

    Args:
        one: What comes of an organisation, by its number.
        cases: How many.
    """
    rows = [row for number in range(cases) if (row := one(number)) is not None]
    if not rows:
        raise RuntimeError("nothing is concluded of any organisation of this kind")
    means = {key: float(np.mean([row[key] for row in rows])) for key in rows[0]}
    if "width" in means:
        means["width"] = float(np.median([row["width"] for row in rows]))
    return {**means, "cases": len(rows), "silent": cases - len(rows)}


def measure(folder: Path, *, quick: bool) -> dict[str, Any]:
    """Every kind of organisation."""
    del folder
    kinds = [(name, cell.group, partial(case, cell)) for name, cell in CELLS.items()]
    kinds += [(name, _POLICIES, one) for name, one in planted_policies.CASES.items()]
    return {
        "cells": [
            {"name": name, "group": group, **measured(one, QUICK if quick else GROUPS[group])}
            for name, group, one in kinds
        ]
    }


def error(share: float, cases: float) -> float:
    """The standard error of a share."""
    return float(np.sqrt(share * (1.0 - share) / cases))


def misses(row: Mapping[str, Any]) -> bool:
    """Whether a row misses a goal that holds for it."""
    if row["group"] != _CLAIMED:
        return False
    met = LOW <= row["covered"] <= HIGH and row["held"] >= GOAL_SET and row["right"] >= GOAL_MODE
    return not met


def table(figures: dict[str, Any]) -> str:
    """Every kind of organisation beside the goals."""
    lines = [
        f"veto rate: 90% intervals that hold it (goal {LOW:.0%} to {HIGH:.0%}), median width,",
        f"  mean error; silo width: 90% sets that hold it (goal {GOAL_SET:.0%}), mode that is it",
        f"  (goal {GOAL_MODE:.0%}), widths in a set; * misses a goal that holds for it",
        "",
        (
            f"  {'':46s}{'cases':>6s}{'cover':>7s}{'(se)':>7s}{'width':>7s}{'error':>7s}"
            f"{'set':>7s}{'mode':>7s}{'(se)':>7s}{'in set':>7s}"
        ),
    ]
    for group in GROUPS:
        rows = [row for row in figures["cells"] if row["group"] == group]
        lines += ["", f"  {group}", *map(_row, rows)]
    return "\n".join(lines)


def _row(row: Mapping[str, Any]) -> str:
    cases = row["cases"]
    said = f"  {row['name']:46s}{cases:6d}"
    said += (
        f"{row['covered']:7.3f}{error(row['covered'], cases):7.3f}{row['width']:7.3f}"
        f"{row['off']:+7.3f}"
        if "covered" in row
        else " " * 28
    )
    if "held" in row:
        said += f"{row['held']:7.3f}{row['right']:7.3f}{error(row['right'], cases):7.3f}"
        said += f"{row['widths']:7.2f}"
    return said + (" *" if misses(row) else "")


def markdown(figures: dict[str, Any]) -> str:
    """The same for the documentation."""
    lines = []
    for group in GROUPS:
        rows = [row for row in figures["cells"] if row["group"] == group]
        lines += [
            f"**{group[0].upper()}{group[1:]}**",
            "",
            (
                "| organisations | cases | interval holds the rate | median width | mean error "
                "| set holds the width | mode is it | widths in a set |"
            ),
            "|---|---|---|---|---|---|---|---|",
            *map(_line, rows),
            "",
        ]
    return "\n".join(lines).rstrip()


def _line(row: Mapping[str, Any]) -> str:
    cases = row["cases"]
    short = ": **short of a goal**" if misses(row) else ""
    rate = silo = "| | | "
    if "covered" in row:
        rate = f"| {row['covered']:.1%} ± {error(row['covered'], cases):.1%} "
        rate += f"| {row['width']:.2f} | {row['off']:+.3f} "
    if "held" in row:
        silo = f"| {row['held']:.1%} | {row['right']:.1%} ± {error(row['right'], cases):.1%} "
        silo += f"| {row['widths']:.2f} "
    return f"| {row['name']}{short} | {cases} {rate}{silo}|"


def write_docs(figures: dict[str, Any], page: Path = PAGE) -> None:
    """Puts the figures between the markers of a page.

    Raises:
        ValueError: The page has no markers.
    """
    before, begin, rest = page.read_text(encoding="utf-8").partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"{page.name} has no line {BEGIN!r} with {END!r} after it")
    text = f"{before}{begin}\n\n{markdown(figures)}\n\n{end}{after}"
    page.write_text(text, encoding="utf-8")
