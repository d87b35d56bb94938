"""A withdrawal is its authors': of somebody else's work it would be a veto without a price."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from mainstem.domain.errors import UsageError
from mainstem.domain.override import OverrideKind
from mainstem.wiring import open_project
from mainstem.wiring.overrides import override

if TYPE_CHECKING:
    from conftest import GitRepo

ONE_PERSON = """
[[contributors]]
handle = "ada"
emails = ["ada@example.org", "grace@example.org"]
"""
"""Ada writes in tests, and Grace acts: with this file they are one."""


def said(repo: GitRepo, kind: OverrideKind) -> dict[str, Any]:
    """Says it of `clip`, as Grace."""
    with open_project(repo.path) as project:
        return override(project, "clip", kind, reason="too large")


@pytest.fixture
def filed(repo: GitRepo) -> GitRepo:
    """Two proposals of Ada's."""
    with open_project(repo.path) as project:
        project.propose(["clip", "deeper"], proposal_id=None, claim="")
    return repo


def test_of_what_others_wrote_a_withdrawal_is_a_veto(filed: GitRepo) -> None:
    """It is signed, and stands until a veto is lifted."""
    report = said(filed, OverrideKind.WITHDRAW)
    assert (report["override"], report["by"]) == (OverrideKind.VETO, "Grace")
    with open_project(filed.path) as project:
        (standing,) = project.record().standing().values()
    assert standing.kind is OverrideKind.VETO
    assert said(filed, OverrideKind.LIFT)["replaces"] is OverrideKind.VETO


def test_authors_withdraw_and_take_it_back(filed: GitRepo) -> None:
    """Under any address that the file has for them; nobody else takes it back for them."""
    file = filed.path / "contributors.toml"
    file.write_text(ONE_PERSON, encoding="utf-8")
    assert said(filed, OverrideKind.WITHDRAW)["by"] is None
    file.unlink()
    with pytest.raises(UsageError, match="`mainstem force clip --reason") as refused:
        said(filed, OverrideKind.LIFT)
    assert "ada" not in str(refused.value)
    file.write_text(ONE_PERSON, encoding="utf-8")
    assert said(filed, OverrideKind.LIFT)["replaces"] is OverrideKind.WITHDRAW
