"""What ships: a checkpoint of bytes, and how it is used to predict.

Objectives are measured on the checkpoint as *read back*: whatever packing loses, the score shows.
The format is a line of JSON (names, shapes, types) and the raw values, so its size is repeatable.
"""

import json
import math

import torch
from torch import Tensor, nn
from torch.nn import functional as F

import tokenizer


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


def windows(tokens: Tensor, context: int) -> list[tuple[Tensor, Tensor, int]]:
    """Batches of inputs and targets (windows, time), and how many last targets of each to score."""
    whole = (len(tokens) - 1) // context * context
    parts = [(tokens[:whole], tokens[1 : whole + 1])] if whole else []
    batches = [(a.view(-1, context), b.view(-1, context), context) for a, b in parts]

    # What is left is a window of its own, shorter than the rest.
    rest = len(tokens) - 1 - whole
    if rest:
        batches.append((tokens[None, whole:-1], tokens[None, whole + 1 :], rest))
    return batches
