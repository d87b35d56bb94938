from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from mainstem.domain.stack import Resources
from mainstem.executors.confine import asked, unconfined

if TYPE_CHECKING:
    from mainstem.executors.folders import Place
    from tests.unit.executors.conftest import MakeJob


def test_the_plain_profile_claims_nothing_that_it_does_not_do(
    make_job: MakeJob, place: Place
) -> None:
    """The command is as it was, and the record says what is not enforced."""
    confined = unconfined(make_job("python", "train.py"), place, {"A": "b"})
    assert (confined.argv, confined.env) == (("python", "train.py"), {"A": "b"})
    assert confined.record["profile"] == "none"
    assert confined.record["enforced"] == "no core dumps"
    assert confined.record["not_enforced"].startswith("files; network; ")


def test_what_the_stack_asks_for_is_recorded(make_job: MakeJob) -> None:
    """Network, private paths and resources, in one line."""
    job = make_job("true")
    assert asked(job) == "network: off"
    wishes = Resources(gpus=1, cpus=4, memory_bytes=4_000_000_000, time_s=3600)
    full = replace(job, network=True, private=("a/**", "b"), resources=wishes)
    assert asked(full) == (
        "network: on; private: a/** b; cpus: 4; gpus: 1; memory: 4000000000 bytes; time: 3600 s"
    )
