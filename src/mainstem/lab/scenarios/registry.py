"""Every scenario, by name."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mainstem.lab.scenarios import (
    barkoczi_galesic,
    brackbill_centola,
    csaszar,
    hong_page,
    lazer_friedman,
    local_optima,
    mason_watts,
    sah_stiglitz,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mainstem.lab.scenarios.scenario import Figure, Scenario

SCENARIOS: dict[str, Scenario] = {
    module.SCENARIO.name: module.SCENARIO
    for module in (
        local_optima,
        hong_page,
        lazer_friedman,
        sah_stiglitz,
        csaszar,
        barkoczi_galesic,
        mason_watts,
        brackbill_centola,
    )
}


def played(name: str, *, seed: int, size: int) -> Mapping[str, Figure]:
    """Plays one scenario; its numbers depend on name, seed and size, and on nothing else.

    Args:
        name: Which.
        seed: Any whole number of 0 or above.
        size: Landscapes or cases, 2 or more; more give smaller errors.

    Raises:
        KeyError: There is no such scenario.
        ValueError: The size is below 2, from which no error can be told.
    """
    if name not in SCENARIOS:
        raise KeyError(f"no scenario {name!r}; there are {', '.join(SCENARIOS)}")
    if size < 2:
        raise ValueError(f"a size of {size} has no Monte-Carlo error: play 2 or more")
    rng = np.random.default_rng([seed, *name.encode()])
    return SCENARIOS[name].play(rng, size)
