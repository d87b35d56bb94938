"""When to search, confirm and stop; and what a budget can decide before it is spent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import special

from mainstem.decisions import confirm
from mainstem.stats import evidence

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mainstem.decisions.ask import Favourite
    from mainstem.decisions.belief import Belief

SEARCH_PAYS = 0.02
"""Expected gain per run, in margins, below which more search does not pay."""

UNSEEN_PAYS = 0.02
"""What all pairs that never ran together promise, in margins, below which they are left alone."""

SECOND_PAYS = 0.1
"""The same once a recipe is confirmed: another one must be better by a margin to replace it."""

ANOTHER = 28
"""Runs below which a second candidate can hardly be found and confirmed."""

LEAST_PROBABILITY = 0.8
"""A recipe enters confirmation when it is better, within margins, with this probability."""

MOST_PAIRS = 150
"""No candidate is given more pairs: a gain that needs more is too small for its noise."""

RESERVE = 1.2
"""Confirmation is given this multiple of the pairs that it takes on average."""


def noise_sds(belief: Belief) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Run-to-run sd per objective in margins near the trunk; 0 where it is deterministic."""
    sds = [
        0.0 if known.deterministic else model.noise_sd
        for known, model in zip(belief.noises, belief.landscapes, strict=True)
    ]
    return np.array(sds)


def pairs_for(belief: Belief, favourite: Favourite, number: int) -> float:
    """About how many pairs the favourite takes to be confirmed as candidate `number`."""
    return confirm.pairs_needed(
        favourite.mean,
        noise_sds(belief),
        improve=belief.problem.improve,
        log_threshold=float(np.log(evidence.spending(number) / belief.problem.alpha)),
    )


def least_search(n: int) -> int:
    """Runs before the search may be called exhausted: every proposal about twice."""
    return 2 * n + 4


