"""A map over processes, for pure computing that is handed one.

What simulates may not start processes (`.importlinter`); it is handed a `map`. This one starts
fresh interpreters, so it works the same on every system and from any thread; what is mapped must be
a function of a module, and its arguments data.
"""

from __future__ import annotations

import multiprocessing
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

T = TypeVar("T")
U = TypeVar("U")


class Mapper(Protocol):
    """What `map` is: results come in the order of the arguments."""

    def __call__(self, function: Callable[[T], U], arguments: Iterable[T], /) -> Iterable[U]:
        """The function of each."""
        ...


@contextmanager
def mapper(processes: int) -> Iterator[Mapper]:
    """A map over so many processes; of one it is Python's own, in this process.

    When it is left, work that has not begun is dropped and all processes have ended.

    Raises:
        ValueError: Processes are below 1.
    """
    if processes < 1:
        raise ValueError(f"{processes} processes can do nothing: give 1 or more")
    if processes == 1:
        yield map
        return
    with ProcessPoolExecutor(processes, multiprocessing.get_context("spawn")) as pool:
        try:
            yield pool.map
        finally:
            pool.shutdown(wait=True, cancel_futures=True)
