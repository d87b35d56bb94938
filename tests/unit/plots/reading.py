"""Reads pictures back, as a browser would."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

if TYPE_CHECKING:
    from mainstem.plots.colours import Colour

SVG = "{http://www.w3.org/2000/svg}"


def parsed(picture: str) -> ET.Element:
    """The picture's root; it is well-formed."""
    return ET.fromstring(picture)  # noqa: S314  # our own text


def texts(picture: str) -> list[str]:
    """All words in it."""
    return [one.text or "" for one in parsed(picture).iter(f"{SVG}text")]


def ways(picture: str, colour: Colour) -> list[list[tuple[float, float]]]:
    """The points of every open path of a colour."""
    found = []
    for one in parsed(picture).iter(f"{SVG}path"):
        if one.get("stroke") == colour.light:
            numbers = [float(n) for n in re.findall(r"-?\d+\.?\d*", one.get("d") or "")]
            found.append(list(zip(numbers[::2], numbers[1::2], strict=True)))
    return found


def outside(picture: str) -> list[tuple[float, float]]:
    """Points of paths and texts that lie beyond the picture's edges."""
    root = parsed(picture)
    _, _, width, height = (float(n) for n in (root.get("viewBox") or "").split())
    points = [
        (float(one.get("x") or 0), float(one.get("y") or 0)) for one in root.iter(f"{SVG}text")
    ]
    for one in root.iter(f"{SVG}path"):
        numbers = [float(n) for n in re.findall(r"-?\d+\.?\d*", one.get("d") or "")]
        points += list(zip(numbers[::2], numbers[1::2], strict=True))
    return [(x, y) for x, y in points if not (0.0 <= x <= width and 0.0 <= y <= height)]
