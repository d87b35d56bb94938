from __future__ import annotations

import pytest

from mainstem.domain.errors import StoreError, TrunkFailedError, UsageError
from mainstem.domain.measurement import Cause, Failure, Measurement
from mainstem.domain.proposal import TreeId
from mainstem.domain.stack import DecisionSettings, Objective, Resources, Rung, Stack
from mainstem.domain.trial import Ending, Run, TrialId
from mainstem.engine.trials import check_kept, job_for, trunk_error

NAME = TrialId("c1.7")
STACK = Stack(
    name="two",
    trunk="main",
    command="train --steps {rung.steps} --seed {seed}",
    timeout_s=1.0,
    objectives=(Objective("loss", margin="1%"),),
    rungs=(
        Rung(name="big", cost=8.0, parameters={"steps": 80}, resources=Resources(gpus=2)),
        Rung(name="tiny", cost=1.0, parameters={"steps": 10}),
    ),
    decisions=DecisionSettings(confirm_rung="big"),
)


@pytest.mark.parametrize(
    ("run", "words"),
    [
        (
            Run(trial=NAME, ending=Ending.NOT_PREPARED, detail="No space left on device"),
            "c1.7 could not be prepared: No space left on device",
        ),
        (
            Run(trial=NAME, ending=Ending.EXITED, exit_code=0, incomplete="its logs are cut"),
            "of trial c1.7 not everything is kept: its logs are cut",
        ),
        (
            Run(trial=NAME, ending=Ending.EXITED, exit_code=1, incomplete="its logs are cut"),
            "of trial c1.7 not everything is kept: its logs are cut",
        ),
    ],
)
def test_a_machine_that_fails_is_nobodys_crash(run: Run, words: str) -> None:
    """Whatever the exit code: what was not kept whole says nothing of the recipe."""
    with pytest.raises(StoreError, match=words) as error:
        check_kept(run)
    assert "the same command goes on" in str(error.value)


@pytest.mark.parametrize(
    "ending", [Ending.EXITED, Ending.SIGNALLED, Ending.TIMEOUT, Ending.CANNOT_START]
)
def test_every_other_end_is_evidence(ending: Ending) -> None:
    """A crash, a timeout and a command that is not there are the recipe's."""
    check_kept(Run(trial=NAME, ending=ending, detail="whatever it was"))


@pytest.mark.parametrize(
    ("cause", "error", "advice"),
    [
        (Cause.EXIT, TrunkFailedError, "the trunk does not run (c1.7): so it was; see"),
        (Cause.SIGNAL, TrunkFailedError, "the trunk does not run (c1.7): so it was; see"),
        (Cause.TIMEOUT, UsageError, "so it was, which is stack.timeout: raise it, or make"),
        (Cause.METRIC_MISSING, UsageError, "mainstem.toml or the trunk: so it was (c1.7); see"),
        (Cause.CANNOT_START, UsageError, "mainstem.toml or the trunk: so it was (c1.7); see"),
    ],
)
def test_a_trunk_that_fails_says_whose_fault_and_what_next(
    cause: Cause, error: type[Exception], advice: str
) -> None:
    """A crash is the trunk's code; what never arrives or takes too long may be the settings'."""
    failed = Measurement(failure=Failure(cause=cause, what="so it was"))
    found = trunk_error(STACK, NAME, failed)
    assert type(found) is error
    assert advice in str(found)
    assert "`mainstem log c1.7`" in str(found)
    assert "rung" not in str(found)
    low, top = (str(trunk_error(STACK, NAME, failed, rung)) for rung in ("tiny", "big"))
    assert "(c1.7, at rung 'tiny')" in low
    assert "decisions.search_rungs leaves it out" in low
    assert "(c1.7, at rung 'big')" in top
    assert "search_rungs" not in top


def test_a_job_has_its_own_rungs_words_and_resources() -> None:
    """Without a rung it is one of the rung that confirms."""
    jobs = {
        rung: job_for(STACK, name=NAME, tree=TreeId("t"), seed=7, rung=rung)
        for rung in ("tiny", "big", None)
    }
    assert jobs["tiny"].argv == ("train", "--steps", "10", "--seed", "7")
    assert (jobs["tiny"].rung, jobs["tiny"].resources) == ("tiny", Resources())
    assert jobs["big"].argv == ("train", "--steps", "80", "--seed", "7")
    assert (jobs["big"].rung, jobs["big"].resources) == ("big", Resources(gpus=2))
    assert jobs[None] == jobs["big"]
