"""How gradients become steps."""

from collections.abc import Iterable

import torch
from torch import nn
from torch.optim import Optimizer

LEARNING_RATE = 1e-3

BETAS = (0.9, 0.999)

# The norm at which the whole gradient is clipped.
CLIP = 1.0


def build(model: nn.Module) -> list[Optimizer]:
    """The optimizers of a model; together they own each parameter once."""
    return [torch.optim.Adam(model.parameters(), lr=LEARNING_RATE, betas=BETAS)]


def step(model: nn.Module, optimizers: Iterable[Optimizer], factor: float) -> None:
    """Apply the gradients, with every learning rate multiplied by the schedule's factor."""
    nn.utils.clip_grad_norm_(model.parameters(), CLIP)

    for optimizer in optimizers:
        for group in optimizer.param_groups:
            base = group.setdefault("base_lr", group["lr"])
            group["lr"] = base * factor
        optimizer.step()
        optimizer.zero_grad()
