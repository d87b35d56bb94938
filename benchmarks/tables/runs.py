"""How both tables are made: an order of runs, and a file of lines that a kill cannot spoil.

A finished run is one line of JSON, appended in one write, so a maker can be stopped at any instant
and goes on where it stopped. Whole seeds are finished one after the other, each in an order of
chance: whenever it is stopped, what is there is a fair sample of the cube.
"""

from __future__ import annotations

import json
import platform
import random
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from argparse import ArgumentParser
    from collections.abc import Iterator, Mapping
    from pathlib import Path


def seed_options(parser: ArgumentParser) -> None:
    """Which seeds to run. Makers of different seeds can write to the same file at once."""
    parser.add_argument("--seeds", type=int, default=3, help="how many seeds (default 3)")
    parser.add_argument("--first", type=int, default=0, help="the first of them (default 0)")


def order(proposals: int, seeds: range) -> Iterator[tuple[int, int]]:
    """Every (recipe, seed) once: seed by seed, the recipes of each shuffled by that seed alone.

    A recipe is a number whose bit i says whether proposal i is in it.
    """
    for seed in seeds:
        recipes = list(range(2**proposals))
        random.Random(seed).shuffle(recipes)
        yield from ((recipe, seed) for recipe in recipes)


def read(path: Path) -> list[dict[str, Any]]:
    """The lines of finished runs; what a kill left of a last line is cut off the file.

    Raises:
        ValueError: a line that is whole is not JSON, so the file is not one of ours.
    """
    if not path.exists():
        return []
    content = path.read_bytes()
    whole = content[: content.rfind(b"\n") + 1]
    if whole != content:
        path.write_bytes(whole)
    return [json.loads(line) for line in whole.splitlines()]


def same_facts(path: Path, *, packages: tuple[str, ...], **facts: str | int) -> None:
    """Keeps beside the lines what all of them share: the environment, and the given facts.

    Raises:
        ValueError: the lines that are there were made with other facts, so new ones must not join.
    """
    versions = {name: version(name) for name in packages}
    now = facts | {"python": platform.python_version(), "machine": platform.machine(), **versions}
    beside = about(path)
    if not beside.exists():
        beside.write_text(json.dumps(now, indent=1) + "\n", encoding="utf-8")
    kept = json.loads(beside.read_text(encoding="utf-8"))
    if kept != now:
        raise ValueError(f"{path}: its lines were made with {kept}, this is {now}; move it away")


def about(path: Path) -> Path:
    """The file of the facts that all lines of `path` share."""
    return path.with_suffix(".about.json")


def append(
    path: Path, *, recipe: int, seed: int, metrics: Mapping[str, float | str] | None
) -> None:
    """Adds the line of a finished run; None: it failed."""
    line = json.dumps({"recipe": recipe, "seed": seed, "metrics": metrics and dict(metrics)})
    with path.open("a", encoding="utf-8") as file:
        file.write(line + "\n")


def missing(path: Path, proposals: int, seeds: range) -> list[tuple[int, int]]:
    """The runs that the file does not hold yet, in their order."""
    done = {(line["recipe"], line["seed"]) for line in read(path)}
    return [run for run in order(proposals, seeds) if run not in done]
