"""Trees that travel: a recipe's tree as one pack, and what a worker host keeps of such packs.

A trial runs anywhere, but the machine it runs on may have neither the user's repository nor its
file system. What goes there is the tree with its files and nothing else: no commit, so no history,
no name and no date. Over there git itself writes the files out, so they are the same bytes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mainstem.domain.errors import GitError
from mainstem.gitrepo.checkouts import Checkouts
from mainstem.gitrepo.git import Git
from mainstem.gitrepo.merger import make_bare

if TYPE_CHECKING:
    from pathlib import Path

    from mainstem.domain.proposal import TreeId

KEPT_TREES = 64
"""How many materialised trees a worker host keeps per store."""

_FORMATS = {40: "sha1", 64: "sha256"}


def pack_tree(git: Git, tree: TreeId) -> bytes:
    """All objects of a tree as a pack.

    Args:
        git: A door to a repository that has the tree.
        tree: Which.

    Raises:
        GitError: The tree or a file of it is not there.
    """
    words = ("rev-list", "--objects", "--no-object-names", f"{tree}^{{tree}}")
    objects = git.run(*words).out
    return git.run("pack-objects", "--stdout", "--quiet", stdin=objects).out


class PackedTrees:
    """The trees that a worker host was sent, and their files.

    Safe for several processes at once: git takes packs in whole, and `Checkouts` locks.
    """

    def __init__(self, home: Path, *, keep: int = KEPT_TREES) -> None:
        """Uses the folder; nothing is made before the first tree comes.

        Args:
            home: `git/` and `trees/` in it are ours.
            keep: How many materialised trees to keep.
        """
        self._home = home
        self._keep = keep
        self._checkouts: Checkouts | None = None

    def has(self, tree: TreeId) -> bool:
        """Whether a tree came here before.

        Raises:
            GitError: git is missing or too old, or the folder cannot be used.
        """
        return self._mark(tree).exists()

    def take(self, tree: TreeId, pack: bytes) -> None:
        """Takes a tree's pack in.

        Raises:
            GitError: The pack is damaged, is not of that tree, or the disk does not take it.
        """
        git = self._git(tree)
        git.run("index-pack", "--stdin", stdin=pack)
        git.run("cat-file", "-e", f"{tree}^{{tree}}")
        try:
            self._mark(tree).touch()
        except OSError as error:
            raise GitError(f"{self._mark(tree)} cannot be written: {error.strerror}") from None

    def materialise(self, tree: TreeId, into: Path) -> None:
        """Writes the tree's files into the new folder `into`, writable and private.

        Raises:
            GitError: The tree never came here, or the files cannot be written.
            FileExistsError: `into` exists and holds something.
        """
        if self._checkouts is None:
            self._checkouts = Checkouts(self._git(tree), self._home / "trees", keep=self._keep)
        self._checkouts.copy(tree, into)

    def _mark(self, tree: TreeId) -> Path:
        """Says that a tree came whole."""
        return self._home / "git" / f"{tree}.whole"

    def _git(self, tree: TreeId) -> Git:
        """The bare repository, made if it is not there.

        Raises:
            GitError: It cannot be made, or git is missing or too old.
        """
        bare = self._home / "git"
        kind = _FORMATS.get(len(tree))
        if kind is None:
            raise GitError(f"{tree!r} is no id of a tree")
        try:
            make_bare(bare, kind)
        except OSError as error:
            raise GitError(f"{bare} cannot be made: {error}") from None
        return Git(bare, env={"GIT_DIR": str(bare)})
