"""The ways of working that have a name, each with what it is in one line."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mainstem.lab.policies.celebrity import Celebrity
from mainstem.lab.policies.collective import Collective
from mainstem.lab.policies.consensus import Consensus
from mainstem.lab.policies.greedy import Greedy
from mainstem.lab.policies.hierarchy import Hierarchy
from mainstem.lab.policies.intern_silo import InternSilo
from mainstem.lab.policies.mixture import Mixture
from mainstem.lab.policies.one_at_a_time import OneAtATime
from mainstem.lab.policies.seniority_veto import SeniorityVeto
from mainstem.lab.policies.silos import Silos

if TYPE_CHECKING:
    from collections.abc import Callable

    from mainstem.lab.policies.collective import OpenLedger
    from mainstem.lab.policies.policy import Way

REFERENCE = "collective"
"""What the others are held against, and the only costly one."""


@dataclass(frozen=True, kw_only=True)
class Listed:
    """A way of working.

    Attributes:
        does: What it is, in one line.
        make: Makes it, with its defaults.
    """

    does: str
    make: Callable[[], Way]


CHEAP: dict[str, Listed] = {
    "one-at-a-time": Listed(
        does="A/B tests: one proposal at a time, some seeds, merged if significantly better",
        make=OneAtATime,
    ),
    "greedy": Listed(does="keep if better: merged if the mean of a few seeds is", make=Greedy),
    "silos": Listed(
        does="each component's team optimises its own part; integration at the end", make=Silos
    ),
    "hierarchy": Listed(
        does="levels of rank must approve, each by the evidence and its own opinion", make=Hierarchy
    ),
    "seniority-veto": Listed(
        does="A/B tests, and the highest rank vetoes some of what passes", make=SeniorityVeto
    ),
    "celebrity": Listed(
        does="the famous push their own ideas, whatever the evidence", make=Celebrity
    ),
    "intern-silo": Listed(
        does="students' proposals in left-over compute and small components only, and last",
        make=InternSilo,
    ),
    "consensus": Listed(does="so many of so many judges must agree", make=Consensus),
    "mixture": Listed(
        does="half of the compute by hierarchy, half by A/B tests; a file may mix others",
        make=lambda: Mixture(parts=((Hierarchy(), 1.0), (OneAtATime(), 1.0))),
    ),
}
"""Ways that take milliseconds a campaign, by name."""

REFERENCE_DOES = "Mainstem itself: every proposal tried together by its own engine"


def reference(open_ledger: OpenLedger, *, batch: int) -> Way:
    """Mainstem's own engine behind simulated doors.

    Args:
        open_ledger: Opens an empty ledger; a function of a module.
        batch: Trials asked for at once.
    """
    return Collective(open_ledger=open_ledger, batch=batch)
