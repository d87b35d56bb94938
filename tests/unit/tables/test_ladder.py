from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from tables import ladder

if TYPE_CHECKING:
    from pathlib import Path

SEEDS = {10: [3, 4], 80: [0, 1]}


def lines(*, without: tuple[int, int, int] | None = None) -> dict[int, list[dict[str, Any]]]:
    """Finished runs whose values name recipe, scale and seed; more recipes than are packed."""
    return {
        scale: [
            {
                "recipe": recipe,
                "seed": seed,
                "metrics": {
                    "code_bpb": recipe + scale / 100,
                    "prose_bpb": float(seed),
                    "params": 1,
                },
            }
            for recipe in (5, 0, 9)
            for seed in range(5)
            if (scale, recipe, seed) != without
        ]
        for scale in SEEDS
    }


def packed(**changes: Any) -> ladder.Climbs:
    """Two recipes at two scales."""
    return ladder.pack(
        changes.get("lines", lines()), recipes=[0, 5], seeds=SEEDS, proposals=("a",), about={"x": 1}
    )


def test_each_run_lands_in_its_place() -> None:
    """y[recipe, scale, seed, objective]; every scale has seeds of its own."""
    found = packed()
    assert found.y.shape == (2, 2, 2, 2)
    assert found.y[1, 0, :, 0].tolist() == [5.1, 5.1]
    assert found.y[0, 1, :, 1].tolist() == [0.0, 1.0]
    assert found.y[0, 0, :, 1].tolist() == [3.0, 4.0]
    assert found.scales.tolist() == [10.0, 80.0]


def test_a_run_that_is_missing_is_named() -> None:
    """No hole is filled."""
    with pytest.raises(ValueError, match="recipe 5, seed 4 at 10 steps has not run"):
        packed(lines=lines(without=(10, 5, 4)))


def test_it_is_read_as_it_was_written(tmp_path: Path) -> None:
    """All arrays and facts; the same bytes twice; another format is refused."""
    path = tmp_path / "a.npz"
    ladder.save(path, packed())
    ladder.save(tmp_path / "b.npz", packed())
    assert path.read_bytes() == (tmp_path / "b.npz").read_bytes()
    found = ladder.load(path)
    assert np.array_equal(found.y, packed().y)
    assert (found.proposals, found.objectives) == (("a",), ladder.OBJECTIVES)
    assert found.about == {"x": 1}
    np.savez(tmp_path / "c.npz", y=found.y)
    with pytest.raises(ValueError, match="format 'none'"):
        ladder.load(tmp_path / "c.npz")


def test_arrays_that_do_not_fit_are_refused() -> None:
    """Wrong shapes and values that are no numbers."""
    with pytest.raises(ValueError, match="recipes, scales"):
        replace(packed(), y=np.zeros((1, 2, 2, 2)))
    with pytest.raises(ValueError, match="is not finite"):
        replace(packed(), y=np.full((2, 2, 2, 2), np.nan))
