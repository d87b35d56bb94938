"""The network: a small decoder-only transformer, as in GPT-2 but untied."""

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F


@dataclass(frozen=True, kw_only=True)
class Shape:
    """Sizes of the network."""

    vocabulary: int
    context: int = 64

    width: int = 48

    layers: int = 2
    heads: int = 3


class Attention(nn.Module):
    """Causal self-attention, written out so that the FLOP counter sees its products."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.heads = shape.heads
        self.qkv = nn.Linear(shape.width, 3 * shape.width)
        self.out = nn.Linear(shape.width, shape.width)
        mask = torch.full((shape.context, shape.context), float("-inf")).triu(1)
        self.register_buffer("mask", mask, persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        """x: (batch, time, width), and so is the result."""
        batch, time, width = x.shape
        split = (batch, time, 3, self.heads, width // self.heads)
        q, k, v = self.qkv(x).view(split).permute(2, 0, 3, 1, 4)

        scores = q @ k.transpose(-2, -1) * q.shape[-1] ** -0.5

        weights = (scores + self.mask[:time, :time]).softmax(dim=-1)
        y = (weights @ v).transpose(1, 2).reshape(batch, time, width)
        return self.out(y)


class FeedForward(nn.Module):
    """Two linear maps around a non-linearity, applied at each position."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.up = nn.Linear(shape.width, 4 * shape.width)
        self.down = nn.Linear(4 * shape.width, shape.width)

    def forward(self, x: Tensor) -> Tensor:
        """x: (batch, time, width), and so is the result."""
        return self.down(F.gelu(self.up(x)))


class Block(nn.Module):
    """One layer, normalised before each branch."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()

        # Attention over the past.
        self.attention_norm = nn.LayerNorm(shape.width)
        self.attention = Attention(shape)

        # The position by itself.
        self.feed_norm = nn.LayerNorm(shape.width)
        self.feed = FeedForward(shape)

    def forward(self, x: Tensor) -> Tensor:
        """x: (batch, time, width), and so is the result."""
        x = x + self.attention(self.attention_norm(x))

        # Each branch adds to the stream and never replaces it.
        x = x + self.feed(self.feed_norm(x))

        return x


class Model(nn.Module):
    """Tokens in, logits of the next token out."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.shape = shape

        # Into the stream.
        self.embedding = nn.Embedding(shape.vocabulary, shape.width)
        self.position = nn.Parameter(0.02 * torch.randn(shape.context, shape.width))

        # Through the layers.
        self.blocks = nn.ModuleList(Block(shape) for _ in range(shape.layers))
        self.norm = nn.LayerNorm(shape.width)

        # And out of it.
        self.head = nn.Linear(shape.width, shape.vocabulary, bias=False)

    def forward(self, tokens: Tensor) -> Tensor:
        """tokens: (batch, time); returns logits (batch, time, vocabulary)."""
        x = self.embedding(tokens)

        # Positions are learned, one vector each.
        x = x + self.position[: tokens.shape[1]]

        for block in self.blocks:
            x = block(x)

        # The head reads a normalised stream.
        x = self.norm(x)

        return self.head(x)
