"""Who looks on while a campaign works: a screen, a log, other processes; never one who decides."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mainstem.domain.measurement import Measurement
    from mainstem.domain.trial import Run, TrialId
    from mainstem.engine.record import Asked, CampaignRecord
    from mainstem.integrator import Integrator

LISTEN_S = 0.5
"""How often a listener hears that time passes while trials run."""


class Listener(Protocol):
    """Hears what a campaign does; decides nothing."""

    def opened(self, campaign: CampaignRecord, integrator: Integrator, *, resumed: bool) -> None:
        """The campaign was opened, or taken up again."""
        ...

    def asked(self, batch: Sequence[Asked]) -> None:
        """These trials will run."""
        ...

    def ticked(self, running: Sequence[TrialId]) -> None:
        """Time has passed; these trials are running."""
        ...

    def finished(self, asked: Asked, measurement: Measurement, run: Run) -> None:
        """A trial of this process has ended and stands in the ledger."""
        ...

    def learnt(self, integrator: Integrator) -> None:
        """A whole batch was told."""
        ...
