"""A picture in two forms, for screens and for telephones: the sheet shows the one with room.

A picture of 760 pixels on a telephone of 360 has letters of 6 pixels, or is scrolled sideways. So
every picture can be drawn a second time, `svg.PHONE` wide: names and numbers above their marks, the
legend and the axes in the room that there is, fewer numbers at an axis. What is heavy in the wide
form is another, lighter picture in the narrow one; both are said by the drawing function itself.
"""

from __future__ import annotations

from typing import Protocol, TypeVar, overload

_Drawn_co = TypeVar("_Drawn_co", bound="str | None", covariant=True)


class Draws(Protocol[_Drawn_co]):
    """What draws a picture once all but its form is given."""

    def __call__(self, *, narrow: bool = ...) -> _Drawn_co:
        """The picture as SVG, or None where there is nothing to draw; `narrow` is for phones."""


@overload
def either(draw: Draws[str]) -> str: ...
@overload
def either(draw: Draws[str | None]) -> str | None: ...
def either(draw: Draws[str | None]) -> str | None:
    """Both forms of a picture, as HTML; None where there is nothing to draw."""
    broad = draw()
    return None if broad is None else both(broad, draw(narrow=True) or "")


def both(broad: str, narrow: str) -> str:
    """Two forms of a picture that are drawn already, as HTML; paper has the broad one.

    Args:
        broad: For screens, as SVG.
        narrow: For telephones, as SVG.
    """
    return f'<div class="broad">{broad}</div>\n<div class="narrow">{narrow}</div>'
