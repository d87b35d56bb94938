"""The gain of a recipe, divided over its members and over whoever owns them.

Draws of the split of a game come in (`stats.shapley.split`): each draw is divided by itself, so a
share has as wide an interval as what is known of it. Estimates are means of draws, because means
add up: values of members, of groups and the parts of a value sum to the gain exactly.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from mainstem.credit.records import Credit, GroupCredit, MemberCredit
from mainstem.domain.verdict import Estimate

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from mainstem.domain.stack import Objective

    Floats = NDArray[np.float64]

Owners = Mapping[int, float]
"""Shares of groups in one proposal, by the group's number; they sum to 1."""

_ROUNDING = 1e-9
"""Of a sum, relative to its largest part: draws that differ by less than this do not differ."""


def shares(
    splits: Floats,
    members: Sequence[str],
    objective: Objective,
    *,
    owners: Mapping[str, Owners] | None = None,
    level: float = 0.9,
    width: float = 1.0,
    errors: Floats | None = None,
) -> Credit:
    """Credit on one objective.

    Args:
        splits: Draws of `stats.shapley.split`, in the objective's unit, shape (S, n, n).
        members: The members, in the order of the axes, n of them.
        objective: The objective.
        owners: Who owns each member, by group; None: no groups.
        level: Coverage of intervals.
        width: How many times as wide as the draws' the intervals are made.
        errors: Standard errors of sampling, shape (n,); None: there was none.

    Raises:
        ValueError: A member without owners, or shares that do not sum to 1 or are below 0.
    """

    def estimate(draws: Floats) -> Estimate:
        return _estimate(draws, level=level, width=width, unit=objective.unit)

    values = splits.sum(2)
    total = estimate(_summed(splits))
    return Credit(
        objective=objective.name,
        total=total,
        members=tuple(
            MemberCredit(
                proposal=member,
                value=(value := estimate(values[:, i])),
                percent=_percent(value, total),
                alone=estimate(splits[:, i, i]),
                beside={
                    other: estimate(splits[:, i, j]) for j, other in enumerate(members) if j != i
                },
                error=0.0 if errors is None else float(errors[i]),
            )
            for i, member in enumerate(members)
        ),
        groups=tuple(
            GroupCredit(
                group=group, value=(value := estimate(draws)), percent=_percent(value, total)
            )
            for group, draws in _grouped(values, members, owners)
        ),
    )


def _summed(splits: Floats) -> Floats:
    """Draws of the gain, shape (S,), without the last digits of what is summed.

    A metric without noise has one gain in every draw, often exactly 0, although what members earned
    of it is as uncertain as what each does alone. What it is off by hangs on the processor.
    """
    total = splits.sum((1, 2))
    rounding = _ROUNDING * float(np.max(np.abs(splits), initial=0.0))
    if np.ptp(total) > rounding:
        return np.asarray(total)
    gain = float(np.median(total))
    return np.full(len(total), gain if abs(gain) > rounding else 0.0)


def _grouped(
    values: Floats, members: Sequence[str], owners: Mapping[str, Owners] | None
) -> list[tuple[int, Floats]]:
    """Draws of the value of each group, in the order of their numbers: summed inside each draw."""
    if owners is None:
        return []
    missing = [member for member in members if member not in owners]
    if missing:
        raise ValueError(f"nobody owns {', '.join(missing)}: give each member its owners' shares")
    for member in members:
        of_it = owners[member].values()
        if min(of_it, default=0.0) < 0.0 or abs(sum(of_it) - 1.0) > 1e-9:
            raise ValueError(
                f"shares of {member} are {list(of_it)}: they must sum to 1, none below 0"
            )
    groups = sorted({group for member in members for group in owners[member]})
    of_group = [np.array([owners[m].get(group, 0.0) for m in members]) for group in groups]
    return [(group, values @ of_it) for group, of_it in zip(groups, of_group, strict=True)]


def _estimate(draws: Floats, *, level: float, width: float, unit: str) -> Estimate:
    """Mean of draws, shape (S,), with their central interval; it holds the mean."""
    tail = 0.5 * (1.0 - level)
    low, middle, high = (float(q) for q in np.quantile(draws, [tail, 0.5, 1.0 - tail]))
    mean = float(draws.mean())
    return Estimate(
        mean=mean,
        low=min(middle - width * (middle - low), mean),
        high=max(middle + width * (high - middle), mean),
        level=level,
        unit=unit,
    )


def _percent(value: Estimate, total: Estimate) -> float | None:
    """Only where the total's interval excludes 0: else it is a share of nothing."""
    if total.low is None or total.high is None or total.low <= 0.0 <= total.high:
        return None
    return 100.0 * value.mean / total.mean
