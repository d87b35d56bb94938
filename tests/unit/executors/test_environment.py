from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from hypothesis import HealthCheck, given, settings, strategies as st

from mainstem.executors.environment import FALLBACK_PATH, THREAD_VARIABLES, trial_environment

if TYPE_CHECKING:
    from mainstem.executors.folders import Place
    from tests.unit.executors.conftest import MakeJob

names = st.text(st.characters(categories=["Lu"], codec="ascii"), min_size=1)


@given(source=st.dictionaries(names, st.text()), passed=st.lists(names))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_only_what_is_named_comes_through(
    place: Place, make_job: MakeJob, source: dict[str, str], passed: list[str]
) -> None:
    """Whatever this process has, a trial sees the same names, plus those passed that are set."""
    job = replace(make_job("true"), passed_env=tuple(passed))
    plain = trial_environment(make_job("true"), place, {})
    seen = trial_environment(job, place, source)
    assert seen.keys() == plain.keys() | (set(passed) & source.keys())
    assert all(seen[name] == source[name] for name in set(passed) & source.keys())


def test_what_is_passed_wins_over_defaults_but_not_over_the_trials_identity(
    place: Place, make_job: MakeJob
) -> None:
    """A stack may ask for the real HOME; threads and seed are recorded and must be true."""
    source = {"HOME": "/ada", "OMP_NUM_THREADS": "64", "MAINSTEM_SEED": "0"}
    job = replace(make_job("true"), passed_env=tuple(source), threads=2)
    seen = trial_environment(job, place, source)
    assert (seen["HOME"], seen["OMP_NUM_THREADS"], seen["MAINSTEM_SEED"]) == ("/ada", "2", "7")


def test_threads_are_set_for_every_library(place: Place, make_job: MakeJob) -> None:
    """One number, everywhere."""
    seen = trial_environment(replace(make_job("true"), threads=3), place, {})
    assert {seen[name] for name in THREAD_VARIABLES} == {"3"}


def test_without_a_path_programs_are_still_found(place: Place, make_job: MakeJob) -> None:
    """A service may run without PATH."""
    assert trial_environment(make_job("true"), place, {})["PATH"] == FALLBACK_PATH
