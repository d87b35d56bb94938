from __future__ import annotations

import contextlib
import json
from dataclasses import replace

import pytest
from hypothesis import given, strategies as st

from mainstem.domain.proposal import TreeId
from mainstem.domain.stack import Resources
from mainstem.domain.stopper import Checkpoint, Guess, Stopper
from mainstem.domain.trial import Ending, Job, Run, TrialId
from mainstem.executors.parcel import (
    ForeignParcelError,
    Parcel,
    Wish,
    read_parcel,
    read_run,
    run_text,
    shipped_environment,
)

text = st.text(max_size=20)
texts = st.lists(text, max_size=3).map(tuple)
seconds = st.floats(0.0, 1e6)
facts = st.dictionaries(text, text, max_size=3)
resources = st.builds(
    Resources,
    gpus=st.integers(0, 8),
    cpus=st.integers(1, 64),
    memory_bytes=st.none() | st.integers(1, 2**50),
    time_s=st.none() | seconds,
)
numbers = st.floats(allow_nan=False, allow_infinity=False)
guesses = st.builds(
    Guess,
    metric=text,
    intercept=numbers,
    slope=numbers,
    windows=st.lists(st.tuples(numbers, numbers), max_size=2).map(tuple),
    before=st.just(False),
)
stoppers = st.builds(
    Stopper,
    last_step=st.integers(1, 10**6),
    checkpoints=st.lists(
        st.builds(
            Checkpoint,
            step=st.integers(0, 10**6),
            guesses=st.lists(guesses, min_size=1, max_size=2).map(tuple),
        ),
        min_size=1,
        max_size=2,
    ).map(tuple),
    patterns=st.dictionaries(text, text, max_size=2),
)
jobs = st.builds(
    Job,
    trial=text.map(TrialId),
    tree=text.map(TreeId),
    argv=texts,
    seed=st.integers(0, 2**31),
    rung=text,
    timeout_s=seconds,
    threads=st.integers(1, 8),
    passed_env=texts,
    network=st.booleans(),
    private=texts,
    resources=st.none() | resources,
    pair=text,
    kind=text,
    stopper=st.none() | stoppers,
)
parcels = st.builds(
    Parcel,
    job=jobs,
    store=text,
    environ=facts,
    wish=st.builds(Wish, confined=st.booleans(), strict=st.booleans(), closed=texts),
    grace_s=seconds,
    attempt=st.integers(1, 3),
    sort=texts,
)
runs = st.builds(
    Run,
    trial=text.map(TrialId),
    ending=st.sampled_from(Ending),
    exit_code=st.none() | st.integers(0, 255),
    signal=st.none() | text,
    detail=text,
    incomplete=text,
    wall_s=seconds,
    cpu_s=seconds,
    peak_rss_bytes=st.integers(0, 2**50),
    metrics=text,
    stdout=st.text(st.characters(exclude_categories=[])),
    log_dir=text,
    stderr_tail=text,
    host=facts,
    confinement=facts,
)


@given(parcels)
def test_a_parcel_arrives_as_it_was_sent(parcel: Parcel) -> None:
    """With every field, of the same types."""
    assert read_parcel(parcel.text()) == parcel


@given(runs)
def test_a_run_comes_back_as_it_was(run: Run) -> None:
    """With every field, whatever was printed; as UTF-8."""
    assert read_run(run_text(run).encode("utf-8").decode("utf-8"), run.trial) == run


@given(parcels, st.integers(1, 9), texts, text)
def test_the_digest_is_of_what_is_asked(
    parcel: Parcel, attempt: int, sort: tuple[str, ...], kind: str
) -> None:
    """Not of how often, where, or on what the other half of its pair ran meanwhile."""
    job = replace(parcel.job, kind=kind)
    assert replace(parcel, attempt=attempt, sort=sort, job=job).digest == parcel.digest
    other = replace(parcel.job, seed=parcel.job.seed + 1)
    assert replace(parcel, job=other).digest != parcel.digest
    assert read_parcel(parcel.text()).digest == parcel.digest


@pytest.mark.parametrize(
    "content", ["", "[]", "{}", "null", '{"version": 99}', '{"version": 1, "job": 3}', "\x00"]
)
def test_what_is_no_parcel_is_one_error(content: str) -> None:
    """Of another version, cut off, or something else."""
    with pytest.raises(ForeignParcelError):
        read_parcel(content)
    with pytest.raises(ForeignParcelError):
        read_run(content, TrialId("c1.1"))


@given(parcels, st.sampled_from(["job", "store", "wish", "grace_s"]))
def test_a_parcel_with_a_hole_is_one_error(parcel: Parcel, missing: str) -> None:
    """What is not there is not made up, unless it has a default."""
    said = json.loads(parcel.text())
    del said[missing]
    if missing == "grace_s":
        assert read_parcel(json.dumps(said)).grace_s == Parcel(job=parcel.job, store="").grace_s
        return
    with pytest.raises(ForeignParcelError):
        read_parcel(json.dumps(said))


@given(jobs)
def test_nothing_travels_but_the_path_and_what_is_named(job: Job) -> None:
    """A secret that no stack names stays here."""
    source = {"PATH": "/bin", "SECRET": "x", "HF_HOME": "/models"}
    named = replace(job, passed_env=("HF_HOME", "UNSET"))
    assert shipped_environment(named, source) == {"PATH": "/bin", "HF_HOME": "/models"}
    assert shipped_environment(replace(job, passed_env=()), {}).keys() == {"PATH"}


def broken(whole: str) -> st.SearchStrategy[str]:
    """A JSON object of ours with a value or a key of something else, or no JSON at all."""
    said = json.loads(whole)
    leaves = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5)
    odd = st.recursive(leaves, lambda s: st.lists(s, max_size=3) | st.dictionaries(st.text(), s))
    changed = st.tuples(st.sampled_from([*said, "more"]), odd)
    return changed.map(lambda pair: json.dumps({**said, pair[0]: pair[1]})) | odd.map(json.dumps)


@pytest.mark.fuzz
@given(st.data(), parcels, runs)
def test_no_text_breaks_the_readers(data: st.DataObject, parcel: Parcel, run: Run) -> None:
    """What a node or a person left is a parcel or a run, or one error that says that it is none."""
    with contextlib.suppress(ForeignParcelError):
        read_parcel(data.draw(broken(parcel.text()) | st.text()))
    try:
        read = read_run(data.draw(broken(run_text(run)) | st.text()), run.trial)
    except ForeignParcelError:
        return
    assert read_run(run_text(read), run.trial) == read, "what is read can be kept"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("trial", "../../elsewhere"),
        ("wall_s", "3"),
        ("cpu_s", float("nan")),
        ("peak_rss_bytes", 1.5),
        ("exit_code", True),
        ("signal", 9),
        ("metrics", {"loss": 0.0}),
        ("host", {"node": ["n1"]}),
        ("confinement", "none"),
        ("more", 1),
    ],
)
def test_a_run_of_other_types_or_of_another_trial_is_none(name: str, value: object) -> None:
    """A node's file is believed only where it fits; what does not is named."""
    whole = json.loads(run_text(Run(trial=TrialId("c1.1"), ending=Ending.EXITED)))
    with pytest.raises(ForeignParcelError, match=name if name != "trial" else "elsewhere"):
        read_run(json.dumps({**whole, name: value}), TrialId("c1.1"))
