"""The only package that names concrete adapters: git, databases, processes, clusters, the clock.

Names load when they are used: a worker on a node starts without the statistics.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mainstem.wiring.opening import copy_store, open_project, write_stack_file
    from mainstem.wiring.project import Project

__all__ = ["Project", "copy_store", "open_project", "write_stack_file"]


def __getattr__(name: str) -> Any:
    """Loads a public name when it is first used."""
    if name == "Project":
        from mainstem.wiring.project import Project

        return Project
    if name in __all__:
        from mainstem.wiring import opening

        return getattr(opening, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
