"""`mainstem forecast`, put together: the ledger, the trunk, and the best recipe so far."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mainstem.domain.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mainstem.wiring.project import Project


def forecast(
    project: Project, *, at: Mapping[str, float], named: Sequence[str] = (), seed: int = 0
) -> dict[str, Any]:
    """The documented JSON of `mainstem forecast`.

    Args:
        project: The project.
        at: The scales to forecast at.
        named: The proposals in question; none for all that are open.
        seed: Seeds the draws.

    Raises:
        UsageError: No such scale or proposal, too few rungs, or emcee is not installed.
    """
    from mainstem.engine.views.estimates import best  # loads the statistics: only here
    from mainstem.frontier import climbs, forecasts
    from mainstem.stats.ensemble import NoSamplerError

    record = project.record()
    _, state = project.standing(record)
    found = best(state.integrator) if state is not None else None
    trunk = project.trunk_commit
    runs = climbs.climbs(
        project.stack,
        record,
        project.ledger.entries(kinds=climbs.KINDS),
        trunk=trunk,
        tree=project.trees.merger.tree_of(trunk),
    )
    try:
        return forecasts.forecast(
            project.stack,
            record,
            runs,
            trunk=trunk,
            best=None if found is None else found["recipe"],
            at=at,
            named=named,
            seed=seed,
        )
    except NoSamplerError as error:
        raise UsageError(str(error)) from None
