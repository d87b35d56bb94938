"""A stack: a model recipe in a git repository, as described by its `mainstem.toml`."""

from __future__ import annotations

import math
import shlex
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence


MARGIN_RUNS = 3
"""A margin given in percent is fixed by the mean of the trunk's first runs, so it never drifts."""


class Direction(StrEnum):
    """Which way is better."""

    MINIMIZE = "minimize"
    MAXIMIZE = "maximize"


class Role(StrEnum):
    """What an objective is for: to be improved, or to be kept from getting worse."""

    IMPROVE = "improve"
    GUARD = "guard"


@dataclass(frozen=True)
class Objective:
    """A measured quantity.

    Attributes:
        name: Its metric's name.
        margin: The smallest change that matters, above 0: a number in the metric's unit, or a
            percentage of the trunk's mean such as `"0.5%"`. For a guard it is the loss that is
            still tolerated (non-inferiority).
        direction: Which way is better.
        role: `improve` or `guard`.
        unit: The metric's unit, for people.

    Raises:
        ValueError: A name is empty, or a margin is not a positive finite number or percentage.
    """

    name: str
    margin: float | str = field(kw_only=True)
    direction: Direction = field(default=Direction.MINIMIZE, kw_only=True)
    role: Role = field(default=Role.IMPROVE, kw_only=True)
    unit: str = field(default="", kw_only=True)

    def __post_init__(self) -> None:
        if not self.name:
            raise ValueError("an objective needs a name")
        object.__setattr__(self, "direction", Direction(self.direction))
        object.__setattr__(self, "role", Role(self.role))
        self.margin_at(1.0)

    @property
    def sign(self) -> float:
        """The factor that turns a raw difference to the trunk into a gain (above 0 is better)."""
        return 1.0 if self.direction is Direction.MAXIMIZE else -1.0

    @property
    def is_relative(self) -> bool:
        """Whether the margin is a percentage of the trunk's mean."""
        return isinstance(self.margin, str)

    def margin_at(self, trunk_mean: float) -> float:
        """The margin in the metric's unit, given the trunk's mean in that unit.

        Raises:
            ValueError: The margin is not a positive finite number or percentage.
        """
        if isinstance(self.margin, str):
            text = self.margin.strip()
            try:
                percent = float(text.removesuffix("%")) if text.endswith("%") else math.nan
            except ValueError:
                percent = math.nan
            margin = percent / 100.0 * abs(trunk_mean)
            given = percent
        else:
            margin = given = float(self.margin)
        if not (math.isfinite(given) and given > 0.0):
            raise ValueError(
                f"margin of {self.name!r} is {self.margin!r}: "
                "give a number above 0 or a percentage such as '0.5%'"
            )
        return margin


@dataclass(frozen=True, kw_only=True)
class Component:
    """A named part of the stack.

    Attributes:
        name: Such as `optimizer`.
        globs: Path globs, or `file.py:Name` for the lines of one class or function.
    """

    name: str
    globs: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Resources:
    """What one trial at a rung needs, for clusters and for confinement; None is no request.

    Attributes:
        gpus: Accelerators.
        cpus: Processor cores.
        memory_bytes: Main memory.
        time_s: Wall time that a cluster is asked for.
    """

    gpus: int = 0
    cpus: int = 1
    memory_bytes: int | None = None
    time_s: float | None = None


@dataclass(frozen=True, kw_only=True)
class Rung:
    """A scale at which a recipe can be run.

    Attributes:
        name: Such as `small`.
        cost: Relative cost of one trial.
        parameters: Further keys of the rung, for the command's `{rung.KEY}` placeholders.
        resources: What one trial needs.
    """

    name: str
    cost: float = 1.0
    parameters: Mapping[str, str | int | float | bool] = field(default_factory=dict)
    resources: Resources = field(default_factory=Resources)


class MetricsSource(StrEnum):
    """Where a trial's metrics come from."""

    JSON = "json"
    STDOUT = "stdout"


