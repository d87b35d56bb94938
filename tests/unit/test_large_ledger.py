from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from large_ledger import Size, make_project
from mainstem.domain.recipe import in_order
from mainstem.wiring import open_project

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from mainstem.wiring import Project


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    """Sixty proposals in two campaigns."""
    folder: Path = tmp_path_factory.mktemp("large") / "stack"
    make_project(folder, Size(proposals=60, trials=240, campaigns=2))
    with open_project(folder) as opened:
        yield opened


def test_the_chain_is_whole(project: Project) -> None:
    """Lines were made beside the ledger, and are such as it writes itself."""
    assert project.ledger.verify() == []
    kinds = {entry.kind for entry in project.ledger.entries()}
    assert {"check-finished", "conflict-found", "review-given", "override", "merged"} <= kinds


def test_trees_are_those_that_git_makes(project: Project) -> None:
    """Of trials with several members, in both campaigns, and of the trunk that git merged."""
    record = project.record()
    seen = 0
    for campaign in record.campaigns.values():
        asked = [a for a in campaign.asked() if len(a.trial.recipe) > 2][:3]
        for one in asked:
            members = in_order(one.trial.recipe, campaign.proposals)
            proposals = [record.proposals[p] for p in record.proposals if p in members]
            assert project.trees.tree(campaign.trunk, proposals) == one.tree
            seen += 1
    assert seen == 6
    assert record.merges[0]["new"] == project.trunk_commit


def test_conflicts_are_those_that_git_finds(project: Project) -> None:
    """A pair that adds the same file."""
    record = project.record()
    (first, *_) = record.campaigns["c1"].proposals
    on = record.campaigns["c1"].trunk
    found = project.trees.conflicts(on, [p for p in record.in_order() if p.order <= 30])
    assert [c.proposals for c in found] == [c.proposals for c in record.conflicts_on(on)]
    assert len(found) == 1
    assert first not in found[0].proposals


def test_the_statistics_see_what_they_were_made_for(project: Project) -> None:
    """The second campaign waits for a batch; its runs let the verdicts be worked out."""
    record = project.record()
    campaign, state = project.standing(record)
    assert campaign is not None
    assert state is not None
    assert not campaign.ended
    assert len(state.waiting) == 4
    first = record.campaigns["c1"].finished.values()
    assert {r.failure["cause"] for r in first if r.failure is not None} == {"exit"}
    assert state.integrator.recommend().recipe
