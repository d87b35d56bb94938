"""The README's transcripts are what its commands print: this runs them, and writes them down.

    python -m tests.acceptance.transcripts      rewrites README.md (`make transcripts`)

Commands are the lines after `$ ` in the console blocks below `<!-- transcript -->`; lines after
`> ` are what a here-document is fed. They run in one shell, in a new folder with a copy of
`examples/shell`.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.kernel import settled

ROOT = Path(__file__).resolve().parents[2]
BLOCK = re.compile(r"(<!-- transcript -->\n```console\n)(.*?)(```\n)", re.DOTALL)
_END = "mainstem-transcript-end"


def commands(block: str) -> list[str]:
    """The commands of a block, here-documents included."""
    found: list[str] = []
    for line in block.splitlines():
        if line.startswith("$ "):
            found.append(line[2:])
        elif line.startswith(">") and found:
            found[-1] += "\n" + line[2:]
    return found


def shown(command: str) -> str:
    """A command as the page shows it."""
    first, *rest = command.split("\n")
    return "\n".join([f"$ {first}", *(f"> {line}".rstrip() for line in rest)]) + "\n"


def fresh(text: str) -> str:
    """The page with every transcript made anew."""
    blocks = [commands(match[2]) for match in BLOCK.finditer(text)]
    outputs = iter(_run([command for block in blocks for command in block]))
    for match in list(BLOCK.finditer(text)):
        body = "".join(shown(c) + next(outputs) for c in commands(match[2]))
        text = text.replace(match[0], match[1] + body + match[3])
    return text


def _run(words: list[str]) -> list[str]:
    """What each command printed, in one shell, without spaces at the ends of lines."""
    with tempfile.TemporaryDirectory() as folder:
        shutil.copytree(ROOT / "examples" / "shell", Path(folder) / "examples" / "shell")
        script = "".join(f"{word}\nprintf '%s\\n' {_END}\n" for word in words)
        environment = {
            **{k: v for k, v in os.environ.items() if not k.startswith(("GIT_", "MAINSTEM_"))},
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_AUTHOR_DATE": "2026-01-05T09:00:00+00:00",
            "GIT_COMMITTER_DATE": "2026-01-05T09:00:00+00:00",
            "COLUMNS": "100",
            "LC_ALL": "C.UTF-8",
            **settled(),
        }
        done = subprocess.run(
            ["sh", "-e", "-c", script],
            cwd=folder,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
    if done.returncode != 0:
        raise RuntimeError(f"a command of the README failed:\n{done.stdout}\n{done.stderr}")
    # What `check` says of this machine's folders, which stands last, is not for the page.
    parts = [part.split("\nopened: ")[0] for part in done.stdout.split(f"{_END}\n")[:-1]]
    return ["".join(f"{line.rstrip()}\n" for line in part.splitlines()) for part in parts]


def timeless(text: str) -> str:
    """The page without what differs between machines: times, memory, commit ids, last digits.

    Also without what `check` and `why` say at their ends: what a machine can enforce.

    Linear algebra rounds differently from one processor to the next, so numbers are compared by
    the tests of what makes them; here every figure is one sign.
    """
    for start in (r"\nprofile: ", r"\n\d+ trials? ran in the profile "):
        text = re.sub(start + r".*?\n```", "\nCONFINEMENT\n```", text, flags=re.DOTALL)
    text = re.sub(r"\b[0-9a-f]{10}\b", "COMMIT", text)
    text = re.sub(r"\d+(\.\d+)? (ms|s|min|h)\b( \d+ (s|min))?", "TIME", text)
    text = re.sub(r"\d+(\.\d+)? (kB|MB|GB)\b", "SIZE", text)
    text = re.sub(r"[+-]?\d[\d,.]*", "0", text)
    return re.sub(r"\s+", " ", text)


if __name__ == "__main__":
    page = ROOT / "README.md"
    page.write_text(fresh(page.read_text(encoding="utf-8")), encoding="utf-8")
