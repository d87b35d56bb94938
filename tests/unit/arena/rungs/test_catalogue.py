from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from arena.rungs.catalogue import catalogue

if TYPE_CHECKING:
    from pathlib import Path


def test_a_table_is_there_as_it_is_and_spoilt(tables: Path) -> None:
    """All four of one version and budget; the top rung of the spoilt ones is the table's own."""
    found = catalogue(tables)
    real = found["tiny3"]
    assert (real.n, real.ticks, real.budget, real.most) == (3, 8, 240, 0.5)
    for word in ("shuffled", "turned", "relabelled"):
        spoilt = found[f"tiny3-{word}"]
        assert (spoilt.version, spoilt.budget, spoilt.same_top) == (real.version, 240, "tiny3")
        assert spoilt.most == 1.1
        left, right = (spec.make(np.random.default_rng([1, 2, 7])) for spec in (real, spoilt))
        np.testing.assert_array_equal(left.means[-1], right.means[-1])
        assert not np.allclose(left.means[0], right.means[0])


@pytest.mark.parametrize("family", ["pairwise", "rugged"])
def test_drawn_rungs_agree_as_their_names_say(family: str, tables: Path) -> None:
    """Whatever is drawn, though some pairs of landscapes agree by chance."""
    for agreement in (0.9, 0.7, 0.4):
        spec = catalogue(tables)[f"{family}-10-agreement-{agreement}"]
        for repeat in range(3):
            land = spec.make(np.random.default_rng([2026, repeat, 7]))
            assert land.agreement() == pytest.approx(agreement, abs=0.01)
        assert spec.most is None
        assert spec.same_top is None


def test_another_table_has_another_version(tables: Path) -> None:
    """So that episodes of a table that was packed anew are not taken for its own."""
    before = catalogue(tables)["tiny3"].version
    file = tables / "tiny3.npz"
    arrays = dict(np.load(file))
    np.savez_compressed(file, **(arrays | {"y": arrays["y"] + 1.0}))
    assert catalogue(tables)["tiny3"].version != before
