from __future__ import annotations

import socket
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from mainstem.executors import view as views
from mainstem.executors.view import Access, access_of, look, rules_of

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A home outside of every scratch folder: none is left, so only this home is hidden."""
    home = tmp_path / "home" / "me"
    for name in ("venv/bin", "data", "project/.mainstem/work/t1", "project/data", ".ssh"):
        (home / name).mkdir(parents=True)
    (home / ".ssh" / "key").touch()
    monkeypatch.setattr(views, "SCRATCH", ())
    monkeypatch.setattr(views, "hidden_by_default", lambda: [tmp_path / "home"])
    return home


def seen(home: Path, *opened: Path) -> views.View:
    """The view of a trial of the project in that home."""
    project = home / "project"
    view = look(
        secret=[project / ".mainstem"],
        closed=[project],
        opened=opened,
        writable=[project / ".mainstem" / "work" / "t1"],
    )
    return view.hidden_too(views.sockets())


def test_a_home_is_hidden_but_for_what_is_opened(home: Path) -> None:
    """An environment and a data folder can be read; neighbours, the project and keys cannot."""
    view = seen(home, home / "venv", home / "project" / "data")
    state = home / "project" / ".mainstem"
    expected = {
        home / "venv" / "bin": Access.READ,
        home / ".ssh" / "key": Access.HIDE,
        home / "data": Access.HIDE,
        home / "project": Access.HIDE,
        home / "project" / "data": Access.READ,
        state / "ledger.sqlite": Access.HIDE,
        state / "work" / "t2": Access.HIDE,
        state / "work" / "t1" / "tree": Access.WRITE,
        Path("/usr/bin/env"): Access.READ,
    }
    assert {path: access_of(path, view.entries) for path in expected} == expected


def test_opening_the_whole_home_does_not_open_the_project(home: Path) -> None:
    """`env = ["HOME"]` is the user's wish; the record of the project stays hidden in it."""
    view = seen(home, home)
    assert access_of(home / ".ssh" / "key", view.entries) is Access.READ
    assert access_of(home / "project" / "mainstem.toml", view.entries) is Access.HIDE
    assert view.opened == (home,)


def test_the_project_and_its_record_are_not_opened_themselves(home: Path) -> None:
    """Whoever names them: it is refused, and the view says so."""
    project = home / "project"
    view = seen(home, project, project / ".mainstem" / "work", Path("/"))
    assert view.opened == ()
    assert set(view.refused) == {project, project / ".mainstem" / "work", Path("/")}


def test_links_in_a_hidden_folder_are_made_again(home: Path, tmp_path: Path) -> None:
    """An environment may be reached through a link in the home, or through two."""
    (tmp_path / "disk" / "venv").mkdir(parents=True)
    (home / "link").symlink_to("second")
    (home / "second").symlink_to(tmp_path / "disk" / "venv")
    view = seen(home, home / "link")
    assert view.links == {home / "link": "second", home / "second": str(tmp_path / "disk/venv")}


def test_what_is_not_there_is_passed_over(home: Path) -> None:
    """A path entry of long ago opens nothing and breaks nothing."""
    assert seen(home, home / "gone").opened == ()


def test_rules_allow_every_neighbour_of_what_is_hidden(tmp_path: Path) -> None:
    """Landlock has no rule that refuses: what is not on the way to a secret is allowed."""
    for name in ("a/secret", "a/open", "b"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "a" / "secret" / "own").mkdir()
    (tmp_path / "link").symlink_to("a/secret")
    rules = dict(
        rules_of({tmp_path / "a" / "secret": "hide", tmp_path / "a" / "secret" / "own": "write"})
    )
    below = {path: access for path, access in rules.items() if path.startswith(str(tmp_path))}
    assert below == {
        str(tmp_path / "a" / "open"): "read",
        str(tmp_path / "a" / "secret" / "own"): "write",
        str(tmp_path / "b"): "read",
    }
    assert "/" not in rules
    assert str(tmp_path.parents[0]) not in rules


def test_homes_are_never_folders_of_the_system(monkeypatch: pytest.MonkeyPatch) -> None:
    """A service's user may have `/` or `/usr/share/x` for a home: that is not private."""
    for home in ("/", "/usr", "/var"):
        monkeypatch.setenv("HOME", home)
        assert Path(home) not in views.homes()


def test_sockets_in_readable_folders_are_hidden(home: Path, tmp_path: Path) -> None:
    """A read-only folder does not keep anyone from connecting to a socket in it."""
    (tmp_path / "lib").mkdir()
    door = tmp_path / "lib" / "my server.sock"
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(door))
        listener.listen()
        assert door in views.sockets()
        assert access_of(door, seen(home).entries) is Access.HIDE
    assert views.sockets(tmp_path / "gone") == []


def test_a_socket_is_known_by_where_it_lies_however_it_was_reached(tmp_path: Path) -> None:
    """By the way of a link too, also when that leads elsewhere the next time; gone is gone."""
    table, way = tmp_path / "table", tmp_path / "way"
    table.write_text(f"Num\n0: 2 0 10000 1 1 77 {way}/door\n0: 2 0 10000 1 1 78 @name\n")
    for name in ("one", "other"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "door").touch()
        way.unlink(missing_ok=True)
        way.symlink_to(tmp_path / name)
        assert views.sockets(table) == [(tmp_path / name / "door").resolve()]
    way.unlink()
    assert views.sockets(table) == []


def test_folders_of_one_trial_are_opened_in_the_view_of_all(home: Path) -> None:
    """It is the view that would be worked out for that trial alone."""
    project = home / "project"
    own = project / ".mainstem" / "work" / "t1"
    shared = look(secret=[project / ".mainstem"], closed=[project], opened=[], writable=[])
    alone = look(secret=[project / ".mainstem"], closed=[project], opened=[], writable=[own])
    assert shared.writable_too([own, own / "tmp"]) == alone
    assert list(shared.writable_too([own]).entries) == list(alone.entries)


def test_a_folder_with_something_to_hide_is_not_opened(home: Path) -> None:
    """A view that says something of a path below it would be undone."""
    shared = look(secret=[], closed=[], opened=[home / "data"], writable=[])
    with pytest.raises(ValueError, match="not empty in this view"):
        shared.writable_too([home])


def test_a_socket_is_hidden_where_nothing_above_it_is(home: Path) -> None:
    """In what is read and in what can be written; what is hidden already needs no second line."""
    view = seen(home, home / "venv")
    inside = [home / "venv" / "bus", home / "project" / ".mainstem" / "work" / "t1" / "door"]
    hidden = [home / ".ssh" / "agent", Path("/usr/a-socket")]
    shut = view.hidden_too([*inside, *hidden])
    assert shut.entries == {**view.entries, **dict.fromkeys([*inside, hidden[1]], Access.HIDE)}
    assert all(access_of(path, shut.entries) is Access.HIDE for path in (*inside, *hidden))
    assert view.hidden_too([home / "venv"]).entries == view.entries
