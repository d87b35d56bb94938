"""Tables that are cards on a phone: `mainstem.plots.cards`."""

from __future__ import annotations

from xml.etree import ElementTree as ET

from mainstem.plots import blocks
from mainstem.plots.cards import labelled
from tests.unit.plots.anything import HOSTILE


def read(html: str) -> ET.Element:
    """The table's element."""
    found = ET.fromstring(f"<main>{html}</main>").find(".//table")  # noqa: S314  # our own text
    assert found is not None
    return found


TABLE = """<table><caption>c</caption>
<thead><tr><th scope="col">name</th><th scope="col" class="n"><a href="?sort=x">gain<span
aria-hidden="true"> v</span></a></th><td></td></tr></thead>
<tbody>
<tr><th scope="row">a</th><td class="n">1 &lt; 2</td><td>x</td></tr>
<tr><td colspan="2">free</td><td>-</td></tr>
<tr><td>b</td><td class="n"><span class="pale">-</span></td><td></td></tr>
</tbody></table>"""


def test_a_cell_knows_its_column() -> None:
    """By the head above it, without its arrow; one over several columns has none."""
    rows = read(labelled(TABLE)).findall("tbody/tr")
    labels = [[cell.get("data-label") for cell in row] for row in rows]
    assert labels == [[None, "gain", None], [None, None], ["name", "gain", None]]


def test_it_is_read_as_a_table_whatever_it_looks_like() -> None:
    """Roles are said, as a browser forgets them where rows are no rows of a table any more."""
    table = read(labelled(TABLE))
    assert (table.get("role"), table.get("class")) == ("table", "cards")
    roles = [one.get("role") for one in table.iter() if one.tag in {"tr", "th", "td"}]
    head, row = ["row", "columnheader", "columnheader", "cell"], ["row", "rowheader", "cell"]
    assert roles[:8] == [*head, *row, "cell"]
    assert None not in roles
    assert [one.text for one in table.iter("td")][1:3] == ["1 < 2", "x"]  # nothing else changed


def test_nothing_is_left_out_on_a_card() -> None:
    """A dash alone is marked, wherever it stands; a number below 0 is not."""
    table = read(labelled(TABLE.replace(">x<", ">-1<")))
    marked = ["".join(one.itertext()) for one in table.iter("td") if one.get("data-none") == ""]
    assert marked == ["-", "-"]


def test_a_table_with_room_stays_one() -> None:
    """Of two columns, or without a head."""
    for narrow in (blocks.table(["a", "b"], [["1", "2"]]), "<table><tr><td>1</td></tr></table>"):
        assert labelled(narrow) == narrow


def test_heads_of_anybody_are_text() -> None:
    """A name of a column ends up in an attribute."""
    html = labelled(blocks.table(["x", HOSTILE, "y"], [["1", "2", "3"]]))
    assert read(html).findall("tbody/tr/td")[1].get("data-label", "").startswith('"><script>')
    assert "<script>" not in html
