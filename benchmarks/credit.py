"""Do the 90% intervals of credit hold the true Shapley values, after adaptive trials?

Campaigns as in `intervals`: landscapes of the model's kind, rugged ones and the tables of real
runs, about four runs a proposal in batches of four. In the end the gain of the recommended recipe
over the root is divided over its members, and the truth is the exact division of the true gains of
all its parts. The gain of a recipe named in advance, all proposals, is divided too: there nothing
was chosen because it looked good. The goals are 87 to 93% of the members' values on landscapes of
the model's own kind, 80% or more elsewhere. Campaigns are kept by `played`, what their credit says
ten by ten for this very code.

The model of credit is two, half and half: the landscape with its warp and the one without
(`decisions.coalitions`). So games of its kind are half of one and half of the other prior; each
is told by itself too.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from intervals import KINDS, LEVEL
from keeping import ten_by_ten
from mainstem.stats import replication, shapley
from plans import code_digest
from played import campaigns, restored

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from intervals import World
    from mainstem import Integrator
    from played import Played

GAMES, QUICK = 1000, 5
_HERE = Path(__file__)

GOALS = {
    "pairs": (0.87, 0.93),
    "the model's own prior": (0.87, 0.93),
    "the same, warped": (0.87, 0.93),
    "half of each": (0.87, 0.93),
    "prior, noise in between": (0.87, 0.93),
    "Rugged, n = 12": (0.8, 1.0),
    "table classifier12": (0.8, 1.0),
    "table tinylm10": (0.8, 1.0),
}


HALVES = ("the model's own prior", "the same, warped")
"""The kinds of which credit's model is made."""


@dataclass(frozen=True, kw_only=True)
class Divided:
    """One gain that was divided.

    Attributes:
        held: Whether each member's interval holds its true value, in order.
        total: Whether the interval of the gain holds the true gain.
        widths: Width of each member's interval, in margins.
        percent: Whether percentages were given.
    """

    held: list[bool]
    total: bool
    widths: list[float]
    percent: bool


@dataclass(frozen=True, kw_only=True)
class Game:
    """What one campaign gave.

    Attributes:
        every: Credit of all proposals together, a recipe named in advance.
        chosen: Credit of the recommended recipe; None where that is the trunk.
    """

    every: Divided
    chosen: Divided | None


def game(world: World, number: int, ended: Played) -> Game:
    """Which intervals of a campaign's credit hold the truth in its end."""
    integrator = restored(world, number, ended)
    known = integrator.proposals
    best = [known[place] for place in ended.best]
    return Game(
        every=_divided(integrator, world, known),
        chosen=_divided(integrator, world, best) if best else None,
    )


def _divided(integrator: Integrator, world: World, members: Sequence[str]) -> Divided:
    """Credit of members that are in the order of proposing, beside the truth."""
    places = [int(name[1:]) for name in members]
    held = [np.flatnonzero(row) for row in shapley.coalitions(len(members))]
    gains = np.array([world.gain(frozenset(places[k] for k in at)) for at in held])
    truth = shapley.values(gains)
    (found,) = integrator.credit(members)
    values = [member.value for member in found.members]
    ends = np.array([(value.low, value.high) for value in values], dtype=np.float64)
    total = (found.total.low or 0.0) <= gains[-1] - gains[0] <= (found.total.high or 0.0)
    return Divided(
        held=((ends[:, 0] <= truth) & (truth <= ends[:, 1])).tolist(),
        total=bool(total),
        widths=((ends[:, 1] - ends[:, 0]) / world.margin).tolist(),
        percent=found.members[0].percent is not None,
    )


def measure(folder: Path, *, quick: bool) -> dict[str, Any]:
    """Plays what is missing of every kind; kept in `folder` ten by ten."""
    folder.mkdir(parents=True, exist_ok=True)
    wanted = QUICK if quick else GAMES
    games = {name: _played(folder, name, wanted) for name in KINDS}
    return {name: shares(ended) for name, ended in _with_halves(games).items()}


def _with_halves(games: dict[str, list[Game]]) -> dict[str, list[Game]]:
    """The games of every kind, and of the two halves of credit's model together: no game twice."""
    plain, warped = (games[name] for name in HALVES)
    half = len(plain) // 2
    return {**games, "half of each": plain[:half] + warped[half:]}


