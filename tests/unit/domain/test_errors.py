from __future__ import annotations

import pytest

from mainstem.domain import errors


def test_all_problems_of_a_file_are_said_at_once() -> None:
    """One line each, with its place; nobody mends a file one error at a time."""
    error = errors.ConfigurationError(
        (
            errors.Problem(where="mainstem.toml:3", what="unknown key 'x'"),
            errors.Problem(where="mainstem.toml:9", what="margin is 0"),
        )
    )
    assert str(error) == "mainstem.toml:3: unknown key 'x'\nmainstem.toml:9: margin is 0"
    assert len(error.problems) == 2


@pytest.mark.parametrize(
    ("kind", "exit_code"),
    [
        (errors.UsageError, 2),
        (errors.ConfigurationError, 2),
        (errors.StoreError, 2),
        (errors.GitError, 2),
        (errors.NothingToDoError, 1),
        (errors.TrunkFailedError, 3),
    ],
)
def test_each_error_has_its_exit_code(kind: type[errors.MainstemError], exit_code: int) -> None:
    """Scripts rely on them (docs/parts/cli.md); one base catches them all."""
    assert issubclass(kind, errors.MainstemError)
    assert kind.exit_code == exit_code
