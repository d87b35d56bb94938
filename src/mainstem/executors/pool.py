"""A map over processes, for pure computing that is handed one.

What simulates may not start processes (`.importlinter`); it is handed a `map`. This one starts
fresh interpreters, so it works the same on every system and from any thread; what is mapped must be
a function of a module, and its arguments data. What a function holds, such as a record of megabytes
in a `partial`, goes to each process once, by a file: what it keeps in there serves all arguments.
"""

from __future__ import annotations

import multiprocessing
import pickle
import tempfile
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from functools import lru_cache, partial
from importlib import import_module
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

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
def mapper(processes: int, *, load: str | None = None) -> Iterator[Mapper]:
    """A map over so many processes; of one it is Python's own, in this process.

    When it is left, work that has not begun is dropped and all processes have ended.

    Args:
        processes: How many.
        load: A module that all of them load at once, while the caller gets ready what is mapped.

    Raises:
        ValueError: Processes are below 1.
        OSError: There is no room for temporary files.
    """
    if processes < 1:
        raise ValueError(f"{processes} processes can do nothing: give 1 or more")
    if processes == 1:
        yield map
        return
    with (
        tempfile.TemporaryDirectory(prefix="mainstem-map-") as folder,
        ProcessPoolExecutor(
            processes,
            multiprocessing.get_context("spawn"),
            initializer=_begin,
            initargs=(load,),
        ) as pool,
    ):
        for _ in range(processes if load else 0):
            pool.submit(int)  # something to do, or they would start with the first argument
        numbers = count()

        def over(function: Callable[[T], U], arguments: Iterable[T]) -> Iterable[U]:
            """The function of each."""
            file = Path(folder) / str(next(numbers))
            file.write_bytes(pickle.dumps(function))
            return pool.map(partial(_apply, file), arguments)

        try:
            yield over
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


def _begin(load: str | None) -> None:
    """What a process of the pool does first."""
    if load is not None:
        import_module(load)


def _apply(file: Path, argument: Any) -> Any:
    """The function that a file holds, of an argument; in a process of the pool."""
    return _function(file)(argument)


@lru_cache(maxsize=1)
def _function(file: Path) -> Callable[[Any], Any]:
    """The function that a file holds, read once."""
    found: Callable[[Any], Any] = pickle.loads(file.read_bytes())  # noqa: S301 - our own
    return found
