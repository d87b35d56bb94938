from __future__ import annotations

from enum import StrEnum
from io import BytesIO
from typing import Any

import numpy as np
import pytest

from mainstem.executors.messages import HEAD_BYTES, packed, received, rest_bytes, unpacked


class Word(StrEnum):
    """A text by descent."""

    HIDE = "hide"


PLAIN: dict[str, Any] = {
    "argv": ("sh", "-c", "x\ny\0"),
    "env": {"NAME": "caf\udce9", "": "\u20ac"},
    "timeout_s": 0.1,
    "bytes": 2**40,
    "overlay": {},
    "stopper": None,
    "early": True,
}


def test_a_message_says_what_was_packed() -> None:
    """To the bit, whatever stands in the texts; and its head says where it ends."""
    message = packed(PLAIN)
    assert unpacked(message[HEAD_BYTES:]) == PLAIN
    assert rest_bytes(message[:HEAD_BYTES]) == len(message) - HEAD_BYTES


def test_texts_and_numbers_by_descent_become_plain() -> None:
    """An enum's and numpy's, wherever they stand: the other end need not know what they are."""
    found = unpacked(packed({"a": [Word.HIDE], "b": {"c": np.float64(0.1)}})[HEAD_BYTES:])
    assert found == {"a": ["hide"], "b": {"c": 0.1}}
    assert [type(found["a"][0]), type(found["b"]["c"])] == [str, float]


def test_what_is_no_plain_data_is_refused() -> None:
    """At the end that sends it."""
    with pytest.raises(TypeError):
        packed({"a": object()})


def test_messages_are_received_one_by_one_and_a_cut_one_is_none() -> None:
    """Whoever was killed half way has said nothing."""
    file = BytesIO(packed(PLAIN) + packed({"status": 3}))
    assert received(file) == PLAIN
    assert received(file) == {"status": 3}
    assert received(file) is None
    for cut in (1, HEAD_BYTES, HEAD_BYTES + 1, len(packed(PLAIN)) - 1):
        assert received(BytesIO(packed(PLAIN)[:cut])) is None
