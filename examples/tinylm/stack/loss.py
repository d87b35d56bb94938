"""What training minimises."""

from torch import Tensor
from torch.nn import functional as F

# As in "Attention is all you need" (Vaswani et al. 2017, section 5.4).
LABEL_SMOOTHING = 0.2


def loss(logits: Tensor, targets: Tensor) -> Tensor:
    """Mean cross-entropy in nats; logits (batch, time, vocabulary), targets (batch, time)."""
    return F.cross_entropy(
        logits.flatten(0, 1),
        targets.flatten(),
        label_smoothing=LABEL_SMOOTHING,
    )
