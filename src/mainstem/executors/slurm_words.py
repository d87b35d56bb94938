"""What SLURM's commands say, and what they are told: text in, records out, nothing else.

Schedulers differ by version and by site, so what is not understood is passed over and never an
error, and a state that is not known counts as alive: a job is given up only where the scheduler
says so in a word that is listed here.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mainstem.domain.stack import Resources

QUEUE_FORMAT = "%F|%K|%T|%N|%k|%r"
"""What `squeue` is asked for: array, task, state, nodes, comment, reason."""

ENDED = frozenset(
    {
        "BOOT_FAIL",
        "CANCELLED",
        "COMPLETED",
        "DEADLINE",
        "FAILED",
        "NODE_FAIL",
        "OUT_OF_MEMORY",
        "PREEMPTED",
        "REVOKED",
        "TIMEOUT",
    }
)
"""States after which a job does not run again by itself."""

WAITING = frozenset({"PENDING", "REQUEUED", "REQUEUE_HOLD", "REQUEUE_FED", "SPECIAL_EXIT"})
"""States in which a job does not run now."""

NEVER = frozenset(
    {
        "AccountNotAllowed",
        "BadConstraints",
        "InvalidAccount",
        "InvalidQOS",
        "PartitionNodeLimit",
        "PartitionTimeLimit",
        "QOSNotAllowed",
        "launch failed requeued held",
    }
)
"""Reasons for which a waiting job would wait for ever."""

_TRANSIENT = (
    "timed out",
    "unable to contact",
    "connection refused",
    "connection reset",
    "zero bytes were transmitted",
    "temporarily unavailable",
    "temporarily unable",
    "slurm_load_",
    "communication connection failure",
    "slurmctld is busy",
    "maxsubmitjob",
    "job violates accounting/qos policy",
    "slurm temporarily",
    "try again",
    "in standby mode",
)
"""Parts of what `sbatch` says when the same call may be taken later."""

_UNUSABLE = ("DOWN", "DRAIN", "FAIL", "MAINT", "NOT_RESPONDING", "POWERED_DOWN", "UNKNOWN")
_FIELD = re.compile(r"(?:^|\s)([A-Z][A-Za-z_]*)=(.*?)(?=\s+[A-Z][A-Za-z_/:]*=|$)")


@dataclass(frozen=True, kw_only=True)
class Row:
    """A job as the queue shows it.

    Attributes:
        array: The array's number.
        index: Its task.
        state: Such as `RUNNING`.
        node: Where it runs, or ran last; "" if nowhere.
        comment: Which submission it is of.
        reason: Why it waits, or ended.
    """

    array: int
    index: int
    state: str
    node: str
    comment: str
    reason: str

    @property
    def alive(self) -> bool:
        """Whether something may still come of it by itself."""
        return self.state not in ENDED

    @property
    def hopeless(self) -> bool:
        """Whether it waits for what never comes."""
        return self.state in WAITING and self.reason.strip("()") in NEVER

    def words(self) -> str:
        """What the scheduler says of it, on one line."""
        where = f" on {self.node}" if self.node else ""
        why = f" ({self.reason})" if self.reason and self.reason != "None" else ""
        return f"job {self.array}_{self.index} {self.state}{where}{why}"


def queue_rows(text: str) -> list[Row]:
    """The rows of `squeue` in `QUEUE_FORMAT`; lines of another form are passed over."""
    rows = []
    for line in text.splitlines():
        fields = line.strip().split("|", 5)
        if len(fields) != 6 or not (_is_number(fields[0]) and _is_number(fields[1])):
            continue
        array, index, state, node, comment, reason = fields
        node = "" if node in {"(null)", "n/a", "N/A"} else node
        rows.append(
            Row(
                array=int(array),
                index=int(index),
                state=state.strip().upper(),
                node=node,
                comment=comment,
                reason=reason.strip(),
            )
        )
    return rows


def job_number(text: str) -> int | None:
    """The number that `sbatch --parsable` answers with; None if it says none.

    A site's own wrapper may print lines before it.
    """
    for line in reversed(text.splitlines()):
        word = line.strip().partition(";")[0]
        if _is_number(word):
            return int(word)
    return None


def is_transient(said: str) -> bool:
    """Whether a refusal of `sbatch` may be gone later."""
    lowered = said.lower()
    return any(part in lowered for part in _TRANSIENT)


def last_word(said: str) -> str:
    """What a command said on standard error, as one line for people."""
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    told = [re.sub(r"^(sbatch|squeue|scancel|scontrol): (error: )?", "", line) for line in lines]
    return "; ".join(dict.fromkeys(told)) or "it said nothing"


@dataclass(frozen=True, kw_only=True)
class Node:
    """A node as `scontrol show node` tells of it.

    Attributes:
        name: Its name.
        sort: What the scheduler knows of its kind: architecture, features, accelerators.
        partitions: Where it belongs.
        usable: Whether jobs can run on it now or after others have ended.
        cpus: Its processors; 0 if it does not say.
        memory_mib: Its memory; 0 if it does not say.
        gpus: Its accelerators.
    """

    name: str
    sort: tuple[str, ...]
    partitions: frozenset[str]
    usable: bool
    cpus: int = 0
    memory_mib: int = 0
    gpus: int = 0

    def fits(self, wishes: Resources | None) -> bool:
        """Whether a job with these wishes could run there, as far as the node says."""
        if wishes is None:
            return True
        memory_mib = 0 if wishes.memory_bytes is None else mebibytes(wishes.memory_bytes)
        return (
            wishes.gpus <= self.gpus
            and (not self.cpus or wishes.cpus <= self.cpus)
            and (not self.memory_mib or memory_mib <= self.memory_mib)
        )


def nodes(text: str) -> list[Node]:
    """The nodes in what `scontrol show node --oneliner` prints; other lines are passed over."""
    found = []
    for line in text.splitlines():
        fields = {match[1]: match[2].strip() for match in _FIELD.finditer(line)}
        name = fields.get("NodeName", "")
        if not name:
            continue
        features = sorted(filter(None, _plain(fields, "AvailableFeatures").split(",")))
        gres = [re.sub(r"\(.*?\)", "", each) for each in _outside_brackets(_plain(fields, "Gres"))]
        state = fields.get("State", "UNKNOWN").upper()
        found.append(
            Node(
                name=name,
                sort=(fields.get("Arch", ""), *features, *sorted(map(_model, gres))),
                partitions=frozenset(filter(None, _plain(fields, "Partitions").split(","))),
                usable=not any(word in state for word in _UNUSABLE) and "*" not in state,
                cpus=_number(fields.get("CPUTot", "")),
                memory_mib=_number(fields.get("RealMemory", "")),
                gpus=sum(_count(each) for each in gres if each.partition(":")[0] == "gpu"),
            )
        )
    return found


def _model(gres: str) -> str:
    """A generic resource without its count, such as `gpu:a100` of `gpu:a100:4`."""
    return re.sub(r":\d+[KMGT]?$", "", gres)


def _count(gres: str) -> int:
    """The count of a generic resource; 1 where none is said."""
    found = re.search(r":(\d+)$", gres)
    return int(found[1]) if found else 1


def minutes(seconds: float) -> int:
    """A time limit as SLURM takes it: whole minutes, rounded up, at least one."""
    return max(1, math.ceil(seconds / 60.0))


def mebibytes(count: int) -> int:
    """A size as SLURM takes it: whole MiB, rounded up, at least one."""
    return max(1, -(-count // 2**20))


def indices(numbers: Iterable[int]) -> str:
    """Tasks of an array as SLURM writes them, such as `0-3,7`."""
    spans: list[tuple[int, int]] = []
    for number in sorted(set(numbers)):
        if spans and spans[-1][1] == number - 1:
            spans[-1] = (spans[-1][0], number)
        else:
            spans.append((number, number))
    return ",".join(str(a) if a == b else f"{a}-{b}" for a, b in spans)


def partitions_in(options: Iterable[str]) -> frozenset[str]:
    """The partitions that options of `sbatch` name; empty if they name none."""
    named: list[str] = []
    words = list(options)
    for at, word in enumerate(words):
        if word in {"-p", "--partition"} and at + 1 < len(words):
            named = words[at + 1].split(",")
        elif word.startswith("--partition="):
            named = word.partition("=")[2].split(",")
        elif word.startswith("-p") and not word.startswith("--") and len(word) > 2:
            named = word[2:].split(",")
    return frozenset(filter(None, named))


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit()


def _number(text: str) -> int:
    return int(text) if _is_number(text) else 0


def _plain(fields: dict[str, str], key: str) -> str:
    """A field's value, "" where there is none."""
    value = fields.get(key, "")
    return "" if value in {"(null)", "N/A", "n/a"} else value


def _outside_brackets(text: str) -> list[str]:
    """The parts between commas that no bracket holds."""
    return [part for part in re.split(r",(?![^(\[]*[)\]])", text) if part]
