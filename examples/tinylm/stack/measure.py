"""What a run costs, by count and not by clock, so that two runs agree to the last digit.

Work and memory are counted once for each *kind* of step (the shapes of its batch) and multiplied by
how often that kind occurred. A proposal whose work varies for another reason must say so in `kind`.
"""

import gc
import weakref
from collections import Counter
from collections.abc import Callable, Iterable
from types import TracebackType
from typing import Any, Self

import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves
from torch.utils.flop_counter import FlopCounterMode

Kind = tuple[tuple[int, ...], ...]


class Meter:
    """Runs steps, and looks closely at the first two of each kind.

    The first step of a kind may allocate an optimizer's state; the second is what the others are like.
    """

    def __init__(self) -> None:
        self.steps: Counter[Kind] = Counter()
        self.flops_per_step: dict[Kind, int] = {}
        self.peak_bytes = 0

    def run(self, batch: Iterable[Tensor], step: Callable[[], None]) -> None:
        """Run one step on `batch`."""
        kind = tuple(tuple(tensor.shape) for tensor in batch)
        self.steps[kind] += 1
        if self.steps[kind] == 1:
            with FlopCounterMode(display=False) as counter:
                step()
            self.flops_per_step[kind] = counter.get_total_flops()
        elif self.steps[kind] == 2:
            with LiveStorage() as storage:
                step()
            self.peak_bytes = max(self.peak_bytes, storage.peak_bytes)
        else:
            step()

    @property
    def flops(self) -> int:
        """Floating-point operations of all steps so far (products of matrices, and convolutions)."""
        return sum(self.flops_per_step[kind] * n for kind, n in self.steps.items())


class LiveStorage(TorchDispatchMode):
    """Counts the bytes of all tensor storages that an operation has touched and that still live."""

    def __init__(self) -> None:
        super().__init__()
        self.live_bytes = 0
        self.peak_bytes = 0
        self._known: set[int] = set()

    def __enter__(self) -> Self:
        gc.collect()
        gc.disable()  # else the peak would depend on when a cycle happens to be collected
        return super().__enter__()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        super().__exit__(kind, error, trace)
        gc.enable()

    def __torch_dispatch__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        """Run one operation, and note the storages of what goes in and comes out."""
        result = func(*args, **(kwargs or {}))
        for leaf in tree_leaves((args, kwargs, result)):
            if isinstance(leaf, Tensor):
                self._note(leaf)
        self.peak_bytes = max(self.peak_bytes, self.live_bytes)
        return result

    def _note(self, tensor: Tensor) -> None:
        storage = tensor.untyped_storage()
        key = storage._cdata
        if key not in self._known:
            self._known.add(key)
            self.live_bytes += storage.nbytes()
            weakref.finalize(storage, self._forget, key, storage.nbytes())

    def _forget(self, key: int, size_bytes: int) -> None:
        self._known.discard(key)
        self.live_bytes -= size_bytes


def parameters(model: torch.nn.Module) -> int:
    """Trained values in a model; shared ones count once."""
    return sum(parameter.numel() for parameter in model.parameters())
