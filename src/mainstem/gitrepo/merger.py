"""git's own merge, made the same everywhere.

`git merge-tree` is the authority on what merges. Run in the user's repository it would obey that
repository's merge drivers, rename settings and the attributes that lie in the work tree at the
moment, and would leave objects there. So it runs in a bare repository of our own, which borrows the
user's objects (an alternate) and keeps what it makes to itself. Of attributes only those in the
root's top-level `.gitattributes` count (`merge=union`, `binary`); drivers are never run.

Many merges go through one process (`--stdin`, git 2.39), five times faster than a process each.
"""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from mainstem.domain.errors import GitError
from mainstem.domain.proposal import CommitId, TreeId
from mainstem.gitrepo.git import Git, borrowing, decode, encode, numbers, refusal, split

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from mainstem.gitrepo.repository import Repository

_BATCH_SINCE = (2, 39)
_MERGE = ("merge-tree", "--write-tree", "-z")
_NO_ATTRIBUTES = os.devnull
# Above every other attribute: files come out as git stores them, byte for byte.
_RAW_FILES = "* !text !crlf !eol !ident !filter !working-tree-encoding\n"


@dataclass(frozen=True, kw_only=True)
class Merged:
    """What a merge came to.

    Attributes:
        tree: The merged tree; None if git cannot merge.
        paths: The files in conflict.
    """

    tree: TreeId | None
    paths: tuple[str, ...] = ()


# How many paths a message names: far fewer than this.
_COUNT = re.compile(r"[0-9]{1,6}")


class Merger:
    """Merges commits of a repository without touching it.

    Attributes:
        git: The door to git in the bare repository of our own.
        objects: The folder that it writes objects into.
        version: git's version, part of what identifies a merge.
    """

    def __init__(self, repository: Repository, home: Path) -> None:
        """Makes or opens the bare repository.

        Args:
            repository: Whose commits are merged.
            home: The folder of the bare repository.

        Raises:
            GitError: It cannot be made.
        """
        self._repository = repository
        self._home = home.absolute()
        self._attributes: dict[CommitId, str] = {}
        try:
            make_bare(self._home, repository.object_format)
            _share_shallow(self._home, repository)
        except OSError as error:
            raise GitError(f"{home} cannot be made: {error}") from None
        self.objects = self._home / "objects"
        env = {"GIT_DIR": str(self._home), **borrowing(repository.objects)}
        self.git = Git(self._home, env=env)
        self.version = self.git.version
        self.has_batch = numbers(self.version) >= _BATCH_SINCE

    def in_repository(self) -> Merger:
        """A merger that writes into the user's own objects, with the same rules of merging.

        It borrows nothing, so that no object of the user's repository needs one of ours.
        """
        real = self._with_objects(self._repository.objects)
        asked = self._repository.git.run("config", "--get", "core.sharedRepository", ok=(0, 1))
        shared = decode(asked.out).strip()
        settings = ["core.fsync=objects"]
        if shared:
            settings.append(f"core.sharedRepository={shared}")
        real.git = real.git.but(settings=settings)
        return real

    def ours(self) -> Git:
        """A door that finds our own objects only."""
        return self._with_objects(self.objects).git

    def borrowing_ours(self) -> Git:
        """A door that writes into the user's own objects and also finds ours.

        For copies only: what is made through it may need an object of ours.
        """
        return self.in_repository().git.but(env=borrowing(self.objects))

    def _with_objects(self, objects: Path) -> Merger:
        """The same merger with another folder of objects, and nothing borrowed."""
        other = Merger.__new__(Merger)
        other.__dict__.update(self.__dict__)
        other.objects = objects
        env = {"GIT_OBJECT_DIRECTORY": str(objects), "GIT_ALTERNATE_OBJECT_DIRECTORIES": ""}
        other.git = self.git.but(env=env)
        return other

    def tree_of(self, commit: CommitId) -> TreeId:
        """A commit's own tree.

        Raises:
            GitError: There is no such commit.
        """
        return TreeId(self.git.text("rev-parse", "--verify", f"{commit}^{{tree}}"))

    def merge(self, root: CommitId, pairs: Sequence[tuple[CommitId, CommitId]]) -> list[Merged]:
        """Merges each (ours, theirs), in one process where git can.

        Args:
            root: The commit whose `.gitattributes` count.
            pairs: The commits to merge, two by two.

        Raises:
            GitError: A commit is missing, or two have no common history.
        """
        if not pairs:
            return []
        git = self.git.but(settings=[f"core.attributesFile={self._attributes_of(root)}"])
        found = (
            _in_one_process(git, pairs)
            if self.has_batch
            else [_one(git, ours, theirs) for ours, theirs in pairs]
        )
        return [_with_paths(git, pair, merged) for pair, merged in zip(pairs, found, strict=True)]

    def write_commits(self, texts: Iterable[bytes]) -> list[CommitId]:
        """Writes commits, given as git stores them, and returns their ids.

        Raises:
            GitError: One is malformed, or cannot be written.
        """
        with tempfile.TemporaryDirectory(prefix="mainstem-commits-") as folder:
            files = []
            for at, text in enumerate(texts):
                file = Path(folder, str(at))
                file.write_bytes(text)
                files.append(f"{file}\n")
            ids = self.git.text(
                "hash-object", "-t", "commit", "-w", "--stdin-paths", stdin=encode("".join(files))
            )
        return [CommitId(line) for line in ids.splitlines()]

    def _attributes_of(self, root: CommitId) -> str:
        """A file with the root's top-level attributes."""
        if root not in self._attributes:
            self._attributes[root] = self._copy_attributes(root)
        return self._attributes[root]

    def _copy_attributes(self, root: CommitId) -> str:
        row = self.git.text("ls-tree", root, "--", ".gitattributes")
        found = re.match(r"100\d+ blob ([0-9a-f]+)", row)
        if found is None:
            return _NO_ATTRIBUTES
        file = self._home / "attributes" / found[1]
        if not file.exists():
            content = self.git.run("cat-file", "blob", found[1]).out
            _write_whole(file, content)
        return str(file)


