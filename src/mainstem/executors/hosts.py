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
from functools import lru_cache
from pathlib import Path

_PROBE = """
import importlib.metadata, json, platform, sys
packages = {f"{d.metadata['Name']}=={d.version}" for d in importlib.metadata.distributions()}
print(json.dumps([platform.python_implementation(), platform.python_version(), sorted(packages)]))
"""

_PROBE_TIMEOUT_S = 60.0


@lru_cache(maxsize=8)
def host_facts(path: str) -> tuple[tuple[str, str], ...]:
    """Facts of this host as pairs, read once per process.

    Args:
        path: The `PATH` on which a trial finds its `python`.

    Returns:
        `host`, `system`, `cpu`, `cpus` (logical), `python` (what a trial gets by that name),
        `packages` (how many it has, and a digest of their names and versions), `mainstem_python`.
    """
    python, packages = _python_on(path)
    return (
        ("host", platform.node()),
        ("system", platform.platform()),
        ("cpu", cpu_model(_read(Path("/proc/cpuinfo")))),
        ("cpus", str(os.cpu_count() or 0)),
        ("python", python),
        ("packages", packages),
        ("mainstem_python", f"{platform.python_implementation()} {platform.python_version()}"),
    )


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
