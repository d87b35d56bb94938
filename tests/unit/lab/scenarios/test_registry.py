"""All scenarios by name."""

from __future__ import annotations

from pathlib import Path

import pytest

from mainstem.lab import scenarios
from mainstem.lab.scenarios import registry

SHARED = {"__init__", "kauffman", "networks", "pictures", "registry", "scenario", "society"}


def test_every_module_of_a_paper_is_listed() -> None:
    """A scenario that nobody plays is none."""
    files = {file.stem for file in Path(scenarios.__file__).parent.glob("*.py")} - SHARED
    assert {name.replace("-", "_") for name in registry.SCENARIOS} == files


def test_a_scenario_says_what_it_is_held_against() -> None:
    """A paper with its year, a definition, targets with a source, and no name twice."""
    for scenario in registry.SCENARIOS.values():
        assert any(year in scenario.paper for year in map(str, range(1980, 2026)))
        assert len(scenario.definition) > 60
        names = [target.name for target in scenario.targets]
        assert names
        assert len(set(names)) == len(names)
        assert all(target.source for target in scenario.targets)
        assert 2 <= scenario.quick < scenario.full


def test_the_page_holds_every_target_against_a_figure() -> None:
    """Its tables were written after the last target was; none is left out because it failed."""
    page = Path(__file__).parents[4] / "docs" / "scenarios.md"
    lines = page.read_text(encoding="utf-8").splitlines()
    rows = [line for line in lines if line.startswith("| ") and line.count(" | ") == 4]
    named = {row.split(" | ")[0].removeprefix("| "): row for row in rows}
    for scenario in registry.SCENARIOS.values():
        assert f"## {scenario.name}" in lines
        for target in scenario.targets:
            assert named[target.name].endswith(("| yes |", "| **no** |")), target.name


def test_the_same_seed_gives_the_same_figures() -> None:
    """And another seed others."""
    once = registry.played("csaszar", seed=1, size=500)
    assert registry.played("csaszar", seed=1, size=500) == once
    assert registry.played("csaszar", seed=2, size=500) != once


def test_what_cannot_be_played_is_refused() -> None:
    """An unknown name with those there are; a size without an error."""
    with pytest.raises(KeyError, match="no scenario 'panopticon'; there are local-optima"):
        registry.played("panopticon", seed=1, size=10)
    with pytest.raises(ValueError, match="a size of 1 has no Monte-Carlo error"):
        registry.played("csaszar", seed=1, size=1)
