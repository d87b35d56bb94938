"""Text to tokens and back: one token per byte of UTF-8, and a table of longer strings (none yet).

Scores are bits per *byte of text*, so a proposal may change the tokens: few hard ones compete with
many easy ones on equal terms. Every encoding must be lossless; `train.py` checks that it is.
"""

import re

import torch
from torch import Tensor

# Strings that get a token of their own. Where two match, the earlier in this table wins.
STRINGS: list[str] = []

WORDS: list[bytes] = [string.encode() for string in STRINGS]

VOCABULARY = 256 + len(WORDS)

_PATTERN = re.compile(b"|".join([*map(re.escape, WORDS), b"."]), re.DOTALL)
_TOKEN = {bytes([byte]): byte for byte in range(256)} | {w: 256 + i for i, w in enumerate(WORDS)}
_BYTES = {token: piece for piece, token in _TOKEN.items()}


def encode(text: str) -> Tensor:
    """Tokens of a text, shape (tokens,)."""
    raw = text.encode()
    if not WORDS:
        return torch.frombuffer(bytearray(raw), dtype=torch.uint8).long()
    return torch.tensor([_TOKEN[piece] for piece in _PATTERN.findall(raw)])


def decode(tokens: Tensor) -> str:
    """The text that `encode` turned into these tokens."""
    return b"".join(_BYTES[token] for token in tokens.tolist()).decode()
