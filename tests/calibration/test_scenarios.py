"""Do published organisations come out as published? The quick form of the bench.

Sizes are small, so each tolerance is widened by as many Monte-Carlo errors as so few landscapes
can be off in one case of 500 (Student's t); the bench widens none.
"""

from __future__ import annotations

import pytest
from scipy.stats import t as student

from mainstem.lab.scenarios import registry
from mainstem.lab.scenarios.scenario import check


@pytest.mark.parametrize("name", registry.SCENARIOS)
def test_a_scenario_does_what_its_paper_says(name: str) -> None:
    """Every target within its tolerance and what so few landscapes can be off."""
    scenario = registry.SCENARIOS[name]
    slack = float(student.ppf(0.999, scenario.quick - 1))
    found = check(scenario, registry.played(name, seed=3, size=scenario.quick), slack=slack)
    assert [c.target.name for c in found if not c.held] == []
