"""Stores as a user meets them: carried from one to another, and reached with a password."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING, Any

import pytest

from postgres_server import Server

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from conftest import Stack

SECRET = "correct-horse/battery"  # noqa: S105  # of a server that lives as long as its test
IN_URL = SECRET.replace("/", "%2F")


def test_a_campaign_moves_to_a_database_and_back(
    stack: Stack, postgres_server: Server, database: str, tmp_path: Path
) -> None:
    """Copied to PostgreSQL it goes on there as the same campaign; the copy back has every line."""
    url = postgres_server.address(database)
    stack.mainstem("propose", "clip", "deeper")
    stack.mainstem("integrate", "--budget", "8")
    copied = stack.mainstem("store", "copy", "--from", "sqlite", "--to", url, "--json").json
    entries = stack.mainstem("verify", "--json").json["entries"]
    assert (copied["from"], copied["to"]) == ("sqlite", url)
    assert copied["lines"] == copied["copied"] == entries
    assert copied["alterations"] == []
    there = stack.mainstem("show", "--store", url, "--json").json
    assert there == stack.mainstem("show", "--json").json
    went_on = stack.mainstem("integrate", "--budget", "12", "--store", url).out
    assert "campaign c1 goes on" in went_on
    back = f"sqlite:{tmp_path / 'back.sqlite'}"
    first = stack.mainstem("store", "copy", "--from", url, "--to", back).out
    assert "copied; " in first
    assert stack.mainstem("store", "copy", "--from", url, "--to", back).out.startswith("0 lines")
    refused = stack.mainstem("store", "copy", "--from", url, "--to", "sqlite", "--json").json
    assert refused["copied"] == refused["lines"] - entries


def test_a_copy_into_another_ledger_is_refused(
    make_stack: Callable[..., Stack], postgres_server: Server, database: str
) -> None:
    """Two projects with one address by mistake: exit code 2, and neither ledger changes."""
    url = postgres_server.address(database)
    one, two = make_stack("one"), make_stack("two")
    for stack, branch in ((one, "clip"), (two, "deeper")):
        stack.mainstem("propose", branch)
    one.mainstem("store", "copy", "--from", "sqlite", "--to", url)
    said = two.mainstem("store", "copy", "--from", "sqlite", "--to", url, code=2).err
    assert "is another one: its line 1 is not the source's" in said
    other = f"{url}&schema=two"
    two.mainstem("store", "copy", "--from", "sqlite", "--to", other)
    ids = [p["id"] for p in two.mainstem("status", "--store", other, "--json").json["proposals"]]
    assert ids == ["deeper"]


@pytest.mark.parametrize(
    ("words", "what"),
    [
        (("--from", "sqlite", "--to", "mysql://h/d"), "begins with 'mysql'"),
        (("--from", "sqlite:nowhere.sqlite", "--to", "sqlite"), "no ledger at nowhere.sqlite"),
        (
            (
                "--from",
                "sqlite",
            ),
            "Missing option '--to'",
        ),
    ],
)
def test_a_wrong_copy_is_one_line(stack: Stack, words: tuple[str, ...], what: str) -> None:
    """Wrong use: exit code 2."""
    said = stack.mainstem("store", "copy", *words, code=2).err
    assert what in said
    assert "Traceback" not in said


def test_a_file_elsewhere_is_no_store_to_work_on(stack: Stack) -> None:
    """Locks and logs belong to the state folder: such a file can only be copied."""
    said = stack.mainstem("status", "--store", "sqlite:x.sqlite", code=2).err
    assert "can only be copied" in said


@pytest.fixture(scope="module")
def strict_server(postgres_server: Server) -> Iterator[Server]:
    """A server that asks everybody but its owner for a password."""
    assert postgres_server  # where none is installed, this skips
    server = Server(auth="scram-sha-256")
    try:
        server.start()
        server.sql(f"CREATE ROLE ada LOGIN PASSWORD '{SECRET}'", "CREATE DATABASE lab OWNER ada")
        yield server
    finally:
        server.remove()


PEEK = r"""
look() { cat /proc/*/environ /proc/*/cmdline | tr '\0' '\n'; env; cat ./* ./.git* ../*; }
look > seen 2> /dev/null || true
if grep -e 'hors[e]' seen >&2; then echo "a trial can read the password" >&2; exit 9; fi
rm seen
"""
"""What a trial looks at: every process that it can see, its environment, the files around it."""


def everything(folder: Path, *others: str) -> str:
    """What Mainstem wrote below its state folder, as text."""
    texts = [p.read_bytes() for p in (folder / ".mainstem").rglob("*") if p.is_file()]
    return "".join(others) + b"\n".join(texts).decode(errors="replace")


@pytest.mark.parametrize("how", ["url", "variable", "file"])
def test_a_password_is_seen_by_nobody(
    stack: Stack,
    strict_server: Server,
    how: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Not in messages, JSON, logs, the ledger, nor by a trial: in no process and no environment."""
    script = stack.path / "train.sh"
    script.write_text(script.read_text().replace("set -eu", f"set -eu\n{PEEK}"))
    with (stack.path / "mainstem.toml").open("a") as file:
        file.write('[run]\nenv = ["PGPASSWORD"]\n')  # not even where a stack asks for it
    stack.git("commit", "--quiet", "--all", "--message", "Peek")
    query = f"&schema={how}"
    url = strict_server.address("lab", user="ada") + query
    if how == "url":
        url = strict_server.address("lab", user="ada", password=IN_URL) + query
    elif how == "variable":
        monkeypatch.setenv("PGPASSWORD", SECRET)
    else:
        passwords = tmp_path / "passwords"
        passwords.write_text(f"*:*:lab:ada:{SECRET}\n")
        passwords.chmod(0o600)
        monkeypatch.setenv("PGPASSFILE", str(passwords))
    said = ""
    for words in (
        ("propose", "clip", "deeper"),
        ("integrate", "--budget", "4"),
        ("status",),
        ("log", "c1.1"),
    ):
        ended = stack.mainstem(*words, "--store", url)
        said += ended.out + ended.err
    copied = stack.mainstem("store", "copy", "--from", url, "--to", "sqlite", "--json")
    rows = strict_server.sql(f"SELECT body FROM {how}.entries", database="lab")  # noqa: S608  # names are ours
    text = everything(stack.path, said, copied.out, copied.err, *(body for (body,) in rows))
    assert "clip" in text
    assert "horse" not in text


@pytest.mark.parametrize("debug", [False, True])
def test_a_wrong_password_is_not_repeated(
    stack: Stack, strict_server: Server, monkeypatch: pytest.MonkeyPatch, *, debug: bool
) -> None:
    """One line that says whose fault it is; also where somebody made Python talkative."""
    if debug:
        monkeypatch.setenv("PYTHONDEVMODE", "1")
        monkeypatch.setenv("PYTHONWARNINGS", "default")
    url = strict_server.address("lab", user="ada", password="staple-battery")  # noqa: S106  # a wrong one
    ended = stack.mainstem("status", "--store", url, code=2)
    assert "does not let this user in; check user and password" in ended.err
    assert "staple" not in ended.err + ended.out
    assert ended.err.count("\n") == 1 or debug


@pytest.mark.parametrize(
    "address", ["postgresql://ada:staple@h/lab", "postgresql://h/lab?password=staple"]
)
def test_a_password_in_the_file_is_refused(stack: Stack, address: str) -> None:
    """`mainstem.toml` is in every trial's tree: the line says what to do instead."""
    with (stack.path / "mainstem.toml").open("a") as file:
        file.write(f'[store]\nurl = "{address}"\n')
    said = stack.mainstem("status", code=2).err
    assert "store.url holds a password" in said
    assert "PGPASSFILE" in said
    assert "staple" not in said


def test_what_mainstem_starts_inherits_no_password(
    stack: Stack, strict_server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Taken out of the environment at the first use: git, keepers and trials have never seen it."""
    monkeypatch.setenv("PGPASSWORD", SECRET)
    code = """
import os, subprocess
from mainstem.wiring import open_project
with open_project(store=os.environ.pop("STORE")) as project:
    print(subprocess.run(["env"], capture_output=True, text=True, check=True).stdout)
    project.ledger.close()
with open_project(store=project.team.address.shown) as project:
    print(project.ledger.verify())
"""
    url = strict_server.address("lab", user="ada")
    done = subprocess.run(
        [os.sys.executable, "-c", code],  # type: ignore[attr-defined]  # os imports sys
        cwd=stack.path,
        env={**os.environ, "STORE": url},
        capture_output=True,
        text=True,
        check=True,
    )
    assert "horse" not in done.stdout
    assert done.stdout.endswith("[]\n")


def test_any_word_for_json_is_one_object(
    stack: Stack, postgres_server: Server, database: str
) -> None:
    """`--json` on an altered ledger: exit code 1, the lines, and nothing copied."""
    url = postgres_server.address(database)
    stack.mainstem("propose", "clip", "--store", url)
    postgres_server.sql(
        "SET session_replication_role TO replica",
        "UPDATE mainstem.entries SET kind = 'x' WHERE seq = 1",
        database=database,
    )
    words: list[Any] = ["store", "copy", "--from", url, "--to", "sqlite", "--json"]
    found = stack.mainstem(*words, code=1).json
    assert (found["copied"], len(found["alterations"])) == (0, 1)
