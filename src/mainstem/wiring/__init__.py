"""The only package that names concrete adapters: git, databases, local processes, the clock."""

from mainstem.wiring.opening import copy_store, open_project, write_stack_file
from mainstem.wiring.project import Project

__all__ = ["Project", "copy_store", "open_project", "write_stack_file"]
