from __future__ import annotations

from typing import Any

import pytest

from mainstem.cli.words import not_repeatable as in_words
from mainstem.domain.proposal import CommitId, TreeId
from mainstem.domain.trial import Trial, TrialId
from mainstem.engine.campaign_record import Asked, CampaignRecord, Finished
from mainstem.engine.record import Record
from mainstem.engine.views.repeats import not_repeatable

TREE, OTHER = TreeId("a" * 40), TreeId("b" * 40)


def campaign(*runs: tuple[int, TreeId, int, float | None], setup: str = "s") -> CampaignRecord:
    """A campaign of trials, each with a tree, a seed and what it measured."""
    made = CampaignRecord(
        id="c1",
        seed=0,
        trunk=CommitId("0" * 40),
        setup=setup,
        batch=4,
        budget=None,
        rung="full",
        proposals=[],
    )
    for number, tree, seed, loss in runs:
        name = TrialId(f"c1.{number}")
        trial = Trial(id=number, recipe=frozenset(), seed=seed)
        made.batches.append([Asked(name=name, trial=trial, tree=tree)])
        values = None if loss is None else {"loss": loss}
        made.finished[name] = Finished(name=name, values=values, failure=None, run={})
    return made


def check(seed: int, *losses: float) -> dict[str, Any]:
    """A check that ran one seed so often."""
    trials = [
        {"trial": f"k1.{i}", "seed": seed, "values": {"loss": loss}}
        for i, loss in enumerate(losses, start=1)
    ]
    return {"setup": "s", "trunk_tree": TREE, "trials": trials}


def test_what_repeats_itself_is_silent() -> None:
    """Another seed, another tree, other settings and a crash say nothing."""
    made = campaign((1, TREE, 7, 2.0), (2, TREE, 8, 2.5), (3, OTHER, 7, 1.0), (4, TREE, 7, None))
    made.late = {TrialId("c1.1"): [{"loss": 2.0}, None]}
    elsewhere = campaign((1, TREE, 7, 9.0), setup="other settings")
    record = Record(campaigns={"c1": made, "c2": elsewhere}, checks=[check(7, 2.0, 2.0)])
    assert not_repeatable(record) == []
    assert in_words([]) == []


def test_a_late_result_that_differs_is_named() -> None:
    """The same trial, run by two workers: its value first, then the one that counts."""
    made = campaign((1, TREE, 7, 2.0))
    made.late = {TrialId("c1.1"): [{"loss": 2.25}]}
    (row,) = not_repeatable(Record(campaigns={"c1": made}))
    assert row == {"trial": "c1.1", "other": "c1.1", "seed": 7, "objectives": {"loss": [2.25, 2.0]}}
    (said,) = in_words([row])
    assert "c1.1 measured loss 2.25, an earlier run of it 2," in said


@pytest.mark.parametrize("losses", [(2.0, 2.5), (2.5, 2.5)])
def test_a_seed_that_a_check_ran_is_compared(losses: tuple[float, float]) -> None:
    """Within the check, and with a campaign's trial of the trunk with that seed."""
    record = Record(campaigns={"c1": campaign((1, TREE, 7, 2.0))}, checks=[check(7, *losses)])
    found = not_repeatable(record)
    assert [(row["trial"], row["other"]) for row in found] == (
        [("k1.2", "k1.1")] if losses[0] == 2.0 else [("c1.1", "k1.1")]
    )
    assert "this stack does not repeat itself" in in_words(found)[0]
