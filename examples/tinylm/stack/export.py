"""What ships: a checkpoint of bytes, and how it is used to predict.

Objectives are measured on the checkpoint as *read back*: whatever packing loses, the score shows.
The format is a line of JSON (names, shapes, types) and the raw values, so its size is repeatable.
"""

import json
import math
from collections.abc import Iterator

import torch
from torch import Tensor, nn
from torch.nn import functional as F

import tokenizer

# Windows that are scored at once.
BATCH = 32


def pack(model: nn.Module) -> bytes:
    """The checkpoint of a model."""
    header: list[tuple[str, list[int]]] = []
    values: list[bytes] = []
    for name, tensor in model.state_dict().items():
        header.append((name, list(tensor.shape)))
        values.append(to_bytes(tensor))
    return json.dumps(header).encode() + b"\n" + b"".join(values)


def unpack(checkpoint: bytes, model: nn.Module) -> nn.Module:
    """Fill a fresh model from a checkpoint and make it ready to predict."""
    head, _, raw = checkpoint.partition(b"\n")
    state: dict[str, Tensor] = {}
    for name, shape in json.loads(head):
        state[name], raw = from_bytes(raw, shape)
    model.load_state_dict(state)
    return model.eval()


def to_bytes(tensor: Tensor) -> bytes:
    """One tensor's values as 32-bit floats."""
    return bytes(tensor.contiguous().view(-1).view(torch.uint8).tolist())


def from_bytes(raw: bytes, shape: list[int]) -> tuple[Tensor, bytes]:
    """One tensor from the front of `raw`, and what follows it."""
    size_bytes = 4 * math.prod(shape)
    values = torch.frombuffer(bytearray(raw[:size_bytes]), dtype=torch.float32)
    return values.view(shape), raw[size_bytes:]


@torch.inference_mode()
def bits_per_byte(model: nn.Module, text: str, context: int) -> float:
    """Mean bits that a shipped model needs per byte of UTF-8 of `text`; each byte counts once.

    A text is read as if a line had just ended before it.
    """
    tokens = tokenizer.encode("\n" + text)
    nats = 0.0
    for inputs, targets, scored in windows(tokens, context):
        logits = model(inputs)
        losses = F.cross_entropy(logits.transpose(1, 2), targets, reduction="none")
        nats += losses[:, -scored:].sum(dtype=torch.float64).item()
    return nats / math.log(2) / len(text.encode())


def windows(tokens: Tensor, context: int) -> Iterator[tuple[Tensor, Tensor, int]]:
    """Inputs and targets, each (windows, time), and how many last targets of each window to score.

    Windows follow one another without overlap; what is left at the end is a shorter window.
    """
    inputs, targets = tokens[:-1], tokens[1:]
    whole = len(inputs) // context * context
    for start in range(0, whole, BATCH * context):
        stop = min(start + BATCH * context, whole)
        yield inputs[start:stop].view(-1, context), targets[start:stop].view(-1, context), context

    if whole < len(inputs):
        yield inputs[None, whole:], targets[None, whole:], len(inputs) - whole
