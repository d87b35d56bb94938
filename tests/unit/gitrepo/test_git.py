from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from mainstem.domain.errors import GitError
from mainstem.gitrepo.git import Git, borrowing, decode, encode, git_version, printable

if TYPE_CHECKING:
    from pathlib import Path


def fake_git(folder: Path, says: str) -> Path:
    """A program called git that says one thing."""
    folder.mkdir()
    program = folder / "git"
    program.write_text(f"#!/bin/sh\nprintf '%s\\n' '{says}'\n", encoding="utf-8")
    program.chmod(0o755)
    return program


def test_an_old_git_is_refused_with_its_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The error names the version found, where it lies, what is needed and what to do."""
    program = fake_git(tmp_path / "bin", "git version 2.30.1 (Apple Git-130)")
    monkeypatch.setenv("PATH", str(program.parent))
    with pytest.raises(GitError) as caught:
        Git(tmp_path)
    assert str(caught.value) == (
        f"git 2.30.1 found at {program}; Mainstem needs git 2.38 or newer "
        "(merge-tree --write-tree): install a newer git and put it first in PATH"
    )


@pytest.mark.parametrize(
    ("says", "version"),
    [
        ("git version 2.38.0", "2.38.0"),
        ("git version 2.39.5 (Apple Git-154)", "2.39.5"),
        ("git version 2.51.0.windows.1", "2.51.0"),
        ("git version 3.0-rc1", "3.0"),
    ],
)
def test_versions_of_all_vendors_are_read(tmp_path: Path, says: str, version: str) -> None:
    """What follows the numbers differs between vendors and does not matter."""
    assert git_version(str(fake_git(tmp_path / "bin", says))) == version


def test_a_missing_git_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without git there is one clear line, not a traceback about a file."""
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(GitError, match=r"git is not installed or not in PATH.*2\.38 or newer"):
        Git(tmp_path)


def test_a_program_that_is_no_git_is_said(tmp_path: Path) -> None:
    """Something else of that name is quoted."""
    with pytest.raises(GitError, match="hello"):
        git_version(str(fake_git(tmp_path / "bin", "hello")))


def test_a_failure_says_command_place_and_reason(stage: Any) -> None:
    """An unexpected exit code becomes an error with git's last line."""
    git = stage.repository.git
    with pytest.raises(GitError) as caught:
        git.run("cat-file", "-p", "no such thing")
    said = str(caught.value)
    assert "git cat-file -p 'no such thing' failed" in said
    assert str(stage.user.path) in said
    assert "exit code 128" in said
    assert said.endswith("fatal: Not a valid object name no such thing")
    assert git.run("cat-file", "-p", "no such thing", ok=(128,)).code == 128


def test_a_folder_that_is_gone_is_an_error_of_git(tmp_path: Path) -> None:
    """The user sees which folder."""
    with pytest.raises(GitError, match="gone"):
        Git(tmp_path / "gone").run("status")


def test_variables_and_configuration_of_the_user_do_not_count(
    stage: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A hook's GIT_DIR and a global configuration change nothing, unless they are asked for."""
    config = tmp_path / "config"
    config.write_text("[merge]\n\trenames = false\n", encoding="utf-8")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(config))
    monkeypatch.setenv("GIT_DIR", str(tmp_path))
    monkeypatch.setenv("GIT_INDEX_FILE", str(tmp_path / "index"))
    monkeypatch.setenv("LC_ALL", "de_DE.UTF-8")
    git = Git(stage.user.path)
    assert git.text("rev-parse", "--git-dir") == ".git"
    assert git.run("config", "merge.renames", ok=(1,)).out == b""
    assert git.but(own_config=True).text("config", "merge.renames") == "false"
    assert git.but(own_config=True).text("rev-parse", "--git-dir") == ".git"


def test_hooks_never_run(stage: Any) -> None:
    """A hook of the user's would run with our half-made state."""
    hook = stage.user.path / ".git" / "hooks" / "reference-transaction"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\nexit 1\n", encoding="utf-8")
    hook.chmod(0o755)
    stage.repository.git.run("update-ref", "refs/heads/new", stage.root)
    assert stage.repository.resolve_branch("new") == stage.root


def test_any_bytes_survive_the_round_trip() -> None:
    """Names of files and branches need not be UTF-8, and are shown on one line."""
    raw = b"caf\xe9 \xc3\xa9\n"
    assert encode(decode(raw)) == raw
    assert printable(decode(raw)).isprintable()
    assert printable("größe") == "größe"


def test_borrowed_paths_may_hold_anything(stage: Any, tmp_path: Path) -> None:
    """Colons, quotes, backslashes and line ends in a path do not end it."""
    odd = tmp_path / 'a:b "c" \\ d\ne'
    odd.mkdir()
    (odd / "objects").symlink_to(stage.user.path / ".git" / "objects")
    Git(tmp_path).run("init", "--quiet", "--bare", "other")
    git = Git(tmp_path / "other", env=borrowing(odd / "objects"))
    assert git.text("cat-file", "-t", stage.root) == "commit"
    assert not (tmp_path / "other" / "objects" / stage.root[:2]).exists()
