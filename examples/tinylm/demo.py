"""The demo: sixteen real proposals, as git branches, become one better model.

    python demo.py [--into demo] [--budget 150] [--seed 0] [-j 2] [--short]

Builds a fresh git repository from `stack/` and `proposals/` and does the job there with the
ordinary commands, printing each. Nothing is recorded beforehand: every number comes from training
runs on this machine. `python` and `mainstem` must be the first ones on the PATH (`make demo` sees
to it).
"""

import argparse
import json
import shlex
import shutil
import subprocess
import sys
import time
from pathlib import Path

import build_repo

SHORT = ("warmup-decay", "muon", "learning-rate", "no-smoothing", "three-bit", "wider")
"""Enough for a fast look: wins, a pair in each other's way, a loser and a guard-breaker."""

BUDGET, SHORT_BUDGET = 150, 48

POLICIES = tuple(
    word
    for name in ("one-at-a-time", "silos", "seniority-veto", "intern-silo")
    for word in ("--policy", name)
)
"""What a fast look replays."""


def main() -> int:
    """Build the repository, run the commands, say what came out."""
    options = arguments()
    started = time.monotonic()
    repo: Path = options.into.resolve()
    if repo.is_dir() and (repo / "mainstem.toml").exists():
        shutil.rmtree(repo)
    elif repo.exists() and (not repo.is_dir() or any(repo.iterdir())):
        print(f"demo.py: {repo} holds something else: name another folder with --into")
        return 2
    say(f"python build_repo.py {shlex.quote(str(options.into))}")
    build_repo.build(repo)
    build_repo.git(repo, "config", "user.name", "Demo")
    build_repo.git(repo, "config", "user.email", "demo@example.org")
    try:
        integrate(repo, options)
    except subprocess.CalledProcessError as error:
        print(f"demo.py: `{shlex.join(error.cmd)}` ended with exit code {error.returncode}")
        return 1
    minutes, seconds = divmod(round(time.monotonic() - started), 60)
    print(f"\ndone in {minutes} min {seconds:02d} s; the repository is in {options.into}")
    return 0


def arguments() -> argparse.Namespace:
    """The options of the command line."""
    parser = argparse.ArgumentParser(description="Merge sixteen proposals into one better model.")
    parser.add_argument("--into", type=Path, default=Path("demo"), help="the folder to build")
    parser.add_argument("--budget", type=int, help="trials in all")
    parser.add_argument("--seed", type=int, default=0, help="the campaign's seed")
    parser.add_argument("-j", type=int, default=2, dest="slots", help="trials at once")
    parser.add_argument("--short", action="store_true", help="six proposals and fewer trials")
    return parser.parse_args()


def integrate(repo: Path, options: argparse.Namespace) -> None:
    """The whole job, with the ordinary commands.

    Raises:
        subprocess.CalledProcessError: A command failed.
    """
    names = [patch.stem.partition("-")[2] for patch in sorted(build_repo.PROPOSALS.glob("*.patch"))]
    proposals = [name for name in names if not options.short or name in SHORT]
    budget = str(options.budget or (SHORT_BUDGET if options.short else BUDGET))
    slots = str(options.slots)
    run(repo, "mainstem", "check", "-j", slots)
    run(repo, "mainstem", "propose", *proposals)
    run(repo, "mainstem", "plan", "--budget", budget, "-j", slots)
    seed = ["--seed", str(options.seed)] if options.seed else []
    run(repo, "mainstem", "integrate", "--budget", budget, "-j", slots, *seed)
    run(repo, "mainstem", "show")
    for proposal in worth_asking(repo):
        run(repo, "mainstem", "why", proposal)
    run(repo, "mainstem", "merge")
    run(repo, "git", "log", "--graph", "--format=%h %an: %s", "--first-parent", "-12")
    run(repo, "mainstem", "credit")
    run(repo, "mainstem", "shares")
    run(repo, "mainstem", "audit", "--html", "audit.html")
    run(repo, "mainstem", "frontier", "--html", "frontier.html")
    run(repo, "mainstem", "report", "-o", "report.html")
    few = ["--campaigns", "10", *POLICIES] if options.short else []
    run(repo, "mainstem", "lab", "--replay", "-j", slots, *few, "--html", "lab.html")


def worth_asking(repo: Path) -> list[str]:
    """One proposal of every verdict, and every one whose reason names another."""
    said = subprocess.run(
        ["mainstem", "show", "--json"], cwd=repo, capture_output=True, check=True, text=True
    )
    chosen, seen = [], set()
    for proposal in json.loads(said.stdout)["proposals"]:
        verdict = proposal["verdict"]
        if verdict not in seen or verdict in {"rework", "broken"}:
            chosen.append(proposal["id"])
        seen.add(verdict)
    return chosen


def run(repo: Path, *words: str) -> None:
    """Print a command and run it in the repository.

    Raises:
        subprocess.CalledProcessError: It failed.
    """
    say(shlex.join(words))
    subprocess.run(words, cwd=repo, check=True)


def say(command: str) -> None:
    """Print a command as a prompt shows it."""
    print(f"\n$ {command}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
