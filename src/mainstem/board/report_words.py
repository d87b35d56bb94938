"""What a report says in words: conclusions first, what to know, how it was done, its limits.

Of the JSON of `mainstem report`, sentence by sentence; HTML and Markdown show the same ones.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mainstem.plots import numbers

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    Material = Mapping[str, Any]

NAMES = 8
"""How many names a sentence tells before it counts."""

_SKEWED = 1.0
_NAME = 60
_WAYS = (
    ("veto", "vetoed (by a person, whatever the evidence says)"),
    ("withdraw", "withdrawn (by whoever wrote it)"),
    ("shelve", "shelved (kept warm)"),
    ("rework", "to be reworked (they gain, but not beside what is named)"),
    ("broken", "broken (a run fails)"),
    ("open", "open (not decided yet)"),
)


def title(found: Material) -> str:
    """What the report is of."""
    campaign = found["campaign"]
    of = "no campaign yet" if campaign is None else f"campaign {campaign['id']}"
    return f"{short(found['show']['stack'])}: {of}"


def first(found: Material) -> str | None:
    """The objective that pictures and sentences are of first: the first one to improve."""
    improve: Sequence[str] = found["show"]["improve"]
    return improve[0] if improve else None


def notes(found: Material) -> Iterator[str]:
    """What a reader must know before any number."""
    yield from (f"{one[0].upper()}{one[1:]}" for one in broken(found))
    show, campaign = found["show"], found["campaign"]
    if campaign is None:
        count = numbers.plural(len(show["proposals"]), "proposal")
        yield (
            f"Nothing ran yet: {count} on record, and no campaign. `mainstem integrate --budget N` "
            "opens one."
        )
        return
    if campaign["settings_changed"]:
        yield (
            f"mainstem.toml asks another question today than campaign {campaign['id']} did, so no "
            "gain of it is told; `mainstem integrate` asks today's."
        )
    if campaign["trunk"] != show["trunk"]["commit"]:
        yield (
            f"Figures are of campaign {campaign['id']} on the trunk of then, "
            f"{campaign['trunk'][:10]}; the trunk is at {show['trunk']['commit'][:10]} now."
        )
    if campaign["state"] != "ended":
        how = "goes on" if campaign["state"] == "running" else "was stopped and can go on"
        yield f"The campaign {how}: every number here may still change."
    if not show["trials"]["done"]:
        yield "No trial has ended yet."


def broken(found: Material) -> Iterator[str]:
    """That the ledger's chain does not verify, where it does not."""
    altered = found["ledger"]["alterations"]
    if altered:
        more = f" and {len(altered) - 1} more" if len(altered) > 1 else ""
        yield (
            "the ledger's chain does not verify, so nothing here can be relied on: "
            f"{numbers.brief(altered[0], 200)}{more}. `mainstem verify` says all."
        )


def conclusions(found: Material) -> list[str]:
    """What came of it, the most important first; none where nothing is known."""
    if found["campaign"] is None or found["show"]["best"] is None:
        return []
    return [
        *_outcome(found),
        *_left_out(found),
        *_against_the_sum(found),
        *_together(found),
        *_frontier(found),
        *_spent(found),
    ]


def merged_here(found: Material) -> list[str]:
    """Proposals that this campaign's merges took into the trunk."""
    name = found["campaign"]["id"]
    return [p for merge in found["merges"] if merge["campaign"] == name for p in merge["recipe"]]


def names(found: Sequence[str], most: int = NAMES) -> str:
    """Names as a list of words."""
    told = ", ".join(short(one) for one in found[:most])
    return told if len(found) <= most else f"{told} and {len(found) - most} more"


def short(text: str) -> str:
    """A name as a sentence holds it."""
    return numbers.brief(text, _NAME)


def _outcome(found: Material) -> Iterator[str]:
    show, campaign = found["show"], found["campaign"]
    best, all_of_it = show["best"], len(campaign["proposals"])
    if not best["recipe"]:
        yield f"No set of the {all_of_it} proposals is known to be better than the trunk."
        return
    merged = merged_here(found)
    count = f"{len(best['recipe'])} of {numbers.plural(all_of_it, 'proposal')}"
    if not best["confirmed"]:
        yield (
            f"The best set so far is {count} ({names(best['recipe'])}); it is "
            f"{numbers.sure(best['probability'])} to be better than the trunk, and not proved yet: "
            f"{_gained(found)}."
        )
        return
    where = "are in the trunk" if set(merged) >= set(best["recipe"]) else "wait to be merged"
    yield (f"{count} {where} together ({names(best['recipe'])}). On fresh seeds: {_gained(found)}.")
    guards = [name for name in show["margins"] if name not in show["improve"]]
    yield (
        "Proved at an error rate that holds however often anyone looked or stopped: the chance of "
        f"any false merge in the whole campaign is at most {found['question']['alpha']:.2g}"
        + (f"; {_kept(len(guards))} within the margin." if guards else ".")
    )


