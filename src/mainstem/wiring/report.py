"""What `mainstem report` is made of: the JSON of the commands, and what is known of the runs.

Nothing is worked out here that a command does not say. People are named under `credit` alone.
"""

from __future__ import annotations

import itertools
import platform
from collections import Counter
from typing import TYPE_CHECKING, Any

import mainstem
from mainstem.domain.errors import UsageError
from mainstem.domain.recipe import in_order
from mainstem.engine import record as records, views
from mainstem.engine.restore import restore
from mainstem.engine.rungs import same_question
from mainstem.engine.views.course import course
from mainstem.engine.views.overview import interactions
from mainstem.engine.views.proposals import gains
from mainstem.gitrepo.git import git_version
from mainstem.plots.picture import NoPngError
from mainstem.stats import shapley
from mainstem.tomlfiles.frontier import FILE_NAME as FRONTIER_FILE
from mainstem.wiring.clock import SystemClock

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from mainstem.board.report_drawing import Drawing
    from mainstem.domain.proposal import ProposalId
    from mainstem.domain.stack import Stack
    from mainstem.engine.record import CampaignRecord, Finished, Record
    from mainstem.engine.restore import Restored
    from mainstem.wiring.project import Project

PAIRED = 60
"""Of more proposals the interactions are those among so many; of a thousand there are a million."""

_LEAST_HOST = ("kind", "system", "cpu", "cpus", "accelerators", "python", "packages", "threads")
"""What runs depend on; a machine's own name says whose it is and nothing of the runs."""

_LONGEST_NAME = 80


def report(project: Project, *, campaign: str | None = None) -> dict[str, Any]:
    """The documented JSON of `mainstem report`.

    Args:
        project: Whose record.
        campaign: The campaign; None for the one that was opened or taken up last.

    Raises:
        UsageError: There is no such campaign.
        ConfigurationError: `contributors.toml` or `frontier.toml` is wrong.
        StoreError: The ledger cannot be read.
    """
    record = project.record()
    chosen = _chosen(record, campaign)
    state = None
    if chosen is not None and same_question(project.stack, chosen):
        state = restore(project.stack, record, chosen)
    running = project.progress(record) if chosen is record.latest() else {}
    lines, end = project.ledger.end()
    show = _shown(project, record, (chosen, state), running)
    asked = set() if chosen is None else set(chosen.proposals)
    rows = [row for row in show["proposals"] if row["id"] in asked]
    return {
        "made": _made(),
        "question": _question(project.stack),
        "campaign": None if chosen is None else _campaign(project, record, chosen, running),
        "show": show,
        "gains": {} if state is None else _gains(state, rows),
        "candidates": [] if state is None else _candidates(state),
        "merges": [_merge(merge) for merge in record.merges],
        "course": [] if chosen is None else course(project.stack.objectives, chosen),
        **_runs(project.stack, chosen),
        **_beside(project, record, current=chosen is record.latest()),
        "ledger": {"lines": lines, "hash": end, "alterations": project.ledger.verify()},
    }


def _chosen(record: Record, name: str | None) -> CampaignRecord | None:
    """The campaign.

    Raises:
        UsageError: There is no such campaign.
    """
    if name is None:
        return record.latest()
    if name not in record.campaigns:
        known = ", ".join(record.campaigns) or "none yet"
        raise UsageError(f"--campaign {name}: there is no such campaign; there are: {known}")
    return record.campaigns[name]


def _made() -> dict[str, str]:
    return {
        "at": SystemClock().now(),
        "mainstem": mainstem.__version__,
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "git": git_version("git"),
    }


def _question(stack: Stack) -> dict[str, Any]:
    """What was asked: the stack as `mainstem.toml` describes it today."""
    return {
        "branch": stack.trunk,
        "command": stack.command,
        "alpha": stack.decisions.alpha,
        "setup": records.setup_digest(stack),
        "components": [component.name for component in stack.components],
        "rungs": [{"rung": rung.name, "cost": rung.cost} for rung in stack.rungs_in_play],
        "confirm_rung": stack.confirm_rung.name,
        "objectives": [
            {
                "name": o.name,
                "direction": o.direction,
                "role": o.role,
                "margin": str(o.margin),
                "unit": o.unit,
            }
            for o in stack.objectives
        ],
    }


def _in_order(record: Record, campaign: CampaignRecord) -> list[ProposalId]:
    """The proposals of a campaign in the order of proposing."""
    asked = set(campaign.proposals)
    return [p.id for p in record.in_order() if p.id in asked]


