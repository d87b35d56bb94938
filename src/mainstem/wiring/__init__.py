"""The only package that names concrete adapters: git, SQLite, local processes, the clock."""

from mainstem.wiring.opening import open_project, write_stack_file
from mainstem.wiring.project import Project

__all__ = ["Project", "open_project", "write_stack_file"]
