"""Names give way to neutral words, and code stays readable."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from mainstem.domain.contributor import Authorship, Contributor
from mainstem.people.blinding import SOMEBODY, blinded, names_of

ADA = Contributor(
    handle="ada",
    emails=("ada.l@x.org",),
    given_names="Augusta",
    family_names="King",
    orcid="0000-0002-1825-0097",
)
EVE = Contributor(handle="eve", emails=("eve@lab.org", "test@lab.org"))
PEOPLE = names_of(
    [("ada", ADA), ("eve", EVE)],
    [
        ("ada", Authorship(name="Ada Lovelace", email="ada.l@x.org", share=1.0)),
        ("bob@y.org", Authorship(name="Bob", email="7+bobby@y.org", share=1.0)),
    ],
)


def blind(text: str) -> str:
    """One text."""
    return blinded([text], PEOPLE).texts[0]


@pytest.mark.parametrize(
    "text",
    [
        "by ada",
        "by ADA",
        "by Ada Lovelace",
        "by ada_lovelace",
        "by AdaLovelace",
        "by ada.l@x.org",
        "by Ada.L",
        "by Augusta King",
        "by 0000-0002-1825-0097",
    ],
)
def test_a_person_is_found_by_whatever_name(text: str) -> None:
    """Handle, whole name in any writing, address and what stands before its `@`."""
    assert blind(text) == "by contributor-A"


def test_paths_that_name_somebody_keep_their_shape() -> None:
    """A component or a part of it, between slashes, dots, dashes and underscores."""
    text = "diff --git a/exp/ada/eve_rope.py b/exp/ada/eve_rope.py"
    assert blind(text) == (
        "diff --git a/exp/contributor-A/contributor-B_rope.py"
        " b/exp/contributor-A/contributor-B_rope.py"
    )


def test_the_same_word_for_one_person_in_all_texts_and_a_count() -> None:
    """Numbered by where they first stand, so that the letter says nothing."""
    found = blinded(["eve/rope", "Eve and ada", "asked eve@lab.org"], PEOPLE)
    assert found.texts == (
        "contributor-A/rope",
        "contributor-A and contributor-B",
        "asked contributor-A",
    )
    assert found.replaced == {"contributor-A": 3, "contributor-B": 1}


@pytest.mark.parametrize(
    "text",
    ["adam = optim.Adam(lr)", "Adagrad", "canada", "evening", "lovelace", "a test", "7 + x", "9a@"],
)
def test_code_is_left_alone(text: str) -> None:
    """Words that hold a name, parts of a longer name, and what stands in many addresses."""
    found = blinded([text], PEOPLE)
    assert found.texts == (text,)
    assert found.replaced == {}


def test_names_do_not_reach_over_lines() -> None:
    """A patch keeps its lines."""
    assert blind("+# ada\n+lovelace") == "+# contributor-A\n+lovelace"


def test_addresses_of_strangers_go_too() -> None:
    """Whoever it is; so does the name in an address of a code host."""
    assert blind("mail who@else.org or bobby") == f"mail {SOMEBODY} or contributor-A"


@given(
    words=st.lists(
        st.sampled_from(
            ["ada", "Eve", "BOBBY", "Ada-Lovelace", "ada.l@x.org", "max", "def f(", "\n+", "é", "1"]
        ),
        max_size=12,
    ),
    between=st.sampled_from([" ", "_", "/", "-", "\n", "."]),
)
def test_no_name_is_left_whatever_stands_around_it(words: list[str], between: str) -> None:
    """Taken out again, a blinded text has nothing to replace, and lines stay lines."""
    text = between.join(words)
    once = blinded([text], PEOPLE)
    assert blinded(once.texts, PEOPLE).replaced == {}
    assert once.texts[0].count("\n") == text.count("\n")
    assert not any(name in once.texts[0].lower() for name in ("ada", "eve", "bobby"))


def test_without_anybody_known_nothing_but_addresses_goes() -> None:
    """No contributors, no authors."""
    assert blinded(["ada, a@b.c"], []).texts == (f"ada, {SOMEBODY}",)
    assert names_of([], [("x", Authorship(name="-", email="", share=1.0))]) == []


def test_letters_go_on_after_the_alphabet() -> None:
    """The twenty-seventh person is AA."""
    people = [frozenset({f"name{k}x"}) for k in range(28)]
    text = " ".join(f"name{k}x" for k in range(28))
    assert blinded([text], people).texts[0].split()[25:] == [
        "contributor-Z",
        "contributor-AA",
        "contributor-AB",
    ]
