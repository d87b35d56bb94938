"""Measure recipes of the demonstration repository the plain way: every recipe on the same seeds.

    python survey.py REPO trunk muon learning-rate muon+learning-rate --seeds 6 -j 2

A recipe is a list of branches joined by `+`; `trunk` is `main` alone. Branches are merged by
`git merge-tree` in the order given, each tree is checked out into a directory of its own, and its
`train.py` runs once per seed. Printed per recipe and objective: mean, sd, and the gain over the
first recipe (paired by seed, above 0 is better) with its standard error, in units and margins.

This is how the figures in README.md were found. It decides nothing.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import tomllib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

Metrics = dict[str, float]


def main() -> int:
    """Measure and print; returns the exit code: 1 if a recipe conflicts or crashes."""
    parser = argparse.ArgumentParser(description="Measure recipes on the same seeds.")
    parser.add_argument("repo", type=Path)
    parser.add_argument(
        "recipes", nargs="+", metavar="RECIPE", help="trunk, or branches joined by +"
    )
    parser.add_argument("--seeds", type=int, default=3, help="seeds 0 .. N-1 (default 3)")
    parser.add_argument("--first-seed", type=int, default=0)
    parser.add_argument("-j", type=int, default=1, dest="jobs", help="trials at once")
    parser.add_argument(
        "--json", type=Path, help="also append each trial to this file, a line each"
    )
    options = parser.parse_args()

    stack = tomllib.loads((options.repo / "mainstem.toml").read_text(encoding="utf-8"))
    seeds = range(options.first_seed, options.first_seed + options.seeds)
    with tempfile.TemporaryDirectory() as scratch, ThreadPoolExecutor(options.jobs) as pool:
        trees = {
            recipe: materialise(options.repo, recipe, Path(scratch)) for recipe in options.recipes
        }
        pending = {
            recipe: [pool.submit(run_trial, tree, stack, seed) for seed in seeds]
            for recipe, tree in trees.items()
            if tree is not None
        }
        results = {
            recipe: [trial.result() for trial in trials] for recipe, trials in pending.items()
        }

    if options.json:
        with options.json.open("a", encoding="utf-8") as file:
            for recipe, trials in results.items():
                for seed, metrics in zip(seeds, trials, strict=True):
                    line = {"recipe": recipe, "seed": seed, "metrics": metrics}
                    file.write(json.dumps(line) + "\n")

    baseline: list[Metrics | None] = results.get(options.recipes[0], [])
    for recipe in options.recipes:
        print_recipe(recipe, results.get(recipe), baseline, stack["objectives"])
    failed = any(None in trials for trials in results.values())
    return 1 if failed or len(results) < len(options.recipes) else 0


def materialise(repo: Path, recipe: str, scratch: Path) -> Path | None:
    """The recipe's files in a new directory; None if its branches conflict."""
    commit = git(repo, "rev-parse", "main")
    for branch in [] if recipe == "trunk" else recipe.split("+"):
        merged = subprocess.run(
            ["git", "merge-tree", "--write-tree", "--no-messages", commit, branch],
            cwd=repo,
            capture_output=True,
            text=True,
            check=False,
        )
        if merged.returncode == 1:
            return None
        merged.check_returncode()
        tree = merged.stdout.split()[0]
        parents = ["-p", commit, "-p", branch]
        commit = git(repo, "commit-tree", tree, *parents, "-m", branch)
    dest = Path(tempfile.mkdtemp(dir=scratch))
    index = {"GIT_INDEX_FILE": str(dest) + ".index"}
    git(repo, "read-tree", commit, **index)
    git(repo, "checkout-index", "--all", f"--prefix={dest}{os.sep}", **index)
    return dest


def run_trial(tree: Path, stack: dict, seed: int) -> Metrics | None:
    """The metrics of one run; None if it crashed."""
    steps = str(stack["rungs"][0]["steps"])
    done = subprocess.run(
        [sys.executable, "train.py", "--seed", str(seed), "--steps", steps],
        cwd=tree,
        env=os.environ | {"OMP_NUM_THREADS": "1", "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        print(done.stderr.strip().splitlines()[-1], file=sys.stderr)
        return None
    return json.loads(done.stdout.splitlines()[-1])


def print_recipe(
    recipe: str,
    trials: list[Metrics | None] | None,
    baseline: list[Metrics | None],
    objectives: list,
) -> None:
    """A line per objective, or why there is none."""
    if trials is None:
        print(f"{recipe}: conflict")
        return
    if None in trials or None in baseline:
        print(f"{recipe}: {trials.count(None)} of {len(trials)} crashed")
        return
    print(recipe)
    for objective in objectives:
        name = objective["name"]
        values = [metrics[name] for metrics in trials]
        sign = 1 if objective["direction"] == "maximize" else -1
        gains = [sign * (a[name] - b[name]) for a, b in zip(trials, baseline, strict=True)]
        margin = in_units(objective["margin"], statistics.fmean(b[name] for b in baseline))
        gain, error = statistics.fmean(gains), sd(gains) / len(gains) ** 0.5
        print(
            f"  {name:18} mean {statistics.fmean(values):14.6g}  sd {sd(values):10.3g}"
            f"  gain {gain:+12.5g} +- {error:8.2g}  ({gain / margin:+6.2f} margins)"
        )


def in_units(margin: float | str, trunk_mean: float) -> float:
    """A margin in the objective's unit; "5%" is of the trunk's mean."""
    if isinstance(margin, str):
        return float(margin.removesuffix("%")) / 100 * trunk_mean
    return margin


def sd(values: list[float]) -> float:
    """Sample standard deviation; 0 for a single value, of which nothing is known."""
    return statistics.stdev(values) if len(values) > 1 else 0.0


def git(repo: Path, *arguments: str, **variables: str) -> str:
    """What git prints; commits that only hold a merge carry a fixed name."""
    names = {
        f"GIT_{role}_{part}": value
        for role in ("AUTHOR", "COMMITTER")
        for part, value in (("NAME", "survey"), ("EMAIL", "survey@example.org"))
    }
    done = subprocess.run(
        ["git", *arguments],
        cwd=repo,
        env=os.environ | names | variables,
        check=True,
        capture_output=True,
        text=True,
    )
    return done.stdout.strip()


if __name__ == "__main__":
    sys.exit(main())
