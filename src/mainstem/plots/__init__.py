"""Pictures, as SVG that stands by itself: numbers in, text out.

Drawn here and not by a library, so that they come with `pip install mainstem`, are the same on
every machine, and keep their words as words: a reader can search them, a screen reader reads title
and description, and groups differ by dash and mark as well as by colour.

In a notebook: `mainstem.plots.effects(integrator)`, `interactions`, `front` and `credit` give a
`Picture` of what an `Integrator` knows. They load when they are first used, as drawing alone needs
no statistics.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mainstem.plots.notebook import credit, effects, front, interactions
    from mainstem.plots.picture import NoPngError, Picture

__all__ = ["NoPngError", "Picture", "credit", "effects", "front", "interactions"]


def __getattr__(name: str) -> Any:
    """Loads a public name when it is first used (PEP 562)."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    import importlib

    home = "picture" if name in {"NoPngError", "Picture"} else "notebook"
    return getattr(importlib.import_module(f"mainstem.plots.{home}"), name)


def __dir__() -> list[str]:
    """Public names beside what is loaded, so that a notebook completes them."""
    return sorted({*globals(), *__all__})
