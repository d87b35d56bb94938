from __future__ import annotations

import pytest

from mainstem.domain.errors import UsageError
from mainstem.wiring.clusters import Kind, Where, where


@pytest.mark.parametrize(
    ("word", "place"),
    [
        ("local", Where()),
        ("slurm", Where(kind=Kind.SLURM)),
        ("ray", Where(kind=Kind.RAY)),
        ("ray://head:10001", Where(kind=Kind.RAY, address="ray://head:10001")),
        ("ray:head:6379", Where(kind=Kind.RAY, address="head:6379")),
        ("ray:auto", Where(kind=Kind.RAY, address="auto")),
        ("ray://auto", Where(kind=Kind.RAY, address="auto")),
    ],
)
def test_a_word_names_a_place(word: str, place: Where) -> None:
    """Ray's own ways to write an address are kept."""
    assert where(word) == place


@pytest.mark.parametrize("word", ["", "Local", "ray:", "ray://", "slurm:x", "http://x"])
def test_other_words_are_refused(word: str) -> None:
    """With all that can be written."""
    with pytest.raises(UsageError, match="write local, slurm, ray"):
        where(word)


def test_options_of_sbatch_go_to_slurm_only() -> None:
    """And those that are Mainstem's own go nowhere."""
    options = ("--partition=long", "--exclusive")
    assert where("slurm", options).slurm_options == options
    for option in ("--job-name=x", "partition=x", "-p", "--a b"):
        with pytest.raises(UsageError, match=f"--slurm-option {option}: "):
            where("slurm", (option,))
    with pytest.raises(UsageError, match="this is -x local"):
        where("local", options)
