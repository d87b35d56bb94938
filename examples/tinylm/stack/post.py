"""What happens to the network after its last step and before it ships."""

from torch import nn

from data import Sampler


def finish(model: nn.Module, sampler: Sampler) -> None:
    """Change the trained model in place; `sampler` offers further training text. Nothing yet."""
