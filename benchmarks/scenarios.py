"""Published organisations, played again at full size, each figure beside what is stated of it.

Every scenario's figures are kept by themselves, under a digest of the sources that play it, so the
part can be stopped anywhere and goes on where it was, and what a changed rule touches is played
again.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from mainstem.lab import scenarios
from mainstem.lab.scenarios import barkoczi_galesic, lazer_friedman, pictures, registry
from mainstem.lab.scenarios.kauffman import Neighbours
from mainstem.lab.scenarios.scenario import Check, Figure, Kind, check
from mainstem.plots.gains import Gain, gains

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from mainstem.lab.scenarios.scenario import Scenario

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "scenarios.md"
PICTURES = "pictures"
SEED = 2026
SHARED = ("kauffman", "networks", "society")
DRAWN = 300  # landscapes behind a picture

_SIGNS = {Kind.NEAR: "", Kind.ABOVE: "above ", Kind.BELOW: "below "}


@dataclass(frozen=True, kw_only=True)
class Scenarios:
    """The part, with what was asked for on the command line.

    Attributes:
        docs: Whether to write tables and pictures into the documentation.
    """

    resumes: ClassVar[bool] = True

    docs: bool = False

    def measure(self, folder: Path, *, quick: bool) -> dict[str, Any]:
        """Plays what is missing; figures by scenario."""
        folder.mkdir(parents=True, exist_ok=True)
        found = {}
        for name, scenario in registry.SCENARIOS.items():
            size = scenario.quick if quick else scenario.full
            found[name] = {"size": size, "figures": _kept(folder, name, size)}
            print(f"scenarios: {name} played", flush=True)
        if self.docs and not quick:
            write_page(PAGE, found)
            _draw(PAGE.parent / PICTURES, found)
        return found

    def table(self, figures: dict[str, Any]) -> str:
        """Every target with its figure, Monte-Carlo error and verdict, then what else was found."""
        return "\n\n".join(text(name, of) for name, of in figures.items())


def _kept(folder: Path, name: str, size: int) -> dict[str, list[float]]:
    """A scenario's figures, [value, error] each, from the folder or played now."""
    file = folder / f"{name}-{size}-{digest(name)}.json"
    if not file.exists():
        found = registry.played(name, seed=SEED, size=size)
        draft = file.with_suffix(".tmp")
        draft.write_text(json.dumps({k: [v.value, v.error] for k, v in found.items()}), "utf-8")
        draft.replace(file)
    kept: dict[str, list[float]] = json.loads(file.read_text(encoding="utf-8"))
    return kept


def digest(name: str) -> str:
    """Of the sources that play a scenario: its own module and what it names of the shared ones."""
    folder, own = Path(scenarios.__file__).parent, name.replace("-", "_")
    named = (folder / f"{own}.py").read_text(encoding="utf-8")
    modules = [own, "scenario", *(module for module in SHARED if module in named)]
    of = hashlib.sha256()
    for module in modules:
        of.update((folder / f"{module}.py").read_bytes())
    return of.hexdigest()[:12]


def checks(scenario: Scenario, kept: Mapping[str, list[float]]) -> tuple[Check, ...]:
    """Kept figures against the targets, without any slack."""
    return check(scenario, {k: Figure(value=v, error=e) for k, (v, e) in kept.items()})


def _rows(name: str, of: Mapping[str, Any]) -> list[tuple[str, str, str, str, str]]:
    """Name, target, figure, error, verdict; then the figures without a target."""
    found = checks(registry.SCENARIOS[name], of["figures"])
    rows = [
        (c.target.name, _stated(c), *_played(c.figure), "yes" if c.held else "**no**")
        for c in found
    ]
    held = {c.target.name for c in found}
    rest = {k: Figure(value=v, error=e) for k, (v, e) in of["figures"].items() if k not in held}
    return rows + [(k, "", *_played(f), "") for k, f in rest.items()]


def _stated(found: Check) -> str:
    target = found.target
    if target.kind is not Kind.NEAR:
        return f"{_SIGNS[target.kind]}{target.value:g}"
    return f"{target.value:.4g} +- {target.tolerance:.2g}"


def _played(figure: Figure) -> tuple[str, str]:
    """Value and error with as many digits as the error has use for."""
    digits = 3 if figure.error == 0.0 else max(0, 1 - int(np.floor(np.log10(figure.error))))
    error = "exact" if figure.error == 0.0 else f"{figure.error:.{digits}f}"
    return f"{figure.value:.{digits}f}", error


