"""The corpus: Python source that every machine with Python already has.

Nothing is downloaded. The text is the top level of the running interpreter's standard library, in
sorted order. Some files are held out whole, so that training sees no line of them. Interpreters
differ, so the corpus carries a digest of what was read: scores compare only under one digest.
"""

import hashlib
import importlib
import sysconfig
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

# Written by the machine's installation rather than by the authors of the library.
HOST_FILES = ("_sysconfigdata", "sitecustomize", "usercustomize")

HELD_OUT_ONE_IN = 8
CODE_EXCERPT_BYTES = 1_024
CODE_TEST_BYTES = 32_768
PROSE_TEST_BYTES = 12_288


@dataclass(frozen=True, kw_only=True)
class Corpus:
    """Training text, two held-out texts, and the digest of the files behind them."""

    train: str
    code_test: str
    prose_test: str
    digest: str


def load() -> Corpus:
    """Read the corpus of the running interpreter.

    Raises:
        FileNotFoundError: the interpreter has no standard library to read (it is zipped).
    """
    train: list[str] = []
    held_out: list[str] = []
    manifest = hashlib.sha256()
    for name, raw in library_files():
        manifest.update(f"{name} {hashlib.sha256(raw).hexdigest()}\n".encode())
        try:
            text = raw.decode("utf-8")
        except UnicodeDecodeError:
            continue
        if is_held_out(name):
            held_out.append(text)
        else:
            train.append(clean(text))

    topics = importlib.import_module("pydoc_data.topics").topics
    prose = "\n".join(topics[name] for name in sorted(topics))
    manifest.update(f"prose {hashlib.sha256(prose.encode()).hexdigest()}\n".encode())

    return Corpus(
        train="".join(train),
        code_test=clip(excerpts(held_out), CODE_TEST_BYTES),
        prose_test=clip(prose[len(prose) // 2 :], PROSE_TEST_BYTES),
        digest=manifest.hexdigest(),
    )


def library_files() -> Iterator[tuple[str, bytes]]:
    """Name and content of each top-level module, sorted: no packages, so no tests."""
    root = Path(sysconfig.get_path("stdlib"))
    paths = sorted(root.glob("*.py"), key=lambda path: path.name)
    if not paths:
        raise FileNotFoundError(f"{root}: no source of the standard library")
    for path in paths:
        if not path.name.startswith(HOST_FILES):
            yield path.name, path.read_bytes()


def is_held_out(name: str) -> bool:
    """Decide by the file's name alone, so that the split survives edits of the file."""
    return hashlib.sha256(name.encode()).digest()[0] % HELD_OUT_ONE_IN == 0


def clean(text: str) -> str:
    """What training sees of a file: all of it."""
    return text


def excerpts(texts: list[str]) -> str:
    """A slice from the middle of each text, then from a quarter, so that many files are heard."""
    slices: list[str] = []
    for numerator in (2, 1, 3):
        for text in texts:
            start = len(text) * numerator // 4
            slices.append(text[start : start + CODE_EXCERPT_BYTES])
    return "".join(slices)


def clip(text: str, size_bytes: int) -> str:
    """The longest beginning of `text` within `size_bytes` of UTF-8."""
    return text.encode()[:size_bytes].decode("utf-8", errors="ignore")


class Sampler:
    """Random crops of the training tokens."""

    def __init__(self, tokens: Tensor, *, batch: int, context: int, seed: int) -> None:
        self.tokens = tokens
        self.batch = batch
        self.context = context
        self.random = torch.Generator().manual_seed(seed)

    def next(self) -> tuple[Tensor, Tensor]:
        """Inputs and targets, each of shape (batch, context)."""
        starts = self.starts()
        index = starts[:, None] + torch.arange(self.context + 1)
        crop = self.tokens[index]
        return crop[:, :-1], crop[:, 1:]

    def starts(self) -> Tensor:
        """Where the crops begin, shape (batch,)."""
        last = len(self.tokens) - self.context - 1
        return torch.randint(last, (self.batch,), generator=self.random)