def _campaign(
    project: Project, record: Record, found: CampaignRecord, running: Mapping[str, Any]
) -> dict[str, Any]:
    kinds = (records.CAMPAIGN_OPENED, records.CAMPAIGN_ENDED, records.TRIAL_FINISHED)
    times: dict[str, str] = {}
    for entry in project.ledger.entries(kinds=kinds):
        if entry.body["campaign"] != found.id:
            continue
        times.setdefault("opened", entry.at)
        times["last"] = entry.at
    return {
        "id": found.id,
        "state": "ended" if found.ended else "running" if running.get("pid") else "stopped",
        "trunk": found.trunk,
        "opened_at": times.get("opened"),
        "last_at": times.get("last"),
        "seed": found.seed,
        "batch": found.batch,
        "budget": found.budget,
        "spent": found.spent,
        "rung": found.rung,
        "setup": found.setup,
        "proposals": _in_order(record, found),
        "inherited": sum(not row.get("imported", False) for row in found.inherited),
        "imported": sum(row.get("imported", False) for row in found.inherited),
        "settings_changed": not same_question(project.stack, found),
    }


def _shown(
    project: Project,
    record: Record,
    chosen: tuple[CampaignRecord | None, Restored | None],
    running: Mapping[str, Any],
) -> dict[str, Any]:
    """What `mainstem show` says; of an earlier campaign, about the proposals that were in it."""
    campaign, state = chosen
    few = campaign is None or len(campaign.proposals) <= PAIRED
    found = views.show(project.stack, record, *chosen, trunk=project.trunk_commit, pairs=few)
    if state is not None and not few:
        among = itertools.combinations(_clearest(state), 2)
        found["interactions"] = interactions(state, [set(pair) for pair in among])
    found["trials"]["running"] = len(running.get("running", ()))
    if campaign is not None and campaign is not record.latest():
        asked = set(campaign.proposals)
        found["proposals"] = [row for row in found["proposals"] if row["id"] in asked]
    return found


def _clearest(state: Restored) -> list[str]:
    """The best set's members and those that clearly do most alone: as many as are paired."""
    integrator = state.integrator
    best = integrator.recommend().recipe
    size: dict[str, float] = {}
    for effect in integrator.effects(pairs=False):
        (name,) = effect.proposals
        clear = abs(effect.mean) / max(effect.high - effect.low, 1e-12)
        size[name] = max(size.get(name, 0.0), clear)
    ranked = sorted(integrator.proposals, key=lambda name: (name not in best, -size.get(name, 0.0)))
    return ranked[:PAIRED]