def _kept(guards: int) -> str:
    return "the guard stayed" if guards == 1 else f"all {guards} guards stayed"


def _gained(found: Material) -> str:
    show = found["show"]
    said = []
    for name in show["improve"]:
        gain, margin = show["best"]["gain"].get(name), show["margins"].get(name)
        if gain is None:
            continue
        trunk = show["trunk"]["objectives"].get(name)
        at = f", from {numbers.estimate(trunk, signed=False)}" if trunk is not None else ""
        often = f" ({gain['mean'] / margin:+.1f} margins)" if margin else ""
        said.append(f"{name} gains {numbers.estimate(gain)}{often}{at}")
    return "; ".join(said)


def _left_out(found: Material) -> Iterator[str]:
    rows = [row for row in found["show"]["proposals"] if not row["merged"]]
    inside = set(found["show"]["best"]["recipe"])
    parts = []
    for kind, words in _WAYS:
        of_it = [row["id"] for row in rows if _way(row) == kind and row["id"] not in inside]
        if of_it:
            parts.append(f"{len(of_it)} {words}: {names(of_it)}")
    if parts:
        yield f"Left out: {'; '.join(parts)}."


def _way(row: Mapping[str, Any]) -> str:
    """What a proposal is left out by: a person's word before the evidence's."""
    return str(row["override"] if row["override"] in {"veto", "withdraw"} else row["verdict"])


def _against_the_sum(found: Material) -> Iterator[str]:
    """Whether single wins add up, and whom they would have misled."""
    name, gains = first(found), found["gains"]
    best = found["show"]["best"]
    alone = {p: g["alone"].get(name) for p, g in gains.items() if g["alone"].get(name)}
    inside = [p for p in best["recipe"] if p in alone]
    if name is None or len(inside) < 2:
        return
    total, got = sum(alone[p]["mean"] for p in inside), best["gain"].get(name)
    if got is not None:
        said = numbers.estimate({**got, "low": None, "high": None, "mean": total})
        yield (
            f"One by one on the old trunk these {len(inside)} would add up to about {said} of "
            f"{name}; together they gain {numbers.estimate(got)}."
        )
    lone = [p for p, gain in alone.items() if gain["low"] > 0.0 and p not in inside]
    quiet = [p for p in inside if alone[p]["low"] <= 0.0]
    if lone:
        yield f"Gain alone and are not in the set: {names(lone)}."
    if quiet:
        yield f"Are in the set and show no clear gain alone: {names(quiet)}."


def clear(found: Material, objective: str | None = None) -> list[Mapping[str, Any]]:
    """Interactions on an objective that are clear and matter: half a margin or more."""
    name = first(found) if objective is None else objective
    least = 0.5 * found["show"]["margins"].get(name, 0.0)
    return [
        row
        for row in found["show"]["interactions"]
        if row["objective"] == name
        and abs(row["mean"]) >= least
        and (row["low"] > 0.0 or row["high"] < 0.0)
    ]


def interaction(found: Material, row: Mapping[str, Any]) -> str:
    """One interaction as a sentence."""
    one, other = (short(proposal) for proposal in row["pair"])
    unit = found["show"]["trunk"]["objectives"].get(row["objective"], {}).get("unit", "")
    size = numbers.estimate({**row, "unit": unit})
    how = "do more together than apart" if row["mean"] > 0.0 else "are in each other's way"
    return f"{one} and {other} {how}: {size} of {row['objective']} beyond the sum of the two"


def _together(found: Material) -> Iterator[str]:
    rows = clear(found)
    if rows:
        more = f" ({len(rows) - 2} more are clear)" if len(rows) > 2 else ""
        yield "; ".join(interaction(found, row) for row in rows[:2]) + f"{more}."


def _frontier(found: Material) -> Iterator[str]:
    if found["frontier"] is None:
        return
    for one in found["frontier"]["objectives"]:
        gap = one.get("gap")
        if gap is None:
            continue
        size = numbers.estimate(gap["value"], signed=False)
        yield (
            f"Held against {one['reference']}, the best comparable reference, the trunk is "
            f"{gap['standing']} on {one['objective']}: {size} to gain."
        )


def _spent(found: Material) -> Iterator[str]:
    trials, compute = found["show"]["trials"], found["compute"]
    budget = "" if trials["budget"] is None else f" of a budget of {trials['budget']:g}"
    failed = f", {trials['failed']} of them failed" if trials["failed"] else ""
    yield (
        f"It took {numbers.plural(trials['done'], 'trial')}{budget}{failed}, "
        f"{numbers.duration(compute['wall_s'])} of running."
    )


