"""The documentation keeps up with the code: links resolve, packages and commands are described."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import click
import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_FENCE = re.compile(r"^(```|~~~).*?^\1", flags=re.MULTILINE | re.DOTALL)
_CODE = re.compile(r"`[^`\n]*`")
_LINK = re.compile(r"!?\[[^\]]*\]\(\s*<?([^)<>\s]+)>?(?:\s+\"[^\"]*\")?\s*\)")
_HEADING = re.compile(r"^#{1,6}\s+(.+?)\s*#*$", flags=re.MULTILINE)


def links(page: Path) -> list[str]:
    """The targets of a page's links, without those inside code."""
    text = _CODE.sub("", _FENCE.sub("", page.read_text(encoding="utf-8")))
    return _LINK.findall(text)


def anchors(page: Path) -> set[str]:
    """The fragments that a page's headings offer, as code hosts make them."""
    text = _FENCE.sub("", page.read_text(encoding="utf-8"))
    lowered = (re.sub(r"[^\w\- ]", "", heading.lower()) for heading in _HEADING.findall(text))
    return {heading.replace(" ", "-") for heading in lowered}


def has_anchor(place: Path, fragment: str) -> bool:
    """Whether a fragment leads somewhere; only pages of ours are looked into."""
    return place.suffix != ".md" or fragment in anchors(place)


def dead(page: Path) -> Iterator[str]:
    """What each relative link of a page that leads nowhere names."""
    for target in links(page):
        if re.match(r"[a-z][a-z0-9+.-]*:", target):
            continue
        name, _, fragment = target.partition("#")
        place = page.parent / name if name else page
        if not place.exists() or (fragment and not has_anchor(place, fragment)):
            yield target


def commands(group: click.Group, before: str = "") -> Iterator[str]:
    """Every command of a group as a person types it, groups within groups too."""
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if command is None or command.hidden:
            continue
        if isinstance(command, click.Group):
            yield from commands(command, f"{before}{name} ")
        else:
            yield before + name


def test_every_relative_link_resolves(project: Path, project_files: list[Path]) -> None:
    """A page that moves or a heading that is renamed takes its links along."""
    pages = [file for file in project_files if file.suffix == ".md"]
    broken = {str(page.relative_to(project)): list(dead(page)) for page in pages}
    assert {name: targets for name, targets in broken.items() if targets} == {}


def test_a_dead_link_is_seen(tmp_path: Path) -> None:
    """The check above can fail: a missing file, a missing heading, but not a link inside code."""
    page = tmp_path / "page.md"
    page.write_text(
        "# Here we are\n[a](gone.md) [b](#here-we-are) [c](#there) [d](https://example.org/x)\n"
        "`[e](code.md)`\n```\n[f](fenced.md)\n```\n",
        encoding="utf-8",
    )
    assert list(dead(page)) == ["gone.md", "#there"]


def test_every_package_has_its_page(project: Path) -> None:
    """One concept, one package, one page of the same name, listed in the index."""
    source = project / "src" / "mainstem"
    names = {path.parent.name for path in source.glob("*/__init__.py")}
    names |= {path.stem for path in source.glob("[!_]*.py")}
    pages = {path.stem for path in (project / "docs" / "parts").glob("*.md")}
    assert names - pages == set()


def test_every_page_is_in_the_index(project: Path) -> None:
    """`docs/README.md` leads to every page, so that no page is written and never read."""
    docs = project / "docs"
    listed = {(docs / target).resolve() for target in links(docs / "README.md")}
    pages = {page for page in docs.rglob("*.md") if page.name != "README.md"}
    assert {str(page.relative_to(docs)) for page in pages - listed} == set()


@pytest.fixture
def command_line() -> click.Group:
    """The `mainstem` command."""
    from mainstem.cli.main import main

    assert isinstance(main, click.Group)
    return main


def test_every_command_is_described(project: Path, command_line: click.Group) -> None:
    """Whatever `mainstem --help` offers stands in the README or in docs/parts/cli.md."""
    text = "".join(
        (project / page).read_text(encoding="utf-8") for page in ("README.md", "docs/parts/cli.md")
    )
    offered = list(commands(command_line))
    assert offered
    missing = [name for name in offered if not re.search(rf"mainstem {name}(?![\w-])", text)]
    assert missing == []


def test_every_command_has_help(command_line: click.Group) -> None:
    """`mainstem --help` says one line about each command, and each command says how it is used."""
    context = click.Context(command_line)
    said = command_line.get_help(context)
    for name in command_line.list_commands(context):
        command = command_line.get_command(context, name)
        assert command is not None
        assert command.help
        assert command.epilog
        assert re.search(rf"^  {name} +\w", said, flags=re.MULTILINE), name
