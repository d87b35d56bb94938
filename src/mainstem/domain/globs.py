"""Path globs as `mainstem.toml` has them, for components and for what is private."""

from __future__ import annotations

import fnmatch


def matches(glob: str, path: str) -> bool:
    """Whether a glob matches a whole path; both use `/`.

    `*`, `?` and `[...]` stay within a folder, `**` stands for any number of folders, and at the end
    for everything below (so does a final `/`).
    """
    wanted = (glob + "**" if glob.endswith("/") else glob).split("/")
    given = path.split("/")
    # How many parts of the path can have been used up, after each part of the glob.
    at = {0}
    for part in wanted[:-1]:
        if part == "**":
            at = set(range(min(at), len(given)))
        else:
            at = {n + 1 for n in at if n < len(given) and fnmatch.fnmatchcase(given[n], part)}
        if not at:
            return False
    if wanted[-1] == "**":
        return min(at) < len(given)
    return len(given) - 1 in at and fnmatch.fnmatchcase(given[-1], wanted[-1])
