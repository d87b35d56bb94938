from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import given, strategies as st

from mainstem.gitrepo.smallest import smallest

if TYPE_CHECKING:
    from collections.abc import Sequence


@given(size=st.integers(1, 40), data=st.data())
def test_the_one_guilty_set_is_found(size: int, data: st.DataObject) -> None:
    """If everything that holds a set fails, that set is the answer, in order."""
    guilty = data.draw(st.sets(st.integers(0, size - 1), min_size=1, max_size=5))
    assert smallest(range(size), lambda part: guilty <= set(part)) == sorted(guilty)


@given(seed=st.integers(0, 2**16), size=st.integers(1, 12))
def test_no_member_can_be_left_out(seed: int, size: int) -> None:
    """Whatever fails (monotone or not), the answer fails and no longer does without any one."""

    def fails(part: Sequence[int]) -> bool:
        return len(part) == size or (bool(part) and hash((seed, *part)) % 3 == 0)

    found = smallest(range(size), fails)
    assert fails(found)
    if len(found) > 1:
        assert not any(fails(found[:at] + found[at + 1 :]) for at in range(len(found)))


def test_few_questions_are_asked() -> None:
    """One guilty among a thousand takes tens of questions, not a thousand."""
    asked: list[int] = []

    def fails(part: Sequence[int]) -> bool:
        asked.append(len(part))
        return 700 in part

    assert smallest(range(1000), fails) == [700]
    assert len(asked) < 50
