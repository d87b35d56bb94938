"""Who sees whom."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, strategies as st
from scipy.sparse.csgraph import shortest_path

from mainstem.lab.scenarios import networks

if TYPE_CHECKING:
    from mainstem.lab.scenarios.networks import Network


def sees(network: Network) -> np.ndarray:
    """As a matrix, from the rows one by one."""
    matrix = np.zeros((len(network), len(network)))
    for i, row in enumerate(network):
        matrix[i, row] = 1.0
    return matrix


MUTUAL = [
    networks.full(7),
    networks.ring(9),
    networks.lattice(10, 4),
    networks.caves(100, 20),
    networks.caves(12, 3),
    networks.moebius_kantor(),
    networks.diamonds(),
]


@pytest.mark.parametrize("network", [*MUTUAL, networks.ahead(11, 4)])
def test_everybody_sees_equally_many_others(network: Network) -> None:
    """Never oneself, nobody twice, all can be reached."""
    matrix = sees(network)
    assert np.array_equal(matrix.sum(axis=1), np.full(len(network), network.shape[1]))
    assert np.trace(matrix) == 0.0
    assert np.isfinite(networks.path_length(network))


@pytest.mark.parametrize("network", MUTUAL)
def test_contacts_see_each_other(network: Network) -> None:
    """But on the ring that looks ahead."""
    assert np.array_equal(sees(network), sees(network).T)


@pytest.mark.parametrize(
    ("network", "length"),
    [
        (networks.full(100), 1.0),
        (networks.ahead(100, 19), 3.12),
        (networks.caves(100, 20), 3.83),
        (networks.lattice(10, 4), 1.7),
        (networks.lattice(100, 4), 12.9),
        (networks.moebius_kantor(), 2.27),
        (networks.diamonds(), 3.23),
    ],
)
def test_ways_are_as_long_as_published(network: Network, length: float) -> None:
    """As published, and as an independent search has it.

    The ring that looks ahead and the cliques: the files of Barkoczi and Galesic. The lattices: the
    supplement of Brackbill and Centola.
    """
    assert networks.path_length(network) == pytest.approx(length, abs=0.05)
    ways = shortest_path(sees(network), unweighted=True)
    off = ways[~np.eye(len(network), dtype=bool)]
    assert networks.path_length(network) == pytest.approx(off.mean())


def test_the_two_of_sixteen_are_far_apart_in_clustering() -> None:
    """No triangle in one, four of every five possible in the groups of the other."""
    for network, triangles in ((networks.moebius_kantor(), 0), (networks.diamonds(), 8)):
        matrix = sees(network)
        assert np.trace(matrix @ matrix @ matrix) / 6 == triangles


def test_copies_do_not_see_each_other() -> None:
    """Blocks along the diagonal, each the network itself."""
    one = networks.caves(12, 3)
    three = sees(networks.copies(one, 3))
    assert np.array_equal(three, np.kron(np.eye(3), sees(one)))


@given(st.integers(3, 40), st.data())
def test_a_ring_looks_the_same_from_everywhere(n: int, data: st.DataObject) -> None:
    """Turned by one, it is itself."""
    degree = 2 * data.draw(st.integers(1, (n - 1) // 2))
    network = networks.lattice(n, degree)
    assert set(map(int, (network[1] - 1) % n)) == set(map(int, network[0]))
    assert np.isclose(networks.path_length(network), np.mean(_ceil(n, degree)))


def _ceil(n: int, degree: int) -> list[int]:
    """Links to each other place: as many hops of degree / 2 as it takes the short way round."""
    return [-(-min(d, n - d) // (degree // 2)) for d in range(1, n)]


def test_what_cannot_be_reached_is_infinitely_far() -> None:
    """Two pairs that do not know each other."""
    assert networks.path_length(np.array([[1], [0], [3], [2]])) == float("inf")


@pytest.mark.parametrize(("n", "degree"), [(10, 3), (10, 0), (10, 10), (4, 6)])
def test_a_lattice_that_cannot_be_is_refused(n: int, degree: int) -> None:
    """The message says what would do."""
    with pytest.raises(ValueError, match=f"a ring of {n} needs an even degree"):
        networks.lattice(n, degree)


@pytest.mark.parametrize(("n", "size"), [(10, 3), (3, 3), (8, 2)])
def test_cliques_that_do_not_fill_are_refused(n: int, size: int) -> None:
    """A rest, a single clique, pairs."""
    with pytest.raises(ValueError, match="do not make two or more cliques"):
        networks.caves(n, size)
