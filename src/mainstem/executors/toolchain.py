"""Which folders the programs of a trial need, where those lie in hidden places.

Interpreters and environments live below the user's home as often as not: a virtual environment, a
pyenv, a conda. What such a program needs is more than its own folder, and far less than the home.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from mainstem.executors.view import homes, is_file, is_folder, is_link, there

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_PROBE = """
import importlib.metadata, json, sys, urllib.parse
found = [sys.prefix, sys.base_prefix, sys.exec_prefix, sys.base_exec_prefix, *sys.path]
for package in importlib.metadata.distributions():
    about = json.loads(package.read_text("direct_url.json") or "{}")
    if about.get("dir_info", {}).get("editable"):
        found.append(urllib.parse.unquote(urllib.parse.urlsplit(about["url"]).path))
print(json.dumps([path for path in found if path.startswith("/")]))
"""
_PROBE_TIMEOUT_S = 60.0
_PYTHONS = ("python", "python3")
_MOST_STEPS = 8


def needed(program: str, env: Mapping[str, str]) -> list[Path]:
    """Folders and files that a trial's programs are read from.

    Args:
        program: The command's first word.
        env: The trial's environment: `PATH`, and what else decides where packages are.
    """
    # Where packages are depends on these, not on what differs between two trials. As they come: in
    # order they would be no other, and trials of a stack have them in one order.
    return list(_needed(program, tuple([(name, env[name]) for name in _telling(tuple(env))])))


@lru_cache(maxsize=8)
def _telling(names: tuple[str, ...]) -> list[str]:
    """Those of a trial's variables that other trials have too."""
    return [name for name in names if not _of_one_trial(name)]


@lru_cache(maxsize=64)
def _needed(program: str, telling: tuple[tuple[str, str], ...]) -> tuple[Path, ...]:
    """What a program needs in a trial's environment, looked for once per process."""
    path = dict(telling).get("PATH", "")
    found = [around for name in path.split(os.pathsep) if name for around in _around(Path(name))]
    first = shutil.which(program, path=path) if "/" not in program else program
    if first is not None and first.startswith("/"):
        found += _behind(Path(first))
    return tuple(dict.fromkeys([*found, *map(Path, _python_folders(path, telling))]))


def _of_one_trial(name: str) -> bool:
    """Whether a variable differs from trial to trial and says nothing of where packages are."""
    return name.startswith("MAINSTEM_") or name in {"HOME", "TMPDIR"}


def _around(folder: Path) -> Iterator[Path]:
    """What the programs of a folder need besides it: their environment, if it is one."""
    if not folder.is_absolute():
        return
    yield folder
    above = folder.parent
    settings = above / "pyvenv.cfg"
    an_environment = (
        is_file(settings)
        or is_folder(above / "conda-meta")
        or there(folder / "python3")
        or folder.name == "shims"
    )
    if an_environment and above.name != ".local" and not _holds_a_home(above):
        yield above
    if is_file(settings):
        for line in settings.read_text(errors="replace").splitlines():
            key, _, value = line.partition("=")
            if key.strip() == "home" and value.strip().startswith("/"):
                yield from _behind(Path(value.strip()) / "python3")


def _holds_a_home(folder: Path) -> bool:
    """Whether a folder is somebody's home or holds one."""
    real = folder.resolve()
    return any(
        real == home or real in home.parents or (real.parent == home and home == Path("/home"))
        for home in homes()
    )


def _behind(program: Path) -> Iterator[Path]:
    """What a program needs: the folders of all links to it, its environment, its interpreter."""
    for _ in range(_MOST_STEPS):
        yield program
        yield from _around(program.parent) if not is_link(program) else ()
        if is_link(program):
            program = Path(os.path.normpath(program.parent / program.readlink()))
            continue
        interpreter = _interpreter(program)
        if interpreter is None:
            return
        program = interpreter


def _interpreter(program: Path) -> Path | None:
    """The program that a script's first line names, if it names one."""
    try:
        with program.open("rb") as file:
            line = file.readline(256)
    except OSError:
        return None
    words = line[2:].split() if line.startswith(b"#!") else []
    return Path(os.fsdecode(words[0])) if words and words[0].startswith(b"/") else None


def _python_folders(path: str, env: tuple[tuple[str, str], ...]) -> list[str]:
    """Where each `python` on the path finds its library, its packages and editable projects."""
    found: list[str] = []
    for name in _PYTHONS:
        program = shutil.which(name, path=path)
        if program is None:
            continue
        found += map(str, _behind(Path(program)))
        try:
            said = subprocess.run(  # noqa: S603  # the user's own interpreter, as trials run it
                [program, "-c", _PROBE],
                capture_output=True,
                check=True,
                cwd="/",
                env={**dict(env), "HOME": "/nonexistent"},
                stdin=subprocess.DEVNULL,
                timeout=_PROBE_TIMEOUT_S,
            ).stdout
            found += json.loads(said)
        except (OSError, ValueError, subprocess.SubprocessError):
            continue  # a trial that needs it will say what is missing
    return found
