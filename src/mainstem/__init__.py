"""Mainstem merges model improvements: many branches, few training runs, one better model.

The package root imports lazily: `from mainstem import report` inside a training script must not
load numerical libraries.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mainstem.integrator import (
        Effect,
        Integrator,
        Objective,
        Purpose,
        Recommendation,
        Trial,
        Verdict,
        VerdictKind,
    )
    from mainstem.reporting import report

__version__ = "0.1.0"

__all__ = [
    "Effect",
    "Integrator",
    "Objective",
    "Purpose",
    "Recommendation",
    "Trial",
    "Verdict",
    "VerdictKind",
    "__version__",
    "report",
]


def __getattr__(name: str) -> Any:
    """Loads a public name when it is first used (PEP 562)."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    import importlib

    home = "mainstem.reporting" if name == "report" else "mainstem.integrator"
    return getattr(importlib.import_module(home), name)
