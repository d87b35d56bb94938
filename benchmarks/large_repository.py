"""A real repository of a thousand branches, made in a second, and the trees of its recipes.

`large_ledger` writes what a long campaign on it would have left. Every branch changes a file of its
own, so the tree of any recipe follows from its members and is computed here as git would: the
ledger's trees are the very ones that git makes of the recipe.
"""

from __future__ import annotations

import hashlib
import subprocess
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from mainstem.domain.proposal import CommitId, TreeId

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

COMPONENTS = (
    *("data", "tokenizer", "architecture", "loss", "optimizer"),
    *("schedule", "post-training", "inference"),
)
WORDS = (
    *("muon", "rope", "qk-norm", "warmup", "clip", "dropout", "ema", "relu2", "value-embed"),
    *("zloss", "softcap", "wider", "deeper", "dedupe", "mixture", "cosine", "wsd", "lion", "fp8"),
)
AUTHORS = 24
CLASHES = 25
"""One proposal in so many adds the same file as the one before it."""

STACK = """
[stack]
name = "large"
trunk = "main"
command = "python train.py --seed {seed} --steps {rung.steps}"
timeout = "10m"

[components]
data = ["data/**"]
tokenizer = ["tokenizer/**"]
architecture = ["architecture/**"]
loss = ["loss/**"]
optimizer = ["optimizer/**"]
schedule = ["schedule/**"]
post-training = ["post-training/**"]
inference = ["inference/**"]

[[objectives]]
name = "loss"
direction = "minimize"
margin = 0.01
unit = "nats"

[[objectives]]
name = "accuracy"
direction = "maximize"
margin = 0.5
unit = "%"

[[objectives]]
name = "latency"
role = "guard"
margin = "5%"
unit = "ms"

[[objectives]]
name = "params"
role = "guard"
margin = "5%"
unit = "values"

[[rungs]]
name = "small"
cost = 1.0
steps = 200
"""

_TRAIN = "".join(f"print({number})  # of the trunk\n" for number in range(40))


@dataclass(frozen=True, kw_only=True)
class Branch:
    """A branch of one change.

    Attributes:
        name: Its name.
        components: What it changes.
        files: What it adds, by path.
        author: Number of its author.
        commit: Where it stands.
    """

    name: str
    components: tuple[str, ...]
    files: Mapping[str, str]
    author: int
    commit: CommitId


@dataclass(kw_only=True)
class Recipes:
    """The trees of recipes, from what their members add to the trunk.

    Attributes:
        branches: By name.
        files: The trunk's files, blobs by path.
    """

    branches: Mapping[str, Branch]
    files: dict[str, str]
    _folders: dict[frozenset[tuple[str, str]], str] = field(default_factory=dict)

    def tree(self, recipe: Iterable[str]) -> TreeId:
        """The tree of the trunk with these members, which do not clash."""
        files = dict(self.files)
        for name in recipe:
            added = self.branches[name].files
            files |= {path: blob(text) for path, text in added.items()}
        return TreeId(self._tree(files))

    def merge(self, recipe: Iterable[str]) -> None:
        """Takes members into the trunk."""
        for name in recipe:
            added = self.branches[name].files
            self.files |= {path: blob(text) for path, text in added.items()}

    def _tree(self, files: Mapping[str, str]) -> str:
        rows: list[tuple[str, str, str]] = []
        below: dict[str, set[tuple[str, str]]] = {}
        for path, content in files.items():
            folder, slash, rest = path.partition("/")
            if slash:
                below.setdefault(folder, set()).add((rest, content))
            else:
                rows.append((path, "100644", content))
        for folder, content_of in below.items():
            key = frozenset(content_of)
            if key not in self._folders:
                self._folders[key] = self._tree(dict(key))
            rows.append((f"{folder}/", "40000", self._folders[key]))
        # git sorts a folder as if its name ended in a slash, and writes the name without it.
        content = b"".join(
            f"{mode} {name.rstrip('/')}".encode() + b"\0" + bytes.fromhex(found)
            for name, mode, found in sorted(rows)
        )
        return _object("tree", content)


