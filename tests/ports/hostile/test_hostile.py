from __future__ import annotations

import json
import os
import pwd
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import pytest

from mainstem.executors.ladder import probe
from mainstem.executors.logs import LOG_BYTES, TAIL_BYTES
from mainstem.executors.plan import Level

HERE = Path(__file__).resolve().parent
SOURCE = HERE.parents[2] / "src"
LONG = os.environ.get("HOSTILE_LONG")
"""Set for every level at user level too; without it, at the best one."""

CLAIMS = {
    "files: the system read-only; hidden: homes": "files",
    "network: none": "network",
    "processes: sees and signals only its own": "processes",
}
"""What a record may claim, and of which attacks all must then have failed."""

NARROW_CLAIMS = {
    "network: no TCP": ["connects by TCP"],
    "processes: signals only its own": ["kills its parent", "kills another process"],
}


def interpreter(user: str) -> str:
    """A Python that this user can run, and that finds the package.

    It skips the test, with the reason, if there is none.
    """
    for python in dict.fromkeys([sys.executable, "/usr/bin/python3"]):
        code = "import sys, mainstem.executors; sys.exit(sys.version_info < (3, 11))"
        try:
            done = subprocess.run(
                [python, "-B", "-c", code],
                env={"PYTHONPATH": str(SOURCE), "PATH": os.environ["PATH"]},
                cwd="/",
                capture_output=True,
                check=False,
                **as_user(user),
            )
        except OSError:
            continue
        if done.returncode == 0:
            return python
    pytest.skip(f"{user} can run no Python here that finds the package")


def as_user(user: str) -> dict[str, Any]:
    """How `subprocess` becomes this user; nothing for the present one."""
    if user == "self":
        return {}
    entry = pwd.getpwnam(user)
    return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}


def outcomes(level: Level, user: str, folder: Path) -> dict[str, dict[str, Any]]:
    """What came of every attack at this level, tried as this user."""
    done = subprocess.run(
        [interpreter(user), "-B", str(HERE / "runner.py"), level, str(folder)],
        env={"TOKEN": "TOP-SECRET", "PATH": os.environ["PATH"], "PYTHONPATH": str(SOURCE)},
        cwd="/",
        capture_output=True,
        text=True,
        check=False,
        **as_user(user),
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, dict[str, Any]] = json.loads(done.stdout)
    return found


@pytest.mark.parametrize("user", ["self", "nobody"])
@pytest.mark.parametrize("level", list(Level))
def test_hostile_trials_are_stopped_and_named(
    level: Level, user: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Each is stopped, and says by what, or its own record says that it could not be."""
    if user != "self" and os.geteuid() != 0:
        pytest.skip("only root can become another user")
    if user != "self" and level is not Level.BUBBLEWRAP and not LONG:
        pytest.skip("as another user only at the best level; HOSTILE_LONG=1 tries all")
    if why := probe(level):
        pytest.skip(f"{level} does not work here: {why}")
    folder = tmp_path_factory.mktemp("hostile")
    for place in (folder, *folder.parents):  # those of pytest are shut to others
        if Path(tempfile.gettempdir()) in place.parents:
            place.chmod(0o755)
    if user != "self":
        os.chown(folder, as_user(user)["user"], as_user(user)["group"])
    found = outcomes(level, user, folder)
    assert len(found) >= 30
    wrong = {name: faults for name, seen in found.items() if (faults := judge(name, seen))}
    assert wrong == {}


def judge(name: str, seen: dict[str, Any]) -> list[str]:
    """What is wrong with the outcome of an attack; empty if nothing is."""
    record, faults = seen["confinement"], []
    stopped = not seen["traces"]
    if not stopped and not (seen["aspect"] and f"{seen['aspect']} " in admitted(record)):
        faults.append(f"{seen['traces']}, and the record does not admit it")
    claimed = any(
        phrase in record["enforced"] and aspect == seen["aspect"]
        for phrase, aspect in CLAIMS.items()
    ) or any(
        phrase in record["enforced"] and name in names for phrase, names in NARROW_CLAIMS.items()
    )
    if claimed and not stopped:
        faults.append(f"{seen['traces']}, and the record claims that it is stopped")
    said = f"{seen['detail']} {seen['stderr']}"
    if stopped and not re.search(seen["named"], said):
        faults.append(f"it was stopped, but nothing names {seen['named']!r}: {said}")
    if seen["log_bytes"] > LOG_BYTES + 2 * TAIL_BYTES:
        faults.append(f"its log has {seen['log_bytes']} bytes")
    if name == "ignores SIGTERM" and seen["ending"] != "timeout":
        faults.append(f"it ended as {seen['ending']}")
    return faults


def admitted(record: dict[str, str]) -> str:
    """What a record says is not enforced, each with a space after its first word."""
    return f"{record['not_enforced'].replace(':', ' ')} "


def test_a_record_that_claims_too_much_is_found_out() -> None:
    """The judge can fail: an admitted leak passes, an unadmitted or a denied one does not."""
    leak = {
        "aspect": "network",
        "named": "",
        "traces": ["a datagram arrived"],
        "detail": "",
        "stderr": "",
        "log_bytes": 0,
    }
    honest = {"enforced": "network: no TCP", "not_enforced": "network: off (UDP is not stopped)"}
    silent = {"enforced": "network: no TCP", "not_enforced": "nothing of it"}
    boasting = {"enforced": "network: none but its own", "not_enforced": "network: UDP"}
    assert judge("sends by UDP", {**leak, "confinement": honest}) == []
    assert len(judge("sends by UDP", {**leak, "confinement": silent})) == 1
    assert len(judge("sends by UDP", {**leak, "confinement": boasting})) == 1