def kept(folder: Path, name: str) -> Path:
    """The file of a kind's games, of this very code."""
    parts = [code_digest(_HERE)]
    parts += [
        _HERE.with_name(f"{bench}.py").read_text("utf-8") for bench in ("intervals", "played")
    ]
    package = Path(shapley.__file__).parents[1]
    divides = [package / "decisions" / "coalitions.py"]
    divides += [package / "stats" / f"{name}.py" for name in ("growing", "unwarped")]
    divides += sorted(package.glob("stats/*shapley.py"))
    divides += sorted((package / "credit").glob("*.py"))
    parts += [file.read_text("utf-8") for file in divides]
    key = " ".join([name, *parts])
    return folder / f"{hashlib.sha256(key.encode()).hexdigest()[:16]}.json"


def _read(row: Mapping[str, Any]) -> Game:
    chosen = None if row["chosen"] is None else Divided(**row["chosen"])
    return Game(every=Divided(**row["every"]), chosen=chosen)


def _played(folder: Path, name: str, wanted: int) -> list[Game]:
    """Games of a kind; kept in `folder`, campaigns apart from what credit says of them."""
    world, ended = KINDS[name].world, campaigns(folder, name, wanted)
    return ten_by_ten(kept(folder, name), wanted, lambda k: game(world(k), k, ended[k]), _read)


def shares(games: list[Game]) -> dict[str, float]:
    """Shares of intervals that hold the truth.

    Returns:
        `every`: of the values of all proposals together, with `every_error`, the standard error
        over games (values of one game err together), and `every_low` and `every_high`, Wilson's 95%
        interval of as many independent values as have that error; `chosen` and `chosen_error`: of
        the values of the recommended recipe's members; `total`: of the gain of all proposals;
        `chosen_total`: of the recommended recipe; `width`: median width of a value's interval in
        margins; `percent`: how often percentages were given of the recommended recipe; `games`: how
        many.
    """
    every = [one.every for one in games]
    chosen = [one.chosen for one in games if one.chosen is not None]
    held, error = _of_members(every)
    low, high = _wilson(held, error)
    chosen_held, chosen_error = _of_members(chosen)
    return {
        "every": held,
        "every_error": error,
        "every_low": low,
        "every_high": high,
        "chosen": chosen_held,
        "chosen_error": chosen_error,
        "total": _mean([one.total for one in every]),
        "chosen_total": _mean([one.total for one in chosen]),
        "width": float(np.median([width for one in every for width in one.widths])),
        "percent": _mean([one.percent for one in chosen]),
        "games": len(games),
    }


def _of_members(divided: list[Divided]) -> tuple[float, float]:
    """Share of members' intervals that hold the truth, and its standard error over games."""
    held = np.array([sum(one.held) for one in divided], dtype=np.float64)
    count = np.array([len(one.held) for one in divided], dtype=np.float64)
    if not len(held):
        return float("nan"), float("nan")
    share = float(held.sum() / count.sum())
    return share, float(np.sqrt(np.sum((held - share * count) ** 2)) / count.sum())


def _wilson(share: float, error: float) -> tuple[float, float]:
    """Wilson's 95% interval of a share with a standard error; all of it where none is known."""
    if not error > 0.0:
        return 0.0, 1.0
    worth = max(1, round(share * (1.0 - share) / error**2))
    found = replication.wilson(round(share * worth), worth, 0.95)
    return found.low, found.high


def _mean(values: Sequence[bool]) -> float:
    return float(np.mean(values)) if values else float("nan")


def table(figures: dict[str, Any]) -> str:
    """The shares of each kind."""
    lines = [
        f"share of {LEVEL:.0%} intervals that hold the truth",
        (
            f"  {'landscapes':24s}{'of all':>8s}{'+-':>7s}{'95% interval':>16s}"
            f"{'of chosen':>11s}{'+-':>7s}"
            f"{'gain of all':>13s}{'of chosen':>11s}{'width':>7s}{'in %':>6s}{'games':>7s}  goal"
        ),
    ]
    for name, found in figures.items():
        low, high = GOALS[name]
        lines.append(
            f"  {name:24s}{found['every']:8.3f}{found['every_error']:7.3f}"
            f"{found['every_low']:7.3f} to {found['every_high']:.3f}"
            f"{found['chosen']:11.3f}{found['chosen_error']:7.3f}{found['total']:13.3f}"
            f"{found['chosen_total']:11.3f}{found['width']:7.2f}{found['percent']:6.2f}"
            f"{found['games']:7.0f}  {low:.2f} to {high:.2f}"
        )
    return "\n".join(lines)
