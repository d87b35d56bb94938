"""Kills and worse, at random moments of one campaign: nothing lost, nothing doubled, same verdicts.

`make chaos` takes a campaign of 200 trials through 200 disturbances on each kind of store, and goes
on where it was if it is stopped itself; `make test` does a few (tests/acceptance/test_chaos.py). In
the end the course must be that of an undisturbed run on SQLite: the same asks, the same results,
none twice, the same verdicts, a whole chain; and no process, mount or folder of a trial is left.

What happens, each at a random moment of real work:

- the campaign's process is killed; a trial's keeper is; every process of the campaign is at once
- the disk is full for a while (the state folder lies on a small disk of its own, as root)
- the clock jumps by up to a year, forth or back
- a worker stands still for longer than its leases last; the database is restarted without warning
- a job is requeued by its scheduler; a node of a cluster is killed and comes back

However fast a machine is, all of it happens while trials are still to run: see `Pace`.
"""

from __future__ import annotations

import contextlib
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from postgres_server import Server

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

resumes = True  # see run.py
BUDGET, KILLS, TRIAL_S = 200, 200, 0.7
LONG_TRIAL_S = {"sqlite": 3.5, "postgresql": 10.0, "slurm": 3.0, "ray": 7.0}
"""Of the whole form, to begin with: about as long as so many disturbances take (see `Pace`)."""
AHEAD, BEHIND = 10, 10
"""By how many trials a campaign may be ahead of its disturbances and behind them. More than a batch
holds, or the two could wait for each other."""
DOUBLES_BY = 3
"""By how many trials a campaign is ahead when its trials are told to take twice as long."""
LONGEST_S = 60.0
ANY = 10**9
"""Above the number of every trial: all of them may end."""
LEASE_S = 4.0
BETWEEN_S = (1.0, 3.5)
SETTINGS = 10
DISK_BYTES = 48 * 2**20
PATIENCE_S = 600.0
SHOWN = ("trials", "doubled", "alterations", "same_asks", "same_results", "same_verdicts")
COMMITTER = ("-c", "user.name=bench", "-c", "user.email=bench@example.org")

TRAIN = r"""#!/bin/sh
# The loss follows from the settings, the noise from the seed. How long it takes, and whether it may
# end yet, is said outside of the recipe's tree.
set -eu
read -r takes last < "$CHAOS_PACE/now"
sleep "$takes"
while [ "${MAINSTEM_TRIAL##*.}" -gt "$last" ]; do
  sleep 0.1
  read -r takes last < "$CHAOS_PACE/now"
done
on=""
for file in settings/*; do on="$on $(cat "$file")"; done
echo "$on" | awk -v seed="$1" '{
  srand(seed); noise = -6; for (i = 0; i < 12; i++) noise += rand()
  loss = 3.0
  for (i = 1; i <= NF; i++) if ($i == "on") loss += i % 2 ? 0.015 : -0.03
  printf "loss: %.6f\n", loss + 0.4 * noise
}'
"""

# The command line, with a clock that is wrong by so many days as a file says.
WITH_CLOCK = """
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from mainstem.cli.main import main
from mainstem.wiring.clock import SystemClock
file = Path(sys.argv.pop(1))
def now(self):
    told = datetime.now(UTC) + timedelta(days=float(file.read_text()))
    return told.isoformat(timespec="milliseconds").replace("+00:00", "Z")
SystemClock.now = now
sys.argv[0] = "mainstem"
main()
"""

STACK = r"""
[stack]
name = "chaos"
trunk = "main"
command = "sh train.sh {seed}"
timeout = "1h"
[run]
env = ["CHAOS_PACE"]
[metrics]
source = "stdout"
[metrics.patterns]
loss = '^loss:\s+(\S+)'
[[objectives]]
name = "loss"
margin = 0.05
"""


@dataclass(frozen=True, kw_only=True)
class Form:
    """How long a suite is.

    Attributes:
        budget: The campaign's trials.
        kills: How many disturbances.
        takes_s: Seconds that a trial takes, as long as the campaign is on schedule.
        between_s: Seconds of work between two disturbances, from and to.
    """

    budget: int
    kills: int
    takes_s: float = TRIAL_S
    between_s: tuple[float, float] = BETWEEN_S


