"""What to run next: the opening, the search, and the tests that locate a crash."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import special

from mainstem.decisions import screening
from mainstem.decisions.belief import charitable, recipe_of, rows
from mainstem.decisions.problem import Ask
from mainstem.stats import acquisition, crashes as crashes_of, design
from mainstem.stats.effects import MOST_PAIRED, distinct, keys

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from mainstem.decisions.belief import Belief, Seen
    from mainstem.decisions.problem import Problem, Result
    from mainstem.domain.recipe import Recipe
    from mainstem.domain.trial import Trial

TRUNK_RUNS = 3
"""How often the trunk runs before anything is compared with it."""

LOWER_RUNS = 2
"""The same at each of several rungs: what the trunk is worth is learnt from all runs."""

POOL = 256
"""About how many recipes are weighed for the next run."""

HELPS = 0.6
"""A member stays in the favourite if it helps with this probability: simpler sets are kept."""

HELPS_UNSEEN = 0.5
"""The same where effects hide in noise and no budget ends the search: more likely than not.

There what many members add is in doubt for each of them and sure of all together, so a stricter
rule drops one after another and loses their sum.
"""

CAUTION = 1.0
"""A recipe that never ran is the favourite if its lead over the best that ran is so many sds."""

TELLS = 0.25
"""A run below comes first if it takes away this share of what is open of a recipe, per its cost."""

GAINS = 0.8
"""A proposal surely gains alone with this probability, if it is expected to gain a margin."""

_CENTRES = 3
_VISITED = 512  # of the recipes that ran so many at most are weighed again, the best
_HOPES = 12
_DREAMS = 3
_TURNS = 4  # of them the first and third are the gradient's, the others its rivals'
_STRANGERS, _TAILS = 16, 3.0
# The density of Student's t at 0.
_PEAK = 1.0 / (math.sqrt(_TAILS) * float(special.beta(0.5, 0.5 * _TAILS)))
_LEAST_PROMISE = 1e-3  # in margins: no run for less
_SEARCH_TAG, _FAVOURITE_TAG, _ALONE_TAG, _FLIPPED_TAG = 1, 2, 7, 11
# What draws have picked is judged by others: their luck would count twice.
_PRUNE_TAG, _ASSESS_TAG, _OUTSIDE_TAG, _CHEAP_TAG = 12, 13, 14, 16
_LIKELY_RUNS = 0.5  # a recipe that crashes more likely than this is not run to see what it gains


@dataclass(frozen=True, kw_only=True)
class Search:
    """What the search proposes.

    Attributes:
        asks: The runs, best first.
        worth: The expected gain of the first of them, in margins per run.
        narrows: Whether the first of them narrows a crash down.
    """

    asks: tuple[Ask, ...]
    worth: float
    narrows: bool


def opening(problem: Problem, results: Sequence[Result], asked: Sequence[Trial]) -> list[Ask]:
    """Runs of the trunk that are still missing before anything can be compared with it.

    Args:
        problem: The question.
        results: All results.
        asked: Trials that are running.
    """
    ran = [r.rung for r in results if r.recipe == problem.trunk]
    ran += [t.rung for t in asked if t.recipe == problem.trunk]
    top = LOWER_RUNS if problem.lower else TRUNK_RUNS
    wanted = {problem.rung: top} | {below.name: LOWER_RUNS for below in problem.lower}
    return [
        Ask(recipe=problem.trunk, rung=rung)
        for rung, runs in wanted.items()
        for _ in range(runs - ran.count(rung))
    ]


def first_singles(problem: Problem, k: int) -> list[Ask]:
    """Single proposals in random order, to fill the opening batch, at the cheapest rung."""
    singles = [problem.trunk | {p} for p in problem.proposals if p not in problem.trunk]
    singles = [s for s in singles if not any(conflict <= s for conflict in problem.conflicts)]
    order = np.random.default_rng([problem.seed, 0]).permutation(len(singles))
    cheapest = problem.lower[0].name if problem.lower else None
    return [Ask(recipe=singles[int(i)], rung=cheapest) for i in order[:k]]


def pool(belief: Belief, rng: np.random.Generator) -> NDArray[np.float64]:
    """Recipes worth weighing: near the trunk, the best visited ones and the favourite, (M, n)."""
    visited, centres = belief.once(("known",), lambda: _known(belief))
    free = belief.once(("flipped",), lambda: _flipped(belief, centres))
    near = design.neighbourhood(
        centres,
        flips=design.reach(belief.runs, belief.n),
        free=free,
        allowed=belief.allowed,
        size=POOL,
        rng=rng,
    )
    everything = distinct(np.concatenate([near, visited]))[0]
    return everything[belief.possible(everything)]


def _known(belief: Belief) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The best of the recipes that ran, (V, n), and where to look for better ones, (C, n).

    That is the trunk, the very best that ran, and where climbs from these lead.
    """
    visited = distinct(belief.anywhere)[0]
    visited = visited[np.all(visited >= belief.trunk_row, axis=1)]
    order = np.argsort(-belief.mean_value(visited), kind="stable")
    best = visited[order[:_CENTRES]]
    flips = design.reach(belief.runs, belief.n)
    climbed = (climb(belief, row, flips, belief.mean_value) for row in best)
    centres, *_ = distinct(np.array([belief.trunk_row, *best, *climbed]))
    return visited[order[:_VISITED]], centres


