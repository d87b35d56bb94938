from __future__ import annotations

import json
import tomllib
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings, strategies as st

from mainstem.tomlfiles.locate import locate

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mainstem.tomlfiles.locate import Place

FILE = """\
# a = 1 is a comment
top.dotted."quo ted".'x' = 1  # [not.a.table]

[stack]   # comment ] here
text = '''
[no.header]
key = "no key"
'''''
more = \"\"\"a \\\"\"\" b
# no comment
\"\"\"\"
"caf\\u00e9 = [1]" = 2

[a . "b.c"]
list = [ # one
  1, "]", # two
  [2,
   3],
  {x = 1, y.z = "}"},
]
date = 1979-05-27 07:32:00
[[many]]
name = "one"
[many.sub]
k = 1
[[many.deep]]
k = 1
[[many.deep]]
k = 2
[[many]]
name = { first = 'a', "la.st" = [{}] }
"""

LINES = {
    ("top", "dotted", "quo ted", "x"): 2,
    ("stack",): 4,
    ("stack", "text"): 5,
    ("stack", "more"): 9,
    ("stack", "café = [1]"): 12,
    ("a", "b.c"): 14,
    ("a", "b.c", "list"): 15,
    ("a", "b.c", "list", 0): 16,
    ("a", "b.c", "list", 1): 16,
    ("a", "b.c", "list", 2): 17,
    ("a", "b.c", "list", 2, 1): 18,
    ("a", "b.c", "list", 3, "y", "z"): 19,
    ("a", "b.c", "date"): 21,
    ("many", 0): 22,
    ("many", 0, "name"): 23,
    ("many", 0, "sub"): 24,
    ("many", 0, "deep", 0, "k"): 27,
    ("many", 0, "deep", 1): 28,
    ("many", 0, "deep", 1, "k"): 29,
    ("many", 1): 30,
    ("many", 1, "name", "first"): 31,
    ("many", 1, "name", "la.st", 0): 31,
}


def places(value: Any, at: Place = ()) -> Iterator[Place]:
    """Every place of what tomllib read."""
    if at:
        yield at
    if isinstance(value, dict | list):
        items = value.items() if isinstance(value, dict) else enumerate(value)
        for key, item in items:
            yield from places(item, (*at, key))


def test_a_file_with_everything() -> None:
    """Comments, dotted and quoted keys, multi-line strings, lists, inline and arrays of tables."""
    tomllib.loads(FILE)
    found = locate(FILE)
    assert {place: found.get(place) for place in LINES} == LINES


def test_windows_line_ends() -> None:
    """A carriage return changes no line's number."""
    text = FILE.replace("\n", "\r\n")
    assert locate(text) == locate(FILE)


keys = st.text(st.characters(codec="utf-8"), max_size=4) | st.sampled_from(["a", "b-c", "1", "_"])


def written(text: str) -> str:
    """A text as a TOML basic string."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


scalars = (
    st.integers(-9, 9).map(str)
    | st.booleans().map(lambda flag: str(flag).lower())
    | st.text(st.characters(codec="utf-8"), max_size=6).map(written)
    | st.sampled_from(["'''\n'a' #'''", '"""\n"\\""]"""', '""""x"""""', "''", "07:32:00", "1e3"])
)


def key(draw: st.DrawFn, name: str) -> str:
    """A key, bare where it can be and where it pleases."""
    bare = name.isascii() and name.replace("-", "a").replace("_", "a").isalnum()
    return name if bare and draw(st.booleans()) else written(name)


@st.composite
def value(draw: st.DrawFn, depth: int = 2, *, inline: bool = False) -> str:
    """A value; what stands in an inline table has no line breaks of its own."""
    how = draw(st.sampled_from(["scalar", "list", "table"])) if depth else "scalar"
    if how == "scalar":
        return draw(scalars)
    if how == "list":
        gap = draw(st.sampled_from(["", " ", "\n", " # ]\n"])) if not inline else ""
        items = draw(st.lists(value(depth - 1, inline=inline), max_size=3))
        return f"[{gap}" + f"{gap},{gap}".join(items) + f"{gap}]"
    names = draw(st.lists(keys, max_size=3, unique=True))
    pairs = [f"{key(draw, n)} = {draw(value(depth - 1, inline=True))}" for n in names]
    return "{" + ", ".join(pairs) + "}"


@st.composite
def documents(draw: st.DrawFn) -> str:
    """A TOML file with tables and arrays of tables."""
    parts = []
    for name in draw(st.lists(keys, max_size=4, unique=True)):
        header = draw(st.sampled_from(["[{}]", "[[{}]]", "[ {} . sub ] # x", "[[{}.deep]]"]))
        repeats = draw(st.integers(1, 3)) if header.startswith("[[") else 1
        for _ in range(repeats):
            parts.append(header.format(key(draw, name)))
            for inner in draw(st.lists(keys, max_size=3, unique=True)):
                dotted = draw(st.sampled_from(["", ".x", " . 'y z'"]))
                parts.append(f"{key(draw, inner)}{dotted} = {draw(value())}")
    return draw(st.sampled_from(["\n", "\r\n", "\n\n"])).join(parts)


@settings(max_examples=80)
@given(documents())
def test_every_place_that_tomllib_knows_has_a_line(text: str) -> None:
    """The places found are exactly those of the parsed file, and lines never go beyond it."""
    found = locate(text)
    assert set(found) == set(places(tomllib.loads(text)))
    assert all(1 <= line <= text.count("\n") + 1 for line in found.values())


@given(documents())
def test_a_key_stands_on_its_line(text: str) -> None:
    """Adding an empty line at the top moves every place by one line."""
    assert locate("\n" + text) == {place: line + 1 for place, line in locate(text).items()}


@given(st.text(max_size=60) | st.text("[]{}=.\"'#,\n\\a1 ", max_size=60))
def test_any_text_ends_the_walk_at_worst(text: str) -> None:
    """What is no TOML gives the lines found so far, never an exception or an endless loop."""
    assert all(1 <= line <= text.count("\n") + 1 for line in locate(text).values())


@pytest.mark.parametrize(
    "text", ["a = ", "[", "[[a]", "a = [1", "a = {b = 1", "'a", '"\\x" = 1', "= 1"]
)
def test_broken_text_is_no_error_here(text: str) -> None:
    """What is wrong with a file is for tomllib to say; this only stops."""
    locate("good = 1\n" + text)
    assert locate("good = 1\n" + text)["good",] == 1
