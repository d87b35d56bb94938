from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tables import analyse
from tables.table import Table, load

NUMBER = re.compile(r"[-+]?\d[\d,]*(?:\.\d+)?")


def test_only_what_stands_between_the_markers_is_replaced() -> None:
    """Writing twice is writing once, and what people wrote around it stays."""
    page = f"# Title\n\nmine\n\n{analyse.BEGIN}\nold\n{analyse.END}\n\nmine too\n"
    once = analyse.put_between(page, "new")
    assert once == analyse.put_between(once, "new")
    assert "old" not in once
    assert once.startswith("# Title\n\nmine\n")
    assert once.endswith("\n\nmine too\n")
    with pytest.raises(ValueError, match="no <!--"):
        analyse.put_between("# Title\n", "new")


def test_a_report_says_everything_of_any_table(small_table: Table) -> None:
    """The smallest there is: three proposals, three seeds, and recipes that beat the trunk."""
    small_table.y[0] += 9
    minimised = replace(small_table.objectives[0], direction="minimize")
    table = replace(
        small_table,
        y=np.concatenate([small_table.y, small_table.y[:, :1] * 1.1], axis=1),
        seeds=(0, 1, 2),
        objectives=(minimised, small_table.objectives[1]),
    )
    text = analyse.report({"small": table})
    for words in ("Variance by order", "Merging", "Noise", "`accuracy`", "`a`", "`b`", "`c`"):
        assert words in text


def test_the_page_says_what_the_tables_say() -> None:
    """The figures in docs/tables.md are those of the files beside the code.

    Words are the same; numbers may differ by one in their last digit and by 2%, since intervals
    are drawn and another version of numpy may add in another order.
    """
    page = analyse.PAGE.read_text(encoding="utf-8")
    written = page.partition(analyse.BEGIN)[2].partition(analyse.END)[0].strip()
    folder = Path(analyse.__file__).parent
    fresh = analyse.report({path.stem: load(path) for path in sorted(folder.glob("*.npz"))})
    assert NUMBER.sub("N", written) == NUMBER.sub("N", fresh)
    for said, found in zip(NUMBER.findall(written), NUMBER.findall(fresh), strict=True):
        unit = 10.0 ** -len(said.partition(".")[2])
        one, other = (float(number.replace(",", "")) for number in (said, found))
        assert abs(one - other) <= unit * 1.01 + 0.02 * abs(other), (said, found)
