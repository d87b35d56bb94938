"""A picture with its numbers."""

from __future__ import annotations

import csv
import importlib
import io
import json
import struct
import sys
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from mainstem.domain.errors import UsageError
from mainstem.plots import svg
from mainstem.plots.picture import INSTALL, NoPngError, Picture, _writes, table

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def picture() -> Picture:
    """A word, and two rows with what spreadsheets stumble over."""
    drawn = svg.picture("t", "d", 200, 100, [svg.text(10.0, 50.0, "Words")])
    rows = [("a, b", 0.1, None), ('"c"', -2.5, 1e-30)]
    return Picture(title="t", svg=drawn, **table(("name", "mean", "low"), rows))


@pytest.fixture
def fonts_forgotten() -> Iterator[None]:
    """What was found out about fonts is found out anew."""
    _writes.cache_clear()
    yield
    _writes.cache_clear()


def size(png: bytes) -> tuple[int, int]:
    """Width and height of a PNG, as its header has them."""
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    width, height = struct.unpack(">II", png[16:24])
    return width, height


def test_rows_come_back_from_csv_and_json(picture: Picture) -> None:
    """Every digit; nothing is an empty cell, or null."""
    first, *rows = csv.reader(io.StringIO(picture.csv()))
    assert first == ["name", "mean", "low"]
    assert rows == [["a, b", "0.1", ""], ['"c"', "-2.5", "1e-30"]]
    assert json.loads(json.dumps(picture.data)) == {
        "columns": ["name", "mean", "low"],
        "data": [["a, b", 0.1, None], ['"c"', -2.5, 1e-30]],
    }


def test_no_spreadsheet_works_a_name_out(picture: Picture) -> None:
    """What would be a formula has an apostrophe before it; a number below 0 stays a number."""
    acts = ("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1")
    made = replace(picture, columns=("=name", "mean"), rows=tuple((name, -1.5) for name in acts))
    first, *rows = csv.reader(io.StringIO(made.csv(), newline=""))
    assert first == ["'=name", "mean"]
    assert rows == [[f"'{name}", "-1.5"] for name in acts]
    assert picture.data["data"][0][0] == "a, b"


def test_a_png_is_as_wide_as_it_is_asked_for(picture: Picture) -> None:
    """And as high as the picture's shape wants; a notebook shows SVG and keeps a PNG."""
    assert size(picture.png(width_px=400)) == (400, 200)
    assert picture._repr_svg_() == picture.svg
    kept = picture._repr_png_()
    assert kept is not None
    assert size(kept) == (1520, 760)
    assert "svg" not in repr(picture).partition(":")[0]


def test_its_words_are_in_it(picture: Picture) -> None:
    """A picture with other words is another PNG."""
    other = Picture(title="t", svg=picture.svg.replace("Words", "Wards"), columns=(), rows=())
    assert picture.png() != other.png()


@pytest.mark.parametrize("width_px", [0, 15, 20_001])
def test_widths_are_checked(picture: Picture, width_px: int) -> None:
    """Before anything is drawn."""
    with pytest.raises(ValueError, match="pixels wide"):
        picture.png(width_px=width_px)


@pytest.mark.usefixtures("fonts_forgotten")
def test_without_resvg_it_says_what_to_install(
    picture: Picture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The SVG is there all the same, and a notebook does without the PNG."""
    monkeypatch.setitem(sys.modules, "resvg_py", None)
    with pytest.raises(NoPngError, match="pip install") as caught:
        picture.png()
    assert INSTALL in str(caught.value)
    assert isinstance(caught.value, UsageError)
    assert picture._repr_png_() is None


@pytest.mark.usefixtures("fonts_forgotten")
def test_without_a_font_no_png_loses_its_words(
    picture: Picture, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Resvg would leave them out and say nothing; with a folder of fonts it works again."""
    resvg = importlib.import_module("resvg_py")
    drawn = resvg.svg_to_bytes

    def bare(**asked: object) -> bytes:
        """As on a machine that has no fonts of its own."""
        made: bytes = drawn(**{**asked, "skip_system_fonts": True})
        return made

    monkeypatch.setattr(resvg, "svg_to_bytes", bare)
    with pytest.raises(NoPngError, match="no font was found"):
        picture.png()
    with pytest.raises(NoPngError, match=str(tmp_path)):
        picture.png(fonts=tmp_path, family="DejaVu Sans")
