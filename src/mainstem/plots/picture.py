"""A picture with its numbers: SVG, PNG, and the same as rows, for notebooks and for files.

Jupyter shows the SVG by itself, and keeps a PNG beside it where one can be made, for viewers that
show no SVG. There is no HTML form on purpose: viewers of notebooks strip SVG out of HTML that they
do not trust, and then nothing is left.
"""

from __future__ import annotations

import csv
import functools
import io
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mainstem.domain.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path
    from types import ModuleType

INSTALL = "pip install 'mainstem[plots]'"

FAMILIES = (
    *("Noto Sans", "DejaVu Sans", "Liberation Sans", "Helvetica Neue", "Helvetica", "Arial"),
    *("Segoe UI", "Roboto", "Open Sans", "Cantarell", "Ubuntu", "FreeSans"),
)
"""Fonts that a PNG is written with, the first that there is."""

_FORMULAS = ("=", "+", "-", "@", "\t", "\r")

_FEWEST_PX, _MOST_PX = 16, 20_000


class NoPngError(UsageError):
    """No PNG can be made here: what makes them is not installed, or there is no font."""


@dataclass(frozen=True, kw_only=True, repr=False)
class Picture:
    """A picture and what it shows.

    Attributes:
        title: What it is.
        svg: The picture as text that stands by itself, on white.
        columns: Names of what each row holds.
        rows: The numbers that are drawn, as plain Python; None where there is none.
    """

    title: str
    svg: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str | float | None, ...], ...]

    @property
    def data(self) -> dict[str, Any]:
        """Columns and rows as lists, for `json.dumps` or `pandas.DataFrame(**picture.data)`."""
        return {"columns": list(self.columns), "data": [list(row) for row in self.rows]}

    def csv(self) -> str:
        """The rows as comma-separated values under a line of names (RFC 4180).

        A spreadsheet takes a cell that begins with one of = + - @, a tab or a return for a formula;
        such text gets an apostrophe before it. Numbers stay as they are.
        """
        text = io.StringIO()
        writer = csv.writer(text)
        for row in (self.columns, *self.rows):
            writer.writerow([_no_formula(cell) for cell in row])
        return text.getvalue()

    def png(
        self, *, width_px: int = 1520, fonts: Path | str | None = None, family: str = ""
    ) -> bytes:
        """The picture as a PNG on white.

        Args:
            width_px: Its width.
            fonts: A folder with further fonts, for machines without any; None for the system's.
            family: The font to write with; "" for the first of `FAMILIES` that there is.

        Raises:
            NoPngError: resvg is not installed, or no font was found, without which all words would
                be missing.
            ValueError: The width is below 16 or above 20,000 pixels.
        """
        if not _FEWEST_PX <= width_px <= _MOST_PX:
            raise ValueError(f"a PNG {width_px} pixels wide: give {_FEWEST_PX} to {_MOST_PX:,}")
        folder = "" if fonts is None else str(fonts)
        if not _writes(folder, family):
            where = f" in {folder}" if folder else ""
            raise NoPngError(
                f"no font was found for a PNG{where}, and all its words would be missing: install "
                "one (Debian: `apt install fonts-dejavu-core`), or give a folder of fonts and the "
                "family, as `png(fonts=..., family=...)`"
            )
        return _drawn(self.svg, width_px, folder, family)

    def __repr__(self) -> str:
        return f"<Picture {self.title!r}, {len(self.rows)} rows: .svg, .png(), .csv(), .data>"

    def _repr_svg_(self) -> str:
        """What Jupyter shows."""
        return self.svg

    def _repr_png_(self) -> bytes | None:
        """What Jupyter keeps beside it; None where no PNG can be made."""
        try:
            return self.png()
        except NoPngError:
            return None


def _no_formula(cell: str | float | None) -> str | float | None:
    """A cell that no spreadsheet works out."""
    acts = isinstance(cell, str) and cell.startswith(_FORMULAS)
    return f"'{cell}" if acts else cell


def table(
    columns: Sequence[str], rows: Sequence[Sequence[str | float | None]]
) -> dict[str, tuple[Any, ...]]:
    """The fields `columns` and `rows` of a picture."""
    return {"columns": tuple(columns), "rows": tuple(tuple(row) for row in rows)}


@functools.cache
def _writes(folder: str, family: str) -> bool:
    """Whether a letter leaves a trace: without a font it is left out, and nobody is told."""
    head = '<svg xmlns="http://www.w3.org/2000/svg" width="32" height="32"'
    letter = f'{head} font-size="24"><text x="4" y="24">M</text></svg>'
    blank = _drawn(f"{head}/>", 32, folder, family)
    return _drawn(letter, 32, folder, family) != blank


def _drawn(svg: str, width_px: int, folder: str, family: str) -> bytes:
    names = [family] if family else FAMILIES
    listed = ", ".join("'" + name.replace("'", "") + "'" for name in names)
    made: bytes = _resvg().svg_to_bytes(
        svg_string=svg,
        width=width_px,
        background="#ffffff",
        font_dirs=[folder] if folder else None,
        style_sheet=f"svg {{ font-family: {listed}, sans-serif; }}",
    )
    return made


def _resvg() -> ModuleType:
    try:
        import resvg_py
    except ModuleNotFoundError:
        raise NoPngError(f"a PNG takes resvg: `{INSTALL}`; `.svg` needs nothing") from None
    return resvg_py
