from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given, strategies as st

from mainstem.domain.stack import Objective, Rung, Stack
from mainstem.tomlfiles.contributors import (
    KEYS as CONTRIBUTOR_KEYS,
    parse_contributors,
    parse_least_line,
)
from mainstem.tomlfiles.sections import KEYS
from mainstem.tomlfiles.stack import parse_stack
from mainstem.tomlfiles.template import COMMAND, stack_template

PAGE = Path(__file__).parents[3] / "docs" / "parts" / "tomlfiles.md"


def uncommented(text: str) -> str:
    """The template with every commented setting made active, as a user would."""
    return re.sub(r"^# (?=\[|\w+ = )", "", text, flags=re.MULTILINE)


def test_the_template_is_a_stack() -> None:
    """What `mainstem init` writes can be read at once, with defaults wherever it is commented."""
    assert parse_stack(stack_template(name="lab"), "mainstem.toml") == Stack(
        name="lab",
        trunk="main",
        command=COMMAND,
        timeout_s=3600.0,
        objectives=(Objective("loss", margin=0.01),),
        rungs=(Rung(name="default"),),
    )


def test_every_commented_setting_works_when_it_is_made_active() -> None:
    """Taking the `# ` away is all it takes, and gives the defaults that the comments promise."""
    text = uncommented(stack_template(name="lab")).replace('source = "json"', 'source = "stdout"')
    stack = parse_stack(text, "mainstem.toml")
    plain = parse_stack(stack_template(name="lab"), "mainstem.toml")
    assert stack.metrics.patterns == {"loss": r"^loss:\s+(\S+)", "step": r"^step:\s+(\d+)"}
    assert stack.components[0].globs == ("optim/**", "train.py:Optimizer")
    assert stack.rung("small").resources.memory_bytes == 4 * 10**9
    assert (stack.run, stack.store) == (plain.run, plain.store)
    assert stack.decisions.alpha == plain.decisions.alpha


@pytest.mark.parametrize("table", KEYS)
def test_every_key_is_in_the_template_and_on_the_page(table: str) -> None:
    """A key that no user can find might as well not exist."""
    text, page = stack_template(name="lab"), PAGE.read_text(encoding="utf-8")
    assert f"[{table}]" in text
    assert f"[{table}]" in page
    for key in KEYS[table]:
        if f"{table}.{key}" not in KEYS:
            assert re.search(rf"^(?:# )?(?:\[\w+\.)?{key}\b", text, flags=re.MULTILINE), key
        assert f"`{key}`" in page


def test_the_examples_on_the_page_are_right() -> None:
    """Whoever copies an example of the page has a file that works; every key is explained."""
    page = PAGE.read_text(encoding="utf-8")
    stack, contributors, line = re.findall(r"```toml\n(.*?)```", page, flags=re.DOTALL)
    parse_stack(stack, "mainstem.toml")
    assert parse_contributors(contributors)
    assert parse_least_line(f"{line}\n{contributors}") == 39
    assert [key for key in CONTRIBUTOR_KEYS if f"`{key}`" not in page] == []


names = st.text(st.characters(), min_size=1).filter(lambda name: name.strip() and "\0" not in name)


@given(names, st.text(st.characters(codec="utf-8"), max_size=9))
def test_any_name_can_be_written(name: str, word: str) -> None:
    """Folder names with quotes, control characters or @marks come back as they are."""
    command = "train '" + re.sub(r"['{}\0]", "", word) + "'"
    stack = parse_stack(stack_template(name=name, trunk="t@name", command=command), "mainstem.toml")
    assert stack.name == name.encode(errors="replace").decode()
    assert (stack.trunk, stack.command) == ("t@name", command)