def blob(text: str) -> str:
    """The id of a file's content."""
    return _object("blob", text.encode())


def _object(kind: str, content: bytes) -> str:
    head = f"{kind} {len(content)}\0".encode()
    return hashlib.sha1(head + content, usedforsecurity=False).hexdigest()


def author(number: int) -> tuple[str, str]:
    """Name and address of an author."""
    return f"Author {number:02}", f"author{number:02}@example.org"


def make_repository(path: Path, count: int) -> Recipes:
    """A repository with a stack and so many branches; its trunk is checked out."""
    path.mkdir(parents=True)
    root = {"mainstem.toml": STACK, "train.py": _TRAIN}
    root |= {f"{component}/base.py": f"NAME = {component!r}\n" for component in COMPONENTS}
    planned = [_planned(number) for number in range(count)]
    stream = [_commit("main", ":1", author(0), message="The stack", start="", files=root)]
    for at, (name, _, files, who) in enumerate(planned, start=2):
        said = f"{name}: as its paper has it"
        change = _commit(name, f":{at}", author(who), message=said, start="from :1\n", files=files)
        stream.append(change)
    marks = path.with_name(f"{path.name}.marks")
    for words, given in (
        (["init", "--quiet", "--initial-branch=main"], None),
        (["fast-import", "--quiet", f"--export-marks={marks}"], "".join(stream).encode()),
        (["reset", "--quiet", "--hard"], None),
        (["config", "user.name", "Lead"], None),
        (["config", "user.email", "lead@example.org"], None),
    ):
        subprocess.run(["git", *words], cwd=path, input=given, check=True)
    lines = marks.read_text(encoding="utf-8").splitlines()
    marks.unlink()
    commits = {int(mark[1:]): commit for mark, commit in (line.split() for line in lines)}
    branches = {
        name: Branch(
            name=name,
            components=components,
            files=files,
            author=who,
            commit=CommitId(commits[at]),
        )
        for at, (name, components, files, who) in enumerate(planned, start=2)
    }
    return Recipes(branches=branches, files={name: blob(text) for name, text in root.items()})


def _planned(number: int) -> tuple[str, tuple[str, ...], dict[str, str], int]:
    """Name, components, files and author of a branch."""
    name = f"{WORDS[number % len(WORDS)]}-{number:04}"
    first = COMPONENTS[number * 5 % len(COMPONENTS)]
    second = COMPONENTS[(number * 5 + 3) % len(COMPONENTS)]
    components = (first, second) if number % 9 == 0 else (first,)
    text = "".join(f"setting_{line} = {number * line}\n" for line in range(1, 13))
    files = {f"{component}/{name}.py": text for component in components}
    if clashes(number) or clashes(number + 1):
        shared = number if clashes(number) else number + 1
        files[f"{COMPONENTS[shared % len(COMPONENTS)]}/shared-{shared}.py"] = text
    kept = {part for part in COMPONENTS if any(path.startswith(f"{part}/") for path in files)}
    return name, tuple(part for part in COMPONENTS if part in kept), files, number * 7 % AUTHORS


def clashes(number: int) -> bool:
    """Whether a proposal adds the same file as the one before it."""
    return number % CLASHES == CLASHES - 1


def _commit(
    name: str,
    mark: str,
    who: tuple[str, str],
    *,
    message: str,
    start: str,
    files: Mapping[str, str],
) -> str:
    """A commit as `git fast-import` takes it."""
    out = [f"commit refs/heads/{name}\nmark {mark}\n"]
    out += [f"{role} {who[0]} <{who[1]}> 1704164645 +0000\n" for role in ("author", "committer")]
    out.append(f"data {len(message.encode())}\n{message}\n{start}")
    for path, text in files.items():
        out.append(f"M 100644 inline {path}\ndata {len(text.encode())}\n{text}\n")
    return "".join(out)