@dataclass(frozen=True, kw_only=True)
class Pace:
    """Has a campaign and its disturbances come to their ends together, on any machine and load.

    A trial that is ahead of the disturbances takes longer, one that is behind takes less; the
    results have no part of it. That alone would end them at about the same time. So no trial ends
    either before its share of the disturbances has come, and the last one not before the last of
    them; and a campaign that is far behind is left alone until it is not.

    Attributes:
        folder: Every trial can read what is in it.
        trials: How many the undisturbed campaign has.
        kills: How many disturbances come.
        takes_s: Seconds that a trial takes on schedule.
    """

    folder: Path
    trials: int
    kills: int
    takes_s: float

    def last(self, done: int) -> int:
        """Up to which trial, by its number, they may end after so many disturbances."""
        ahead = min(AHEAD, self.trials - 1)
        return ahead + done * (self.trials - ahead) // self.kills

    def due(self, done: int, finished: int) -> bool:
        """Whether a campaign with so many finished trials is ready for one disturbance more."""
        return self.kills * (finished + BEHIND) >= self.trials * (done + 1)

    def seconds(self, done: int, finished: int) -> float:
        """How long a trial that starts now takes."""
        lead = finished - self.trials * done / self.kills
        return min(self.takes_s * 2.0 ** (lead / DOUBLES_BY), LONGEST_S)

    def tell(self, done: int, finished: int) -> None:
        """Tells trials what holds after so many disturbances."""
        write_pace(self.folder, takes_s=self.seconds(done, finished), last=self.last(done))

    def let_go(self) -> None:
        """Nothing more happens: every trial may end."""
        write_pace(self.folder, takes_s=min(self.takes_s, TRIAL_S), last=ANY)


def write_pace(folder: Path, *, takes_s: float, last: int) -> Path:
    """Tells trials how long they take, and which is the last one that may end; the folder."""
    folder.mkdir(exist_ok=True)
    part = folder / "part"
    part.write_text(f"{takes_s:.3f} {last}\n", encoding="utf-8")
    part.replace(folder / "now")
    return folder


