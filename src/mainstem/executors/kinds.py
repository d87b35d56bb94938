"""Both halves of a pair on one kind of host, and no more trials on a host that fails.

A confirmation compares two runs; if they ran on different processors or drivers, the difference may
be the machines'. A scheduler knows something of its nodes (their *sort*: features, labels, models
of accelerators), a finished trial knows more (its host's *kind*, see `mainstem.executors.hosts`),
and a cluster's executor brings both together: it learns each node's kind from the trials that ran
there, and keeps a pair to one group of nodes that differ in nothing known.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from mainstem.domain.trial import Job

FAILURES = 2
"""How many failures in a row make a host one to stay away from."""

AVOID_S = 600.0
"""For how long; then it gets another trial, and each further failure doubles it."""

LONGEST_AVOID_S = 6 * 3600.0


@dataclass(frozen=True, kw_only=True, order=True)
class Group:
    """Nodes between which no difference is known.

    Attributes:
        sort: What the scheduler says of them.
        kind: What trials found there; "" if none ran.
        nodes: Their names, sorted.
    """

    sort: tuple[str, ...]
    kind: str
    nodes: tuple[str, ...]


def groups(sorts: Mapping[str, tuple[str, ...]], kinds: Mapping[str, str]) -> list[Group]:
    """The nodes in groups, the largest first; a tie is decided by what they are, never by chance.

    A node where nothing ran is taken for one like most others of its sort.

    Args:
        sorts: What the scheduler says of each node.
        kinds: What trials found on some of them.
    """
    seen: dict[tuple[str, ...], Counter[str]] = defaultdict(Counter)
    for name, sort in sorts.items():
        if name in kinds:
            seen[sort][kinds[name]] += 1
    usual = {sort: min(c, key=lambda kind: (-c[kind], kind)) for sort, c in seen.items()}
    found: dict[tuple[tuple[str, ...], str], list[str]] = defaultdict(list)
    for name, sort in sorts.items():
        found[sort, kinds.get(name, usual.get(sort, ""))].append(name)
    made = [
        Group(sort=sort, kind=kind, nodes=tuple(sorted(names)))
        for (sort, kind), names in found.items()
    ]
    return sorted(made, key=lambda group: (-len(group.nodes), group))


def preferred(found: Iterable[Group], *, kind: str, before: Group | None) -> list[Group]:
    """The groups for a pair's half, the best first.

    Args:
        found: All groups, the largest first.
        kind: The kind of host on which the other half has run; "" if it has not.
        before: The group that the other half was sent to, if it was.
    """

    def rank(group: Group) -> tuple[bool, bool]:
        like = before is not None and group.sort == before.sort and _may_be(group, before.kind)
        return (not (kind and group.kind == kind), not like)

    return sorted(found, key=rank)


def _may_be(group: Group, kind: str) -> bool:
    """Whether a group may be of a kind, as far as is known."""
    return not kind or not group.kind or group.kind == kind


class Placement:
    """Where trials may run, learnt from where they ran."""

    def __init__(self) -> None:
        """Knows of no kind and of no trouble."""
        self._trouble = Trouble()
        self._kinds: dict[str, str] = {}
        self._pairs: dict[str, Group] = {}

    def worked(self, node: str, kind: str) -> None:
        """A trial ran on a node as it should."""
        self._trouble.worked(node)
        if node and kind:
            self._kinds[node] = kind

    def failed(self, node: str, now_s: float) -> None:
        """A trial was lost on a node, or could not be prepared there."""
        self._trouble.failed(node, now_s)

    def in_trouble(self, now_s: float) -> bool:
        """Whether there is a host to stay away from now."""
        return bool(self._trouble.avoided(now_s))

    def remember(self, pair: str, sort: tuple[str, ...]) -> None:
        """Half of a pair is on its way to nodes of this sort; a killed campaign sent it."""
        if pair and sort:
            self._pairs.setdefault(pair, Group(sort=sort, kind="", nodes=()))

    def choose(
        self, sorts: Mapping[str, tuple[str, ...]], job: Job, now_s: float
    ) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Where a job must not run, and what was chosen for its pair.

        Args:
            sorts: What the scheduler says of each node on which the job could run.
            job: The trial.
            now_s: The time, on the clock of `failed`.

        Returns:
            The nodes to leave out, of which there are never all, and the sort of the pair's group
            (empty where all nodes are alike or the job is of no pair).
        """
        out: set[str] = set()
        sort: tuple[str, ...] = ()
        found = groups(sorts, self._kinds)
        if job.pair and len(found) > 1:
            best = preferred(found, kind=job.kind, before=self._pairs.get(job.pair))[0]
            self._pairs[job.pair] = best
            out, sort = set(sorts) - set(best.nodes), best.sort
        avoided = self._trouble.avoided(now_s) & set(sorts)
        if out | avoided != set(sorts):
            out |= avoided
        return tuple(sorted(out)), sort


class Trouble:
    """Which hosts failed lately; time is handed in, so that nothing here waits or looks."""

    def __init__(self) -> None:
        """Knows of no trouble."""
        self._failures: Counter[str] = Counter()
        self._until_s: dict[str, float] = {}

    def failed(self, host: str, now_s: float) -> None:
        """A trial was lost on a host, or could not be prepared there."""
        if not host:
            return
        self._failures[host] += 1
        beyond = self._failures[host] - FAILURES
        if beyond >= 0:
            self._until_s[host] = now_s + min(AVOID_S * 2.0**beyond, LONGEST_AVOID_S)

    def worked(self, host: str) -> None:
        """A trial ran on a host as it should."""
        self._failures.pop(host, None)
        self._until_s.pop(host, None)

    def avoided(self, now_s: float) -> set[str]:
        """The hosts to stay away from now."""
        return {host for host, until_s in self._until_s.items() if until_s > now_s}
