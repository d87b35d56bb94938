from __future__ import annotations

from typing import Any

import pytest

from mainstem.domain.proposal import CommitId, TreeId
from mainstem.domain.trial import Trial, TrialId
from mainstem.engine.campaign_record import Asked, CampaignRecord, Finished
from mainstem.engine.lineage import earlier_runs, lineage, runs_elsewhere
from mainstem.engine.record import Record


def merge(old: str, new: str, *recipe: str) -> dict[str, Any]:
    """The ledger's entry of a merge."""
    return {"old": old, "new": new, "recipe": list(recipe)}


def check(trunk: str, tree: str, setup: str = "s") -> dict[str, Any]:
    """A check with one run that counts and one that does not."""
    trials = [
        {"trial": f"k.{trunk}", "seed": 1, "values": {"loss": 1.0}, "counts": True},
        {"trial": "k.again", "seed": 1, "values": {"loss": 1.0}, "counts": False},
    ]
    return {"setup": setup, "trunk": trunk, "trunk_tree": tree, "trials": trials}


def campaign(name: str, trunk: str, *recipes: str, setup: str = "s") -> CampaignRecord:
    """A campaign that ran these recipes, the tree of each called as it is, and asked one more."""
    found = CampaignRecord(
        id=name,
        seed=0,
        trunk=CommitId(trunk),
        setup=setup,
        batch=4,
        budget=None,
        rung="default",
        proposals=[],
    )
    for number, recipe in enumerate((*recipes, "z"), start=1):
        trial = TrialId(f"{name}.{number}")
        asked = Trial(number, frozenset(recipe), number)
        found.batches.append([Asked(name=trial, trial=asked, tree=TreeId(recipe))])
        if recipe != "z":
            values = {"loss": float(number)}
            found.finished[trial] = Finished(name=trial, values=values, failure=None, run={})
    return found


def record(*campaigns: CampaignRecord) -> Record:
    """Two merges that lead from t0 to t2, and one from t0 that the trunk was taken back from."""
    return Record(
        merges=[merge("t0", "tx", "x"), merge("t0", "t1", "b", "a"), merge("t1", "t2", "c")],
        campaigns={c.id: c for c in campaigns},
    )


@pytest.mark.parametrize(
    ("trunk", "root", "members"),
    [("t2", "t0", "bac"), ("t1", "t0", "ba"), ("tx", "t0", "x"), ("t0", "t0", ""), ("?", "?", "")],
)
def test_a_trunk_comes_from_the_merges_that_lead_to_it(trunk: str, root: str, members: str) -> None:
    """Back to the first, in the order of merging; another way from the same root is no part."""
    line = lineage(record(), CommitId(trunk))
    assert (line.root, "".join(line.members)) == (root, members)
    assert line.held[CommitId(root)] == frozenset()
    assert line.held[CommitId(trunk)] == frozenset(members)


def test_what_the_trunk_held_is_known_for_commits_of_the_line_only() -> None:
    """The commit in between, and not one of another way from the same root."""
    held = lineage(record(), CommitId("t2")).held
    assert held == {"t0": frozenset(), "t1": frozenset("ab"), "t2": frozenset("abc")}


def test_an_earlier_run_is_one_of_what_the_trunk_held_and_its_own_members() -> None:
    """Not from another line, not with other settings, not what has no result yet."""
    found = record(
        campaign("c1", "t0", "", "ab"),
        campaign("c2", "t1", "c"),
        campaign("c3", "tx", "a"),
        campaign("c4", "t1", "d", setup="other"),
    )
    found.checks += [check("t1", "T1"), check("elsewhere", "T2"), check("t1", "T1", setup="other")]
    line = lineage(found, CommitId("t2"))
    runs = earlier_runs(found, line, setups={"s": "default"}, tree=TreeId("T2"))
    seen = {run.trial: "".join(sorted(run.recipe)) for run in runs}
    assert seen == {"k.t1": "ab", "k.elsewhere": "abc", "c1.1": "", "c1.2": "ab", "c2.1": "abc"}


def test_a_run_elsewhere_counts_for_the_recipe_with_its_tree() -> None:
    """Whatever it was asked as, on whatever trunk; one that is known as that recipe is not new."""
    found = record(campaign("c1", "t0", "ac"), campaign("c2", "t2", "u"), campaign("c3", "?", "u"))
    line = lineage(found, CommitId("t2"))
    recipes = {TreeId("ac"): frozenset("ac"), TreeId("u"): frozenset("ab")}
    runs = list(runs_elsewhere(found, line, setups={"s": "default"}, recipes=recipes))
    assert [(run.trial, run.recipe) for run in runs] == [
        ("c2.1", frozenset("ab")),
        ("c3.1", frozenset("ab")),
    ]
    assert list(runs_elsewhere(found, line, setups={"other": "default"}, recipes=recipes)) == []
