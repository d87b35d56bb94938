"""What every executor promises; an adapter inherits `ExecutorSuite` and overrides `start`."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import time
from dataclasses import replace
from functools import lru_cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Protocol

import pytest

from mainstem.domain.proposal import TreeId
from mainstem.domain.stopper import Checkpoint, Guess, Stopped, Stopper
from mainstem.domain.trial import Ending, Job, Run, TrialId
from mainstem.executors.confine import unconfined
from mainstem.executors.kin import stat_fields
from mainstem.executors.ladder import probe as try_level, standing_at
from mainstem.executors.leftovers import keeper_processes
from mainstem.executors.local import LocalExecutor
from mainstem.executors.plan import Level
from mainstem.executors.profile import Profile
from mainstem.executors.slot import ATTEMPTS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from mainstem.engine.ports import Executor
    from mainstem.executors.confine import Confine

probe = lru_cache(try_level)
"""Why a level does not work here, tried once."""

DEADLINE_S = 120.0
"""Far beyond what anything here takes: reaching it is a failure, never a slow machine."""

PATIENCE_S = (0.5, 4.0, 16.0, 64.0)
"""Timeouts to try, one after the other, for a trial that must have come up when time is over."""

TREE = TreeId("e75082c5550a8b73df2aa56ed96758bebef92f6e")
"""The id that git gives to the tree of `FILES`."""

FILES: Mapping[str, str] = {
    "run.sh": "#!/bin/sh\necho ran with $1\n",
    "plain.sh": "echo plain\n",
    "broken.sh": "#!/nonexistent/interpreter\n",
    "data/numbers.txt": "1 2 3\n",
}


class Start(Protocol):
    """How a test asks for an executor; it is closed when the test ends."""

    def __call__(self, *, slots: int = 1, grace_s: float = 5.0) -> Executor:
        """Starts an executor with `TREE` as its only tree."""
        ...


def write_tree(tree: TreeId, into: Path) -> None:
    """Materialises `TREE`: `run.sh` is executable."""
    assert tree == TREE
    for name, text in FILES.items():
        (into / name).parent.mkdir(parents=True, exist_ok=True)
        (into / name).write_text(text)
    (into / "run.sh").chmod(0o755)
    (into / "broken.sh").chmod(0o755)


def job(name: str, *argv: str, timeout_s: float = DEADLINE_S, **more: object) -> Job:
    """A job on `TREE`."""
    fields = {"seed": 7, "rung": "small"} | more
    return Job(trial=TrialId(name), tree=TREE, argv=argv, timeout_s=timeout_s, **fields)  # type: ignore[arg-type]  # fields of any type


def shell(name: str, script: str, timeout_s: float = DEADLINE_S, **more: object) -> Job:
    """A job that runs a shell script."""
    return job(name, "sh", "-c", script, timeout_s=timeout_s, **more)


ENOUGH = Stopper(
    last_step=4,
    checkpoints=(
        Checkpoint(
            step=2,
            guesses=(Guess(metric="loss", intercept=0.0, slope=1.0, windows=((0.0, 9.0),)),),
        ),
    ),
)
"""A rule that is content with a loss from 0 to 9 at step 2."""


def report(step: int, loss: float | str) -> str:
    """A command that reports a loss at a step."""
    return f'echo \\{{\\"step\\": {step}, \\"loss\\": {loss}\\}} >> "$MAINSTEM_METRICS"'


def collect(executor: Executor, count: int) -> dict[str, Run]:
    """Waits for that many runs."""
    runs: dict[str, Run] = {}
    deadline_s = time.monotonic() + DEADLINE_S
    while len(runs) < count and time.monotonic() < deadline_s:
        for run in executor.wait(DEADLINE_S):
            assert run.trial not in runs, "a run was handed out twice"
            runs[run.trial] = run
    assert len(runs) == count
    return runs


def one(executor: Executor, job: Job) -> Run:
    """Runs a single job."""
    executor.submit(job)
    return collect(executor, 1)[job.trial]


def until(holds: Callable[[], bool]) -> None:
    """Waits until something holds."""
    deadline_s = time.monotonic() + DEADLINE_S
    while not holds():
        assert time.monotonic() < deadline_s, "it never came true"
        time.sleep(0.01)


def living(folder: Path) -> list[int]:
    """The processes that name a folder in their words; a zombie has none.

    Ids that processes tell of themselves do not help: in a sandbox they count from 1.
    """
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if os.fsencode(folder) in (process / "cmdline").read_bytes():
                found.append(int(process.name))
    return found


def gone(family: list[int], folder: Path) -> bool:
    """Whether none of these processes that named the folder lives."""
    return not set(family) & set(living(folder))


def told(folder: Path, count: int) -> bool:
    """Whether so many processes have told that they are up, each in a file of its own."""
    return sum(file.read_text().endswith("\n") for file in folder.iterdir()) == count


def stubborn_family(folder: Path) -> str:
    """A script of four processes that ignore signals; two have left the session, one its marks."""
    stay = 'trap "" TERM HUP INT; echo $$ > "$0"; while :; do sleep 300; done'
    return f"""
        sh -c '{stay}' {folder}/child &
        (setsid sh -c '{stay}' {folder}/daemon &)
        (cd / && env -i setsid sh -c '(sh -c "$1" "$0" &)' {folder}/hidden '{stay}' &)
        echo $$ > {folder}/main
        trap "" TERM HUP INT
        while :; do sleep 300; done
    """


class ExecutorSuite:
    """The promises of `mainstem.engine.ports.Executor`."""

    many: ClassVar[int] = 200
    """How many trials go through two slots; clusters take longer for each."""

    @pytest.fixture
    def start(self) -> Iterator[Start]:
        """Starts executors and closes them."""
        raise NotImplementedError

    def test_a_trial_runs_in_the_recipes_tree(self, start: Start) -> None:
        """The working directory is the tree, and the trial may write there."""
        run = one(start(), shell("t1", "cat data/numbers.txt; echo new > data/new; cat data/new"))
        assert (run.ending, run.exit_code, run.stdout) == (Ending.EXITED, 0, "1 2 3\nnew\n")
        assert run.wall_s > 0

    @pytest.mark.parametrize(
        ("argv", "said"),
        [(("./run.sh", "x"), "ran with x\n"), (("sh", "plain.sh"), "plain\n")],
        ids=["./run.sh", "sh plain.sh"],
    )
    def test_names_of_programs_are_found_from_the_tree(
        self, start: Start, argv: tuple[str, ...], said: str
    ) -> None:
        """A script of the tree runs by its relative name or as an interpreter's argument."""
        assert one(start(), job("t1", *argv)).stdout == said

    def test_words_are_not_interpreted(self, start: Start) -> None:
        """There is no shell between the command and the program."""
        words = ("$HOME", "a b", "*", ";", "")
        run = one(start(), job("t1", "printf", "[%s]", *words))
        assert run.stdout == "[$HOME][a b][*][;][]"

    def test_a_failed_trial_is_a_run_with_its_exit_code(self, start: Start) -> None:
        """The exit code and the end of the standard error are kept."""
        run = one(start(), shell("t1", "seq 30 >&2; exit 3"))
        assert (run.ending, run.exit_code, run.signal) == (Ending.EXITED, 3, None)
        assert run.stderr_tail.split() == [str(number) for number in range(11, 31)]

    @pytest.mark.parametrize("name", ["SIGKILL", "SIGSEGV", "SIGPIPE"])
    def test_a_trial_killed_by_a_signal_names_it(self, start: Start, name: str) -> None:
        """SIGPIPE too, which Python ignores and would pass on as ignored."""
        run = one(start(), shell("t1", f"kill -{name.removeprefix('SIG')} $$; sleep 300"))
        assert (run.ending, run.exit_code, run.signal) == (Ending.SIGNALLED, None, name)

    @pytest.mark.parametrize(
        ("argv", "part"),
        [
            (("no-such-program", "x"), "command not found: 'no-such-program'"),
            (("./missing.sh",), "command not found: the recipe's tree has no './missing.sh'"),
            (("./plain.sh",), "'./plain.sh': it is not executable"),
            (("./broken.sh",), "'./broken.sh': the interpreter"),
            (("printf", "a\0b"), "Invalid argument"),
        ],
        ids=["unknown", "missing", "not executable", "no interpreter", "NUL"],
    )
    def test_a_command_that_cannot_start_says_why(
        self, start: Start, argv: tuple[str, ...], part: str
    ) -> None:
        """The detail names the program; nothing else is claimed."""
        run = one(start(), job("t1", *argv))
        assert (run.ending, run.exit_code, run.signal) == (Ending.CANNOT_START, None, None)
        assert part in run.detail

    def test_metrics_and_output_survive_any_bytes(self, start: Start) -> None:
        """Bytes that are no UTF-8 are replaced; the rest of the text is whole."""
        script = r"""printf 'a\377b\n'; printf '{"x": 1}\n\376\n' > "$MAINSTEM_METRICS" """
        run = one(start(), shell("t1", script))
        assert run.stdout == "a\N{REPLACEMENT CHARACTER}b\n"
        assert run.metrics == '{"x": 1}\n\N{REPLACEMENT CHARACTER}\n'

    def test_a_trial_without_metrics_has_none(self, start: Start) -> None:
        """No file is no text, not an error."""
        run = one(start(), job("t1", "true"))
        assert (run.metrics, run.stdout, run.detail) == ("", "", "")

    def test_the_environment_is_sealed(self, start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
        """Nothing of this process is seen but PATH and what the stack names."""
        monkeypatch.setenv("SECRET_TOKEN", "hunter2")
        monkeypatch.setenv("HF_HOME", "/models")
        wanted = job("t1", "env", "-0", threads=3, passed_env=("HF_HOME", "UNSET_NAME"))
        run = one(start(), wanted)
        seen = dict(entry.split("=", 1) for entry in run.stdout.split("\0") if entry)
        assert "hunter2" not in run.stdout
        assert "UNSET_NAME" not in seen
        assert seen["HOME"] != os.environ["HOME"]
        expected = {
            "PATH": os.environ["PATH"],
            "HF_HOME": "/models",
            "OMP_NUM_THREADS": "3",
            "MAINSTEM_SEED": "7",
            "MAINSTEM_RUNG": "small",
            "MAINSTEM_TRIAL": "t1",
        }
        assert {name: seen[name] for name in expected} == expected

    def test_home_and_tmp_are_private(self, start: Start) -> None:
        """Two trials do not see each other's files there."""
        script = 'ls "$HOME" "$TMPDIR" | grep mine; echo x > "$HOME/mine"; echo x > "$TMPDIR/mine"'
        executor = start()
        for name in ("t1", "t2"):
            run = one(executor, shell(name, script))
            assert (run.exit_code, run.stdout) == (0, "")

    def test_two_slots_run_two_trials_at_once(self, start: Start, tmp_path: Path) -> None:
        """Each waits for a file of the other, so one after the other would never end."""
        executor = start(slots=2)
        assert executor.slots == 2
        for mine, other in (("a", "b"), ("b", "a")):
            script = (
                f"echo > {tmp_path}/{mine}; until [ -e {tmp_path}/{other} ]; do sleep 0.02; done"
            )
            executor.submit(shell(mine, script))
        assert {run.exit_code for run in collect(executor, 2).values()} == {0}

    def test_one_slot_runs_in_the_order_of_submission(self, start: Start, tmp_path: Path) -> None:
        """Queued trials follow one another with no call of `wait`."""
        executor = start(slots=1)
        for number in range(4):
            executor.submit(shell(f"t{number}", f"echo {number} >> {tmp_path}/order"))
        until(lambda: not executor.running() and (tmp_path / "order").exists())
        assert list(collect(executor, 4)) == ["t0", "t1", "t2", "t3"]
        assert (tmp_path / "order").read_text().split() == ["0", "1", "2", "3"]

    def test_running_names_what_has_started(self, start: Start, tmp_path: Path) -> None:
        """A queued trial is not running; an ended one is not either."""
        executor = start(slots=1)
        assert executor.running() == []
        executor.submit(shell("t1", f"until [ -e {tmp_path}/go ]; do sleep 0.02; done"))
        executor.submit(job("t2", "true"))
        until(lambda: executor.running() == ["t1"])
        (tmp_path / "go").touch()
        collect(executor, 2)
        assert executor.running() == []

    def test_wait_returns_nothing_when_nothing_is_under_way(self, start: Start) -> None:
        """No deadlock before the first job or after the last; each run comes once."""
        executor = start()
        assert executor.wait() == []
        one(executor, job("t1", "true"))
        assert executor.wait() == []

    def test_wait_gives_up_after_its_timeout(self, start: Start) -> None:
        """The trial goes on meanwhile."""
        executor = start()
        executor.submit(job("t1", "sleep", "300"))
        assert executor.wait(0.01) == []

    def test_a_timeout_ends_the_whole_family(self, start: Start, tmp_path: Path) -> None:
        """Children and daemons that ignore signals and left the session are killed too."""
        executor, folder = start(grace_s=0.2), tmp_path
        for attempt, timeout_s in enumerate(PATIENCE_S):
            folder = tmp_path / str(attempt)
            folder.mkdir()
            run = one(executor, shell(f"t{attempt}", stubborn_family(folder), timeout_s))
            assert (run.ending, run.exit_code, run.signal) == (Ending.TIMEOUT, None, None)
            if len(list(folder.iterdir())) == 4:
                break  # on a busy machine the family needs longer to come up
        assert told(folder, 4)
        assert living(folder) == []

    def test_a_timeout_asks_first(self, start: Start, tmp_path: Path) -> None:
        """A trial that ends well on SIGTERM has still timed out; its last words are kept."""
        up = tmp_path / "up"
        script = f"trap 'echo bye; exit 0' TERM; echo > {up}; while :; do sleep 0.05; done"
        executor, said = start(grace_s=DEADLINE_S), ""
        for attempt, timeout_s in enumerate(PATIENCE_S):
            run = one(executor, shell(f"t{attempt}", script, timeout_s))
            assert (run.ending, run.exit_code) == (Ending.TIMEOUT, None)
            said = run.stdout
            if up.exists():
                break
        assert said == "bye\n"

    def test_a_trial_of_which_enough_is_known_is_ended(self, start: Start, tmp_path: Path) -> None:
        """It is no timeout and no crash; what it reported until then is there."""
        stay = f"echo $$ > {tmp_path}/main; exec sleep 300"
        run = one(start(), shell("t1", f"{report(1, 2)}; {report(2, 2)}; {stay}", stopper=ENOUGH))
        assert (run.ending, run.exit_code, run.signal) == (Ending.STOPPED, None, None)
        assert ENOUGH.outcome(run.metrics) == Stopped(step=2, values={"loss": 2.0})
        assert living(tmp_path) == []

    def test_a_trial_that_will_not_end_early_is_killed(self, start: Start, tmp_path: Path) -> None:
        """Children and daemons that ignore signals and left the session, all of them."""
        up = f"until [ $(cat {tmp_path}/* | wc -l) -ge 4 ]; do sleep 0.05; done"
        script = f"({up}; {report(2, 2)}) & {stubborn_family(tmp_path)}"
        run = one(start(grace_s=0.2), shell("t1", script, stopper=ENOUGH))
        assert (run.ending, run.exit_code, run.signal) == (Ending.STOPPED, None, None)
        assert living(tmp_path) == []

    def test_what_is_reported_after_the_end_changes_nothing(self, start: Start) -> None:
        """A trial that reports when it is asked to end, and ends well, has still been ended."""
        last = f"trap '{report(3, 99)}; {report(2, 99)}; exit 0' TERM"
        script = f"{last}; {report(2, 2)}; while :; do sleep 0.05; done"
        run = one(start(grace_s=DEADLINE_S), shell("t1", script, stopper=ENOUGH))
        assert run.ending is Ending.STOPPED
        assert '"loss": 99' in run.metrics
        assert ENOUGH.outcome(run.metrics) == Stopped(step=2, values={"loss": 2.0})

    @pytest.mark.parametrize(
        "reports",
        [((2, "NaN"),), ((3, 2), (2, 2)), ((2, 50), (2, 2)), ((1, 2), (4, 2))],
        ids=["NaN", "out of order", "repeated", "other steps"],
    )
    def test_an_odd_curve_runs_to_its_end(
        self, start: Start, reports: tuple[tuple[int, float], ...]
    ) -> None:
        """Nothing is guessed from it, however long the trial goes on."""
        script = "; ".join(report(step, loss) for step, loss in reports)
        run = one(start(), shell("t1", f"{script}; sleep 1", stopper=ENOUGH))
        assert (run.ending, run.exit_code) == (Ending.EXITED, 0)
        assert ENOUGH.outcome(run.metrics) is None

    def test_what_is_printed_can_be_enough(self, start: Start) -> None:
        """Patterns are looked for in the standard output as it comes."""
        printed = replace(ENOUGH, patterns={"step": r"^step (\d+)", "loss": r"loss (\S+)$"})
        script = "echo step 1 loss 9; echo step 2; echo loss 2; sleep 300"
        run = one(start(), shell("t1", script, stopper=printed))
        assert run.ending is Ending.STOPPED
        assert printed.outcome(run.stdout) == Stopped(step=2, values={"loss": 2.0})

    def test_what_a_trial_leaves_behind_ends_with_it(self, start: Start, tmp_path: Path) -> None:
        """A daemon does not outlive the trial that ended well, and does not delay its end."""
        stay = f"(setsid sh -c 'echo $$ > {tmp_path}/daemon; exec sleep 300' &)"
        script = f"{stay}; until [ -s {tmp_path}/daemon ]; do sleep 0.02; done"
        run = one(start(), shell("t1", script))
        assert (run.ending, run.exit_code) == (Ending.EXITED, 0)
        assert told(tmp_path, 1)
        assert living(tmp_path) == []

    def test_close_kills_everything(self, start: Start, tmp_path: Path) -> None:
        """Running families, queued trials: nothing lives and nothing is reported."""
        executor = start(slots=2)
        for name in ("t1", "t2"):
            (tmp_path / name).mkdir()
            executor.submit(shell(name, stubborn_family(tmp_path / name)))
        executor.submit(shell("t3", f"echo > {tmp_path}/never"))
        until(lambda: told(tmp_path / "t1", 4) and told(tmp_path / "t2", 4))
        assert living(tmp_path)
        executor.close()
        assert living(tmp_path) == []
        assert (executor.wait(), executor.running()) == ([], [])
        executor.close()
        assert not (tmp_path / "never").exists()

    def test_what_ended_before_close_is_not_lost(self, start: Start) -> None:
        """Its run can still be fetched."""
        executor = start()
        executor.submit(job("t1", "true"))
        executor.submit(job("t2", "sleep", "300"))
        until(lambda: executor.running() == ["t2"])
        executor.close()
        assert [run.trial for run in executor.wait()] == ["t1"]

    def test_endless_output_is_bounded(self, start: Start) -> None:
        """Beginning and end are there, between them a line that counts what is not."""
        run = one(start(), shell("t1", "echo first; yes | head -c 5000000; echo last"))
        assert len(run.stdout) < 600_000
        head, _, tail = run.stdout.partition("[mainstem: ")
        assert head.startswith("first\ny\n")
        assert tail.endswith("y\nlast\n")
        left_out = int(tail.split()[0])
        kept = len(run.stdout) - len(f"[mainstem: {left_out} bytes are left out here]\n")
        assert kept + left_out == len("first\n") + 5_000_000 + len("last\n")

    def test_cost_is_measured_over_the_whole_family(self, start: Start) -> None:
        """CPU time and memory of a child are the trial's; an idle trial costs little."""
        burn = "import time\nx = bytearray(64 << 20)\nwhile time.process_time() < 0.3: pass"
        executor = start()
        busy = one(executor, job("t1", "sh", "-c", 'python3 -S -c "$0"; true', burn))
        idle = one(executor, job("t2", "sleep", "0.01"))
        assert busy.exit_code == 0, busy.stderr_tail
        assert busy.cpu_s >= 0.3
        assert busy.peak_rss_bytes >= 64 << 20
        assert idle.peak_rss_bytes < 64 << 20

    def test_where_and_how_it_ran_is_recorded(self, start: Start) -> None:
        """Host facts and an honest word about the confinement."""
        run = one(start(), job("t1", "true", threads=2, private=("data/**",)))
        assert {"host", "system", "cpu", "python", "threads"} <= run.host.keys()
        assert run.host["threads"] == "2"
        assert "data/**" in run.confinement["asked"]
        assert run.confinement["enforced"]

    def test_the_same_trial_can_run_again(self, start: Start) -> None:
        """It starts afresh: no file, no output, no metrics of the first time."""
        executor = start()
        first = one(executor, shell("t1", 'echo 1 > "$MAINSTEM_METRICS"; echo one; touch left'))
        again = one(executor, shell("t1", "ls left"))
        assert (first.metrics, first.stdout) == ("1\n", "one\n")
        assert (again.metrics, again.stdout) == ("", "")
        assert again.exit_code != 0

    def test_many_jobs_go_through_a_few_slots(self, start: Start) -> None:
        """Each is run once and reported once."""
        executor = start(slots=2)
        for number in range(self.many):
            executor.submit(job(f"t{number}", "true"))
        assert {run.exit_code for run in collect(executor, self.many).values()} == {0}
        assert executor.wait() == []


class TestLocalExecutor(ExecutorSuite):
    """The executor of this machine."""

    level: ClassVar[Level | None] = None
    shares: ClassVar[bool] = False

    @pytest.fixture
    def start(self, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Start]:
        """Starts local executors in state folders of their own; trials may write to `tmp_path`."""
        self.states: list[Path] = []
        shared = tmp_path_factory.mktemp("shared")
        write_tree(TREE, shared)
        with contextlib.ExitStack() as closing:

            def make(*, slots: int = 1, grace_s: float = 5.0) -> Executor:
                state = tmp_path_factory.mktemp("state")
                self.states.append(state)
                executor = LocalExecutor(
                    slots=slots,
                    workspace=state,
                    materialise=write_tree,
                    held=(lambda _tree: contextlib.nullcontext(shared)) if self.shares else None,
                    confine=self.confine(state, tmp_path),
                    grace_s=grace_s,
                )
                closing.callback(executor.close)
                return executor

            yield make

    def test_a_network_that_is_asked_for_is_there(self, start: Start) -> None:
        """At every level, with everything else as it is; the record says that it was asked for."""
        connect = "import socket, sys; socket.create_connection(('127.0.0.1', int(sys.argv[1])))"
        with socket.create_server(("127.0.0.1", 0)) as server:
            port = str(server.getsockname()[1])
            run = one(start(), job("t1", "python3", "-S", "-c", connect, port, network=True))
        assert run.exit_code == 0, run.detail or run.stderr_tail
        assert run.confinement["asked"] == "network: on"

    def confine(self, state: Path, writable: Path) -> Confine:
        """What its trials are kept from."""
        if self.level is None:
            return unconfined
        if why := probe(self.level):
            pytest.skip(f"{self.level} does not work here: {why}")
        standing = standing_at(self.level)
        return Profile(state=state, standing=standing, writable=[writable])


class SandboxSuite(TestLocalExecutor):
    """What holds besides where all of a trial is in one process namespace."""

    __test__ = False

    def test_a_keeper_that_is_killed_takes_the_whole_trial_along(
        self, start: Start, tmp_path: Path
    ) -> None:
        """Also what has left its session and its marks; the run says what happened each time."""
        executor = start()
        executor.submit(shell("t1", stubborn_family(tmp_path)))
        for _ in range(ATTEMPTS):
            until(lambda: told(tmp_path, 4))
            family = living(tmp_path)
            for file in tmp_path.iterdir():
                file.unlink()
            os.kill(self.keeper(), signal.SIGKILL)
            until(partial(gone, family, tmp_path))
        run = collect(executor, 1)["t1"]
        assert (run.ending, run.signal) == (Ending.SIGNALLED, "SIGKILL")
        assert "watches over the trial" in run.detail
        until(lambda: living(tmp_path) == [])
        assert one(executor, job("t2", "true")).exit_code == 0

    def test_a_trial_whose_keeper_was_killed_runs_again(self, start: Start, tmp_path: Path) -> None:
        """The system kills when memory is short: that is no result of the recipe's."""
        executor = start()
        script = (
            f"echo up > {tmp_path}/up; until [ -e {tmp_path}/go ]; do sleep 0.02; done; echo done"
        )
        executor.submit(shell("t1", script))
        until((tmp_path / "up").exists)
        os.kill(self.keeper(), signal.SIGKILL)
        (tmp_path / "go").touch()
        run = collect(executor, 1)["t1"]
        assert (run.ending, run.exit_code, run.stdout) == (Ending.EXITED, 0, "done\n")

    def test_a_door_in_shared_memory_hinders_nobody(self, start: Start) -> None:
        """A server of this machine that listens there is not seen, and the trial runs."""
        name = Path("/dev/shm", f"mainstem-test-{os.getpid()}.sock")  # noqa: S108  # where it is looked for
        with contextlib.closing(socket.socket(socket.AF_UNIX)) as door:
            door.bind(str(name))
            door.listen()
            try:
                run = one(start(), shell("t1", f"[ -S {name} ] || echo hidden"))
            finally:
                name.unlink()
        assert (run.exit_code, run.stdout) == (0, "hidden\n"), run.detail

    def keeper(self) -> int:
        """The keeper of the last executor; a guard is a fork of it, and bears the same mark."""
        marked = keeper_processes(self.states[-1].resolve())
        (keeper,) = (p for p in marked if int(stat_fields(p)[1]) == os.getpid())
        return keeper


class TestBubblewrap(SandboxSuite):
    """The same promises in bubblewrap."""

    __test__ = True

    level = Level.BUBBLEWRAP


class TestOverlay(TestBubblewrap):
    """The same promises where trees are laid over a shared one (as root; else they are copied)."""

    shares = True


class TestNamespaces(SandboxSuite):
    """The same promises in namespaces of our own."""

    __test__ = True

    level = Level.NAMESPACES


class TestLandlock(TestLocalExecutor):
    """The same promises under Landlock."""

    level = Level.LANDLOCK


class TestLimits(TestLocalExecutor):
    """The same promises with limits alone."""

    level = Level.LIMITS