def settle_reserve(n: int, budget: float | None) -> int:
    """Runs kept back to settle the verdicts of proposals that are not merged."""
    return 0 if budget is None else min(max(4, n // 2), int(budget) // 10)


def room_for_another(remaining: float | None) -> bool:
    """Whether a second candidate can be found and confirmed."""
    return remaining is None or remaining >= ANOTHER


def must_confirm_now(pairs: float, remaining: float | None, reserve: int) -> bool:
    """Whether the rest of the budget, without the reserve, is what confirmation takes."""
    return remaining is not None and remaining <= _confirmation(pairs, reserve)


def room_to_search(pairs: float, remaining: float | None, reserve: int, k: int) -> int:
    """How many of k runs may search, so that a large batch does not eat what confirmation takes.

    A batch of up to `SMALL` may: that much is kept back beyond what the pairs take on average.
    """
    if remaining is None or k <= SMALL:
        return k
    return min(k, max(SMALL, int(np.ceil(remaining - _confirmation(pairs, reserve)))))


def _confirmation(pairs: float, reserve: int) -> int:
    """Runs that are kept back for so many pairs, and for what is settled after them."""
    return int(np.ceil(2.0 * RESERVE * pairs)) + 1 + reserve


def can_confirm(pairs: float, remaining: float | None) -> bool:
    """Whether confirmation has a fair chance within the rest of the budget."""
    return pairs <= (MOST_PAIRS if remaining is None else min(MOST_PAIRS, remaining / 2.0))


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What a budget can decide.

    Attributes:
        budget: Trials in all.
        search: Trials for the search.
        pairs: Pairs left for confirmation.
        detectable: Smallest effect per objective that will be seen, in its unit; None: none.
        power: The probability of seeing it.
        keeps: Per objective with a margin, the probability that these pairs show the margin kept by
            a set that changes nothing there. All margins must be kept for a set to be merged.
    """

    budget: int
    search: int
    pairs: int
    detectable: Mapping[str, float | None]
    power: float
    keeps: Mapping[str, float]


POWER = 0.8

SMALL = 4
"""Runs of a batch that is never cut."""

MORE_SEARCH = 1.0 / 16.0
"""Of the least search, what a plan counts on beyond it for every proposal.

A search goes on while it pays, and the more there are, the more there is to tell apart.
"""

TO_CONFIRM = 5
"""Runs between the end of the search and the first pair: a batch of four, the favourite's own."""

_PLANNED = np.geomspace(0.05, 50.0, 400)
"""Effects, in run-to-run sds, of which a plan names the smallest that will do."""


def plan(
    *,
    budget: int,
    proposals: int,
    sds: Mapping[str, float],
    improve: int,
    alpha: float,
    margins: Mapping[str, float] | None = None,
) -> Plan:
    """What a budget can decide, from the noise alone.

    A proposal that alone has an effect must pass twice. The search learns every effect from all its
    runs at once (sd 2 / sqrt(runs) run-to-run sds each, in a balanced design), and must see so much
    of it that confirmation is begun at all: that the pairs which are left suffice on average for
    what it sees. Then those pairs must prove it. The effect is the smallest for which the product
    of the two probabilities is `POWER`.

    Args:
        budget: Trials in all, confirmation included.
        proposals: How many there are.
        sds: Run-to-run sd per objective, in its unit; 0 is deterministic.
        improve: How many objectives are to be improved.
        alpha: Chance of any false merge.
        margins: What may be lost per objective, in its unit.
    """
    log_threshold = float(np.log(improve * evidence.spending(1) / alpha))
    search, effect = min(budget, _once(proposals)), None
    for tried in _PLANNED:
        runs = planned_search(budget, proposals, float(tried), log_threshold)
        if _suffices(float(tried), runs, (budget - runs) // 2, log_threshold):
            effect, search = float(tried), runs
            break
    pairs = (budget - search) // 2
    detectable: dict[str, float | None] = {}
    for name, sd in sds.items():
        if sd == 0.0:  # one pair decides it exactly
            detectable[name] = 0.0 if pairs else None
        else:
            detectable[name] = None if effect is None else effect * sd
    bar = float(np.log(evidence.spending(1) / alpha))  # of a margin: not of each improve objective
    keeps = {name: _keeps(m, sds[name], pairs, bar) for name, m in (margins or {}).items()}
    return Plan(
        budget=budget,
        search=search,
        pairs=pairs,
        detectable=detectable,
        power=POWER,
        keeps=keeps,
    )


def _keeps(margin: float, sd: float, pairs: int, log_threshold: float) -> float:
    """How likely so many pairs show a margin kept where nothing is lost."""
    if sd == 0.0:
        return float(pairs > 0)
    return evidence.power(margin / sd / np.sqrt(2.0), min(pairs, MOST_PAIRS), log_threshold)


def planned_search(budget: int, proposals: int, effect: float, log_threshold: float) -> int:
    """Runs before the first pair of a proposal with this effect, in run-to-run sds.

    The least search and a part more for every proposal, as it goes on while it pays; or fewer where
    the budget would not leave what confirmation takes (`must_confirm_now`), but the trunk and every
    proposal once.
    """
    pairs = evidence.pairs_to_decide(effect / np.sqrt(2.0), log_threshold)
    spare = budget - 2.0 * RESERVE * pairs - 1.0 - settle_reserve(proposals, budget)
    most = least_search(proposals) * (1.0 + MORE_SEARCH * proposals)
    searched = int(np.clip(spare, _once(proposals), most))
    return min(budget, searched + TO_CONFIRM)


def _once(proposals: int) -> int:
    """Runs of a search that runs the trunk as the opening does, and every proposal once."""
    return proposals + 3


def _suffices(effect: float, search: int, pairs: int, log_threshold: float) -> bool:
    """Whether so many runs find the effect and so many pairs prove it, with probability `POWER`."""
    pairs = min(pairs, MOST_PAIRS)
    proved = evidence.power(effect / np.sqrt(2.0), pairs, log_threshold)
    if proved < POWER:
        return False
    begun = evidence.effect_decided_in(pairs, log_threshold)
    if begun is None:
        return False
    found = special.ndtr((effect - np.sqrt(2.0) * begun) * np.sqrt(search) / 2.0)
    return bool(found * proved >= POWER)
