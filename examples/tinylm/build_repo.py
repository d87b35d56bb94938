"""Build the demonstration repository: the stack on `main`, and one branch per proposal.

    python build_repo.py DEST

Commits carry fixed names and dates and no configuration of this machine, so the same files give the
same commit ids everywhere.
"""

import argparse
import os
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
STACK = HERE / "stack"
PROPOSALS = HERE / "proposals"

SEALED = {
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_COMMITTER_NAME": "tinylm",
    "GIT_COMMITTER_EMAIL": "tinylm@example.org",
    "GIT_COMMITTER_DATE": "2026-01-05T09:00:00+00:00",
}
AUTHOR = {
    "GIT_AUTHOR_NAME": "tinylm",
    "GIT_AUTHOR_EMAIL": "tinylm@example.org",
    "GIT_AUTHOR_DATE": "2026-01-05T09:00:00+00:00",
}


def main() -> int:
    """Build the repository; returns the exit code."""
    parser = argparse.ArgumentParser(description="Build the tinylm repository with its proposals.")
    parser.add_argument("dest", type=Path, metavar="DEST", help="a new or empty directory")
    dest: Path = parser.parse_args().dest
    if dest.exists() and (not dest.is_dir() or any(dest.iterdir())):
        print(f"build_repo.py: {dest}: exists and is not an empty directory", file=sys.stderr)
        return 2
    try:
        build(dest)
    except FileNotFoundError as error:
        print(f"build_repo.py: {error.filename}: not found", file=sys.stderr)
        return 2
    except subprocess.CalledProcessError as error:
        print(f"build_repo.py: {' '.join(error.cmd)}: {error.stderr.strip()}", file=sys.stderr)
        return 1
    return 0


def build(dest: Path) -> None:
    """Make the repository and print a line per branch.

    Raises:
        FileNotFoundError: there is no git.
        subprocess.CalledProcessError: a patch does not apply to the stack.
    """
    dest.mkdir(parents=True, exist_ok=True)
    git(dest, "init", "--quiet", "--initial-branch=main")
    for path in sorted(STACK.iterdir()):
        if path.is_file():
            shutil.copy(path, dest / path.name)
    git(dest, "add", "--all", "--force")
    git(dest, "commit", "--quiet", "--message=A small language model of Python source", **AUTHOR)
    print(f"main  {git(dest, 'log', '-1', '--format=%h %s')}")

    for patch in sorted(PROPOSALS.glob("*.patch")):
        branch = patch.stem.partition("-")[2]
        git(dest, "checkout", "--quiet", "-b", branch, "main")
        git(dest, "am", "--quiet", str(patch))
        print(f"{branch}  {git(dest, 'log', '-1', '--format=%h %s')}")
    git(dest, "checkout", "--quiet", "main")


def git(repo: Path, *arguments: str, **variables: str) -> str:
    """What git prints, run in `repo` without any configuration but the repository's own."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    done = subprocess.run(
        ["git", *arguments],
        cwd=repo,
        env=kept | SEALED | variables,
        check=True,
        capture_output=True,
        text=True,
    )
    return done.stdout.strip()


if __name__ == "__main__":
    sys.exit(main())
