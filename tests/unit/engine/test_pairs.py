from __future__ import annotations

from mainstem.domain.proposal import CommitId, TreeId
from mainstem.domain.trial import Ending, Purpose, Run, Trial, TrialId
from mainstem.engine.campaign_record import Asked, CampaignRecord, Finished
from mainstem.engine.pairs import compared, kind_of_other_half, pair_of

HOST = {"host": "a", "node": "n1", "cpu": "Zen", "python": "3.11", "kind": "k1", "threads": "1"}


def asked(number: int, purpose: Purpose, seed: int, *members: str) -> Asked:
    """A trial of a campaign."""
    trial = Trial(id=number, recipe=frozenset(members), seed=seed, purpose=purpose)
    return Asked(name=TrialId(f"c1.{number}"), trial=trial, tree=TreeId("0" * 40))


CANDIDATE = asked(2, Purpose.CONFIRM, 7, "a")
TRUNK = asked(3, Purpose.CONFIRM, 7)
OTHER = asked(4, Purpose.CONFIRM, 8)
SEARCH = asked(1, Purpose.SEARCH, 7, "a")


def campaign(**hosts: dict[str, str]) -> CampaignRecord:
    """A campaign in which the named trials have run on these hosts."""
    record = CampaignRecord(
        id="c1",
        seed=0,
        trunk=CommitId("0" * 40),
        setup="",
        batch=4,
        budget=None,
        rung="small",
        proposals=[],
    )
    record.batches.append([SEARCH, CANDIDATE, TRUNK, OTHER])
    for number, host in hosts.items():
        name = TrialId(f"c1.{number.removeprefix('t')}")
        record.finished[name] = Finished(name=name, values={}, failure=None, run={"host": host})
    return record


def run(**host: str) -> Run:
    """A run on such a host."""
    return Run(trial=TRUNK.name, ending=Ending.EXITED, host=HOST | host)


def test_both_halves_have_one_name_and_no_other_trial_has_it() -> None:
    """A search trial of the same seed is of no pair."""
    here = campaign()
    assert pair_of(here, CANDIDATE) == pair_of(here, TRUNK) == "c1.s7"
    assert pair_of(here, OTHER) == "c1.s8"
    assert pair_of(here, SEARCH) == ""


def test_the_kind_of_the_half_that_ran_is_asked_for() -> None:
    """Nothing before it has; never that of a search trial of the same seed."""
    assert kind_of_other_half(campaign(t1=HOST, t4=HOST), TRUNK) == ""
    assert kind_of_other_half(campaign(t2=HOST), TRUNK) == "k1"
    assert kind_of_other_half(campaign(t2={}), TRUNK) == ""


def test_one_kind_is_recorded_with_whom() -> None:
    """Names of hosts and nodes may differ."""
    seen = compared(campaign(t2=HOST), TRUNK, run(host="b", node="n2"))
    assert seen == {"with": "c1.2", "same_kind": True, "differs": {}}


def test_what_differs_between_two_kinds_is_in_the_record() -> None:
    """This half's first: a reader can judge what it may have done."""
    seen = compared(campaign(t2=HOST), TRUNK, run(cpu="Xeon", kind="k2"))
    assert seen == {"with": "c1.2", "same_kind": False, "differs": {"cpu": ["Xeon", "Zen"]}}


def test_without_a_kind_the_facts_decide() -> None:
    """Runs of an earlier version have none."""
    old = {name: value for name, value in HOST.items() if name != "kind"}
    same = compared(campaign(t2=old), TRUNK, run())
    other = compared(campaign(t2=old), TRUNK, run(python="3.12"))
    assert same is not None
    assert other is not None
    assert (same["same_kind"], other["same_kind"]) == (True, False)


def test_nothing_is_said_before_both_have_run() -> None:
    """Nor of a search trial."""
    assert compared(campaign(), TRUNK, run()) is None
    assert compared(campaign(t1=HOST), CANDIDATE, run()) is None
    assert compared(campaign(t2=HOST), SEARCH, run()) is None
