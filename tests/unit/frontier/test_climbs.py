from __future__ import annotations

from typing import Any

from mainstem.domain.proposal import CommitId, TreeId
from mainstem.domain.stack import Objective, Rung, Stack
from mainstem.engine import record as records
from mainstem.engine.ports import Entry
from mainstem.engine.record import fold, setup_digest
from mainstem.frontier.climbs import KINDS, climbs

STACK = Stack(
    name="tiny",
    trunk="main",
    command="train {seed} {rung.steps}",
    timeout_s=60.0,
    objectives=(Objective("loss", margin=0.1),),
    rungs=tuple(Rung(name=f"s{n}", cost=n / 10, parameters={"steps": n}) for n in (10, 20)),
)
SMALL, LARGE = (setup_digest(STACK.at(rung)) for rung in STACK.rungs)


def ledger(*lines: tuple[str, dict[str, Any]]) -> list[Entry]:
    """Lines of a ledger, numbered."""
    return [
        Entry(seq=k, at="2026-11-27T00:00:00Z", kind=kind, body=body, hash="")
        for k, (kind, body) in enumerate(lines, start=1)
    ]


TAKEN = (
    records.PROPOSAL_TAKEN,
    {
        "id": "rope",
        "branch": "rope",
        "commit": "c-rope",
        "base": "c0",
        "tree": "t-rope",
        "components": [],
        "order": 1,
        "claim": "",
    },
)


def campaign(
    setup: str, rung: str, *, trunk: str = "c0", rungs: dict[str, str] | None = None
) -> tuple[str, dict[str, Any]]:
    """The line that opens a campaign, over several rungs if their digests are given."""
    several = [{"rung": r, "cost": 1.0, "setup": digest} for r, digest in (rungs or {}).items()]
    return records.CAMPAIGN_OPENED, {
        **({"rungs": several} if several else {}),
        "campaign": "c1",
        "seed": 0,
        "trunk": trunk,
        "setup": setup,
        "batch": 4,
        "budget": 8,
        "rung": rung,
        "proposals": ["rope"],
        "trees": {"rope": "t-rope"},
        "inherited": [],
    }


def batch(*rows: tuple[str, list[str], int, str | None]) -> tuple[str, dict[str, Any]]:
    """The line of a batch: trials by name, recipe, seed and rung."""
    return records.BATCH_ASKED, {
        "campaign": "c1",
        "trials": [
            {
                "trial": name,
                "recipe": recipe,
                "seed": seed,
                "rung": rung,
                "purpose": "search",
                "tree": "t",
            }
            for name, recipe, seed, rung in rows
        ],
    }


def finished(trial: str, loss: float | None) -> tuple[str, dict[str, Any]]:
    """The line of a trial that ended."""
    return records.TRIAL_FINISHED, {
        "campaign": "c1",
        "trial": trial,
        "values": None if loss is None else {"loss": loss},
        "failure": None if loss is not None else {"cause": "exit", "what": "exit code 1"},
    }


def tried(setup: str) -> list[tuple[str, dict[str, Any]]]:
    """The lines of one pair of a look at rope, at the smallest rung."""
    opened = {
        "try": "t1",
        "commit": "c-rope",
        "tree": "t-rope",
        "trunk": "c0",
        "trunk_tree": "t0",
        "setup": setup,
        "rung": "s10",
        "pairs": [1],
    }
    body = {
        "try": "t1",
        "pair": 1,
        "seed": 99,
        "trials": ["t1.1", "t1.2"],
        "values": [{"loss": 3.0}, {"loss": 2.5}],
        "failure": None,
    }
    return [(records.TRY_OPENED, opened), (records.TRY_FINISHED, body)]


def placed(*lines: tuple[str, dict[str, Any]]) -> set[tuple[tuple[str, ...], str, int, float]]:
    """Recipe, rung, seed and loss of everything that counts."""
    entries = ledger(*lines)
    found = climbs(
        STACK,
        fold(entries),
        [entry for entry in entries if entry.kind in KINDS],
        trunk=CommitId("c0"),
        tree=TreeId("t0"),
    )
    return {(tuple(sorted(c.recipe)), c.rung, c.seed, c.values["loss"]) for c in found}


def test_a_trial_counts_at_the_rung_of_its_own_and_else_at_its_campaigns() -> None:
    """A campaign over several rungs says where trials ran; one of a single rung is all there."""
    ends = finished("c1.1", 3.0), finished("c1.2", 2.0)
    rows = batch(("c1.1", [], 1, "s10"), ("c1.2", ["rope"], 1, "s20"))
    both = campaign("of both", "s20", rungs={"s10": SMALL, "s20": LARGE})
    assert placed(TAKEN, both, rows, *ends) == {((), "s10", 1, 3.0), (("rope",), "s20", 1, 2.0)}
    one = batch(("c1.1", [], 1, "s20"), ("c1.2", ["rope"], 1, "s20"))
    single = campaign(LARGE, "s20")
    assert placed(TAKEN, single, one, *ends) == {((), "s20", 1, 3.0), (("rope",), "s20", 1, 2.0)}


def test_failures_other_settings_and_other_trunks_do_not_count() -> None:
    """A crash is no number, and what ran otherwise or elsewhere is another curve."""
    rows = batch(("c1.1", [], 1, "s20"))
    assert placed(TAKEN, campaign(LARGE, "s20"), rows, finished("c1.1", None)) == set()
    assert placed(TAKEN, campaign("other", "s20"), rows, finished("c1.1", 3.0)) == set()
    moved = campaign(LARGE, "s20", trunk="c9")
    assert placed(TAKEN, moved, rows, finished("c1.1", 3.0)) == set()
    gone, rows = campaign("of both", "s99", rungs={"s99": "gone"}), batch(("c1.1", [], 1, "s99"))
    assert placed(TAKEN, gone, rows, finished("c1.1", 3.0)) == set()


def test_pairs_that_were_tried_count_on_both_sides() -> None:
    """Of a branch that was proposed, with today's settings."""
    assert placed(TAKEN, *tried(SMALL)) == {((), "s10", 99, 3.0), (("rope",), "s10", 99, 2.5)}
    assert placed(*tried(SMALL)) == set()
    assert placed(TAKEN, *tried("other")) == set()


def test_a_check_counts_at_its_rung_but_for_what_it_repeats() -> None:
    """Its settings tell the rung; the repeated run is no second one."""
    check = {
        "setup": SMALL,
        "trunk": "c0",
        "trunk_tree": "t0",
        "trials": [
            {"trial": "k1", "seed": 1, "values": {"loss": 3.1}, "counts": True},
            {"trial": "k2", "seed": 1, "values": {"loss": 3.1}, "counts": False},
        ],
    }
    assert placed((records.CHECK_FINISHED, check)) == {((), "s10", 1, 3.1)}


def test_of_the_same_run_twice_the_first_counts() -> None:
    """One recipe, rung and seed is one run."""
    found = placed(
        TAKEN,
        campaign(LARGE, "s20"),
        batch(("c1.1", [], 1, "s20"), ("c1.2", [], 1, "s20")),
        finished("c1.1", 3.0),
        finished("c1.2", 3.5),
    )
    assert found == {((), "s20", 1, 3.0)}
