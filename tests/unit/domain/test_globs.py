from __future__ import annotations

from pathlib import PurePosixPath

import pytest
from hypothesis import assume, given, strategies as st

from mainstem.domain.globs import matches


@pytest.mark.parametrize(
    ("glob", "path", "is_match"),
    [
        ("optim/**", "optim/a.py", True),
        ("optim/**", "optim/deep/er/a.py", True),
        ("optim/**", "optim", False),
        ("optim/**", "optimal/a.py", False),
        ("optim/", "optim/deep/a.py", True),
        ("optim", "optim/a.py", False),
        ("**", "a/b", True),
        ("**/train.py", "train.py", True),
        ("**/train.py", "a/b/train.py", True),
        ("**/train.py", "a/mytrain.py", False),
        ("a/**/b/*.py", "a/b/x.py", True),
        ("a/**/b/*.py", "a/b/b/b/x.py", True),
        ("a/**/b/*.py", "a/c/x.py", False),
        ("*.py", "train.py", True),
        ("*.py", "a/train.py", False),
        ("data/*.txt", "data/über.txt", True),
        ("data/?.txt", "data/ab.txt", False),
        ("data/[ab].txt", "data/b.txt", True),
        ("data/[!ab].txt", "data/b.txt", False),
        ("Data/*", "data/x", False),
        ("data/*", "data/new\nline", True),
    ],
)
def test_globs(glob: str, path: str, *, is_match: bool) -> None:
    """Stars stay within a folder, two stars cross any number of them."""
    assert matches(glob, path) is is_match


@given(
    glob=st.lists(st.sampled_from(["a", "b", "*", "**", "?"]), min_size=1, max_size=5),
    path=st.lists(st.sampled_from(["a", "b", "ab"]), min_size=1, max_size=5),
)
def test_globs_agree_with_pathlib(glob: list[str], path: list[str]) -> None:
    """Without `**` they do; in the middle it may be no folder, at the end it is at least one."""
    fixed = [part for part in glob if part != "**"]
    assume(fixed)
    given_path = "/".join(path)
    plain = PurePosixPath("/" + given_path).match("/" + "/".join(fixed))
    assert matches("/".join(fixed), given_path) is plain
    if matches("/".join(fixed), given_path):
        assert matches("/".join(["**", *fixed]), given_path)
        assert matches("/".join([*fixed[:-1], "**", fixed[-1]]), given_path)
        assert not matches("/".join([*fixed, "**"]), given_path)