@dataclass
class World:
    """One campaign, its stacks and who works on them.

    Attributes:
        stacks: A repository per worker; the first took the proposals in.
        budget: The campaign's trials.
        clock: A file that says by how many days the workers' clocks are wrong.
        pace: The folder that tells trials how long they take; see `write_pace`.
        store: Words of every command that name the store; none for SQLite.
        more: Further words of `integrate`.
        enter: Words before every command: where a cluster is to be seen.
        scratch: Where trials run on nodes; None if they run in the state folder.
        workers: The processes that work, one per stack; None where none does.
        spared: Trials whose keeper was killed; see `kill_a_keeper`.
    """

    stacks: list[Path]
    budget: int
    clock: Path
    pace: Path
    store: tuple[str, ...] = ()
    more: tuple[str, ...] = ()
    enter: tuple[str, ...] = ()
    scratch: Path | None = None
    workers: list[subprocess.Popen[bytes] | None] = field(default_factory=list)
    spared: set[str] = field(default_factory=set)

    def mainstem(self, *words: str) -> str:
        """What a command prints.

        Raises:
            RuntimeError: It failed.
        """
        command = [*self._mainstem(), *words, *self.store]
        done = subprocess.run(
            command,
            cwd=self.stacks[0],
            env=self._environment(),
            capture_output=True,
            check=False,
            text=True,
        )
        if done.returncode != 0:
            raise RuntimeError(f"{' '.join(words)}: {done.stderr or done.stdout}")
        return done.stdout

    def _mainstem(self) -> list[str]:
        return [*self.enter, sys.executable, "-c", WITH_CLOCK, str(self.clock)]

    def _environment(self) -> dict[str, str]:
        return os.environ | {"CHAOS_PACE": str(self.pace)}

    def start(self) -> None:
        """Starts every worker that does not run."""
        self.workers += [None] * (len(self.stacks) - len(self.workers))
        for number, stack in enumerate(self.stacks):
            running = self.workers[number]
            if running is None or running.poll() is not None:
                self.workers[number] = self._integrate(stack)

    def _integrate(self, stack: Path) -> subprocess.Popen[bytes]:
        words = ["integrate", "--budget", str(self.budget), "-j", "2", *self.more, *self.store]
        with (stack.parent / f"{stack.name}.log").open("ab") as log:
            return subprocess.Popen(
                [*self._mainstem(), *words],
                cwd=stack,
                env=self._environment(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def living(self) -> list[subprocess.Popen[bytes]]:
        """The workers that run."""
        return [w for w in self.workers if w is not None and w.poll() is None]

    def standing(self) -> tuple[bool, int]:
        """Whether the campaign has ended, and how many of its trials have."""
        said = json.loads(self.mainstem("status", "--json"))
        return bool(said["ended"]), int(said["spent"])

    def run_to_the_end(self) -> None:
        """Starts whoever does not run, until the campaign has ended.

        Raises:
            TimeoutError: It takes far longer than it can.
        """
        deadline_s = time.monotonic() + PATIENCE_S + 5.0 * TRIAL_S * self.budget
        while True:
            self.start()
            for worker in self.living():
                worker.wait(deadline_s - time.monotonic())
            if self.standing()[0]:
                return
            if time.monotonic() > deadline_s:
                raise TimeoutError("the campaign does not end")

    def stop(self) -> None:
        """Ends every worker."""
        for worker in self.living():
            with contextlib.suppress(ProcessLookupError):
                os.kill(worker.pid, signal.SIGCONT)
            worker.terminate()
        for worker in self.workers:
            if worker is not None:
                worker.wait(60.0)


def build(path: Path, *, toml: str = "") -> Path:
    """A stack with a branch per setting."""
    (path / "settings").mkdir(parents=True)

    def git(*words: str) -> None:
        subprocess.run(["git", *COMMITTER, *words], cwd=path, check=True, capture_output=True)

    git("init", "--quiet", "--initial-branch=main")
    (path / "train.sh").write_text(TRAIN, encoding="utf-8")
    (path / "mainstem.toml").write_text(STACK + toml, encoding="utf-8")
    for number in range(SETTINGS):
        (path / "settings" / f"{number}").write_text("off\n", encoding="utf-8")
    git("add", "--all")
    git("commit", "--quiet", "--message=trunk")
    for number in range(SETTINGS):
        git("checkout", "--quiet", "-b", f"b{number}", "main")
        (path / "settings" / f"{number}").write_text("on\n", encoding="utf-8")
        git("commit", "--quiet", "--all", f"--message=setting {number}")
    git("checkout", "--quiet", "main")
    return path


def right_clock(file: Path) -> Path:
    """A clock that is right, until something happens to it."""
    file.write_text("0\n", encoding="utf-8")
    return file


def propose(world: World) -> None:
    """Takes every branch in."""
    world.mainstem("propose", *(f"b{number}" for number in range(SETTINGS)))


def course(world: World) -> dict[str, Any]:
    """Asks, results and verdicts as the store has them."""
    from mainstem.wiring import open_project

    with open_project(world.stacks[0], **_store(world)) as project:
        rows = [(entry.kind, entry.body) for entry in project.ledger.entries()]
        wrong = project.ledger.verify()
    finished = [b for kind, b in rows if kind == "trial-finished"]
    names = [b["trial"] for b in finished]
    return {
        "asked": [
            [(t["trial"], t["recipe"], t["seed"], t["purpose"]) for t in b["trials"]]
            for kind, b in rows
            if kind == "batch-asked"
        ],
        "finished": sorted((b["trial"], b["values"], b["failure"]) for b in finished),
        "verdicts": sorted((b["proposal"], b["kind"]) for kind, b in rows if kind == "verdict"),
        "doubled": len(names) - len(set(names)),
        "alterations": wrong,
    }


def _store(world: World) -> dict[str, str]:
    return {"store": world.store[1]} if world.store else {}


def calm(folder: Path, budget: int) -> dict[str, Any]:
    """The undisturbed course; its trials take no time, which is no part of it."""
    kept = folder / f"calm-{budget}.json"
    if not kept.exists():
        shutil.rmtree(folder / "calm", ignore_errors=True)
        stack = build(folder / "calm")
        clock = right_clock(folder / "calm.clock")
        pace = write_pace(folder / "calm.pace", takes_s=0.0, last=ANY)
        world = World(stacks=[stack], budget=budget, clock=clock, pace=pace)
        propose(world)
        world.run_to_the_end()
        kept.write_text(json.dumps(course(world)), encoding="utf-8")
    found: dict[str, Any] = json.loads(kept.read_text(encoding="utf-8"))
    return found


# What happens -------------------------------------------------------------------------------------


def kill_a_worker(world: World, rng: random.Random) -> str:
    """`kill -9` of a campaign's process."""
    worker = rng.choice(world.living())
    worker.kill()
    worker.wait()
    return "worker killed"


def kill_a_keeper(world: World, rng: random.Random) -> str:
    """`kill -9` of what watches over a trial; once for each trial.

    One whose keeper is killed three times in a row is taken to have done it and has failed, as it
    should: that is not what is looked at here.
    """
    # Not a guard, which is a fork of its keeper: its end is the trial's.
    workers = {worker.pid for worker in world.living()}
    marked = [
        p for stack in world.stacks for p in _marked(stack / ".mainstem", b"MAINSTEM_KEEPER=")
    ]
    found = [process for process in marked if _parent(process) in workers]
    watched = {process: _trial_below(process) for process in found}
    found = [process for process, trial in watched.items() if trial not in world.spared]
    if not found:
        return kill_a_worker(world, rng)
    keeper = rng.choice(found)
    _send(keeper, signal.SIGKILL)
    world.spared |= {watched[keeper]} - {""}
    return "keeper killed"


def kill_everything(world: World, rng: random.Random) -> str:
    """As when a machine goes: the campaign's process and all below it at once."""
    worker = rng.choice(world.living())
    family = [worker.pid, *_below(worker.pid)]
    for process in family:
        _send(process, signal.SIGSTOP)
    for process in family:
        _send(process, signal.SIGKILL)
    worker.wait()
    return "machine gone"


def fill_the_disk(world: World, rng: random.Random) -> str:
    """No byte is left beside the ledger for a while."""
    state = world.stacks[0] / ".mainstem"
    ballast = state / "ballast"
    with contextlib.suppress(OSError), ballast.open("wb", buffering=0) as file:
        while True:
            file.write(b"\0" * 65536)
    time.sleep(rng.uniform(1.0, 3.0))
    ballast.unlink()
    return "disk full"


def jump_the_clock(world: World, rng: random.Random) -> str:
    """By up to a year, forth or back."""
    days = rng.choice([-365.0, -1.0, -0.01, 0.0, 0.01, 1.0, 365.0])
    part = world.clock.with_suffix(".part")
    part.write_text(f"{days}\n", encoding="utf-8")
    part.replace(world.clock)
    return "clock jumped"


def stand_still(world: World, rng: random.Random) -> str:
    """A worker that is stopped for longer than its leases last, and comes back."""
    worker = rng.choice(world.living())
    os.kill(worker.pid, signal.SIGSTOP)
    time.sleep(1.5 * LEASE_S)
    os.kill(worker.pid, signal.SIGCONT)
    return "worker stood still"


def _below(root: int) -> list[int]:
    from mainstem.executors.kin import descendants

    return sorted(descendants(root))


def _trial_below(keeper: int) -> str:
    """The trial that a keeper watches over; "" while there is none."""
    for process in _below(keeper):
        with contextlib.suppress(OSError):
            for line in Path(f"/proc/{process}/environ").read_bytes().split(b"\0"):
                if line.startswith(b"MAINSTEM_TRIAL="):
                    return os.fsdecode(line.partition(b"=")[2])
    return ""


def _parent(process: int) -> int:
    from mainstem.executors.kin import stat_fields

    fields = stat_fields(process)
    return int(fields[1]) if fields else 0


def _marked(folder: Path, mark: bytes) -> list[int]:
    """Processes whose environment names something in this folder behind a mark."""
    found = []
    wanted = mark + os.fsencode(folder.resolve())
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if wanted in (process / "environ").read_bytes():
                found.append(int(process.name))
    return found


def _send(process: int, number: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(process, number)


def left_behind(world: World) -> list[str]:
    """Processes, mounts and folders of trials that should have gone."""
    found = []
    for stack in world.stacks:
        state = stack.resolve() / ".mainstem"
        found += [f"process {p}" for p in _marked(state, b"MAINSTEM_KEEPER=")]
        found += [f"process {p}" for p in _marked(state, b"MAINSTEM_METRICS=")]
        mounts = Path("/proc/self/mounts").read_text(encoding="utf-8").splitlines()
        found += [f"mount {m.split()[1]}" for m in mounts if f"{state}/" in m]
        for name in ("work", "overlays"):
            there = state / name
            found += [str(p) for p in there.iterdir()] if there.is_dir() else []
    if world.scratch is not None:
        found += [f"process {p} of a node" for p in _marked(world.scratch, b"MAINSTEM_METRICS=")]
    return found


# The suites ---------------------------------------------------------------------------------------


def disturb(
    world: World,
    happenings: Sequence[Callable[[World, random.Random], str]],
    form: Form,
    pace: Pace,
    *,
    seed: int,
    kept: Path | None = None,
) -> list[str]:
    """Has that many things happen while the campaign is at work; says what did.

    Args:
        world: The campaign.
        happenings: What can happen.
        form: How often, and how long the work between two is.
        pace: Keeps both together.
        seed: Of the random moments and choices.
        kept: A file that holds what has happened, to go on from.

    Raises:
        TimeoutError: The campaign does not go on, though it is left alone.
    """
    done: list[str] = []
    if kept is not None and kept.exists():
        done = json.loads(kept.read_text(encoding="utf-8"))
    deadline_s = time.monotonic() + PATIENCE_S
    while len(done) < form.kills:
        ended, finished = world.standing()
        if ended:
            break
        pace.tell(len(done), finished)
        world.start()
        if not pace.due(len(done), finished):
            if time.monotonic() > deadline_s:
                raise TimeoutError("the campaign does not go on")
            time.sleep(form.between_s[0])
            continue
        rng = random.Random(f"{seed}-{len(done)}")
        time.sleep(rng.uniform(*form.between_s))
        if not world.living():
            continue  # it ended, or could not start: the next round says which
        done.append(rng.choice(happenings)(world, rng))
        deadline_s = time.monotonic() + PATIENCE_S
        if kept is not None:
            kept.write_text(json.dumps(done), encoding="utf-8")
    return done


def judge(world: World, expected: dict[str, Any], happened: list[str]) -> dict[str, Any]:
    """Runs the campaign to its end and compares it with the undisturbed one."""
    world.run_to_the_end()
    world.stop()
    found = json.loads(json.dumps(course(world)))
    return {
        "happened": {what: happened.count(what) for what in sorted(set(happened))},
        "kills": len(happened),
        "trials": len(found["finished"]),
        "doubled": found["doubled"],
        "alterations": found["alterations"],
        "same_asks": found["asked"] == expected["asked"],
        "same_results": found["finished"] == expected["finished"],
        "same_verdicts": found["verdicts"] == expected["verdicts"],
        "left_behind": left_behind(world),
    }


def undergo(
    world: World,
    expected: dict[str, Any],
    happenings: Sequence[Callable[[World, random.Random], str]],
    form: Form,
    *,
    seed: int,
    kept: Path | None = None,
) -> dict[str, Any]:
    """Disturbs a campaign, runs it to its end and judges it; nobody works on it afterwards."""
    trials = len(expected["finished"])
    pace = Pace(folder=world.pace, trials=trials, kills=form.kills, takes_s=form.takes_s)
    try:
        happened = disturb(world, happenings, form, pace, seed=seed, kept=kept)
        at_last = world.standing()[1]
        pace.let_go()
        return {**judge(world, expected, happened), "at_last": at_last}
    finally:
        pace.let_go()
        world.stop()


def lose_a_node(cluster: Any, nodes: Sequence[str]) -> Callable[[World, random.Random], str]:
    """A happening: one of these nodes of a cluster is killed and comes back."""

    def happen(_world: World, rng: random.Random) -> str:
        node = rng.choice(nodes)
        cluster.kill_node(node)
        time.sleep(rng.uniform(0.5, 2.0))
        cluster.start_node(node)
        return "node killed"

    return happen


def _mounts(words: list[str]) -> bool:
    return subprocess.run(["mount", *words], check=False, capture_output=True).returncode == 0


@contextlib.contextmanager
def small_disk(state: Path) -> Any:
    """A small disk of its own for a state folder; yields whether there is one (as root)."""
    state.mkdir(parents=True, exist_ok=True)
    if os.geteuid() != 0:
        yield False
        return
    image = state.parent.parent / f"{state.parent.name}.img"
    if not image.exists():
        with image.open("wb") as file:
            file.truncate(DISK_BYTES)
        subprocess.run(["mkfs.ext4", "-q", "-F", str(image)], check=True)
    ways = (["-o", "loop", str(image)], ["-t", "tmpfs", "-o", f"size={DISK_BYTES}", "tmpfs"])
    if not any(_mounts([*words, str(state)]) for words in ways):  # root of a container only
        yield False
        return
    try:
        yield True
    finally:
        subprocess.run(["umount", "--lazy", str(state)], check=True)


def on_sqlite(folder: Path, form: Form) -> dict[str, Any]:
    """One process on one file."""
    expected = calm(folder, form.budget)
    stack = folder / "sqlite"
    fresh = not stack.exists()
    if fresh:
        build(stack)
    with small_disk(stack / ".mainstem") as own_disk:
        clock = right_clock(folder / "sqlite.clock")
        pace = write_pace(folder / "sqlite.pace", takes_s=form.takes_s, last=0)
        world = World(stacks=[stack], budget=form.budget, clock=clock, pace=pace)
        if fresh:
            propose(world)
        can = [kill_a_worker, kill_a_keeper, kill_everything, jump_the_clock]
        can += [fill_the_disk] if own_disk else []
        return undergo(world, expected, can, form, seed=1, kept=folder / "sqlite.json")


def on_postgres(folder: Path, form: Form) -> dict[str, Any]:
    """Two workers with a clone each on one database, which begins anew with each attempt."""
    expected = calm(folder, form.budget)
    for name in ("team-1", "team-2"):
        shutil.rmtree(folder / name, ignore_errors=True)
    first = build(folder / "team-1", toml=f'[store]\nlease = "{LEASE_S:g}s"\n')
    second = folder / "team-2"
    subprocess.run(["git", "clone", "--quiet", str(first), str(second)], check=True)
    server = Server()
    try:
        server.start()
        world = World(
            stacks=[first, second],
            budget=form.budget,
            clock=right_clock(folder / "team.clock"),
            pace=write_pace(folder / "team.pace", takes_s=form.takes_s, last=0),
            store=("--store", server.address(server.database())),
        )
        propose(world)

        def restart_the_database(_world: World, rng: random.Random) -> str:
            server.stop(hard=True)
            time.sleep(rng.uniform(0.0, 2.0))
            server.start()
            return "database restarted"

        can = [kill_a_worker, kill_a_worker, kill_a_keeper, kill_everything]
        can += [jump_the_clock, stand_still, restart_the_database]
        return undergo(world, expected, can, form, seed=2)
    finally:
        server.remove()


def on_slurm(folder: Path, form: Form) -> dict[str, Any]:
    """One campaign process and two nodes; jobs run on when the process is killed."""
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
    from tests.clusters import slurm

    if lacking := slurm.lacking():
        return {"lacking": lacking}
    expected = calm(folder, form.budget)
    for name in ("slurm", "cluster", "scratch"):
        shutil.rmtree(folder / name, ignore_errors=True)
    stack = build(folder / "slurm")
    (folder / "cluster").mkdir()
    scratch = folder / "scratch"
    scratch.mkdir()
    os.environ["MAINSTEM_SCRATCH"] = str(scratch)
    with slurm.running_slurm(folder / "cluster") as cluster:
        os.environ["SLURM_CONF"] = cluster.conf
        world = World(
            stacks=[stack],
            budget=form.budget,
            clock=right_clock(folder / "slurm.clock"),
            pace=write_pace(folder / "slurm.pace", takes_s=form.takes_s, last=0),
            more=("-x", "slurm"),
            scratch=scratch,
        )
        propose(world)

        def requeue_a_job(_world: World, rng: random.Random) -> str:
            running = [line.split()[0] for line in cluster.jobs() if " RUNNING" in line]
            if running:
                with contextlib.suppress(subprocess.CalledProcessError):  # it has just ended
                    cluster.said("scontrol", "requeue", rng.choice(running))
            return "job requeued"

        can = [kill_a_worker, kill_a_worker, kill_everything, jump_the_clock, requeue_a_job]
        can += [lose_a_node(cluster, slurm.NODES)]
        return undergo(world, expected, can, form, seed=3)


def on_ray(folder: Path, form: Form) -> dict[str, Any]:
    """One campaign process and a Ray of three nodes, which work on when it is killed."""
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
    from tests.clusters import ray

    if lacking := ray.lacking():
        return {"lacking": lacking}
    expected = calm(folder, form.budget)
    shutil.rmtree(folder / "ray", ignore_errors=True)
    stack = build(folder / "ray")
    with ray.shared_ray(folder / "ray-nodes") as cluster:
        world = World(
            stacks=[stack],
            budget=form.budget,
            clock=right_clock(folder / "ray.clock"),
            pace=write_pace(folder / "ray.pace", takes_s=form.takes_s, last=0),
            more=("-x", f"ray:{cluster.address}"),
            enter=cluster.enter,
            scratch=Path(cluster.folder) / "scratch",
        )
        propose(world)

        can = [kill_a_worker, kill_a_worker, kill_everything, jump_the_clock]
        can += [lose_a_node(cluster, ray.NODES)]
        return undergo(world, expected, can, form, seed=4)


def measure(folder: Path, *, quick: bool) -> dict[str, Any]:
    """Every suite that this machine can do; one that has been judged is not begun again."""
    folder.mkdir(parents=True, exist_ok=True)
    budget, kills = (20, 8) if quick else (BUDGET, KILLS)
    suites = {"sqlite": on_sqlite, "postgresql": on_postgres, "slurm": on_slurm, "ray": on_ray}
    if quick:
        del suites["slurm"], suites["ray"]
    figures = {}
    for name, suite in suites.items():
        judged = folder / f"judged-{name}-{budget}.json"
        if not judged.exists():
            takes_s = TRIAL_S if quick else LONG_TRIAL_S[name]
            found = suite(folder, Form(budget=budget, kills=kills, takes_s=takes_s))
            judged.write_text(json.dumps(found), encoding="utf-8")
        figures[name] = json.loads(judged.read_text(encoding="utf-8"))
    return figures


def table(figures: dict[str, Any]) -> str:
    """What came out, suite by suite."""
    lines = []
    for name, found in figures.items():
        if "lacking" in found:
            lines.append(f"{name}: not here: {found['lacking']}")
            continue
        happened = ", ".join(f"{count} {what}" for what, count in found["happened"].items())
        lines.append(f"{name}: {found['kills']} disturbances ({happened})")
        lines.append(f"  {found['at_last']} trials had ended when the last one had come")
        lines.extend(f"  {key:14s}{found[key]}" for key in SHOWN)
        lines.append(f"  {'left_behind':14s}{found['left_behind'] or 'nothing'}")
    return "\n".join(lines)
