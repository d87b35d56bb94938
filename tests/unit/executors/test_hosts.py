from __future__ import annotations

import os
import platform
from typing import TYPE_CHECKING

from mainstem.executors.hosts import cpu_model, host_facts

if TYPE_CHECKING:
    from pathlib import Path


def test_the_python_of_trials_is_recorded() -> None:
    """Version and packages of what `python` means on PATH."""
    facts = dict(host_facts(os.environ["PATH"]))
    assert facts["host"] == platform.node()
    assert facts["python"].split()[0] in {"CPython", "PyPy"}
    assert "sha256" in facts["packages"]


def test_a_missing_or_broken_python_is_a_fact_too(tmp_path: Path) -> None:
    """A stack may need none; nothing is invented."""
    (tmp_path / "none").mkdir()
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "python").write_text("#!/bin/sh\nexit 1\n")
    (tmp_path / "broken" / "python").chmod(0o755)
    missing = dict(host_facts(str(tmp_path / "none")))
    broken = dict(host_facts(str(tmp_path / "broken")))
    assert (missing["python"], missing["packages"]) == ("no python on PATH", "unknown")
    assert "cannot say its version" in broken["python"]


def test_the_processors_name_is_found_or_the_machines_type() -> None:
    """Other architectures have no such line."""
    assert cpu_model("processor : 0\nmodel name\t: Zen 9: fast\n") == "Zen 9: fast"
    assert cpu_model("Features : fp asimd\n") == platform.machine()
