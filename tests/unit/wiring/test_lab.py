"""What a replay refuses, before anything is played."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import pytest

from mainstem.domain.errors import ConfigurationError, UsageError
from mainstem.domain.proposal import CommitId
from mainstem.engine.record import CampaignRecord, Record
from mainstem.lab import catalogue
from mainstem.wiring.lab import Wanted, listed, read_log, replay

if TYPE_CHECKING:
    from pathlib import Path

    from mainstem.wiring.project import Project


def project(*campaigns: CampaignRecord) -> Project:
    """One whose ledger holds these campaigns."""
    record = Record(campaigns={one.id: one for one in campaigns})
    return cast("Project", SimpleNamespace(record=lambda: record))


def campaign(*, ended: bool) -> CampaignRecord:
    """One without trials."""
    return CampaignRecord(
        id="c1",
        seed=0,
        trunk=CommitId("0" * 40),
        setup="",
        batch=4,
        budget=10,
        rung="default",
        proposals=[],
        trees={},
        inherited=[],
        until=10,
        ended=ended,
    )


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        ({"budget": 0}, "--budget 0: a campaign takes 1 run or more"),
        ({"campaigns": 0}, "--campaigns 0: give 1 or more"),
        ({"processes": 0}, "-j 0: give 1 process or more"),
        (
            {"policies": ["gready"]},
            "--policy gready: there is no such policy; there are collective",
        ),
        ({"policies": ["greedy", "greedy"]}, "two policies are called greedy"),
        ({"policies": ["none.py"]}, "none.py: there is no such file"),
        ({}, "there is no campaign to replay yet: `mainstem propose` branches"),
    ],
)
def test_what_makes_no_sense_is_one_line(wanted: dict[str, Any], said: str) -> None:
    """Whose fault, which value, what next."""
    with pytest.raises(UsageError) as caught:
        replay(project(), Wanted(**wanted))
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_campaign_that_has_not_ended_is_not_replayed() -> None:
    """It has not spent what it is to be compared with."""
    with pytest.raises(UsageError, match=r"no campaign has ended yet \(c1 has 0 finished trials\)"):
        replay(project(campaign(ended=False)), Wanted())


def test_everything_that_has_a_name_is_listed() -> None:
    """The reference first, each with what it does."""
    rows = listed()["policies"]
    assert [row["name"] for row in rows] == [catalogue.REFERENCE, *catalogue.CHEAP]
    assert all(row["does"] for row in rows)


def test_published_organisations_are_listed_with_their_papers() -> None:
    """Each by its name."""
    rows = {row["name"]: row["paper"] for row in listed()["scenarios"]}
    assert "Hong and Page 2004" in rows["hong-page"]


def test_a_log_of_decisions_gives_figures_or_says_that_there_are_too_few(tmp_path: Path) -> None:
    """In JSON and in sentences; what is no log is said with its line."""
    file = tmp_path / "log.jsonl"
    file.write_text('{"number": 1, "merged": true}\n')
    found = read_log(file)
    assert found["decisions"] == 1
    assert found["veto_rate"] is None
    assert any("nothing is concluded" in said for said in found["said"])
    file.write_text("{]\n")
    with pytest.raises(ConfigurationError, match=r"log\.jsonl:1"):
        read_log(file)
    with pytest.raises(UsageError, match="cannot be read"):
        read_log(tmp_path)
