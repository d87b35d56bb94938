"""What a run costs, by count and not by clock, so that two runs agree to the last digit.

Work and memory are counted on the first two steps of each *kind* (the shapes of the batch), and the
work is multiplied by how often that kind occurred. A proposal whose work varies for another reason
must make the difference part of `kind`.
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
from torch.utils.flop_counter import flop_registry

Kind = tuple[tuple[int, ...], ...]


class Meter:
    """Runs steps, and looks closely at the first two of each kind.

    Two, because the first may also allocate what later steps find in place.
    """

    def __init__(self) -> None:
        self.steps: Counter[Kind] = Counter()
        self.flops_per_step: dict[Kind, int] = {}
        self.peak_bytes = 0

    def run(self, batch: Iterable[Tensor], step: Callable[[], None]) -> None:
        """Run one step on `batch`."""
        kind = tuple(tuple(tensor.shape) for tensor in batch)
        self.steps[kind] += 1
        if self.steps[kind] > 2:
            step()
            return
        with Watch() as watch:
            step()
        self.flops_per_step[kind] = watch.flops
        self.peak_bytes = max(self.peak_bytes, watch.peak_bytes)

    @property
    def flops(self) -> int:
        """Floating-point operations of all steps so far: products of matrices, convolutions."""
        return sum(self.flops_per_step[kind] * n for kind, n in self.steps.items())


class Watch(TorchDispatchMode):
    """Counts the work of each operation, and the bytes of all storages it touched that still live.

    The formulas of work are those of `torch.utils.flop_counter`. They know no fused attention on
    a CPU: write attention as products of matrices, or its work goes uncounted.
    """

    def __init__(self) -> None:
        super().__init__()
        self.flops = 0
        self.peak_bytes = 0
        self._live_bytes = 0
        self._known: set[int] = set()

    @classmethod
    def _should_skip_dynamo(cls) -> bool:
        """Nothing is compiled here, and to say so would import the compiler: a second."""
        return False

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
        self,
        func: Any,
        types: Any,
        args: tuple[Any, ...] = (),
        kwargs: dict[str, Any] | None = None,
    ) -> Any:
        """Run one operation, and note its work and the storages of what goes in and comes out."""
        kwargs = kwargs or {}
        result = func(*args, **kwargs)
        if func._overloadpacket in flop_registry:
            self.flops += flop_registry[func._overloadpacket](*args, **kwargs, out_val=result)
        for leaf in tree_leaves((args, kwargs, result)):
            if isinstance(leaf, Tensor):
                self._note(leaf.untyped_storage())
        self.peak_bytes = max(self.peak_bytes, self._live_bytes)
        return result

    def _note(self, storage: torch.UntypedStorage) -> None:
        if storage._cdata not in self._known:
            self._known.add(storage._cdata)
            self._live_bytes += storage.nbytes()
            weakref.finalize(storage, self._forget, storage._cdata, storage.nbytes())

    def _forget(self, key: int, size_bytes: int) -> None:
        self._known.discard(key)
        self._live_bytes -= size_bytes


def parameters(model: torch.nn.Module) -> int:
    """Trained values in a model; shared ones count once."""
    return sum(parameter.numel() for parameter in model.parameters())