def text(name: str, of: Mapping[str, Any]) -> str:
    """One scenario as text."""
    lines = ["  ".join(filter(None, row)) for row in _rows(name, of)]
    return "\n".join([f"{name}: size {of['size']}; figure  target  played  error  held", *lines])


def markdown(name: str, of: Mapping[str, Any]) -> str:
    """One scenario as a table."""
    lines = [f"| {' | '.join(row)} |" for row in _rows(name, of)]
    head = ["| figure | target | played | Monte-Carlo error | held |", "|---|---|---|---|---|"]
    return "\n".join([f"Size {of['size']:,}, seed {SEED}.", "", *head, *lines])


def write_page(page: Path, found: Mapping[str, Any]) -> None:
    """Puts each scenario's table between its markers of a page.

    Raises:
        ValueError: The page has no markers for a scenario.
    """
    content = page.read_text(encoding="utf-8")
    for name, of in found.items():
        begin, end = f"<!-- {name}: begin -->", f"<!-- {name}: end -->"
        before, first, rest = content.partition(begin)
        _, last, after = rest.partition(end)
        if not first or not last:
            raise ValueError(f"{page.name} has no line {begin!r} with {end!r} after it")
        content = f"{before}{begin}\n\n{markdown(name, of)}\n\n{end}{after}"
    draft = page.with_suffix(".tmp")
    draft.write_text(content, encoding="utf-8")
    draft.replace(page)


def _draw(folder: Path, found: Mapping[str, Any]) -> None:
    """All pictures of the page."""
    (folder / "scenario-lazer-friedman.svg").write_text(_networks(), encoding="utf-8")
    (folder / "scenario-barkoczi-galesic.svg").write_text(_learning(), encoding="utf-8")
    (folder / "scenario-measures.svg").write_text(_measures(found), encoding="utf-8")


def _networks() -> str:
    rng = np.random.default_rng(SEED)
    courses = lazer_friedman.courses(lazer_friedman.EPISTASIS, Neighbours.RANDOM, rng, DRAWN)
    return pictures.curves(
        {"full network": _line(courses.full), "ring": _line(courses.ring)},
        title="Lazer and Friedman 2007, played again",
        description=f"Mean score by round on {DRAWN} landscapes with bands of two standard errors: "
        "the full network rises first and stops, the ring passes it and goes on rising.",
        axis="round",
        unit="mean score",
    )


def _learning() -> str:
    rng = np.random.default_rng(SEED)
    courses = barkoczi_galesic.courses(barkoczi_galesic.COMPLEX, rng, DRAWN // 3)
    return pictures.curves(
        {
            f"{rule}, {network}": _line(courses[rule, network])
            for rule in barkoczi_galesic.RULES
            for network in ("full", "cliques")
        },
        title="Barkoczi and Galesic 2016, played again",
        description="Mean score by round: followers of the best member do worse on the full "
        "network than in cliques, conformists do better on it.",
        axis="round",
        unit="mean score",
    )


def _line(rows: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    return rows.mean(axis=0), rows.std(axis=0, ddof=1) / np.sqrt(len(rows))


def _measures(found: Mapping[str, Any]) -> str:
    """What the efficient network has over the inefficient one, by what is counted."""
    watts, contest = (found[name]["figures"] for name in ("mason-watts", "brackbill-centola"))
    rows = [
        _gain(f"map, {words}", watts[f"efficient - inefficient, {words}"], 1.0, 0)
        for words in ("all rounds", "last round", "best place")
    ]
    for group in ("10 thorough", "10 blind", "100 blind"):
        for words in ("mean of all rounds", "mean at the end", "best at the end"):
            figure = contest[f"inefficient - efficient, {group}, complex, {words}"]
            label = f"{group}, {words.removeprefix('mean of ')}"
            rows.append(_gain(label, figure, -100.0, 1))
    return gains(
        rows,
        groups=["Mason and Watts: a map", "Brackbill and Centola: regressions"],
        lines={},
        title="What the efficient network has over the inefficient one",
        description="Differences with two standard errors: above 0 where points of all rounds are "
        "counted, mostly below 0 where the solution at the end is.",
        axis="efficient - inefficient, hundredths of the best",
    )


def _gain(label: str, figure: list[float], scale: float, group: int) -> Gain:
    value, error = scale * figure[0], abs(scale) * figure[1]
    return Gain(
        label=label, value=value, low=value - 2 * error, high=value + 2 * error, group=group
    )
