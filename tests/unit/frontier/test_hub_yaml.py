from __future__ import annotations

import builtins
import datetime as dt
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, strategies as st

from mainstem.frontier.hub_yaml import read
from mainstem.frontier.results import UnreadableError

if TYPE_CHECKING:
    from collections.abc import Callable

WRITTEN = """
- dataset:
    id: cais/hle
    task_id: default
    revision: 5503434
  value: 20.90
  verifyToken: eyJhbGciOiJIUzI1NiJ9
  date: "2025-01-15"
  source:
    url: https://huggingface.co/spaces/someone/traces
    name: Eval traces
    user: someone
  evaluation_framework: inspect-ai
  notes: "no-tools"

- dataset:
    id: Idavidrein/gpqa
    task_id: gpqa_diamond
  value: 0.412

- dataset:
    id: Idavidrein/gpqa
    config: gpqa_main
  value: 0.4
  date: 2025-02-03T10:30:00Z
"""
"""As the Hub's documentation shows them, in its present form and, the last one, in the older."""


def test_entries_are_read_with_all_that_they_state() -> None:
    """The token itself is kept nowhere, and no version is made up."""
    hle, diamond, main = read(WRITTEN)
    assert hle.names == ("cais/hle/default", "cais/hle")
    assert (hle.value, hle.date) == (20.9, dt.date(2025, 1, 15))
    assert hle.source == "https://huggingface.co/spaces/someone/traces"
    assert (hle.harness, hle.version, hle.model) == ("inspect-ai", "", "someone")
    assert hle.note == (
        "no-tools, source: Eval traces, dataset revision 5503434, bears a verifyToken, which was "
        "not checked"
    )
    assert diamond.names == ("Idavidrein/gpqa/gpqa_diamond", "Idavidrein/gpqa")
    assert (diamond.value, diamond.date, diamond.source) == (0.412, None, "")
    assert (diamond.harness, diamond.note, diamond.standard_error) == ("", "", None)
    assert main.names[0] == "Idavidrein/gpqa/gpqa_main"
    assert main.date == dt.date(2025, 2, 3)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("a: [", "not valid YAML"),
        ("a: 1", "no list of entries"),
        ("- 1", "no list of entries"),
        ("", "no list of entries"),
        ("- value: 1", "entry 1 has no dataset"),
        ("- dataset: x\n  value: 1", "entry 1 has no dataset"),
        ("!!python/object/apply:os.system ['true']", "not valid YAML"),
        ("- date: 2025-99-99", "not valid YAML"),
    ],
)
def test_what_is_no_such_file_is_said(content: str, said: str) -> None:
    """One line, and nothing in it is run."""
    with pytest.raises(UnreadableError, match=said) as caught:
        read(content)
    assert "\n" not in str(caught.value)


def test_without_pyyaml_it_is_said_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is an extra."""
    load: Callable[..., Any] = builtins.__import__

    def missing(name: str, *args: Any, **kwargs: Any) -> Any:
        if name == "yaml":
            raise ModuleNotFoundError(name)
        return load(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", missing)
    with pytest.raises(ModuleNotFoundError, match=r"pip install 'mainstem\[frontier\]'"):
        read(WRITTEN)


@pytest.mark.fuzz
@given(st.text(max_size=80) | st.text(max_size=40).map(lambda text: WRITTEN + text))
def test_any_text_is_read_or_refused(text: str) -> None:
    """Whatever stands there."""
    try:
        found = read(text)
    except UnreadableError:
        return
    assert all(one.names for one in found)
