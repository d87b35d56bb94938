"""The demo with three campaign seeds: is the merged recipe the best that any of them found?

Each seed runs the whole job in a repository of its own. The merged recipes then run side by side
on the same fresh seeds, which no campaign has used for any decision.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from statistics import mean, stdev
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
TINYLM = ROOT / "examples" / "tinylm"
TRAINS = True  # see run.py
SEEDS = (0, 1, 2)
IDENTITY = ("-c", "user.name=bench", "-c", "user.email=bench@example.org")


def measure(folder: Path, *, quick: bool) -> dict[str, Any]:
    """Runs the campaigns that have not run yet, then the comparison."""
    folder.mkdir(parents=True, exist_ok=True)
    campaigns = [_campaign(folder, seed, quick=quick) for seed in SEEDS[: 1 if quick else None]]
    recipes = sorted({tuple(c["recipe"]) for c in campaigns})
    values = {"+".join(r) or "trunk": _values(folder, r, 2 if quick else 6) for r in recipes}
    return {"campaigns": campaigns, "fresh": values, "margin": campaigns[0]["margin"]}


def _campaign(folder: Path, seed: int, *, quick: bool) -> dict[str, Any]:
    """One seed's whole job; kept once it has run."""
    kept = folder / f"campaign-{seed}{'-quick' if quick else ''}.json"
    if kept.exists():
        found: dict[str, Any] = json.loads(kept.read_text(encoding="utf-8"))
        return found
    repo = folder / f"seed-{seed}"
    words = [sys.executable, TINYLM / "demo.py", "--into", repo, "--seed", str(seed)]
    subprocess.run([*words, *(["--short"] if quick else [])], check=True, stdout=sys.stderr)
    said = subprocess.run(
        ["mainstem", "show", "--json"], cwd=repo, check=True, capture_output=True, text=True
    )
    shown = json.loads(said.stdout)
    found = {
        "seed": seed,
        "recipe": shown["best"]["recipe"],
        "gain": shown["best"]["gain"]["code_bpb"],
        "margin": shown["margins"]["code_bpb"],
        "trials": shown["trials"],
        "verdicts": {p["id"]: p["verdict"] for p in shown["proposals"]},
    }
    kept.write_text(json.dumps(found), encoding="utf-8")
    return found


def _values(folder: Path, recipe: tuple[str, ...], seeds: int) -> list[float]:
    """The main objective of a recipe on seeds that no campaign uses (above 2^31)."""
    repo = folder / "fresh"
    if not repo.exists():
        subprocess.run(
            [sys.executable, TINYLM / "build_repo.py", repo], check=True, stdout=sys.stderr
        )
    work = folder / "fresh-work"
    shutil.rmtree(work, ignore_errors=True)
    shutil.copytree(repo, work)
    for proposal in recipe:
        subprocess.run(
            ["git", *IDENTITY, "merge", "--quiet", "--no-edit", proposal],
            cwd=work,
            check=True,
            stdout=sys.stderr,
        )
    found = []
    for seed in range(seeds):
        said = subprocess.run(
            [sys.executable, "train.py", "--seed", str(2**31 + seed), "--steps", "160"],
            cwd=work,
            check=True,
            capture_output=True,
            text=True,
        )
        found.append(float(json.loads(said.stdout.strip().splitlines()[-1])["code_bpb"]))
    return found


def table(figures: dict[str, Any]) -> str:
    """Campaigns, and how far each merged recipe is from the best of them."""
    fresh = {name: mean(values) for name, values in figures["fresh"].items()}
    best = min(fresh.values())
    lines = []
    for campaign in figures["campaigns"]:
        name = "+".join(campaign["recipe"]) or "trunk"
        values = figures["fresh"][name]
        spread = stdev(values) / len(values) ** 0.5 if len(values) > 1 else float("nan")
        behind = (fresh[name] - best) / figures["margin"]
        lines += [
            f"  seed {campaign['seed']}: {campaign['trials']['done']} trials, merged {name}",
            f"    code_bpb {fresh[name]:.4f} +- {spread:.4f}, {behind:.2f} margins behind the best",
            f"    not merged: {_not_merged(campaign['verdicts'])}",
        ]
    return "\n".join(lines)


def _not_merged(verdicts: dict[str, str]) -> str:
    return ", ".join(f"{p} ({v})" for p, v in verdicts.items() if v != "merge")