def _in_one_process(git: Git, pairs: Sequence[tuple[CommitId, CommitId]]) -> list[Merged]:
    """All merges by `merge-tree --stdin`; a record is `1|0 NUL tree NUL (path NUL)* NUL`."""
    lines = "".join(f"{ours} {theirs}\n" for ours, theirs in pairs)
    words = (*_MERGE, "--name-only", "--no-messages", "--stdin")
    fields = iter(split(git.run(*words, stdin=lines.encode()).out))
    found = [_record(fields) for _ in pairs]
    if next(fields, None) is not None:
        raise GitError(f"git merge-tree of {git.version} said more than it was asked")
    return found


def _record(fields: Iterator[str]) -> Merged:
    """One record of the batch."""
    clean = next(fields, "")
    tree = next(fields, "")
    paths = tuple(dict.fromkeys(iter(lambda: next(fields, ""), "")))
    if clean not in {"0", "1"} or not tree:
        raise GitError("git merge-tree --stdin answered in a form that Mainstem does not know")
    return Merged(tree=TreeId(tree)) if clean == "1" else Merged(tree=None, paths=paths)


def _one(git: Git, ours: CommitId, theirs: CommitId) -> Merged:
    """One merge in a process of its own."""
    words = (*_MERGE, "--name-only", "--no-messages", ours, theirs)
    said = git.run(*words, ok=(0, 1))
    fields = split(said.out)
    if not fields:  # 1 is also the code of some refusals
        raise refusal(git.folder, words, said)
    if said.code == 0:
        return Merged(tree=TreeId(fields[0]))
    return Merged(tree=None, paths=tuple(dict.fromkeys(path for path in fields[1:] if path)))


def _with_paths(git: Git, pair: tuple[CommitId, CommitId], merged: Merged) -> Merged:
    """Names the paths of a conflict that no single file carries (a renamed folder may split)."""
    if merged.tree is not None or merged.paths:
        return merged
    said = git.run(*_MERGE, "--name-only", "--messages", *pair, ok=(0, 1))
    # tree NUL (path NUL)* NUL, then messages: count NUL (path NUL)count kind NUL text NUL
    fields = iter(split(said.out))
    while next(fields, ""):
        pass
    paths: list[str] = []
    for count in fields:
        if not _COUNT.fullmatch(count):
            raise GitError("git merge-tree answered in a form that Mainstem does not know")
        named = [next(fields, "") for _ in range(int(count))]
        kind, _ = next(fields, ""), next(fields, "")
        paths += named if kind.startswith("CONFLICT") else []
    return Merged(tree=None, paths=tuple(dict.fromkeys(paths)))


def make_bare(home: Path, object_format: str) -> None:
    """Makes a bare repository under another name and moves it into place, whole.

    Files come out of it as git stores them, byte for byte.

    Args:
        home: Where; nothing happens if it is there.
        object_format: `sha1` or `sha256`.

    Raises:
        OSError: It cannot be made.
        GitError: git refused.
    """
    if (home / "HEAD").exists():
        return
    home.parent.mkdir(parents=True, exist_ok=True)
    made = Path(tempfile.mkdtemp(prefix=f".{home.name}-", dir=home.parent))
    try:
        Git(made).run(
            "init",
            *("--bare", "--quiet", "--template=", f"--object-format={object_format}"),
            str(made),
        )
        for folder in ("attributes", "info"):
            (made / folder).mkdir(exist_ok=True)
        (made / "info" / "attributes").write_text(_RAW_FILES, encoding="ascii")
        try:
            made.rename(home)
        except OSError:
            # Another process was faster, and has made the same.
            if not (home / "HEAD").exists():
                raise
    finally:
        shutil.rmtree(made, ignore_errors=True)


def _share_shallow(home: Path, repository: Repository) -> None:
    """Tells our repository where the history of a shallow clone ends."""
    place = repository.git.text("rev-parse", "--path-format=absolute", "--git-path", "shallow")
    shallow = Path(place)
    if shallow.exists():
        _write_whole(home / "shallow", shallow.read_bytes())
    else:
        (home / "shallow").unlink(missing_ok=True)


def _write_whole(file: Path, content: bytes) -> None:
    """Writes a file so that no reader ever sees half of it."""
    handle, name = tempfile.mkstemp(dir=file.parent)
    with os.fdopen(handle, "wb") as out:
        out.write(content)
    Path(name).replace(file)
