"""The climb of some recipes over five scales: `python -m tables.ladder` packs the finished runs.

    climbs = load(Path("benchmarks/tables/ladders/tinylm-ladder.npz"))
    climbs.y[3, :, :, 0]        # one recipe's first objective, (scales, seeds)

Reads the lines that `make_rungs` wrote, writes `benchmarks/tables/ladders/tinylm-ladder.npz`; the
same lines give the same bytes. `docs/tables.md` describes each array. What a forecast is fitted on
has other seeds than what it is held against. Reading a file needs numpy alone.
"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

FORMAT = "mainstem-ladder-1"
HERE = Path(__file__).resolve().parent
OBJECTIVES = ("code_bpb", "prose_bpb")
"""The two that training moves; sizes and counts of operations follow from the recipe."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Climbs:
    """Runs of some recipes at several scales.

    Raises:
        ValueError: Shapes do not fit together, or a value is not finite.
    """

    y: NDArray[np.float64]
    """Shape (recipes, scales, seeds, objectives), as measured; the lower the better."""
    recipes: NDArray[np.int64]
    """Bit i tells whether proposal i is in the recipe: 0 is the trunk."""
    scales: NDArray[np.float64]
    """Training steps, ascending; the last one is what is forecast."""
    seeds: NDArray[np.int64]
    """Seeds at each scale, shape (scales, seeds)."""
    proposals: tuple[str, ...]
    objectives: tuple[str, ...]
    about: Mapping[str, Any]
    """How the runs were made: JSON values."""

    def __post_init__(self) -> None:
        expected = (len(self.recipes), *self.seeds.shape, len(self.objectives))
        if self.y.shape != expected or len(self.scales) != len(self.seeds):
            raise ValueError(f"y has shape {self.y.shape}; recipes, scales and so on: {expected}")
        if not np.isfinite(self.y).all():
            raise ValueError(f"y{np.argwhere(~np.isfinite(self.y))[0].tolist()} is not finite")


def load(path: Path) -> Climbs:
    """Reads a file.

    Raises:
        ValueError: It is not of this format, or its arrays do not fit together.
    """
    with np.load(path, allow_pickle=False) as file:
        arrays = {name: file[name] for name in file.files}
    found = str(arrays.get("format", "none"))
    if found != FORMAT:
        raise ValueError(f"{path}: format {found!r}, expected {FORMAT!r}")
    return Climbs(
        y=arrays["y"],
        recipes=arrays["recipes"],
        scales=arrays["scales"],
        seeds=arrays["seeds"],
        proposals=tuple(arrays["proposals"].tolist()),
        objectives=tuple(arrays["objectives"].tolist()),
        about=json.loads(str(arrays["about"])),
    )


def save(path: Path, climbs: Climbs) -> None:
    """Writes a file; the same climbs give the same bytes."""
    np.savez_compressed(
        path,
        format=np.array(FORMAT),
        y=climbs.y,
        recipes=climbs.recipes,
        scales=climbs.scales,
        seeds=climbs.seeds,
        proposals=np.array(climbs.proposals),
        objectives=np.array(climbs.objectives),
        about=np.array(json.dumps(dict(climbs.about), sort_keys=True)),
    )


def pack(
    lines: Mapping[int, Sequence[Mapping[str, Any]]],
    *,
    recipes: Sequence[int],
    seeds: Mapping[int, Sequence[int]],
    proposals: Sequence[str],
    about: Mapping[str, Any],
) -> Climbs:
    """The climbs of these recipes, from finished runs by scale.

    Args:
        lines: Of each scale, runs as `tables.runs` reads them.
        recipes: Which recipes.
        seeds: Of each scale, as many at all.
        proposals: Names by bit.
        about: How the runs were made.

    Raises:
        ValueError: A run is missing.
    """
    scales = sorted(seeds)
    y = np.empty((len(recipes), len(scales), len(seeds[scales[0]]), len(OBJECTIVES)))
    for at, scale in enumerate(scales):
        found = {(line["recipe"], line["seed"]): line["metrics"] for line in lines[scale]}
        for row, recipe in enumerate(recipes):
            for column, seed in enumerate(seeds[scale]):
                metrics = found.get((recipe, seed))
                if metrics is None:
                    raise ValueError(f"recipe {recipe}, seed {seed} at {scale} steps has not run")
                y[row, at, column] = [metrics[name] for name in OBJECTIVES]
    return Climbs(
        y=y,
        recipes=np.array(recipes, dtype=np.int64),
        scales=np.array(scales, dtype=np.float64),
        seeds=np.array([list(seeds[scale]) for scale in scales], dtype=np.int64),
        proposals=tuple(proposals),
        objectives=OBJECTIVES,
        about=about,
    )


def main() -> int:
    """Packs the ladder of tinylm; returns the exit code."""
    from tables import make_rungs, runs  # the makers: only to pack

    parser = argparse.ArgumentParser(description="Pack the finished runs of the ladder.")
    parser.add_argument(
        "--into", type=Path, default=HERE / "ladders", help="the folder (default: ladders, here)"
    )
    options = parser.parse_args()
    target = make_rungs.RUNGS[-1]
    seeds = {steps: list(make_rungs.LADDER_SEEDS) for steps in make_rungs.LADDER}
    seeds[target] = list(make_rungs.SEEDS)
    try:
        climbs = pack(
            {steps: runs.read(make_rungs.path(steps)) for steps in seeds},
            recipes=make_rungs.climbers(),
            seeds=seeds,
            proposals=make_rungs.PROPOSALS,
            about={"stack": "examples/tinylm", "made_by": "benchmarks/tables/make_rungs.py"},
        )
    except ValueError as error:
        print(f"ladder.py: {error}", file=sys.stderr)
        return 1
    path = options.into / "tinylm-ladder.npz"
    save(path, climbs)
    print(f"{path}: {climbs.y.shape}, {path.stat().st_size:,} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
