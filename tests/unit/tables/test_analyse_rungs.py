from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from tables import analyse, analyse_rungs
from tables.rungs import RungTable, load

if TYPE_CHECKING:
    from tables.table import Table

NUMBER = re.compile(r"[-+]?\d[\d,]*(?:\.\d+)?")


def test_only_what_stands_between_its_own_markers_is_replaced() -> None:
    """What the page says of tables of one scale stays, and writing twice is writing once."""
    page = (
        f"mine\n\n{analyse.BEGIN}\ntheirs\n{analyse.END}\n\n"
        f"{analyse_rungs.BEGIN}\nold\n{analyse_rungs.END}\n\nmine too\n"
    )
    once = analyse_rungs.put_between(page, "new")
    assert once == analyse_rungs.put_between(once, "new")
    assert "old" not in once
    assert f"{analyse.BEGIN}\ntheirs\n{analyse.END}" in once
    assert analyse.put_between(once, "other").endswith("mine too\n")
    with pytest.raises(ValueError, match="no <!-- analyse_rungs"):
        analyse_rungs.put_between(f"{analyse.BEGIN}{analyse.END}", "new")


@pytest.mark.parametrize("seeds", [1, 3])
def test_a_report_says_what_it_knows(small_table: Table, seeds: int) -> None:
    """Of three seeds all; of one it says that noise is not known and gives no error."""
    y = np.random.default_rng(0).lognormal(size=(2, 8, seeds, 2)) + 1.0
    y[:, 0] += 9
    cheap = replace(small_table.objectives[0], direction="minimize")
    tables = [
        replace(
            small_table,
            y=values,
            seeds=tuple(range(seeds)),
            objectives=(cheap, small_table.objectives[1]),
        )
        for values in y
    ]
    rungs = RungTable(names=("small", "top"), costs=(0.125, 1.0), tables=tuple(tables), about={})
    text = analyse_rungs.report({"small": rungs})
    for words in ("costs 8 of the small one", "rank correlation", "`a`", "`b`", "`c`"):
        assert words in text
    assert ("not known from one seed" in text) is (seeds == 1)
    assert ("±" in text) is (seeds > 1)


def test_the_page_says_what_the_tables_say() -> None:
    """The figures in docs/tables.md are those of the files, as `test_analyse` says."""
    page = analyse_rungs.PAGE.read_text(encoding="utf-8")
    written = page.partition(analyse_rungs.BEGIN)[2].partition(analyse_rungs.END)[0].strip()
    folder = Path(analyse_rungs.__file__).parent / "scales"
    fresh = analyse_rungs.report({path.stem: load(path) for path in sorted(folder.glob("*.npz"))})
    assert NUMBER.sub("N", written) == NUMBER.sub("N", fresh)
    for said, found in zip(NUMBER.findall(written), NUMBER.findall(fresh), strict=True):
        unit = 10.0 ** -len(said.partition(".")[2])
        one, other = (float(number.replace(",", "")) for number in (said, found))
        assert abs(one - other) <= unit * 1.01 + 0.02 * abs(other), (said, found)
