"""Tables that are sorted and cut by what stands in the address."""

from __future__ import annotations

from typing import Any

import pytest

from mainstem.board.listing import Listing, listed
from mainstem.board.page import Visit

ROWS = [{"id": k, "gain": gain} for k, gain in enumerate([0.2, None, -0.1, 0.2, 0.5])]
KEYS = {"id": lambda row: row["id"], "gain": lambda row: row["gain"]}


def seen(size: int = 100, **query: str) -> Listing[dict[str, Any]]:
    """The rows of a page."""
    return listed(ROWS, Visit(query=query), KEYS, first="id", size=size)


def ids(listing: Listing[dict[str, Any]]) -> list[int]:
    """Which rows a page has."""
    return [row["id"] for row in listing.rows]


def test_rows_are_sorted_either_way_and_what_has_no_value_comes_last() -> None:
    """Rows of one value keep the order that they came in."""
    assert ids(seen()) == [0, 1, 2, 3, 4]
    assert ids(seen(sort="gain")) == [2, 0, 3, 4, 1]
    assert ids(seen(sort="-gain")) == [4, 0, 3, 2, 1]


def test_pages_hold_every_row_once() -> None:
    """Also where the last one is short."""
    pages = [seen(size=2, sort="gain", page=str(k)) for k in (1, 2, 3)]
    assert [ids(page) for page in pages] == [[2, 0], [3, 4], [1]]
    assert [(page.page, page.pages, page.first, page.count) for page in pages] == [
        (1, 3, 1, 5),
        (2, 3, 3, 5),
        (3, 3, 5, 5),
    ]


@pytest.mark.parametrize(
    ("query", "page", "sort"),
    [
        ({"page": "99"}, 3, "id"),
        ({"page": "0"}, 1, "id"),
        ({"page": "-1"}, 1, "id"),
        ({"page": "x"}, 1, "id"),
        ({"sort": "colour"}, 1, "id"),
        ({"sort": "--gain"}, 1, "id"),
    ],
)
def test_what_makes_no_sense_is_taken_as_what_is_nearest(
    query: dict[str, str], page: int, sort: str
) -> None:
    """An old link, or one that somebody made up, still shows a table."""
    found = seen(size=2, **query)
    assert (found.page, found.sort) == (page, sort)


def test_a_table_without_rows_has_one_page() -> None:
    """And no first row."""
    found = listed([], Visit(), KEYS, first="-gain")
    assert (found.page, found.pages, found.first, found.falling) == (1, 1, 0, True)


def test_a_head_turns_the_order_round() -> None:
    """The first click sorts as people expect of the column, the next one the other way."""
    plain, falling = seen(), seen(sort="-gain")
    assert plain.toggled("gain") == "gain"
    assert plain.toggled("gain", falls=True) == "-gain"
    assert plain.toggled("id") == "-id"
    assert falling.toggled("gain", falls=True) == "gain"
    assert (plain.aria("id"), plain.aria("gain")) == ("ascending", "none")
    assert falling.aria("gain") == "descending"
