from __future__ import annotations

from hypothesis import given, strategies as st

from mainstem.domain.proposal import TreeId
from mainstem.domain.trial import Job, TrialId
from mainstem.executors.kinds import (
    AVOID_S,
    LONGEST_AVOID_S,
    Placement,
    Trouble,
    groups,
)

OLD, NEW = ("x86_64", "old"), ("x86_64", "new")
SORTS = {"n1": OLD, "n2": NEW, "n3": NEW, "n4": OLD, "n5": NEW}


def half(pair: str = "p1", kind: str = "") -> Job:
    """Half of a pair."""
    return Job(
        trial=TrialId("c1.1"),
        tree=TreeId("0" * 40),
        argv=("true",),
        seed=1,
        rung="small",
        timeout_s=1.0,
        pair=pair,
        kind=kind,
    )


def test_a_pair_goes_to_the_largest_group_and_other_trials_anywhere() -> None:
    """The scheduler's words decide as long as nothing ran."""
    placement = Placement()
    assert placement.choose(SORTS, half(), 0.0) == (("n1", "n4"), NEW)
    assert placement.choose(SORTS, half(pair=""), 0.0) == ((), ())
    assert placement.choose({"n1": OLD, "n4": OLD}, half(), 0.0) == ((), ())


def test_a_pair_stays_with_its_group_whatever_is_learnt_meanwhile() -> None:
    """The second half follows the first, though another group is larger by now."""
    placement = Placement()
    placement.choose(SORTS, half(), 0.0)
    more = SORTS | {"n6": OLD, "n7": OLD}
    assert placement.choose(more, half(), 0.0) == (("n1", "n4", "n6", "n7"), NEW)
    assert placement.choose(more, half("p2"), 0.0) == (("n2", "n3", "n5"), OLD)


def test_what_trials_found_splits_a_group_that_the_scheduler_calls_one() -> None:
    """A node where nothing ran is taken for one like most."""
    placement = Placement()
    for node, kind in (("n2", "a"), ("n3", "a"), ("n5", "b")):
        placement.worked(node, kind)
    sorts = {"n2": NEW, "n3": NEW, "n5": NEW, "n6": NEW}
    assert placement.choose(sorts, half(), 0.0) == (("n5",), NEW)


def test_the_kind_on_which_the_other_half_ran_wins() -> None:
    """Also after a restart, when nobody remembers where it was sent."""
    placement = Placement()
    placement.worked("n1", "old kind")
    placement.worked("n2", "new kind")
    assert placement.choose(SORTS, half(kind="old kind"), 0.0)[0] == ("n2", "n3", "n5")


def test_a_half_that_a_killed_campaign_sent_is_followed() -> None:
    """Its sort came along with its parcel."""
    placement = Placement()
    placement.remember("p1", OLD)
    placement.remember("", NEW)
    assert placement.choose(SORTS, half(), 0.0) == (("n2", "n3", "n5"), OLD)


def test_a_host_that_fails_again_is_avoided_for_a_while() -> None:
    """Not at the first failure, longer at each further one, and not after it worked."""
    trouble = Trouble()
    trouble.failed("n1", 0.0)
    trouble.failed("", 0.0)
    assert trouble.avoided(0.0) == set()
    trouble.failed("n1", 10.0)
    assert trouble.avoided(10.0) == {"n1"}
    assert trouble.avoided(10.0 + AVOID_S) == set()
    trouble.failed("n1", 1000.0)
    assert trouble.avoided(1000.0 + 2 * AVOID_S - 1) == {"n1"}
    for _ in range(50):
        trouble.failed("n1", 5000.0)
    assert trouble.avoided(5000.0 + LONGEST_AVOID_S) == set()
    trouble.worked("n1")
    trouble.failed("n1", 5000.0)
    assert trouble.avoided(5000.0) == set()


def test_all_hosts_are_never_avoided() -> None:
    """A trial that could run nowhere would wait for nothing."""
    placement = Placement()
    for node in SORTS:
        for _ in range(3):
            placement.failed(node, 0.0)
    assert placement.in_trouble(0.0)
    assert placement.choose(SORTS, half(pair=""), 0.0) == ((), ())
    assert placement.choose(SORTS, half(), 0.0) == (("n1", "n4"), NEW)


names = st.sampled_from("abcdef")


@given(
    st.dictionaries(names, st.tuples(st.sampled_from(["x", "y"])), min_size=1),
    st.dictionaries(names, st.sampled_from(["1", "2"])),
    st.lists(names),
    st.sampled_from(["", "p"]),
)
def test_a_place_is_always_left(
    sorts: dict[str, tuple[str]], kinds: dict[str, str], failed: list[str], pair: str
) -> None:
    """Whatever is known; and what is left of a pair's nodes is of one group."""
    placement = Placement()
    for node, kind in kinds.items():
        placement.worked(node, kind)
    for node in failed:
        placement.failed(node, 0.0)
    out, _ = placement.choose(sorts, half(pair), 0.0)
    left = set(sorts) - set(out)
    assert left
    if pair:
        assert any(left <= set(group.nodes) for group in groups(sorts, kinds))
