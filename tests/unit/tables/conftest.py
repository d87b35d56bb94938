"""A table that is small enough to look at."""

from __future__ import annotations

import numpy as np
import pytest

from tables.table import Objective, Proposal, Table


@pytest.fixture
def small_table() -> Table:
    """Three proposals, two seeds, two objectives; the first is maximised."""
    rng = np.random.default_rng(0)
    return Table(
        y=rng.lognormal(size=(8, 2, 2)),
        proposals=tuple(
            Proposal(name=name, component="optimizer", summary=f"try {name}") for name in "abc"
        ),
        objectives=(
            Objective(name="accuracy", unit="", direction="maximize", role="improve", margin=0.1),
            Objective(name="cost", unit="s", direction="minimize", role="guard", margin=2.0),
        ),
        seeds=(0, 1),
        about={"steps": 60, "corpus": "0a1b"},
    )
