"""The port of a board: bound before anything is said, or one clear line."""

from __future__ import annotations

import socket

import pytest

from mainstem.board.server import LOOPBACK, address, bound, is_loopback, reached
from mainstem.domain.errors import UsageError


@pytest.mark.parametrize(
    ("host", "inside"),
    [
        *(("127.0.0.1", True), ("127.8.9.1", True), ("localhost", True), ("::1", True)),
        *(("0.0.0.0", False), ("::", False), ("10.1.2.3", False), ("board.example", False)),  # noqa: S104  not bound
    ],
)
def test_what_is_reached_from_elsewhere_is_not_loopback(host: str, *, inside: bool) -> None:
    """So it asks for a token."""
    assert is_loopback(host) is inside


def test_any_free_port_and_then_no_second_board_there() -> None:
    """The address says which; who wants the same port is told what to do."""
    first = bound(LOOPBACK, 0)
    try:
        port = first.getsockname()[1]
        assert address(first, LOOPBACK) == f"http://127.0.0.1:{port}/"
        with pytest.raises(UsageError, match="is a board there already"):
            bound(LOOPBACK, port)
    finally:
        first.close()


def test_no_address_of_this_machine_is_one_line() -> None:
    """A name that nobody knows, and an address that is somebody else's."""
    for host in ("no such host", "192.0.2.1"):
        with pytest.raises(UsageError, match=f"--host {host} is no address of this machine") as no:
            bound(host, 0)
        assert "is a board there" not in str(no.value)


def test_who_listens_everywhere_is_reached_by_the_machine_s_name() -> None:
    """No browser elsewhere can open 0.0.0.0; any other address stays what it is."""
    assert [reached(host) for host in ("0.0.0.0", "::")] == [socket.getfqdn()] * 2  # noqa: S104  not bound
    assert [reached(h) for h in ("10.1.2.3", "board.example", LOOPBACK)] == [
        "10.1.2.3",
        "board.example",
        LOOPBACK,
    ]
