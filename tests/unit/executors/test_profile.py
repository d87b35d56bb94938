from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from mainstem.domain.errors import UsageError
from mainstem.domain.stack import Resources
from mainstem.executors import ladder
from mainstem.executors.ladder import Standing
from mainstem.executors.limits import Limits, address_space, cpu_time_s
from mainstem.executors.plan import Level
from mainstem.executors.profile import Profile, gaps

if TYPE_CHECKING:
    from mainstem.executors.folders import Place
    from tests.unit.executors.conftest import MakeJob


def profile(tmp_path: Path, level: Level, abi: int = 7, **more: Any) -> Profile:
    """A profile at a level, of a project in `tmp_path / "project"`."""
    standing = Standing(level=level, landlock_abi=abi)
    return Profile(
        state=tmp_path / "work", closed=[tmp_path / "project"], standing=standing, **more
    )


@pytest.fixture
def laid(place: Place) -> Place:
    """A place whose folders are there."""
    Path(place.tree).mkdir(parents=True)
    Path(place.tmp).mkdir()
    return place


ENV = {"PATH": os.environ["PATH"]}


@pytest.mark.parametrize(
    ("level", "abi", "network", "words"),
    [
        (Level.BUBBLEWRAP, 0, False, []),
        (Level.NAMESPACES, 0, False, []),
        (Level.LANDLOCK, 7, False, ["files", "UDP and sockets in folders", "can be seen)"]),
        (Level.LANDLOCK, 3, False, ["files", "TCP, UDP", "can be seen and signalled)"]),
        (Level.LANDLOCK, 7, True, ["files", "can be seen)"]),
        (Level.LIMITS, 7, False, ["files", "network", "processes", "private files"]),
        (Level.LIMITS, 7, True, ["files", "processes", "private files"]),
    ],
)
def test_what_a_level_leaves_open_is_admitted(
    level: Level, abi: int, words: list[str], *, network: bool
) -> None:
    """A line for each thing that is asked for and not enforced."""
    standing = Standing(level=level, landlock_abi=abi)
    found = gaps(standing, network=network, private=["a"])
    assert len(found) == len(words)
    assert all(word in line for word, line in zip(words, found, strict=True))


def test_the_record_says_what_was_asked_enforced_and_left_open(
    tmp_path: Path, laid: Place, make_job: MakeJob
) -> None:
    """Limits with their numbers; a level that leaves nothing open says that too."""
    wishes = Resources(memory_bytes=4 * 10**9)
    job = replace(make_job("true"), resources=wishes)
    limits = Limits(disk_bytes=10**6, tasks=50)
    confined = profile(tmp_path, Level.BUBBLEWRAP, limits=limits)(job, laid, ENV)
    assert confined.record["profile"] == "bubblewrap"
    assert "memory: 4000000000 bytes" in confined.record["asked"]
    for part in ("hidden: homes", "network: none", "memory: 4.0 GB in all", "disk: 1 MB"):
        assert part in confined.record["enforced"]
    assert confined.record["not_enforced"] == "nothing of it"
    assert confined.bounds["memory_bytes"] == 4 * 10**9
    assert confined.bounds["folders"] == [str(laid.work), str(laid.overlay)]
    assert confined.argv == ("true",)


def test_landlock_claims_no_more_than_its_version_can(
    tmp_path: Path, laid: Place, make_job: MakeJob
) -> None:
    """TCP from 4 on, signals from 6 on."""
    said = {
        abi: profile(tmp_path, Level.LANDLOCK, abi)(make_job("true"), laid, ENV).record["enforced"]
        for abi in (3, 5, 6)
    }
    assert {abi: "no TCP" in text for abi, text in said.items()} == {3: False, 5: True, 6: True}
    assert {abi: "signals only" in t for abi, t in said.items()} == {3: False, 5: False, 6: True}


