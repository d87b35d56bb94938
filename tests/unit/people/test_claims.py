"""Claims that can be held to something."""

from __future__ import annotations

import pytest

from mainstem.people.claims import gains_of, held


@pytest.mark.parametrize(
    ("claim", "gains"),
    [
        ("val_bpb +0.01", {"val_bpb": 0.01}),
        ("val_bpb +0.01 bits/byte", {"val_bpb": 0.01}),
        ("val_bpb  +1e-2 , tokens_s +40 tokens/s", {"val_bpb": 0.01, "tokens_s": 40.0}),
        ("val_bpb +.5", {"val_bpb": 0.5}),
        ("val_bpb +3.", {"val_bpb": 3.0}),
        ("", None),
        ("faster, I think", None),
        ("val_bpb -0.01", None),
        ("-0.01 bits/byte", None),
        ("val_bpb 0.01", None),
        ("val_bpb +0.01 to 0.02", {"val_bpb": 0.01}),
        ("val_bpb +0.01 0.02", None),
        ("val_bpb +0.01%", None),
        ("val_bpb +0.01, val_bpb +0.02", None),
        ("val_bpb +0.01, and fast", None),
        ("val_bpb +", None),
    ],
)
def test_only_the_documented_form_is_read(claim: str, gains: dict[str, float] | None) -> None:
    """A name, a plus, a number and perhaps a unit; whatever else is said is for people."""
    assert gains_of(claim) == gains


def test_a_claim_holds_if_less_than_a_margin_is_missing() -> None:
    """On every objective that it names; the end itself is a miss."""
    measured = {"a": {"mean": 1.0, "margin": 0.25}, "b": {"mean": -1.0, "margin": 0.25}}
    assert held({"a": 0.5}, measured) is True
    assert held({"a": 1.2}, measured) is True
    assert held({"a": 1.25}, measured) is False
    assert held({"a": 0.5, "b": 0.5}, measured) is False
    assert held({"c": 0.5}, measured) is None
