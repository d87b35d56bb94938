"""The board on a port: bound before anything is said, let go of at Ctrl-C."""

from __future__ import annotations

import errno
import gc
import ipaddress
import socket
from typing import TYPE_CHECKING

import uvicorn

from mainstem.domain.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.types import ASGIApp

LOOPBACK = "127.0.0.1"

_COLLECT = (50_000, 20, 100)
"""When garbage is looked for.

A page of ten thousand runs makes tens of thousands of objects that live until it is sent. To look
at every 700 of them, as is usual, made the page of recipes take 333 ms instead of 130 to 185.
"""

_LEAVE_S = 1
"""So long a stop waits for answers under way; open pages come back by themselves."""


def is_loopback(host: str) -> bool:
    """Whether an address is reached from this machine only."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def bound(host: str, port: int) -> socket.socket:
    """A socket that listens at an address.

    Raises:
        UsageError: The address is none of this machine's, or the port is taken.
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        found = socket.socket(family, kind, protocol)
    except OSError as error:
        raise UsageError(f"--host {host} is no address of this machine: {error.strerror}") from None
    # A board that was stopped leaves its port waiting for a minute; the next one takes it.
    found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        found.bind(address)
        found.listen(1024)
    except OSError as error:
        found.close()
        raise UsageError(_why_not(host, port, error)) from None
    return found


def _why_not(host: str, port: int, error: OSError) -> str:
    """Why nothing can listen there, and what to do."""
    if error.errno == errno.EADDRNOTAVAIL:
        return f"--host {host} is no address of this machine; --host 0.0.0.0 listens at all it has"
    said = f"nothing can listen at {host} port {port}: {error.strerror}"
    if error.errno == errno.EADDRINUSE:
        return f"{said}; is a board there already? `--port 0` takes any free port"
    return f"{said}; `--port 0` takes any free port"


def reached(host: str) -> str:
    """By what others reach a board that listens there: of every address, the machine's name."""
    try:
        everywhere = ipaddress.ip_address(host).is_unspecified
    except ValueError:
        everywhere = False
    return socket.getfqdn() if everywhere else host


def address(found: socket.socket, host: str) -> str:
    """What to open in a browser."""
    shown = f"[{host}]" if ":" in host else host
    return f"http://{shown}:{found.getsockname()[1]}/"


def serve(app: ASGIApp, found: socket.socket, *, ready: Callable[[], None]) -> None:
    """Serves until it is stopped.

    Args:
        app: The application.
        found: A socket that listens; closed at the end.
        ready: Called once requests are answered.
    """
    config = uvicorn.Config(
        app,
        log_level="warning",
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=_LEAVE_S,
        lifespan="on",
    )
    gc.set_threshold(*_COLLECT)
    _Server(config, ready).run(sockets=[found])


class _Server(uvicorn.Server):
    """Tells when it has started."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begins to answer, and says so."""
        await super().startup(sockets)
        self._ready()