def _gains(state: Restored, rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Of every proposal of the campaign: alone, and in the best set.

    Args:
        state: The campaign's state.
        rows: Its proposals as `show` has them, without gains of those that were merged.
    """
    found = {}
    for row in rows:
        alone, within = row["gain"], row["gain_in_best"]
        if row["merged"]:
            alone, within = gains(state, row["id"])
        found[row["id"]] = {"alone": alone, "in_best": within}
    return found


def _candidates(state: Restored) -> list[dict[str, Any]]:
    found = state.integrator.candidates()
    return [views.candidate(candidate, state.integrator) for candidate in found]


def _merge(body: Mapping[str, Any]) -> dict[str, Any]:
    """A merge as it stands in the ledger, without what confirmed it."""
    kept = ("campaign", "old", "new", "recipe", "commits", "gain")
    return {**{name: body[name] for name in kept}, "forced": list(body.get("forced", ()))}


def _runs(stack: Stack, campaign: CampaignRecord | None) -> dict[str, Any]:
    """The trials with their results, what they took, where they ran, and how they were confined."""
    if campaign is None:
        empty = {"wall_s": 0.0, "cpu_s": 0.0, "peak_rss_bytes": None}
        return {"trials": [], "compute": empty, "failures": [], "hosts": [], "confinement": []}
    rows = []
    for asked, result in campaign.ended_trials():
        values = result.values
        rows.append(
            {
                "trial": asked.name,
                "recipe": list(in_order(asked.trial.recipe, campaign.proposals)),
                "seed": asked.trial.seed,
                "rung": campaign.rung_of(asked.trial),
                "purpose": asked.trial.purpose,
                "values": values
                and {o.name: values[o.name] for o in stack.objectives if o.name in values},
                "failure": None if result.failure is None else dict(result.failure),
                "stopped_at": result.stopped_at,
                "wall_s": result.run.get("wall_s"),
            }
        )
    results = list(campaign.finished.values())
    return {
        "trials": rows,
        "compute": {
            "wall_s": sum(float(one.run.get("wall_s", 0.0)) for one in results),
            "cpu_s": sum(float(one.run.get("cpu_s") or 0.0) for one in results),
            "peak_rss_bytes": max(
                (one.run.get("peak_rss_bytes") or 0 for one in results), default=0
            )
            or None,
        },
        "failures": _failures(rows),
        "hosts": _counted(results, lambda run: _host(run.get("host") or {})),
        "confinement": _counted(results, lambda run: _confined(run.get("confinement") or {})),
    }


def _failures(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Failed trials by their cause and what was said first, the most frequent first."""
    groups: dict[tuple[str, str], dict[str, Any]] = {}
    for row in rows:
        failure = row["failure"]
        if failure is None:
            continue
        key = (failure["cause"], failure["what"])
        group = groups.setdefault(
            key, {"cause": key[0], "what": key[1], "trials": [], "in_all": set(row["recipe"])}
        )
        group["trials"].append(row["trial"])
        group["in_all"] &= set(row["recipe"])
    found = sorted(groups.values(), key=lambda group: -len(group["trials"]))
    return [{**group, "in_all": sorted(group["in_all"])} for group in found]


def _counted(
    results: list[Finished], told: Callable[[Mapping[str, Any]], tuple[tuple[str, str], ...]]
) -> list[dict[str, Any]]:
    """Ways in which trials ran, each with how many did, the most frequent first."""
    counts = Counter(told(one.run) for one in results if one.run)
    return [{"trials": count, **dict(way)} for way, count in counts.most_common() if way]


def _host(facts: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    return tuple((name, str(facts[name])) for name in _LEAST_HOST if name in facts)


def _confined(facts: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """What is free on the disk differs between trials, and is no part of how."""
    kept = ("profile", "asked", "not_enforced")
    return tuple((name, str(facts[name])) for name in kept if name in facts)


def _beside(project: Project, record: Record, *, current: bool) -> dict[str, Any]:
    """Credit, gaps to references and dead weight, where there are any, or why they are not told."""
    from mainstem.wiring.credits import credit
    from mainstem.wiring.frontier import frontier

    asked: dict[str, Callable[[], dict[str, Any]]] = {}
    found: dict[str, Any] = {"credit": None, "frontier": None, "not_told": {}}
    if len(record.merged) > shapley.MOST and current:
        found["not_told"]["credit"] = (
            f"a gain of {len(record.merged)} proposals is divided by drawing coalitions, which "
            "takes minutes: `mainstem credit` does it"
        )
    elif record.merged and current:
        asked["credit"] = lambda: credit(project)
    if current and (project.root / FRONTIER_FILE).exists():
        asked["frontier"] = lambda: frontier(project)
    for name, ask in asked.items():
        try:
            found[name] = ask()
        except UsageError as error:
            found["not_told"][name] = str(error)
    return found


def write(path: Path, content: str | bytes) -> None:
    """Writes a file of a report.

    Raises:
        UsageError: It cannot be written.
    """
    try:
        if isinstance(content, str):
            path.write_text(content, encoding="utf-8", errors="backslashreplace", newline="")
        else:
            path.write_bytes(content)
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror}") from None


def write_plots(folder: Path, drawings: Sequence[Drawing]) -> tuple[list[Path], str]:
    """Writes each picture as SVG, its numbers as CSV, and as PNG where one can be made.

    Returns:
        The files, in the order of the pictures; and why there is no PNG, "" if there is.

    Raises:
        UsageError: The folder or a file cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"{folder} cannot be made: {error.strerror}") from None
    found, without = [], ""
    for one in drawings:
        name = _file_name(one.name)
        files: dict[str, str | bytes] = {"svg": one.picture.svg, "csv": one.picture.csv()}
        try:
            files["png"] = one.picture.png()
        except NoPngError as error:
            without = str(error)
        for kind, content in files.items():
            path = folder / f"{name}.{kind}"
            write(path, content)
            found.append(path)
    return found, without


def _file_name(name: str) -> str:
    """A name of a file on every system; objectives may be called anything."""
    kept = "".join(c if c.isascii() and (c.isalnum() or c in "-_.") else "_" for c in name)
    return kept[:_LONGEST_NAME].strip(".") or "picture"
