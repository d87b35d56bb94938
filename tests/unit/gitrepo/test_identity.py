from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from mainstem.domain.errors import UsageError
from mainstem.gitrepo.identity import committer

if TYPE_CHECKING:
    from pathlib import Path


def test_who_merges_is_who_git_says(stage: Any) -> None:
    """The environment or the configuration, as for any other commit of the user's."""
    found = committer(stage.repository)
    assert (found.name, found.email) == ("Grace", "grace@example.org")
    assert found.time_s == 1704164645


def test_nobody_is_an_error(stage: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A merge is never made under a guessed name."""
    for part in ("NAME", "EMAIL"):
        monkeypatch.delenv(f"GIT_COMMITTER_{part}")
        monkeypatch.delenv(f"GIT_AUTHOR_{part}")
    config = tmp_path / "config"
    config.write_text("[user]\n\tuseConfigOnly = true\n", encoding="utf-8")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(config))
    with pytest.raises(UsageError, match=r"git config user\.name"):
        committer(stage.repository)