def test_folders_that_the_stack_names_are_opened_and_said(
    tmp_path: Path, laid: Place, make_job: MakeJob
) -> None:
    """In a passed variable or in the command; what may hold private files is not."""
    for name in ("models", "data", "project/data", "project/cache"):
        (tmp_path / name).mkdir(parents=True)
    job = replace(
        make_job("true", f"--data={tmp_path}/data"),
        passed_env=("HF_HOME", "HELD", "CACHE", "PROJECT", "UNSET"),
        private=("data/**",),
    )
    env = ENV | {
        "HF_HOME": str(tmp_path / "models"),
        "HELD": str(tmp_path / "project" / "data"),
        "CACHE": str(tmp_path / "project" / "cache"),
        "PROJECT": str(tmp_path / "project"),
    }
    record = profile(tmp_path, Level.BUBBLEWRAP)(job, laid, env).record
    for part in ("models ($HF_HOME)", "data (command)", "cache ($CACHE)"):
        assert part in record["opened"]
    assert "HELD" not in record["opened"]
    assert "PROJECT" not in record["opened"]
    plain = replace(job, private=())
    record = profile(tmp_path, Level.BUBBLEWRAP)(plain, laid, env).record
    assert "project/data ($HELD)" in record["opened"]
    assert record["not_opened"] == f"{tmp_path / 'project'} ($PROJECT)"


def test_strict_refuses_in_one_line_and_says_what_helps(
    tmp_path: Path, laid: Place, make_job: MakeJob, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It names what cannot be enforced, and what to install; where all can be, it is silent."""
    monkeypatch.setattr(ladder, "program", lambda _name: None)
    strict = profile(tmp_path, Level.LANDLOCK, strict=True)
    with pytest.raises(UsageError) as refused:
        strict(make_job("true"), laid, ENV)
    said = str(refused.value)
    assert "\n" not in said
    for part in ("cannot enforce files", "UDP", "landlock", "apt install bubblewrap"):
        assert part in said
    profile(tmp_path, Level.NAMESPACES, strict=True).require(network=False, private=["a"])


def test_a_bubblewrap_that_does_not_work_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    """Installing it again would not help."""
    monkeypatch.setattr(ladder, "program", lambda _name: "/usr/bin/bwrap")
    lacking = {Level.BUBBLEWRAP: "setting up uid map: Permission denied"}
    standing = Standing(level=Level.LIMITS, lacking=lacking)
    assert "does not work here: setting up uid map" in standing.remedy


def test_limits_follow_the_rung(make_job: MakeJob) -> None:
    """Memory bounds the address space, but with an accelerator; time and cores bound CPU time."""
    job = make_job("true", timeout_s=10.0)
    assert address_space(job) is None
    wishes = Resources(memory_bytes=10**9)
    assert address_space(replace(job, resources=wishes)) == 2 * 10**9 + 2**30
    assert address_space(replace(job, resources=replace(wishes, gpus=1))) is None
    assert cpu_time_s(job) == 10 * (os.cpu_count() or 1) + 5


def test_no_trial_may_fill_the_disk(tmp_path: Path) -> None:
    """Half of what is free, if that is less than the default."""
    found = os.statvfs(tmp_path)
    assert Limits(disk_bytes=1000).disk(str(tmp_path)) == 1000
    assert Limits(disk_bytes=2**62).disk(str(tmp_path)) <= found.f_blocks * found.f_frsize // 2


def test_words_that_are_kept_are_those_of_a_first_trial(
    tmp_path: Path, laid: Place, make_job: MakeJob
) -> None:
    """Each trial opens its own folders and no other's, wherever its TMPDIR lies, as asked."""
    other = tmp_path / "work" / "t2"
    (other / "tree").mkdir(parents=True)
    (tmp_path / "short").mkdir()
    far = laid._replace(work=f"{other}", tree=f"{other}/tree", tmp=f"{tmp_path}/short")
    memory = replace(make_job("true"), resources=Resources(memory_bytes=10**9))
    online = replace(make_job("true"), network=True)
    limits = Limits(disk_bytes=10**6)  # by default it is half of what is free at the moment
    kept = profile(tmp_path, Level.BUBBLEWRAP, limits=limits)
    for job, place in [
        (make_job("true"), laid),
        (make_job("true"), far),
        (memory, far),
        (online, laid),
        (make_job("true"), laid),
    ]:
        words = kept(job, place, ENV).plan
        assert words == profile(tmp_path, Level.BUBBLEWRAP, limits=limits)(job, place, ENV).plan
        text = " ".join(words["bubblewrap"])
        own = [place.work, *([place.tmp] if place is far else [])]
        assert all(f"--bind {path} {path} " in text for path in own)
        assert ("work/t1" in text, "work/t2" in text) == (place is laid, place is far)
        assert "\0" not in text
