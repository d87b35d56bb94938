from __future__ import annotations

from typing import TYPE_CHECKING

from mainstem.wiring import audit, open_project
from tests.unit.wiring.test_people import FILE

if TYPE_CHECKING:
    from conftest import GitRepo


def test_what_waits_is_counted_to_the_last_line_and_not_to_the_clock(repo: GitRepo) -> None:
    """Terminal and board ask the same record at different times."""
    (repo.path / "contributors.toml").write_text(FILE, encoding="utf-8")
    with open_project(repo.path) as project:
        for branch in ("clip", "deeper"):
            project.propose([branch], proposal_id=None, claim="")
        last = list(project.ledger.entries())[-1]
        waits = audit.audit_of(project, seed=0).arrays.waits
    assert last.body["id"] == "deeper"
    assert waits is not None
    assert waits.waits[-1] == 0.0