def method(found: Material) -> Iterator[tuple[str, str]]:
    """How it was done: what, and how it was, so that it can be done again and checked."""
    made, question, campaign = found["made"], found["question"], found["campaign"]
    yield "made", f"{made['at'][:19].replace('T', ' ')} UTC"
    yield "with", f"mainstem {made['mainstem']}, {made['python']}, git {made['git']}"
    yield "command of a trial", question["command"]
    if campaign is not None:
        inherited = numbers.plural(campaign["inherited"], "earlier run")
        imported = f" and {campaign['imported']} of others" if campaign["imported"] else ""
        yield (
            "campaign",
            (
                f"{campaign['id']}, seed {campaign['seed']}, batches of {campaign['batch']}, "
                f"starting from {inherited}{imported}"
            ),
        )
        yield "trunk of the campaign", campaign["trunk"]
        if campaign["opened_at"] is not None:
            times = [campaign[at][:16].replace("T", " ") for at in ("opened_at", "last_at")]
            yield "opened, last trial", f"{times[0]}, {times[1]} UTC"
        yield "rung", _rungs(found)
        yield "settings", f"digest {campaign['setup']} (command, metrics, objectives, rung, alpha)"
    for host in found["hosts"]:
        facts = ", ".join(f"{k} {v}" for k, v in host.items() if k != "trials")
        yield "ran on", f"{numbers.plural(host['trials'], 'trial')}: {facts}"
    for way in found["confinement"]:
        yield (
            "confined",
            (
                f"{numbers.plural(way['trials'], 'trial')}: {way.get('profile')}; asked "
                f"{way.get('asked')}; not enforced: {way.get('not_enforced')}"
            ),
        )
    ledger = found["ledger"]
    state = "altered" if ledger["alterations"] else "whole"
    yield "ledger", f"{ledger['lines']} lines, {state}; the last line's hash is {ledger['hash']}"


def _rungs(found: Material) -> str:
    several = found["show"]["rungs"]
    if len(several) < 2:
        return str(found["campaign"]["rung"])
    each = ", ".join(f"{numbers.plural(r['done'], 'trial')} at {r['rung']}" for r in several)
    return f"{found['campaign']['rung']} confirms ({each})"


HOW = (
    (
        "Each trial trains one chosen combination of proposals, merged by git onto the trunk, "
        "with a seed of its own. A model of the effect of every combination, fitted to all trials "
        "at once, chose the next ones and gives the posterior numbers here."
    ),
    (
        "A set is merged only on fresh evidence: trunk and candidate run in pairs on new seeds "
        "until an e-value, a bet against chance that may be looked at any time, passes its "
        "threshold: for a gain of at least one objective to improve, and for no loss beyond the "
        "margin on every one."
    ),
    "Who wrote a proposal is not known to anything that asks, measures or decides.",
)
"""The method, for a reader who has never seen it."""


def limits(found: Material) -> Iterator[str]:
    """What these numbers cannot say."""
    campaign = found["campaign"]
    if campaign is None:
        return
    yield (
        "Proved are the verdict `merge` and the gain of the confirmed set. Every other gain and "
        "interaction is posterior, with intervals of 90%: it leans on a model, the more so the "
        "fewer runs hold the proposal."
    )
    yield (
        f"It holds for rung {campaign['rung']}, these objectives and this data; of another scale "
        "nothing is said."
    )
    yield (
        "The e-values bet on the mean of paired differences with noise that is about symmetric; "
        "skewness beside a verdict tells how far it was."
    )
    yield from _warnings(found)
    yield (
        "A chain of hashes shows an altered line. It cannot show a ledger that was rewritten whole "
        "by whoever keeps it; for that, compare its last hash with one kept elsewhere, as here."
    )


def _warnings(found: Material) -> Iterator[str]:
    skewed = [
        f"{test['objective']} {test['skewness']:+.1f}"
        for candidate in found["candidates"]
        if candidate["outcome"] == "confirmed"
        for test in candidate["objectives"]
        if test["skewness"] is not None and abs(test["skewness"]) >= _SKEWED
    ]
    if skewed:
        yield f"Differences of confirming pairs were skewed: {names(skewed)}."
    if len(found["hosts"]) > 1:
        yield f"Trials ran on {len(found['hosts'])} kinds of hosts, whose results may differ."
    if found["show"]["not_repeatable"]:
        yield (
            "The same files with the same seed measured something else at least once: the stack "
            "does not repeat itself."
        )
    if found["campaign"]["imported"]:
        runs = numbers.plural(found["campaign"]["imported"], "run")
        yield f"The search used {runs} that others made; they confirm nothing."
    if found["show"]["trials"]["failed"]:
        yield "Failed trials are in no mean: a proposal that often fails is judged by the others."
    forced = [p for merge in found["merges"] for p in merge["forced"]]
    if forced:
        yield f"Merged by a person's decision, whatever the evidence said: {names(forced)}."
    for what, why in found["not_told"].items():
        yield f"{what.capitalize()} is not told: {why}"
