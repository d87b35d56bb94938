"""Reads pictures back, as a browser would."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from mainstem.plots import svg

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mainstem.plots.colours import Colour

SVG = "{http://www.w3.org/2000/svg}"

_NUMBER = re.compile(r"-?\d+\.?\d*")
_SLACK = 0.6  # pixels: a stroke has a width


def parsed(picture: str) -> ET.Element:
    """The picture's root; it is well-formed."""
    return ET.fromstring(picture)  # noqa: S314  # our own text


def texts(picture: str) -> list[str]:
    """All words in it."""
    return [one.text or "" for one in parsed(picture).iter(f"{SVG}text")]


def tips(picture: str) -> list[str]:
    """All tooltips within it."""
    return [one.text or "" for one in parsed(picture).iter(f"{SVG}title")][1:]


def links(picture: str) -> dict[str, str]:
    """Addresses by what their tooltips say."""
    found = {}
    for one in parsed(picture).iter(f"{SVG}a"):
        title = one.find(f"{SVG}title")
        assert title is not None
        assert title.text == one.get("aria-label")
        found[title.text or ""] = one.get("href") or ""
    return found


def ways(picture: str, colour: Colour) -> list[list[tuple[float, float]]]:
    """The points of every open path of a colour."""
    return [
        _points(one)
        for one in parsed(picture).iter(f"{SVG}path")
        if one.get("stroke") == colour.light
    ]


def _points(path: ET.Element) -> list[tuple[float, float]]:
    numbers = [float(n) for n in _NUMBER.findall(path.get("d") or "")]
    return list(zip(numbers[::2], numbers[1::2], strict=True))


def outside(picture: str) -> list[tuple[float, float]]:
    """Points of whatever is drawn that lie beyond the picture's edges."""
    root = parsed(picture)
    _, _, width, height = (float(n) for n in (root.get("viewBox") or "").split())
    assert (root.get("width"), root.get("height")) == (f"{width:g}", f"{height:g}")
    return [
        (x, y)
        for one in root.iter()
        for x, y in _corners(one)
        if not (-_SLACK <= x <= width + _SLACK and -_SLACK <= y <= height + _SLACK)
    ]


def _corners(one: ET.Element) -> Iterator[tuple[float, float]]:
    """Points between which an element lies; of words by their estimated width."""
    kind = one.tag.removeprefix(SVG)
    number = {key: float(one.get(key) or 0.0) for key in ("x", "y", "cx", "cy", "r")}
    x, y = number["x"], number["y"]
    if kind == "path":
        yield from _points(one)
    elif kind == "rect":
        yield x, y
        yield x + float(one.get("width") or 0.0), y + float(one.get("height") or 0.0)
    elif kind == "circle":
        for side in (-number["r"], number["r"]):
            yield number["cx"] + side, number["cy"] + side
    elif kind == "text":
        size = float(one.get("font-size") or svg.FONT_PX)
        wide = svg.width_of(one.text or "", size)
        before = {"start": 0.0, "middle": 0.5, "end": 1.0}[one.get("text-anchor") or ""] * wide
        turned = one.get("transform") is not None
        for along in (-before, wide - before):
            yield (x, y - along) if turned else (x + along, y)


def sane(picture: str) -> None:
    """What holds of every picture, whatever it was made of.

    Well-formed, inside its edges, without a number that is none, and without anything that a
    strict content security policy would drop; no word of it acts.
    """
    assert outside(picture) == []
    for one in parsed(picture).iter():
        assert one.tag.removeprefix(SVG) in {
            *("svg", "title", "desc", "rect", "path", "circle", "text", "a", "g")
        }
        assert not {key for key in one.attrib if key.startswith("on")}
        assert one.get("style") is None
        for key in ("x", "y", "d", "cx", "cy", "r", "width", "height", "points"):
            assert not re.search(r"nan|inf", one.get(key) or "")
