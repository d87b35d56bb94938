from __future__ import annotations

import pytest

from mainstem.domain.errors import StoreError, TrunkFailedError, UsageError
from mainstem.domain.measurement import Cause, Failure, Measurement
from mainstem.domain.trial import Ending, Run, TrialId
from mainstem.engine.trials import check_kept, trunk_error

NAME = TrialId("c1.7")


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
    found = trunk_error(NAME, Measurement(failure=Failure(cause=cause, what="so it was")))
    assert type(found) is error
    assert advice in str(found)
    assert "`mainstem log c1.7`" in str(found)
