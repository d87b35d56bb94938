"""Where a trial ran: facts that can change a result and that nobody remembers later.

Confirmation pairs run on one kind of host, and a result that cannot be repeated is first compared
by these lines.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
import shutil
import subprocess
from collections import Counter
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_PROBE = """
import importlib.metadata, json, platform, sys
packages = {f"{d.metadata['Name']}=={d.version}" for d in importlib.metadata.distributions()}
print(json.dumps([platform.python_implementation(), platform.python_version(), sorted(packages)]))
"""

_PROBE_TIMEOUT_S = 60.0
_NVIDIA = Path("/proc/driver/nvidia/gpus")

KIND = ("cpu", "accelerators", "python", "packages")
"""The facts that make two hosts of one kind."""


@lru_cache(maxsize=8)
def host_facts(path: str) -> tuple[tuple[str, str], ...]:
    """Facts of this host as pairs, read once per process.

    Args:
        path: The `PATH` on which a trial finds its `python`.

    Returns:
        `host`, `system`, `cpu`, `cpus` (logical), `python` (what a trial gets by that name),
        `packages` (how many it has, and a digest of their names and versions), `mainstem_python`,
        `accelerators`, `kind` (see `kind_of`).
    """
    python, packages = _python_on(path)
    facts = (
        ("host", platform.node()),
        ("system", platform.platform()),
        ("cpu", cpu_model(_read(Path("/proc/cpuinfo")))),
        ("cpus", str(os.cpu_count() or 0)),
        ("python", python),
        ("packages", packages),
        ("mainstem_python", f"{platform.python_implementation()} {platform.python_version()}"),
        ("accelerators", accelerator_models(_NVIDIA)),
    )
    return (*facts, ("kind", kind_of(dict(facts))))


def kind_of(facts: Mapping[str, str]) -> str:
    """A digest of what of a host can change a number: machine, processor, accelerators, packages.

    Two hosts of one kind differ in their names and their load only. Kernels are left out: a
    cluster whose nodes are updated one after the other is still of one kind.
    """
    plain = "\n".join([platform.machine(), *(facts.get(name, "") for name in KIND)])
    return hashlib.sha256(plain.encode()).hexdigest()[:12]


def accelerator_models(folder: Path) -> str:
    """The accelerators that a driver tells of in its folder, such as `2x NVIDIA A100`; "none"."""
    found = [
        value.strip()
        for file in sorted(folder.glob("*/information"))
        for key, _, value in (line.partition(":") for line in _read(file).splitlines())
        if key.strip() == "Model"
    ]
    counted = [f"{count}x {model}" for model, count in sorted(Counter(found).items())]
    return ", ".join(counted) or "none"


def cpu_model(cpuinfo: str) -> str:
    """The processor's name in the text of /proc/cpuinfo, else the machine's type."""
    for line in cpuinfo.splitlines():
        key, _, value = line.partition(":")
        if key.strip().lower() in {"model name", "cpu model"} and value.strip():
            return value.strip()
    return platform.machine()


def _read(path: Path) -> str:
    """A file's text, "" if it cannot be read."""
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


def _python_on(path: str) -> tuple[str, str]:
    """The `python` that a trial finds, and a digest of its packages."""
    found = shutil.which("python", path=path)
    if found is None:
        return "no python on PATH", "unknown"
    try:
        done = subprocess.run(  # noqa: S603  # the user's own interpreter, as trials run it
            [found, "-I", "-c", _PROBE],
            capture_output=True,
            check=True,
            cwd="/",
            env={"PATH": path, "LC_ALL": "C.UTF-8"},
            stdin=subprocess.DEVNULL,
            timeout=_PROBE_TIMEOUT_S,
        )
        implementation, version, packages = json.loads(done.stdout)
    except (OSError, ValueError, subprocess.SubprocessError) as error:
        return f"{found} cannot say its version: {error}", "unknown"
    digest = hashlib.sha256("\n".join(packages).encode()).hexdigest()
    return f"{implementation} {version}", f"{len(packages)}, sha256 {digest[:16]}"