@dataclass(frozen=True, kw_only=True)
class Metrics:
    """How metrics are read from a trial.

    Attributes:
        source: JSON lines in `$MAINSTEM_METRICS`, or regular expressions over standard output.
        patterns: For `stdout`: a regular expression with one group per metric.
    """

    source: MetricsSource = MetricsSource.JSON
    patterns: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class RunSettings:
    """What a trial may use.

    Attributes:
        threads: Threads of numeric libraries per trial; part of a trial's identity.
        network: Whether a trial may use the network.
        env: Names of environment variables that are passed through; nothing else is.
        private: Path globs that a trial may not read.
        early_stopping: Whether search trials that report by step may end early.
    """

    threads: int = 1
    network: bool = False
    env: tuple[str, ...] = ()
    private: tuple[str, ...] = ()
    early_stopping: bool = False


@dataclass(frozen=True, kw_only=True)
class DecisionSettings:
    """How decisions are made.

    Attributes:
        alpha: The chance of any false merge in a campaign.
        confirm_rung: The rung at which candidates are confirmed; None is the last rung.
        search_rungs: The cheaper rungs that a campaign searches at too; None is all of them.
    """

    alpha: float = 0.05
    confirm_rung: str | None = None
    search_rungs: tuple[str, ...] | None = None


_ROUNDING = 1e-9  # 0.3 / 0.1 is 3

LEASE_S = 60.0
"""How long a silent worker keeps its trials, unless the file says otherwise."""


@dataclass(frozen=True, kw_only=True)
class ClusterSettings:
    """How clusters are used, where trials run on one; nothing of it changes what a trial is.

    Attributes:
        slurm_options: Further options of `sbatch`, such as `--partition=long`.
        slurm_python: The Python that has Mainstem on SLURM's nodes; None is the campaign's own,
            by its path.
    """

    slurm_options: tuple[str, ...] = ()
    slurm_python: str | None = None


@dataclass(frozen=True, kw_only=True)
class Stack:
    """A model recipe and how to run and judge it.

    Attributes:
        name: The stack's name.
        trunk: The branch that holds the integrated recipe.
        command: The command of a trial, split by shlex, run without a shell. Placeholders:
            `{seed}`, `{rung}` (its name) and `{rung.KEY}`; `{{` and `}}` are braces.
        timeout_s: A trial that takes longer has failed.
        objectives: What is measured; at least one has the role `improve`.
        rungs: At least one scale.
        metrics: Where a trial's metrics come from.
        components: The named parts.
        decisions: How decisions are made.
        run: What a trial may use.
        store: Where the ledger lives: `sqlite`, or a `postgresql://` address.
        lease_s: Of several workers on one campaign: for how long one that is not heard of any more
            keeps its trials.
        clusters: How clusters are used.
    """

    name: str
    trunk: str
    command: str
    timeout_s: float
    objectives: tuple[Objective, ...]
    rungs: tuple[Rung, ...]
    metrics: Metrics = field(default_factory=Metrics)
    components: tuple[Component, ...] = ()
    decisions: DecisionSettings = field(default_factory=DecisionSettings)
    run: RunSettings = field(default_factory=RunSettings)
    store: str = "sqlite"
    lease_s: float = LEASE_S
    clusters: ClusterSettings = field(default_factory=ClusterSettings)

    def trials_for(self, cost: float) -> float:
        """How many trials at the rung that confirms a cost pays for, in the unit of the rungs.

        Whole ones where no cheaper rung is in play, which could use the rest.
        """
        trials = cost / self.confirm_rung.cost
        return trials if self.rung_costs else math.floor(trials + _ROUNDING)

    def rung(self, name: str) -> Rung:
        """The rung of that name.

        Raises:
            KeyError: The stack has no such rung.
        """
        for rung in self.rungs:
            if rung.name == name:
                return rung
        raise KeyError(name)

    @property
    def confirm_rung(self) -> Rung:
        """The rung at which candidates are confirmed."""
        name = self.decisions.confirm_rung
        return self.rungs[-1] if name is None else self.rung(name)

    @property
    def smallest_rung(self) -> Rung:
        """The rung of the least cost; of equal ones the first."""
        return min(self.rungs, key=lambda rung: rung.cost)

    @property
    def rungs_in_play(self) -> tuple[Rung, ...]:
        """The rungs that a campaign runs at, the cheapest first; the one that confirms is last."""
        top, chosen = self.confirm_rung, self.decisions.search_rungs
        cheaper = [
            rung
            for rung in self.rungs
            if rung.cost < top.cost and (chosen is None or rung.name in chosen)
        ]
        return (*sorted(cheaper, key=lambda rung: rung.cost), top)

    @property
    def rung_costs(self) -> dict[str, float]:
        """Cost of a trial at each rung in play, by name; empty where there is only one."""
        rungs = self.rungs_in_play
        return {rung.name: rung.cost for rung in rungs} if len(rungs) > 1 else {}

    def searching(self, names: Iterable[str]) -> Stack:
        """The same stack with these rungs in play beside the one that confirms.

        Raises:
            ValueError: A campaign cannot search at one of them; says why.
        """
        chosen = tuple(names)
        for name in chosen:
            fault = search_fault(name, self.rungs, self.confirm_rung)
            if fault is not None:
                raise ValueError(fault)
        return replace(self, decisions=replace(self.decisions, search_rungs=chosen))

    def at(self, rung: Rung) -> Stack:
        """The same stack with trials at one of its rungs and no other in play."""
        decisions = replace(self.decisions, confirm_rung=rung.name, search_rungs=())
        return replace(self, decisions=decisions)


