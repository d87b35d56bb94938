"""The program that waits in a sandbox: it does what `cat` does, in 35 bytes of machine code.

bubblewrap has to run something as long as a trial runs, and whatever it is costs every trial a
start. A program of the system loads the C library, which asks a virtual machine's processor what it
can do, and each answer is a way out of the machine and back: 1 ms and more, a twelfth of a trial
that does nothing. This one needs no library and no file. It copies its standard input to its
standard output byte by byte and ends with it.

Each sandbox gets a copy of its own in memory: what one trial does to it (its bytes, times, rights)
is seen by no other.
"""

from __future__ import annotations

import os
import platform
import struct
from functools import lru_cache

_BASE = 0x400000
_PAGE = 0x1000
_HEADER_BYTES, _SEGMENT_BYTES = 64, 56
_EXECUTABLE, _VERSION, _CLASS_64, _LITTLE = 2, 1, 2, 1
_LOAD, _STACK = 1, 0x6474E551
_X, _W, _R = 1, 2, 4

# Machine, by the number that ELF has for it, and code.
_CODES = {
    "x86_64": (
        62,
        bytes.fromhex(
            "31ff"  # again: xor edi, edi     standard input
            "31c0"  #        xor eax, eax     read
            "4889e6"  #      mov rsi, rsp     to the stack
            "ba01000000"  #  mov edx, 1       a byte
            "0f05"  #        syscall
            "85c0"  #        test eax, eax
            "7e08"  #        jle end          nothing more, or an error
            "89d7"  #        mov edi, edx     standard output
            "89d0"  #        mov eax, edx     write
            "0f05"  #        syscall
            "ebe6"  #        jmp again
            "b8e7000000"  # end: mov eax, 231 exit_group
            "31ff"  #        xor edi, edi     with 0
            "0f05"  #        syscall
        ),
    )
}
_EXEC = 0x10
"""Asks for a file that may be run (Linux 6.3); before, every one may."""


def opened() -> int:
    """A copy of the program, open for running and reading only.

    Run it by its name in `/proc/self/fd`. Whoever is to do that must inherit it
    (`os.set_inheritable`).

    Raises:
        OSError: There is none for this machine, or its policy forbids it.
    """
    image = _image(platform.machine())
    made = _made()
    try:
        os.write(made, image)
        # Whoever could write to it would keep the kernel from running it.
        return os.open(f"/proc/self/fd/{made}", os.O_RDONLY | os.O_CLOEXEC)
    finally:
        os.close(made)


def _made() -> int:
    """A file in memory that may be run.

    Raises:
        OSError: There can be none.
    """
    try:
        return os.memfd_create("waiter", os.MFD_CLOEXEC | _EXEC)
    except OSError:
        return os.memfd_create("waiter", os.MFD_CLOEXEC)


@lru_cache(maxsize=1)
def _image(machine: str) -> bytes:
    """The whole program.

    Raises:
        OSError: There is no code for this machine.
    """
    if machine not in _CODES:
        raise OSError(f"no program for {machine}")
    number, code = _CODES[machine]
    before = _HEADER_BYTES + 2 * _SEGMENT_BYTES
    size = before + len(code)
    ident = b"\x7fELF" + bytes([_CLASS_64, _LITTLE, _VERSION]) + bytes(9)
    header = struct.pack(
        "<16sHHIQQQIHHHHHH",
        *(ident, _EXECUTABLE, number, _VERSION, _BASE + before, _HEADER_BYTES, 0, 0),
        *(_HEADER_BYTES, _SEGMENT_BYTES, 2, 0, 0, 0),
    )
    segments = (
        (_LOAD, _R | _X, 0, _BASE, _BASE, size, size, _PAGE),
        (_STACK, _R | _W, 0, 0, 0, 0, 0, 16),
    )
    return header + b"".join(struct.pack("<IIQQQQQQ", *each) for each in segments) + code
