"""A picture of a report: what it is called, what is to be known of it, and the picture."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mainstem.plots.picture import Picture


@dataclass(frozen=True, kw_only=True)
class Drawing:
    """A picture of a report.

    Attributes:
        name: Of its files, such as `effects-val_bpb`.
        caption: What is to be known of it.
        picture: The picture with its numbers, as it is on paper and in files.
        phone: Its form for telephones, as SVG.
    """

    name: str
    caption: str
    picture: Picture
    phone: str
