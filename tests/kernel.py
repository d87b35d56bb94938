"""One kernel of linear algebra, whatever the processor: last digits decide ties between recipes.

OpenBLAS picks its kernels by the processor, and those for AVX-512 round otherwise than those for
AVX2. A campaign may take another course then, no worse, and what a page or a test has kept of one
is no longer what comes out.
"""

from __future__ import annotations

from pathlib import Path

_FLAGS = Path("/proc/cpuinfo")


def settled() -> dict[str, str]:
    """Variables that say so, for before numpy is loaded; none where the kernel cannot run."""
    text = _FLAGS.read_text("utf-8") if _FLAGS.exists() else ""
    return {"OPENBLAS_CORETYPE": "Haswell"} if {"avx2", "fma"} <= set(text.split()) else {}
