from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, strategies as st

from mainstem.decisions.shares import LEAST_LINE
from mainstem.domain.contributor import Contributor
from mainstem.domain.errors import ConfigurationError
from mainstem.tomlfiles.contributors import (
    parse_contributors,
    parse_least_line,
    read_contributors,
    read_least_line,
)

if TYPE_CHECKING:
    from pathlib import Path

GOOD = """
[[contributors]]
handle = "ada"
kind = "student"
emails = ["Ada@Example.org", "ada@uni.example"]
joined = 2026-02-01
team = "data"

[[contributors]]
handle = "bot-7"
emails = ["bot@example.org"]
weight = 0.5
"""


def faults(text: str) -> list[str]:
    """What is wrong with a text."""
    with pytest.raises(ConfigurationError) as caught:
        parse_contributors(text)
    return str(caught.value).splitlines()


def test_contributors_are_read_with_their_defaults() -> None:
    """Addresses in lower case, as they are compared; what is not said is nothing in particular."""
    ada, bot = parse_contributors(GOOD)
    assert ada == Contributor(
        handle="ada",
        kind="student",
        emails=("ada@example.org", "ada@uni.example"),
        joined=date(2026, 2, 1),
        team="data",
    )
    assert (bot.kind, bot.joined, bot.weight) == ("", None, 0.5)


def test_no_file_is_no_list_and_an_empty_one_is_an_empty_list(tmp_path: Path) -> None:
    """Without the file compute is not shared out; with it, it is, whoever it names."""
    path = tmp_path / "contributors.toml"
    assert read_contributors(path) is None
    assert read_least_line(path) == LEAST_LINE
    path.write_text("", encoding="utf-8")
    assert read_contributors(path) == ()
    assert read_least_line(path) == LEAST_LINE


def test_a_team_says_from_which_line_on_turns_are_taken() -> None:
    """Beside those whom the file names, who are read as without it; each fault is told with all."""
    text = f"{GOOD}[shares]\nline = 3\n"
    assert parse_least_line(text) == 3
    assert parse_contributors(text) == parse_contributors(GOOD)
    found = faults("[shares]\nline = 0\nlien = 1\n[[contributors]]\nemails = []\n")
    places = ("contributors.toml:2: shares.line", "contributors.toml:3:", "contributors.toml:4:")
    assert all(any(fault.startswith(place) for fault in found) for place in places), found


def test_every_fault_is_named_with_its_line() -> None:
    """All at once: unknown keys, a date in quotes, an address that is none, two of one name."""
    found = faults(
        '[[contributors]]\nhandle = "ada"\nemails = ["ada"]\njoined = "2026"\ntaem = "x"\n'
        '[[contributors]]\nhandle = "ada"\nemails = []\nweight = 0\n'
        '[[contributors]]\nemails = ["b@x.org"]\n'
        '[[contributors]]\nhandle = "c"\nemails = ["B@x.org"]\n'
    )
    said = "\n".join(found)
    for line, words in (
        (3, 'holds "ada": write an address'),
        (4, "write a date without quotes"),
        (5, 'did you mean "team"?'),
        (7, 'a second "ada": the first is on line 2'),
        (8, "contributors.emails is empty"),
        (9, "write a number above 0"),
        (10, "contributors.handle is missing"),
        (14, '"b@x.org" is somebody\'s on line'),
    ):
        hit = [f for f in found if f.startswith(f"contributors.toml:{line}:") and words in f]
        assert hit, (line, words, said)


@pytest.mark.parametrize("text", ["contributors = 3", "a = [", "x = 1", "[contributors]\na = 1"])
def test_what_is_no_list_of_contributors_is_one_clear_error(text: str) -> None:
    """No traceback, and the file is named."""
    assert all(line.startswith("contributors.toml") for line in faults(text))


def test_a_file_that_cannot_be_read_is_an_error(tmp_path: Path) -> None:
    """Not a list of nobody."""
    path = tmp_path / "contributors.toml"
    path.write_bytes(b"\xff")
    with pytest.raises(ConfigurationError, match="not UTF-8"):
        read_contributors(path)


@pytest.mark.fuzz
@given(st.text(max_size=200) | st.text(max_size=60).map(lambda text: GOOD + text))
def test_any_text_is_read_or_refused(text: str) -> None:
    """Whatever stands there: contributors, or an error that names the file."""
    said = "contributors.toml"
    try:
        assert all(one.handle for one in parse_contributors(text))
    except ConfigurationError as error:
        said = str(error)
    assert said.startswith("contributors.toml")


def test_names_for_citations_are_read_and_an_orcid_is_checked() -> None:
    """Sixteen digits in four groups; the last may be an X. An address before them is told."""
    named = GOOD.replace(
        'team = "data"',
        'given_names = "Ada"\nfamily_names = "King"\norcid = "0000-0002-1825-009X"',
    )
    ada, bot = parse_contributors(named)
    assert (ada.given_names, ada.family_names, ada.orcid) == ("Ada", "King", "0000-0002-1825-009X")
    assert (ada.name, bot.name) == ("Ada King", "bot-7")
    (fault,) = [
        line
        for line in faults(named.replace("0000-0002-1825-009X", "https://orcid.org/0000"))
        if "orcid" in line
    ]
    assert "write it as 0000-0002-1825-0097" in fault
    assert ":9:" in fault or "line 9" in fault
