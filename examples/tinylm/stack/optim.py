"""How gradients become steps.

Plain code instead of `torch.optim`, whose first use imports a compiler and takes a second.
"""

from collections.abc import Iterable, Sequence
from typing import Protocol

import torch
from torch import Tensor, nn

LEARNING_RATE = 1e-3

# Decay of the running means of the gradient and of its square.
BETAS = (0.9, 0.999)

# The norm at which the whole gradient is clipped.
CLIP = 1.0


class Optimizer(Protocol):
    """Owns some parameters and moves them along their gradients."""

    def step(self, factor: float) -> None:
        """Move once, with the learning rate multiplied by `factor`."""


def build(model: nn.Module) -> list[Optimizer]:
    """The optimizers of a model; together they own each parameter once."""
    return [Adam(model.parameters(), LEARNING_RATE)]


@torch.no_grad()
def step(model: nn.Module, optimizers: Sequence[Optimizer], factor: float) -> None:
    """Apply the gradients and clear them; `factor` comes from the schedule."""
    nn.utils.clip_grad_norm_(model.parameters(), CLIP)

    for optimizer in optimizers:
        optimizer.step(factor)

    model.zero_grad()


class Adam:
    """Adam (Kingma and Ba 2015, algorithm 1)."""

    def __init__(self, parameters: Iterable[Tensor], rate: float) -> None:
        self.parameters = list(parameters)
        self.rate = rate
        self.means = [torch.zeros_like(p) for p in self.parameters]
        self.squares = [torch.zeros_like(p) for p in self.parameters]
        self.steps = 0

    def step(self, factor: float) -> None:
        """Move once, with the learning rate multiplied by `factor`."""
        self.steps += 1
        gradients = [p.grad for p in self.parameters]
        torch._foreach_lerp_(self.means, gradients, 1 - BETAS[0])
        torch._foreach_mul_(self.squares, BETAS[1])
        torch._foreach_addcmul_(self.squares, gradients, gradients, 1 - BETAS[1])

        # Both means start at zero; the corrections undo that.
        scale = torch._foreach_sqrt(self.squares)
        torch._foreach_div_(scale, (1 - BETAS[1] ** self.steps) ** 0.5)
        torch._foreach_add_(scale, 1e-8)
        rate = self.rate * factor / (1 - BETAS[0] ** self.steps)
        torch._foreach_addcdiv_(self.parameters, self.means, scale, -rate)