def search_fault(name: str, rungs: Sequence[Rung], confirms: Rung) -> str | None:
    """Why a campaign cannot search at a rung; None if it can.

    Args:
        name: The rung's name.
        rungs: The rungs of the stack.
        confirms: The one that confirms, at which every campaign searches.
    """
    found = next((rung for rung in rungs if rung.name == name), None)
    if found is None:
        return f"there is no rung {name!r}; there is {', '.join(repr(r.name) for r in rungs)}"
    if found.name != confirms.name and found.cost >= confirms.cost:
        return (
            f"rung {name!r} costs {found.cost:g}, which is no less than {confirms.name!r}, the "
            f"rung that confirms ({confirms.cost:g}): search at cheaper ones"
        )
    return None


class PlaceholderError(ValueError):
    """A placeholder of the command that the rung does not define."""


def argv(command: str, *, seed: int, rung: Rung) -> tuple[str, ...]:
    """The words of the command for one trial.

    Words are split first and filled in afterwards, so that a value never adds a word.

    Raises:
        PlaceholderError: The command names a placeholder that does not exist at this rung, or
            its quotes or braces do not match.
    """
    values: dict[str, str] = {"seed": str(seed), "rung": rung.name}
    values |= {f"rung.{key}": _text(value) for key, value in rung.parameters.items()}
    try:
        words = shlex.split(command)
    except ValueError as error:
        raise PlaceholderError(f"command cannot be split into words: {error}") from None
    if not words:
        raise PlaceholderError("command is empty")
    return tuple(_fill(word, values) for word in words)


def _text(value: str | float | bool) -> str:
    """A parameter as a word of the command: booleans as TOML writes them."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _fill(word: str, values: Mapping[str, str]) -> str:
    """`word` with `{name}` replaced; `{{` and `}}` are literal braces."""
    out: list[str] = []
    at = 0
    while at < len(word):
        if word.startswith(("{{", "}}"), at):
            out.append(word[at])
            at += 2
        elif word[at] == "{":
            end = word.find("}", at)
            name = word[at + 1 : end] if end > 0 else ""
            if name not in values:
                known = ", ".join(f"{{{key}}}" for key in values)
                shown = word[at : end + 1] if end > 0 else word[at:]
                raise PlaceholderError(f"command has {shown!r}; known here: {known}")
            out.append(values[name])
            at = end + 1
        elif word[at] == "}":
            raise PlaceholderError(f"command has a lone '}}' in {word!r}; write '}}}}' for a brace")
        else:
            out.append(word[at])
            at += 1
    return "".join(out)
