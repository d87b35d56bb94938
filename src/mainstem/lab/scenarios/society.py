"""Agents who look for a good solution side by side and learn from those they see.

What the papers on networks have in common, in rounds, all agents at once: an agent looks at what
it sees of others and picks a solution there, or none; if that is better than its own it takes it.
Otherwise it tries its own with one bit flipped at random, and keeps that if it is better. Papers
differ in who sees whom (`networks`), in how an agent picks (`Imitate`), and in how many flips an
agent can look at in a round.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mainstem.lab.scenarios.networks import Network

    Solutions = NDArray[np.int64]
    """Of each agent, as an index into the values, shape (agents,)."""

NOTHING = -1
"""An agent that picks nothing."""


class Imitate(Protocol):
    """How agents pick among what they see."""

    def __call__(
        self,
        held: Solutions,
        payoffs: NDArray[np.float64],
        network: Network,
        rng: np.random.Generator,
    ) -> Solutions:
        """For each agent the solution that it would take over, or NOTHING.

        Args:
            held: What each holds.
            payoffs: What that is worth, shape (agents,).
            network: Who sees whom.
            rng: For those who look at some of their contacts only.
        """
        ...


def best_contact(
    held: Solutions,
    payoffs: NDArray[np.float64],
    network: Network,
    rng: np.random.Generator,
) -> Solutions:
    """The best of all contacts (Lazer and Friedman 2007)."""
    del rng  # looks at everybody
    return _best_of(held, payoffs, network)


def best_member(sample: int) -> Imitate:
    """The best of some contacts drawn anew each round (Barkoczi and Galesic 2016)."""

    def imitate(
        held: Solutions,
        payoffs: NDArray[np.float64],
        network: Network,
        rng: np.random.Generator,
    ) -> Solutions:
        return _best_of(held, payoffs, _drawn(network, sample, rng))

    return imitate


def conformity(sample: int) -> Imitate:
    """What most of some contacts hold, ties at random; nothing where all hold different ones.

    As Barkoczi and Galesic (2016) define it: an agent has to see a solution twice.
    """

    def imitate(
        held: Solutions,
        payoffs: NDArray[np.float64],
        network: Network,
        rng: np.random.Generator,
    ) -> Solutions:
        del payoffs  # conformists count heads
        seen = held[_drawn(network, sample, rng)]
        counts = (seen[:, :, None] == seen[:, None, :]).sum(axis=2)
        first = np.argmax(counts + rng.random(counts.shape) / 2, axis=1)
        rows = np.arange(len(held))
        # A tie between solutions: a solution held by c draws c random numbers, and so do its
        # equals, so each is as likely.
        return np.where(counts[rows, first] > 1, seen[rows, first], NOTHING)

    return imitate


def search(
    values: NDArray[np.float64],
    starts: Solutions,
    network: Network,
    imitate: Imitate,
    *,
    rounds: int,
    rng: np.random.Generator,
    tries: int = 1,
    bits: int | None = None,
) -> NDArray[np.float64]:
    """What each agent's solution is worth, shape (rounds + 1, agents); the first row at the start.

    Args:
        values: Of every solution of some bits, shape (2^n,).
        starts: What each agent begins with.
        network: Who sees whom, one row per agent.
        imitate: How they pick.
        rounds: How many.
        rng: Draws the flips, and what `imitate` draws.
        tries: Flips of different bits that an agent looks at in a round, up to all of them.
        bits: Of a solution; None: as many as an index into `values` has. With fewer, `values` are
            those of several landscapes one after the other, and agents whose contacts are all on
            their own landscape (`networks.copies`) play side by side, which is much faster.
    """
    bits = len(values).bit_length() - 1 if bits is None else bits
    held = starts.copy()
    payoffs = values[held]
    course = [payoffs]
    for _ in range(rounds):
        picked = imitate(held, payoffs, network, rng)
        learns = (picked != NOTHING) & (values[picked] > payoffs)
        proposed = np.where(learns, picked, _tried(values, held, bits, tries, rng))
        held = np.where(values[proposed] > payoffs, proposed, held)
        payoffs = values[held]
        course.append(payoffs)
    return np.array(course)


def _tried(
    values: NDArray[np.float64], held: Solutions, bits: int, tries: int, rng: np.random.Generator
) -> Solutions:
    """The best of some flips of each agent's own solution, shape (agents,)."""
    if tries == 1:
        return held ^ (1 << rng.integers(bits, size=len(held)))
    flips = np.argsort(rng.random((len(held), bits)), axis=1)[:, :tries]
    around = held[:, None] ^ (1 << flips)
    best = np.argmax(values[around], axis=1)
    found: Solutions = around[np.arange(len(held)), best]
    return found


def _best_of(held: Solutions, payoffs: NDArray[np.float64], seen: Network) -> Solutions:
    """The best solution of those seen, shape (agents,)."""
    best = np.argmax(payoffs[seen], axis=1)
    found: Solutions = held[seen[np.arange(len(seen)), best]]
    return found


def _drawn(network: Network, sample: int, rng: np.random.Generator) -> Network:
    """Some contacts of each, without repetition, shape (agents, sample).

    Floyd's way (Bentley and Floyd 1987), which draws `sample` numbers and not one per contact: for
    each upper end in turn a number up to it, or the end itself if that number is there already.
    """
    n, degree = network.shape
    if sample >= degree:
        return network
    rows = np.empty((n, sample), dtype=np.int64)
    for j in range(sample):
        end = degree - sample + j
        drawn: NDArray[np.int64] = rng.integers(end + 1, size=n)
        taken = (rows[:, :j] == drawn[:, None]).any(axis=1)
        rows[:, j] = np.where(taken, end, drawn)
    return np.take_along_axis(network, rows, axis=1)
