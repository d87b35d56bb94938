"""What goes to another machine and what comes back, as JSON: a trial is data.

Nothing is pickled: a parcel can be read by a person, by another version, and by whoever has to find
out what a node was asked to do. It holds values of the variables that the stack names, so files
with it are for their owner's eyes only.
"""

from __future__ import annotations

import hashlib
import json
import math
from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING, Any

from mainstem.domain.proposal import TreeId
from mainstem.domain.stack import Resources
from mainstem.domain.stopper import from_plain
from mainstem.domain.trial import Ending, Job, Run, TrialId
from mainstem.executors.environment import FALLBACK_PATH

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

VERSION = 2
"""The form of parcels; a worker refuses another one."""


class ForeignParcelError(ValueError):
    """The text is no parcel, or one of another version of Mainstem."""


@dataclass(frozen=True, kw_only=True)
class Wish:
    """How trials are to be confined on the machine they run on.

    Attributes:
        confined: Whether at all; else as `mainstem.executors.confine.unconfined`.
        strict: Whether a trial is refused if something it asks for cannot be enforced there.
        closed: Folders of the campaign's machine that a trial must not read if they are there too.
    """

    confined: bool = True
    strict: bool = False
    closed: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Parcel:
    """A job with all that a worker host needs to run it.

    Attributes:
        job: The trial.
        store: Names the campaign's store, so that two of them do not meet in one scratch folder.
        environ: `PATH` and the variables that the job names, as they are at the campaign's.
        wish: How it is confined.
        grace_s: How long it may take to end after SIGTERM.
        attempt: From 1; above it, the machines lost it before.
        sort: For half of a pair: the sort of nodes that it was sent to; see `kinds`.
    """

    job: Job
    store: str
    environ: Mapping[str, str] = field(default_factory=dict)
    wish: Wish = field(default_factory=Wish)
    grace_s: float = 5.0
    attempt: int = 1
    sort: tuple[str, ...] = ()

    def text(self) -> str:
        """The parcel as JSON."""
        return json.dumps({"version": VERSION, **asdict(self)})

    @property
    def digest(self) -> str:
        """Says whether two parcels ask for the same, wherever and how often they run."""
        same = replace(self, attempt=1, sort=(), job=replace(self.job, kind=""))
        plain = json.dumps(asdict(same), sort_keys=True)
        return hashlib.sha256(plain.encode()).hexdigest()


def shipped_environment(job: Job, source: Mapping[str, str]) -> dict[str, str]:
    """What of this machine's environment goes along with a job."""
    named = {name: source[name] for name in job.passed_env if name in source}
    return {"PATH": source.get("PATH", FALLBACK_PATH), **named}


def read_parcel(text: str) -> Parcel:
    """The parcel that a text holds.

    Raises:
        ForeignParcelError: It holds none that this version can read.
    """
    try:
        said: dict[str, Any] = json.loads(text)
        if said.pop("version") != VERSION:
            raise ForeignParcelError("the campaign and this node have different versions")
        made = {"job": _job(said["job"]), "wish": _wish(said["wish"]), "sort": tuple(said["sort"])}
        return Parcel(**{**said, **made})
    except ForeignParcelError:
        raise
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise ForeignParcelError(f"this is no parcel: {error}") from None


def _job(said: Mapping[str, Any]) -> Job:
    wishes = said["resources"]
    return Job(
        **{
            **said,
            "trial": TrialId(said["trial"]),
            "tree": TreeId(said["tree"]),
            "argv": tuple(said["argv"]),
            "passed_env": tuple(said["passed_env"]),
            "private": tuple(said["private"]),
            "resources": None if wishes is None else Resources(**wishes),
            "stopper": None if said["stopper"] is None else from_plain(said["stopper"]),
        }
    )


def _wish(said: Mapping[str, Any]) -> Wish:
    return Wish(**{**said, "closed": tuple(said["closed"])})


def run_text(run: Run) -> str:
    """A run as JSON; lone surrogates, which UTF-8 cannot hold, are escaped."""
    return json.dumps(asdict(run))


def read_run(text: str, trial: TrialId) -> Run:
    """The run of a trial that a text holds.

    Every value is of its field's type, and the trial is the expected one: where logs go is named by
    it, and what the campaign reckons with comes from here.

    Raises:
        ForeignParcelError: It holds none that this version can read, or another trial's.
    """
    try:
        said: dict[str, Any] = json.loads(text)
        odd = [name for name, value in said.items() if not _FITS.get(name, _is_text)(value)]
        run = Run(**{**said, "trial": TrialId(said["trial"]), "ending": Ending(said["ending"])})
    except (AttributeError, KeyError, TypeError, ValueError, RecursionError) as error:
        raise ForeignParcelError(f"this is no run: {error}") from None
    if odd:
        raise ForeignParcelError(f"this is no run: its {odd[0]} is {said[odd[0]]!r:.80}")
    if run.trial != trial:
        raise ForeignParcelError(f"this is the run of {run.trial!r:.80}, not of {trial}")
    return run


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_measure(value: object) -> bool:
    return _is_whole(value) or (isinstance(value, float) and math.isfinite(value))


def _are_facts(value: object) -> bool:
    return isinstance(value, dict) and all(isinstance(fact, str) for fact in value.values())


_FITS: Mapping[str, Callable[[object], bool]] = {
    "exit_code": lambda value: value is None or _is_whole(value),
    "signal": lambda value: value is None or _is_text(value),
    "wall_s": _is_measure,
    "cpu_s": _is_measure,
    "peak_rss_bytes": _is_whole,
    "host": _are_facts,
    "confinement": _are_facts,
}
"""What a run's values have to be; text where nothing stands."""
