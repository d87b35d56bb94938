"""What a campaign and its keepers tell each other: plain data, with its length before it.

Both ends are one and the same interpreter, so `marshal` writes and reads them, in one call where
`json` takes dozens of steps. Few of them, but a keeper has slept and other programs have run where
it runs next: steps whose code the processor has to fetch anew take several times as long.
"""

from __future__ import annotations

import json
import marshal
import struct
from typing import IO, Any

_HEAD = struct.Struct("<I")

HEAD_BYTES = _HEAD.size
"""How much of a message says how long the rest is."""


def packed(fields: dict[str, Any]) -> bytes:
    """A message, head and rest.

    Raises:
        TypeError: It holds what is no plain data.
    """
    try:
        rest = marshal.dumps(fields)
    except ValueError:
        # A text or a number by descent only, such as an enum's or numpy's, becomes a plain one.
        rest = marshal.dumps(json.loads(json.dumps(fields)))
    return _HEAD.pack(len(rest)) + rest


def rest_bytes(head: bytes) -> int:
    """How long the rest of a message is."""
    length: int = _HEAD.unpack(head)[0]
    return length


def unpacked(rest: bytes) -> dict[str, Any]:
    """What the rest of a message says."""
    fields: dict[str, Any] = marshal.loads(rest)  # noqa: S302  # from our own process
    return fields


def received(file: IO[bytes]) -> dict[str, Any] | None:
    """The next message of a file, waited for; None where the file ends before the message does."""
    head = file.read(HEAD_BYTES)
    if len(head) < HEAD_BYTES:
        return None
    rest = file.read(rest_bytes(head))
    return unpacked(rest) if len(rest) == rest_bytes(head) else None
