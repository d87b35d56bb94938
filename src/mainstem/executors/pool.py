"""A map over processes, for pure computing that is handed one.

What simulates may not start processes (`.importlinter`); it is handed a `map`. This one starts
fresh interpreters, so it works the same on every system and from any thread; what is mapped must be
a function of a module, and its arguments data. What a function holds, such as a record of megabytes
in a `partial`, goes to each process once, by a file: what it keeps in there serves all arguments.

Each process does its linear algebra in one thread (`one_thread`). Libraries take as many as there
are cores, so that K processes would ask for K times those; threads that find none wait by spinning.
"""

from __future__ import annotations

import multiprocessing
import os
import pickle
import tempfile
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from functools import lru_cache, partial
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

T = TypeVar("T")
U = TypeVar("U")

_THREADS = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "BLIS_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
)
"""What says how many threads linear algebra has; read when its library is loaded, never again."""


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
        OSError: There is no room for temporary files.
    """
    if processes < 1:
        raise ValueError(f"{processes} processes can do nothing: give 1 or more")
    if processes == 1:
        yield map
        return
    with (
        tempfile.TemporaryDirectory(prefix="mainstem-map-") as folder,
        ProcessPoolExecutor(processes, multiprocessing.get_context("spawn")) as pool,
    ):
        numbers = count()

        def over(function: Callable[[T], U], arguments: Iterable[T]) -> Iterable[U]:
            """The function of each."""
            file = Path(folder) / str(next(numbers))
            file.write_bytes(pickle.dumps(function))
            with one_thread():  # processes are started as work is handed in, all of them in here
                return pool.map(partial(_apply, file), arguments)

        try:
            yield over
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


@contextmanager
def one_thread() -> Iterator[None]:
    """Linear algebra has one thread in what is loaded or started meanwhile, if nobody said else.

    Results differ in their last digits between thread counts, and so between machines. Where the
    environment names any count, it stays as it is. When this is left it is what it was.
    """
    names = () if any(name in os.environ for name in _THREADS) else _THREADS
    os.environ.update(dict.fromkeys(names, "1"))
    try:
        yield
    finally:
        for name in names:
            os.environ.pop(name, None)


def _apply(file: Path, argument: Any) -> Any:
    """The function that a file holds, of an argument; in a process of the pool."""
    return _function(file)(argument)


@lru_cache(maxsize=1)
def _function(file: Path) -> Callable[[Any], Any]:
    """The function that a file holds, read once."""
    found: Callable[[Any], Any] = pickle.loads(file.read_bytes())  # noqa: S301 - our own
    return found
