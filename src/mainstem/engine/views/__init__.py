"""What people and programs see: the documented JSON of `show`, `status` and `why`.

Everything here is computed from the ledger; the command line renders these dictionaries and adds
nothing of its own, so what is printed and what `--json` says cannot differ.
"""

from __future__ import annotations

from mainstem.engine.views.estimates import best, candidate, estimate, estimates
from mainstem.engine.views.overview import eta_s, show, status
from mainstem.engine.views.proposals import verdicts
from mainstem.engine.views.reasons import why

__all__ = [
    "best",
    "candidate",
    "estimate",
    "estimates",
    "eta_s",
    "show",
    "status",
    "verdicts",
    "why",
]
