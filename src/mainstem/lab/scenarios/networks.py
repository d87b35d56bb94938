"""Who sees whom: the communication networks of the papers.

A network is an array of contacts, shape (n, d): row i holds the numbers of the d agents that agent
i sees, never i itself. All agents see equally many, as in every paper here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Network = NDArray[np.int64]
    """Contacts, shape (n, d)."""

_MOEBIUS_KANTOR = ((-5, 1, 15), (5, 1, 15))
_DIAMONDS = ((1, 2, -1), (-1, 1, 2), (-2, -1, 1), (-2, -1, 1))


def full(n: int) -> Network:
    """Everybody sees everybody else, n of 2 or more."""
    i = np.arange(n)[:, None]
    return (i + np.arange(1, n)) % n


def lattice(n: int, degree: int) -> Network:
    """A ring on which everybody sees the nearest `degree` / 2 on each side.

    Raises:
        ValueError: `degree` is odd, or not below n.
    """
    if degree % 2 or not 0 < degree < n:
        raise ValueError(f"a ring of {n} needs an even degree from 2 to {n - 1}, not {degree}")
    near = np.arange(1, degree // 2 + 1)
    contacts: Network = (np.arange(n)[:, None] + np.concatenate([-near[::-1], near])) % n
    return contacts


def ring(n: int) -> Network:
    """A ring on which everybody sees the two beside, n of 3 or more."""
    return lattice(n, 2)


def ahead(n: int, degree: int) -> Network:
    """A ring on which everybody sees the next `degree` in one direction, `degree` below n."""
    return (np.arange(n)[:, None] + np.arange(1, degree + 1)) % n


def caves(n: int, size: int) -> Network:
    """Cliques of `size` on a ring; one link of each clique leads to the next (Watts 1999).

    In clique c the link between its first two members is cut: the first is linked to the second of
    the clique before. So everybody has `size` - 1 contacts.

    Raises:
        ValueError: n is no multiple of `size`, or there are fewer than 2 cliques, or `size` < 3.
    """
    if size < 3 or n % size or n < 2 * size:
        raise ValueError(f"{n} agents do not make two or more cliques of {size}, 3 or more each")
    contacts = np.empty((n, size - 1), dtype=np.int64)
    for i in range(n):
        c, k = divmod(i, size)
        mates = [c * size + m for m in range(size) if m != k]
        if k == 0:
            mates[0] = ((c - 1) * size + 1) % n
        elif k == 1:
            mates[0] = ((c + 1) * size) % n
        contacts[i] = mates
    return contacts


def moebius_kantor() -> Network:
    """16 agents with three contacts each and short ways: 2.27 links on average, no triangle.

    The generalised Petersen graph G(8, 3), as a Hamiltonian cycle with chords [5, -5]^8.
    """
    return np.array([[(i + s) % 16 for s in _MOEBIUS_KANTOR[(i + 1) % 2]] for i in range(16)])


def diamonds() -> Network:
    """16 agents with three contacts each and long ways: 3.23 links on average, much clustered.

    Four groups of four on a ring; in a group all are linked but the first and the last, who are
    linked to the groups beside.
    """
    return np.array([[(i + s) % 16 for s in _DIAMONDS[i % 4]] for i in range(16)])


def copies(network: Network, count: int) -> Network:
    """A network so many times, side by side, without a link from one to another."""
    n, degree = network.shape
    shift = n * np.arange(count)[:, None, None]
    contacts: Network = (network + shift).reshape(count * n, degree)
    return contacts


def path_length(network: Network) -> float:
    """The mean number of links from one agent to another; infinite if some cannot be reached."""
    n = len(network)
    sees = np.zeros((n, n), dtype=bool)
    sees[np.arange(n)[:, None], network] = True
    reached = np.eye(n, dtype=bool)
    total, steps, frontier = 0, 0, reached
    while frontier.any():
        total += steps * int(frontier.sum())
        after = reached | (reached.astype(np.int64) @ sees > 0)
        frontier, reached, steps = after & ~reached, after, steps + 1
    return total / (n * (n - 1)) if reached.all() else float("inf")
