from __future__ import annotations

import os
import platform
from typing import TYPE_CHECKING

from mainstem.executors.hosts import accelerator_models, cpu_model, host_facts, kind_of

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


def test_hosts_of_one_kind_differ_in_names_and_load_only() -> None:
    """What can change a number makes another kind; a kernel that was updated does not."""
    facts = dict(host_facts(os.environ["PATH"]))
    assert facts["kind"] == kind_of(facts)
    assert kind_of(facts | {"host": "other", "system": "Linux-99", "cpus": "7"}) == facts["kind"]
    for name in ("cpu", "accelerators", "python", "packages"):
        assert kind_of(facts | {name: "another"}) != facts["kind"]


def test_accelerators_are_counted_by_model(tmp_path: Path) -> None:
    """As their driver tells of them; where there is no driver there are none."""
    assert accelerator_models(tmp_path) == "none"
    for number, model in enumerate(["NVIDIA A100", "NVIDIA T4", "NVIDIA A100"]):
        (tmp_path / str(number)).mkdir()
        (tmp_path / str(number) / "information").write_text(f"Model: \t\t {model}\nIRQ: 9\n")
    assert accelerator_models(tmp_path) == "2x NVIDIA A100, 1x NVIDIA T4"
