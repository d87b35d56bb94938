"""`mainstem board`: the record as pages in a browser, live."""

from __future__ import annotations

import json
import os
import secrets
from pathlib import Path
from urllib.parse import quote

import click

from mainstem.cli.main import STORE, examples, store_option
from mainstem.cli.output import say
from mainstem.domain.errors import UsageError

PORT = 7788
TOKEN = "MAINSTEM_BOARD_TOKEN"  # noqa: S105  the name of a variable
_LEAST = 16
"""Characters of a token; one that is shorter can be guessed."""


@click.command(
    "board",
    epilog=examples("mainstem board", "mainstem board --port 0", "mainstem board --host 0.0.0.0"),
)
@click.option("--port", type=click.IntRange(0, 65535), default=PORT, show_default=True)
@click.option(
    "--host",
    default="127.0.0.1",
    show_default=True,
    help="Where to listen; any other than loopback asks visitors for a token.",
)
@click.option(
    "--token-file",
    type=click.Path(path_type=Path, dir_okay=False),
    help=f"Where the token is; else ${TOKEN}, else a new one is made and shown.",
)
@store_option
@click.option("--json", "as_json", is_flag=True, help="Print where the board is as JSON.")
def command(*, port: int, host: str, token_file: Path | None, as_json: bool) -> None:
    """Show the record in a browser, live; nothing can be changed there."""
    # Loading takes a second and a large record some more: nobody waits before a silent terminal.
    say("reading the record; the board's address follows", err=True)
    try:
        from mainstem.board import server
        from mainstem.board.app import create_app
    except ModuleNotFoundError as error:
        raise UsageError(f"the board needs {error.name}: pip install 'mainstem[board]'") from None
    from mainstem.wiring.board import open_board_reader

    token = None if server.is_loopback(host) and token_file is None else _token(token_file)
    with open_board_reader(store=click.get_current_context().meta.get(STORE)) as reader:
        listening = server.bound(host, port)
        url = server.address(listening, server.reached(host))
        full = url if token is None else f"{url}?token={quote(token)}"

        def ready() -> None:
            if as_json:
                say(json.dumps({"url": url, "token": token, "pid": os.getpid()}))
                return
            say(f"the board of {reader.stack.name} is at {full} (Ctrl-C stops it)")

        server.serve(create_app(reader, token=token), listening, ready=ready)


def _token(file: Path | None) -> str:
    """The token that visitors must know.

    Raises:
        UsageError: The file cannot be read, or what is there can be guessed.
    """
    found = os.environ.get(TOKEN, "") or secrets.token_urlsafe(24)
    where = f"${TOKEN}"
    if file is not None:
        where = str(file)
        try:
            found = file.read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise UsageError(f"--token-file {file} cannot be read: {error}") from None
    if len(found) < _LEAST or not found.isascii() or not found.isprintable():
        raise UsageError(
            f"the token in {where} must have {_LEAST} or more printable ASCII characters, so "
            "that nobody guesses it"
        )
    return found