def _flipped(belief: Belief, centres: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Which proposals the recipes of a pool differ in from its centres, shape (n,).

    All that are free; of many, those that promise most under some draws of the landscape, so that
    what is not known counts too.
    """
    if belief.n <= MOST_PAIRED:
        return belief.free
    rng = np.random.default_rng([belief.problem.seed, belief.runs, _FLIPPED_TAG])
    leader = centres[int(np.argmax(belief.mean_value(centres)))]
    return _promising(belief, leader, belief.free, _optimist(belief, rng))


def climb(
    belief: Belief,
    start: NDArray[np.float64],
    steps: int,
    value: Callable[[NDArray[np.float64]], NDArray[np.float64]],
    *,
    fixed: Sequence[int] = (),
) -> NDArray[np.float64]:
    """The best recipe by flips and exchanges from `start`, at most so many steps of them.

    Args:
        belief: The state of knowledge.
        start: The recipe to start from, shape (n,).
        steps: How many steps at most.
        value: What is climbed, recipes (A, n) to (A,).
        fixed: Proposals that stay as they are in `start`.
    """
    free = belief.free.copy()
    free[list(fixed)] = False
    if belief.n > MOST_PAIRED:
        free = _promising(belief, start, free, value)
    here, best = start, float(value(start[None])[0])
    for _ in range(steps):
        near = design.flipped(here, free, belief.allowed)
        if belief.n <= MOST_PAIRED:
            near = np.concatenate([near, design.swapped(here, near, free)])
        options = near[belief.possible(near)]
        if not len(options):
            break
        values = value(options)
        at = int(np.argmax(values))
        if values[at] <= best + 1e-9:
            break
        here, best = options[at], float(values[at])
    return here


def _promising(
    belief: Belief,
    row: NDArray[np.float64],
    free: NDArray[np.bool_],
    value: Callable[[NDArray[np.float64]], NDArray[np.float64]],
) -> NDArray[np.bool_]:
    """Of many free proposals those whose flips from a recipe are worth most, shape (n,).

    Where no pair has an effect of its own the order of flips hardly changes as a recipe grows, and
    an exchange is a flip and another.
    """
    near = design.flipped(row, free, belief.allowed)
    worth = np.where(belief.possible(near), value(near), -np.inf)
    best = np.argsort(-worth, kind="stable")[:MOST_PAIRED]
    out = np.zeros_like(free)
    out[np.flatnonzero(free)[best]] = True
    return out


def unseen_alone(belief: Belief) -> NDArray[np.float64]:
    """The trunk with one proposal each that never ran alone, in random order, (A, n).

    Before a campaign ends every author is owed that run (`settle`). With a budget it comes early:
    what a proposal does beside the wrong other would else be taken for what it does. That goes for
    one suspected of a crash too: until it has crashed alone its company may be to blame.
    """
    alone = np.maximum(np.eye(belief.n)[belief.free], belief.trunk_row)
    recipes = [recipe_of(row, belief.problem.proposals) for row in alone]
    merges = [not any(conflict <= r for conflict in belief.problem.conflicts) for r in recipes]
    alone = alone[_never_ran(belief, alone, anywhere=True) & np.array(merges, dtype=np.bool_)]
    order = np.random.default_rng([belief.problem.seed, _ALONE_TAG]).permutation(len(alone))
    return np.asarray(alone[order])


def outsiders(belief: Belief, leader: NDArray[np.float64]) -> NDArray[np.float64]:
    """The leader with each proposal outside it that surely gains alone, if it never ran, (A, n).

    What cannot stand beside the newcomer leaves, also what it likely crashes with. What a model of
    pairs says of such a recipe it may have learnt in other company: of two that were only together
    where a third spoiled one of them each is blamed a little. So before the leader is confirmed
    those run beside it that would else be left out for what others did; the surest gains first.
    """
    alone = np.maximum(np.eye(belief.n), belief.trunk_row)
    value = belief.value(belief.draw_gains(alone, _OUTSIDE_TAG))
    gains = ((value > 0.0).mean(0) >= GAINS) & (value.mean(0) >= 1.0)
    chosen = gains & belief.free & (leader < 0.5)
    outside = np.flatnonzero(chosen)
    joined = design.flipped(leader, belief.free, belief.allowed)[chosen[belief.free]]
    found = [_fit_to_run(belief, row, int(i)) for row, i in zip(joined, outside, strict=True)]
    recipes = np.array(found).reshape(-1, belief.n)
    fine = belief.possible(recipes) & _never_ran(belief, recipes, anywhere=True)
    order = np.argsort(-value.mean(0)[outside][fine], kind="stable")
    return np.asarray(recipes[fine][order])


def _fit_to_run(belief: Belief, row: NDArray[np.float64], newcomer: int) -> NDArray[np.float64]:
    """A recipe without the members that a newcomer likely crashes with."""
    while float(belief.crashes.runs(row[None])[0]) < _LIKELY_RUNS:
        members = np.flatnonzero((row > 0.5) & belief.free)
        members = members[members != newcomer]
        if not len(members):
            break
        without = np.repeat(row[None], len(members), axis=0)
        without[np.arange(len(members)), members] = 0.0
        row = without[int(np.argmax(belief.crashes.runs(without)))]
    return row


def _never_ran(
    belief: Belief, x: NDArray[np.float64], *, anywhere: bool = False
) -> NDArray[np.bool_]:
    """Which recipes neither ran, where it counts or at any rung, nor crashed, shape (A,)."""

    def seen() -> set[bytes]:
        known = {*keys(belief.x), *keys(belief.crashes.crashed)}
        for lower in belief.lower if anywhere else ():
            known |= {*keys(lower.x), *keys(lower.crashes.crashed)}
        return known

    known = belief.once(("ran", anywhere), seen)
    return np.array([key not in known for key in keys(x)], dtype=np.bool_)


def dreams(
    belief: Belief, leader: NDArray[np.float64], count: int, rng: np.random.Generator
) -> NDArray[np.float64]:
    """Recipes that are the best within reach under one draw of the landscape each, (D, n).

    What two proposals do together is not known before they have run together; a draw supposes
    something, and its best recipe puts the supposition to the test. It is climbed from the leader
    and from the trunk: what is good together may be neither near the one nor good alone. Without a
    budget the climb goes through half of the cube or more; with one, pairs that never met are
    looked for by themselves (`course`), and what is spoiled far away is dear. More are
    dreamt than are wanted, and those go first that promise most beyond the leader: what is about as
    good as the leader in every draw is not worth telling apart. In every other batch the first
    dream is an optimist's: the mean of some draws and twice their sd, which leads to pairs that
    never ran together, even if one of the two is bad alone.
    """
    flips = design.reach(belief.runs, belief.n)
    if belief.problem.budget is None:
        flips = max(flips, belief.n // 2)
    promise: dict[bytes, float] = {}
    hopeful = (belief.runs // _TURNS) % 2 == 0
    for attempt in range(_DREAMS * count):
        optimist = hopeful and attempt == 0
        value = _optimist(belief, rng) if optimist else belief.sketch(rng)
        tops = [climb(belief, start, flips, value) for start in (leader, belief.trunk_row)]
        *reached, here = value(np.array([*tops, leader]))
        row, gain = tops[int(np.argmax(reached))], float(max(reached) - here)
        key = row.tobytes()
        if not np.array_equal(row, leader):
            promise[key] = math.inf if optimist else max(gain, promise.get(key, gain))
    best = sorted(promise, key=lambda key: -promise[key])[:count]
    return np.array([np.frombuffer(key) for key in best]).reshape(-1, belief.n)


def _optimist(
    belief: Belief, rng: np.random.Generator
) -> Callable[[NDArray[np.float64]], NDArray[np.float64]]:
    """An upper bound of the value (Srinivas et al. 2010) from some draws."""
    drawn = belief.sketches(rng, _HOPES)

    def value(x: NDArray[np.float64]) -> NDArray[np.float64]:
        each = drawn(x)
        return np.asarray(each.mean(0) + 2.0 * each.std(0))

    return value


def search(belief: Belief, k: int, pending: Sequence[Recipe]) -> Search:
    """The k runs that promise most for the recipe that will be recommended.

    Asks of fewer than four go on where the last one stopped, so that whoever asks for one run at a
    time gets the same mix.

    Args:
        belief: The state of knowledge.
        k: How many runs.
        pending: Recipes that are running: their results are expected, not waited for.
    """
    rng = np.random.default_rng([belief.problem.seed, belief.runs, _SEARCH_TAG])
    x = pool(belief, rng)
    asks = _crash_test(belief, k, pending, rng)
    leader = x[int(np.argmax(belief.mean_value(x)))]
    turns = _turns(belief, k, pending)
    rivals = _rivals(belief, leader, turns, rng)
    waiting = rows(pending, belief.problem.proposals)
    x, *_ = distinct(np.concatenate([x, rivals, waiting[belief.possible(waiting)]]))
    index = {row.tobytes(): i for i, row in enumerate(x)}
    under_way = tuple(
        index[row.tobytes()]
        for row in rows(pending, belief.problem.proposals)
        if row.tobytes() in index
    )
    options = offered(belief, x, _SEARCH_TAG)
    # A turn may cost as much as many runs below: of several rungs the gradient, which weighs what
    # runs cost, has all turns, and the others are candidates like all.
    turned = () if belief.lower else rivals
    others = tuple(options.cheapest(index[row.tobytes()]) for row in turned)
    choice = acquisition.choose(
        options.value,
        options.noise_var,
        options.cost,
        max(k, 1),
        shown=options.shown,
        pending=under_way,
        rivals=others,
        turn=turns.start,
        deciding=len(x),
    )
    chosen = [options.ask(belief, options.below_first(i)) for i in choice.picks]
    paid = [worth / options.share(i) for i, worth in zip(choice.picks, choice.worth, strict=True)]
    return Search(asks=tuple([*asks, *chosen][:k]), worth=max(paid), narrows=bool(asks))


@dataclass(frozen=True, kw_only=True)
class Options:
    """Recipes at rungs: what a run of each shows, and what it costs.

    Attributes:
        x: Recipes, shape (M, n).
        seen: The rungs, the one that decides first, R of them.
        value: Joint draws of the value, which is of gains over the trunk, rung by rung, (S, R M).
        shown: What a run shows but for its noise in the same draws: as `value`, but of gains over
            what is expected of the trunk, shape (S, R M).
        noise_var: Variance of that noise, shape (R M,).
        cost: Expected cost of a run that succeeds, in trials at the rung that decides, (R M,).
    """

    x: NDArray[np.float64]
    seen: tuple[Seen, ...]
    value: NDArray[np.float64]
    shown: NDArray[np.float64]
    noise_var: NDArray[np.float64]
    cost: NDArray[np.float64]

    def ask(self, belief: Belief, option: int) -> Ask:
        """A run of an option."""
        rung, place = divmod(option, len(self.x))
        recipe = recipe_of(self.x[place], belief.problem.proposals)
        return Ask(recipe=recipe, rung=self.seen[rung].rung)

    def share(self, option: int) -> float:
        """Cost of a trial at an option's rung, in trials at the rung that decides."""
        return self.seen[option // len(self.x)].cost

    def below_first(self, option: int) -> int:
        """The option, or the same recipe at a rung below, where it is to run before.

        A run below says whether one above is worth it; and what carries over is learnt best from
        recipes that ran at both. As long as it is worth its cost: as a share of what is not known
        of the recipe, as `cheapest` counts.
        """
        rung, place = divmod(option, len(self.x))
        row = self.x[place].tobytes()
        at = np.arange(place, self.value.shape[1], len(self.x))
        told = self._told(place)
        for i, seen in enumerate(self.seen):
            cheaper = seen.cost < self.seen[rung].cost
            if cheaper and told[i] >= TELLS * self.cost[at[i]] and row not in set(keys(seen.x)):
                return int(at[i])
        return option

    def _told(self, place: int) -> NDArray[np.float64]:
        """The share of what is open of a recipe that a run at each rung takes away, (R,)."""
        at = np.arange(place, self.value.shape[1], len(self.x))
        centred = self.value[:, at] - self.value[:, at].mean(0)
        together = (centred[:, :1] * centred).mean(0)
        spread = (centred**2).mean(0) + self.noise_var[at] + 1e-18
        return np.asarray(together**2 / spread / max(float(together[0]), 1e-18))

    def cheapest(self, place: int) -> int:
        """The option for a recipe that tells most about it per cost: its rung is chosen.

        That is the share of the variance of its value, at the rung that decides, which a run takes
        away.
        """
        at = np.arange(place, self.value.shape[1], len(self.x))
        return int(at[np.argmax(self._told(place) / self.cost[at])])


def offered(belief: Belief, x: NDArray[np.float64], tag: int) -> Options:
    """Recipes, shape (M, n), as they may be run: at every rung."""
    *lower, top = belief.draw_levels(x, tag)
    seen = (belief.top, *belief.lower)
    runs = [np.minimum(seen[0].crashes.runs(x), each.crashes.runs(x)) for each in seen]
    value, shown = [], []
    for levels, fine in zip((top, *lower), runs, strict=True):
        trunk, recipes = levels[:, :1], levels[:, 1:]
        value.append(belief.risked(belief.value(recipes - trunk), fine))
        mean = np.ascontiguousarray(trunk).mean(0)
        shown.append(belief.risked(belief.value(recipes - mean), fine))
    improve = list(belief.problem.improve)
    noise_var = [float((each.noise_sds[improve] ** 2).sum()) for each in seen]
    cost = np.array([each.cost for each in seen])
    each = np.maximum(np.concatenate(runs), 0.05)  # a crash teaches nothing about the gain
    return Options(
        x=x,
        seen=seen,
        value=np.concatenate(value, axis=1),
        shown=np.concatenate(shown, axis=1),
        noise_var=np.repeat(noise_var, len(x)),
        cost=np.repeat(cost, len(x)) / each,
    )


def at_cheapest(belief: Belief, asks: Sequence[Ask]) -> list[Ask]:
    """Runs of these recipes, each at the rung that tells most about it per cost if it has none."""
    if not belief.lower or not asks:
        return list(asks)
    options = offered(belief, rows((a.recipe for a in asks), belief.problem.proposals), _CHEAP_TAG)
    return [
        options.ask(belief, options.cheapest(i)) if wanted.rung is None else wanted
        for i, wanted in enumerate(asks)
    ]


def _rivals(
    belief: Belief, leader: NDArray[np.float64], turns: range, rng: np.random.Generator
) -> NDArray[np.float64]:
    """What the gradient gives its turns up to: single proposals and dreams, shape (D, n).

    After a block of wide recipes what each proposal does is known from all of them, better than
    from one run alone, and draws of the landscape differ: all dreams. Else, with a budget, a single
    proposal and a dream (or, in its place, a pair that never met: `course`). Without one the runs
    alone that authors are owed come when the search is over, since nothing runs out: a dream.
    """
    first, both = sum(turn % _TURNS == 1 for turn in turns), sum(turn % 2 for turn in turns)
    if screening.pays(belief):
        return dreams(belief, leader, both, rng)
    if belief.problem.budget is None:
        return dreams(belief, leader, first, rng)
    alone = unseen_alone(belief)[:first]
    return np.concatenate([alone, dreams(belief, leader, both - len(alone), rng)])


def _turns(belief: Belief, k: int, pending: Sequence[Recipe]) -> range:
    """Whose turn the next k runs are, modulo `_TURNS`."""
    start = (belief.runs + len(pending)) % _TURNS if k < _TURNS else 0
    return range(start, start + k)


def turns_of_strangers(belief: Belief, k: int, pending: Sequence[Recipe]) -> int:
    """How many of the next k runs are for pairs that never met: every fourth is."""
    return sum(turn % _TURNS == _TURNS - 1 for turn in _turns(belief, k, pending))


def strangers(
    belief: Belief, leader: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The best recipes that hold two proposals which never ran together, the most promising first.

    None where there are so many proposals that no pair is learnt by itself (`stats.effects`).

    What a pair does together is known from runs of both only; two that are bad alone, or bad beside
    the leader, may be what makes each other good. So each pair is tried in the recipe where, by all
    else that is known, it costs least: climbed from the leader or the trunk with the pair added,
    whichever is better, since a member of the leader may be what spoils it.

    Args:
        belief: The state of knowledge.
        leader: The best recipe so far, shape (n,).

    Returns:
        The recipes, shape (D, n), and the promise of each, shape (D,): by how much it is expected
        to be better than the leader, times the chance that it keeps every guard, if pairs that
        never ran together are like those that did: at work with the share and the spread of the
        posterior.
    """
    if belief.n > MOST_PAIRED:
        return np.empty((0, belief.n)), np.empty(0)
    ran = belief.crashes.ran
    together = ran.T @ ran > 0.0
    both_free = belief.free[:, None] & belief.free[None, :]
    pairs = np.argwhere(np.triu(both_free & belief.allowed & ~together, 1))
    froms = np.array([leader, belief.trunk_row])
    starts = np.stack([design.joined(row, pairs, belief.free, belief.allowed) for row in froms])
    flat = starts.reshape(-1, belief.n)
    value = np.where(belief.possible(flat), belief.mean_value(flat), -np.inf).reshape(2, -1)
    near = np.argsort(-value.max(0), kind="stable")[:_STRANGERS]
    found = [
        climb(belief, starts[value[:, i].argmax(), i], belief.n, belief.mean_value, fixed=pairs[i])
        for i in near
        if np.isfinite(value[:, i].max())
    ]
    recipes = np.unique(np.array(found).reshape(-1, belief.n), axis=0)
    recipes = recipes[_never_ran(belief, recipes, anywhere=True)]
    unmet = np.triu(both_free & ~together, 1)
    promise = _promise(belief, leader, recipes, np.einsum("ai,ij,aj->a", recipes, unmet, recipes))
    order = np.argsort(-promise, kind="stable")
    order = order[promise[order] >= _LEAST_PROMISE]
    return recipes[order], promise[order]


def _promise(
    belief: Belief,
    leader: NDArray[np.float64],
    recipes: NDArray[np.float64],
    pairs: NDArray[np.float64],
) -> NDArray[np.float64]:
    """What a pair that was never seen may make of recipes, beyond the leader, in margins, (D,).

    Each of them holds so many such pairs, of which one may be at work. Its effect is Student's t
    with the spread of pairs that are at work: heavier tails than the model's, so that a recipe far
    behind is still worth something.
    """
    share, sds = belief.pair_prior
    gains = belief.mean_gains(np.concatenate([leader[None], recipes]))
    improve = list(belief.problem.improve)
    total = gains[:, improve].sum(1)
    sd = math.hypot(*sds[improve])
    behind = (total[0] - total[1:]) / sd
    density = _PEAK * (1.0 + behind**2 / _TAILS) ** (-0.5 * (_TAILS + 1.0))
    beyond = (_TAILS + behind**2) / (_TAILS - 1.0) * density
    better = sd * (beyond - behind * special.stdtr(_TAILS, -behind))
    guards = np.delete(gains[1:], improve, axis=1) + 1.0
    kept = special.stdtr(_TAILS, guards / np.delete(sds, improve)).prod(1)
    at_work = 1.0 - (1.0 - share) ** pairs
    return np.asarray(at_work * better * kept * belief.crashes.runs(recipes))


@dataclass(frozen=True, kw_only=True)
class Strangers:
    """Runs of pairs that never ran together.

    Attributes:
        asks: The runs, the most promising first.
        promise: What each may make of the leader, in margins.
    """

    asks: tuple[Ask, ...] = ()
    promise: tuple[float, ...] = ()


def second_look(
    belief: Belief, leader: NDArray[np.float64], pending: Sequence[Recipe]
) -> Strangers:
    """Runs of pairs that never ran together, or only in runs that something spoiled.

    The knowledge gradient sees no worth in a first run towards recipes that are several steps
    away; this does. None where there are so many proposals that no pair is learnt by itself.

    Args:
        belief: The state of knowledge.
        leader: The best recipe so far, shape (n,).
        pending: Recipes that are running.
    """
    if belief.n > MOST_PAIRED:
        return Strangers()
    recipes, promise = strangers(charitable(belief), leader)
    found = [
        (Ask(recipe=recipe), float(worth))
        for recipe, worth in zip(
            (recipe_of(row, belief.problem.proposals) for row in recipes), promise, strict=True
        )
        if recipe not in pending
    ]
    return Strangers(asks=tuple(a for a, _ in found), promise=tuple(w for _, w in found))


def _crash_test(
    belief: Belief, k: int, pending: Sequence[Recipe], rng: np.random.Generator
) -> list[Ask]:
    """At most one run of the batch narrows an unexplained crash down."""
    if k < 2 and len(pending):
        return []
    row = crashes_of.next_test(belief.crashes, belief.allowed, rng)
    if row is None:
        return []
    recipe = recipe_of(np.maximum(row, belief.trunk_row), belief.problem.proposals)
    return [] if recipe in pending else [Ask(recipe=recipe)]


@dataclass(frozen=True, kw_only=True)
class Favourite:
    """The recipe that the landscape favours.

    Attributes:
        row: The recipe, shape (n,).
        value: Its posterior mean value in margins; 0 for the trunk.
        probability: That it is better than the trunk and within every margin.
        mean: Posterior mean gain per objective in margins, shape (J,).
    """

    row: NDArray[np.float64]
    value: float
    probability: float
    mean: NDArray[np.float64]


def favourite(belief: Belief, *, without: Sequence[Recipe] = ()) -> Favourite:
    """The best recipe by posterior mean value, pruned of members that do not help.

    Never the best observed: the winner's curse costs a sd or more. What never ran is good by what
    the model makes of others, so it has to be better by `CAUTION`, and no member is dropped if that
    leads to a recipe that never ran; only where effects hide in noise (`screening.pays`), or of so
    many proposals that what ran is far from everything, do all runs together say more of a recipe
    than a run of it.

    Args:
        belief: The state of knowledge.
        without: Recipes that are out of the question.
    """
    crashed = frozenset(without)
    return belief.once(("favourite", crashed), lambda: _favourite(belief, crashed))


def _favourite(belief: Belief, without: frozenset[Recipe]) -> Favourite:
    rng = np.random.default_rng([belief.problem.seed, belief.runs, _FAVOURITE_TAG])
    x = pool(belief, rng)
    for row in rows(without, belief.problem.proposals):
        x = x[~np.all(x == row, axis=1)]
    gains = belief.draw_gains(x, _FAVOURITE_TAG, compressed=True)
    value = belief.risked(belief.value(gains), belief.crashes.runs(x))
    score, hidden = value.mean(0), belief.n > MOST_PAIRED or screening.pays(belief)
    if not hidden:
        best = int(np.argmax(np.where(_never_showed(belief, x), -np.inf, score)))
        lead = value - value[:, [best]]
        score = lead.mean(0) - CAUTION * lead.std(0)
    top = x[int(np.lexsort((x.sum(1), -np.round(score, 9)))[0])]
    simplest = prune(belief, top)
    if hidden or not _never_showed(belief, simplest[None])[0]:
        return assess(belief, simplest)
    return assess(belief, prune(belief, top, to_seen=True))


def prune(
    belief: Belief, row: NDArray[np.float64], *, to_seen: bool = False
) -> NDArray[np.float64]:
    """Drops members that never ran, then those too unlikely to help, the least likely first.

    Args:
        belief: The state of knowledge.
        row: The recipe, shape (n,).
        to_seen: Whether to drop only what leads to a recipe that ran.
    """
    ran = np.any(belief.anywhere > 0.5, axis=0)
    row, least = np.where(belief.free & ~ran, 0.0, row), _least_help(belief)
    while True:
        members = np.flatnonzero((row > 0.5) & belief.free)
        if not len(members):
            return row
        without = np.repeat(row[None], len(members), axis=0)
        without[np.arange(len(members)), members] = 0.0
        possible = belief.possible(without)
        if to_seen:
            possible &= ~_never_showed(belief, without)
        if not possible.any():
            return row
        both = np.concatenate([row[None], without[possible]])
        helps = _helps(belief, both)
        if helps.min() >= least:
            return row
        row = without[possible][int(np.argmin(helps))]


def _helps(belief: Belief, both: NDArray[np.float64]) -> NDArray[np.float64]:
    """How likely the first recipe is better than each of the others, shape (A,).

    Where it is expected to be better at the rung that decides, that is what the rung which knows
    best says: what nobody knows there yet speaks neither for a member nor against it.
    """
    if not belief.lower:
        value = belief.value(belief.draw_gains(both, _PRUNE_TAG, compressed=True))
        return np.asarray((value[:, :1] > value[:, 1:]).mean(0))
    values = map(belief.value, belief.draw_rungs(both, _PRUNE_TAG, compressed=True))
    leads = [value[:, :1] - value[:, 1:] for value in values]
    helps = np.array([(lead > 0.0).mean(0) for lead in leads])
    return np.asarray(np.where(leads[-1].mean(0) > 0.0, helps.max(0), helps[-1]))


def _never_showed(belief: Belief, x: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Which recipes never ran where it counts, shape (A,): at any rung while only the trunk has.

    Once others have, what ran there is known, and what ran below is a guess.
    """
    below = not np.any(belief.x != belief.trunk_row)
    return _never_ran(belief, x, anywhere=below)


def _least_help(belief: Belief) -> float:
    """How likely a member has to help to stay."""
    hidden = belief.problem.budget is None and screening.pays(belief)
    return HELPS_UNSEEN if hidden else HELPS


def assess(belief: Belief, row: NDArray[np.float64]) -> Favourite:
    """Value and probability of one recipe."""
    if np.array_equal(row, belief.trunk_row):
        zero = np.zeros(len(belief.landscapes))
        return Favourite(row=row, value=0.0, probability=0.0, mean=zero)
    gains = belief.draw_gains(row[None], _ASSESS_TAG)[:, 0]
    value = belief.value(gains)
    runs = float(belief.crashes.runs(row[None])[0])
    return Favourite(
        row=row,
        value=float(belief.risked(value.mean(), np.array(runs))),
        probability=float(np.mean(value > 0.0)) * runs,
        mean=gains.mean(0),
    )
