"""The colours of pages and pictures, each in the light and in the dark, by name.

One list, from which pictures take what they are drawn with on white, and the sheet its custom
properties; so a page themes a picture without touching it. Colours of groups are after Okabe and
Ito (2008), darkened on white and lightened in the dark until lines of them are plain; gains and
losses differ as blue and orange, which hardly anybody confuses, and never by colour alone.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Colour:
    """A colour by its part.

    Attributes:
        name: Of the custom property, and of the classes that fill or stroke with it.
        light: On white, as `#rrggbb`.
        dark: In the dark.
    """

    name: str
    light: str
    dark: str


GROUND = Colour(name="ground", light="#ffffff", dark="#14171a")
"""What everything lies on."""
SOFT = Colour(name="soft", light="#f4f6f8", dark="#1d2226")
"""Heads of tables, notes, bars: a little off the ground."""
LINE = Colour(name="line", light="#d8dde3", dark="#363d45")
"""Rules that only divide; never the only sign of anything."""
PALE = Colour(name="pale", light="#5b6570", dark="#a3adb8")
"""For what is read second, and for axes."""
INK = Colour(name="ink", light="#1f2328", dark="#e4e8ec")
"""For what must be read."""
LINK = Colour(name="link", light="#0a58a8", dark="#85bdff")
"""Links, and the ring around what has the focus."""

KINDS = (
    Colour(name="k0", light="#0072b2", dark="#5cb3ea"),
    Colour(name="k1", light="#b34700", dark="#f09a5b"),
    Colour(name="k2", light="#00785a", dark="#46c7a0"),
    Colour(name="k3", light="#8f4a78", dark="#dc95c4"),
    Colour(name="k4", light="#3d454e", dark="#cdd4da"),
)
"""Of groups, in the order in which they are given out."""

LOSSES = (
    Colour(name="lo1", light="#fbe6d8", dark="#3a281b"),
    Colour(name="lo2", light="#f6c6a3", dark="#5a3517"),
    Colour(name="lo3", light="#e8935a", dark="#8a4a14"),
    Colour(name="lo4", light="#a84300", dark="#f3a468"),
)
GAINS = (
    Colour(name="hi1", light="#dcebf7", dark="#1a2f40"),
    Colour(name="hi2", light="#abd0ec", dark="#1c4765"),
    Colour(name="hi3", light="#66abdb", dark="#24638f"),
    Colour(name="hi4", light="#0f67a5", dark="#7cc1f2"),
)
"""From weak to strong. Words on the first three are of ink, on the last of the ground."""
NONE = Colour(name="mid", light="#eef0f2", dark="#262c32")
"""Neither gain nor loss."""

PICTURE = (GROUND, SOFT, LINE, PALE, INK, LINK, *KINDS, *LOSSES, *GAINS, NONE)
"""All that pictures are drawn with."""

TONES = (
    (
        Colour(name="good", light="#0b6338", dark="#83dba7"),
        Colour(name="good-soft", light="#e2f3e9", dark="#12301f"),
    ),
    (
        Colour(name="warn", light="#804600", dark="#f1bb6c"),
        Colour(name="warn-soft", light="#fcefdb", dark="#38290f"),
    ),
    (
        Colour(name="bad", light="#9c1c36", dark="#ff9eab"),
        Colour(name="bad-soft", light="#fce7ea", dark="#3e1820"),
    ),
    (
        Colour(name="idle", light="#4b545f", dark="#b7c0ca"),
        Colour(name="idle-soft", light="#eaedf0", dark="#2a3037"),
    ),
    (
        Colour(name="new", light="#0a529d", dark="#93c6ff"),
        Colour(name="new-soft", light="#e4eefa", dark="#142a42"),
    ),
)
"""Of states: words, and the ground that they stand on."""

EVERY = (*PICTURE, *(one for pair in TONES for one in pair))


def contrast(one: str, other: str) -> float:
    """How plain one colour is on another, from 1 to 21 (WCAG 2.2, relative luminance)."""
    high, low = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def _luminance(colour: str) -> float:
    channels = [int(colour[k : k + 2], 16) / 255.0 for k in (1, 3, 5)]
    light = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * light[0] + 0.7152 * light[1] + 0.0722 * light[2]
