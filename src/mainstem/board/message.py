"""A verdict as a message to whoever filed the proposal: evidence first, and no word on people.

What was measured, against what, what would change the verdict, and that it is kept. It is text for
a pull request, made of the documented JSON of `why` alone.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from mainstem.domain.override import OverrideKind
from mainstem.domain.verdict import VerdictKind
from mainstem.plots import numbers as words

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    Report = Mapping[str, Any]

_FAILURE = 160
"""Characters of a failure that are told; `mainstem log TRIAL` has it whole."""

_MEANING = {
    VerdictKind.MERGE: "merge",
    VerdictKind.SHELVE: "shelve (kept, not merged now)",
    VerdictKind.REWORK: "rework (it gains, but not beside what is named here)",
    VerdictKind.BROKEN: "broken (a run with it fails)",
    VerdictKind.OPEN: "open (not decided yet)",
}
"""A verdict, and what it means for somebody who has never seen one."""

_OVERRIDDEN = {
    OverrideKind.VETO: "vetoed (kept out, whatever the evidence says)",
    OverrideKind.FORCE: "forced (merged, whatever the evidence says)",
    OverrideKind.WITHDRAW: "withdrawn (not judged any more)",
}


def message(report: Report) -> str:
    """The text, in Markdown: a paragraph or a list after the other.

    Args:
        report: The JSON of `mainstem why`.
    """
    kind = VerdictKind(report["verdict"])
    meaning = _MEANING[kind]
    if kind is VerdictKind.REWORK and not report["with"]:
        meaning = "rework (it has to be brought up to the trunk first)"
    if report["superseded_by"] is not None:
        meaning = "superseded (a later version of the branch is judged)"
    changes = _changes(report, kind)
    override = _override(report)
    if override is not None:
        meaning, changes = _OVERRIDDEN[override], _lifted(report, override)
    parts = [
        f"**{report['id']}**: {meaning}",
        f"The reason: {report['reason']}.{_standing(report, kind)}",
        *_measured(report),
        *_against(report),
        *_price(report),
        *_list("What would change this:", changes),
        _kept(report, kind),
        f"Every run behind this: `mainstem why {report['id']} --all`",
    ]
    return "\n\n".join(parts)


def _override(report: Report) -> OverrideKind | None:
    """What a person said of it, where that still keeps it out or is still to be merged."""
    said = report["override"]
    if said is None or report["superseded_by"] is not None:
        return None
    kind = OverrideKind(said["override"])
    return None if kind is OverrideKind.FORCE and report["confirmation"] is not None else kind


def _price(report: Report) -> Iterator[str]:
    """What an override costs by what is known now."""
    price, override = report["price"], _override(report)
    if override is None or price is None:
        return
    if price["with"] == price["without"]:
        yield f"What this {override} costs: nothing by what is known now."
        return
    gains = [f"{name}: {words.estimate(gain)}" for name, gain in price["difference"].items()]
    head = (
        f"What this {override} changes by what is known now, {words.recipe(price['with'])} in the "
        f"place of {words.recipe(price['without'])} (below 0 is a loss):"
    )
    yield from _list(head, gains)


def _standing(report: Report, kind: VerdictKind) -> str:
    """That a verdict may still change, where its campaign goes on."""
    if report["campaign"] is None or report["ended"] or kind is VerdictKind.OPEN:
        return ""
    return f" Campaign {report['campaign']} goes on, so this may still change."


def _measured(report: Report) -> Iterator[str]:
    """Gains with intervals beside their margins, and from how many runs."""
    runs = _runs(report)
    if not report["measured"]:
        said = f"nothing, as no run with it has succeeded ({runs})" if runs else "nothing of it yet"
        yield f"What was measured: {said}."
        return
    if not report["gain"]:
        yield (
            f"What was measured: {runs or 'runs of earlier campaigns'}. Its gain is not known: "
            "it is not in this campaign, or mainstem.toml asks something else by now."
        )
        return
    level = next(iter(report["gain"].values()))["level"]
    head = (
        f"What was measured, by itself on the trunk (a gain is above 0 whatever the direction; "
        f"{level:.0%} intervals in brackets):"
    )
    yield from _list(head, [_gain(report, name) for name in report["gain"]])
    yield f"This rests on {runs}."


def _gain(report: Report, name: str) -> str:
    """One objective: what it gained, and how much matters there."""
    gain, margin = report["gain"][name], report["margins"].get(name)
    text = f"{name}: {words.estimate(gain)}"
    if margin is None:
        return text
    amount = _amount(margin, gain["unit"])
    if name in report["guards"]:
        return f"{text}; a loss of up to {amount} is tolerated"
    return f"{text}; a difference of {amount} matters"


def _runs(report: Report) -> str:
    """How many runs speak of it, in words; empty if none was made."""
    here = [row for row in report["evidence"] if row["about"] != "earlier"]
    good = [row for row in here if row["failure"] is None]
    about = [row["about"] for row in good]
    own = [each for each in about if each not in {"trunk", "without it"}]
    failed = [row for row in here if row["failure"] is not None and _holds(report, row)]
    parts = []
    if own:
        parts.append(f"{words.plural(len(own), 'run')} with it, {own.count('alone')} of it alone")
        parts[-1] += _at_rungs(row for row in good if row["about"] not in {"trunk", "without it"})
    if failed:
        parts.append(f"{words.plural(len(failed), 'failed run')} with it")
    if parts and "trunk" in about:
        parts.append(f"{words.plural(about.count('trunk'), 'run')} of the trunk")
    if report["inherited"]:
        earlier = words.plural(report["inherited"], "run")
        parts.append(f"{earlier} with it in earlier campaigns")
    if report["imported"]:
        parts.append(f"{words.plural(report['imported'], 'run')} with it by others, imported")
    return "; ".join(parts)


def _at_rungs(rows: Iterable[Mapping[str, Any]]) -> str:
    """How many runs were made at each rung, where there are several."""
    counts = Counter(row["rung"] for row in rows)
    if len(counts) < 2:
        return ""
    return f" ({', '.join(f'{count} at {rung}' for rung, count in counts.items())})"


def _holds(report: Report, row: Mapping[str, Any]) -> bool:
    return report["id"] in row["recipe"]


def _against(report: Report) -> Iterator[str]:
    """The trunk and the best set that it was compared with."""
    if report["campaign"] is None or not report["measured"]:
        return
    trunk = f"the trunk at {report['measured_on'][:10]} (campaign {report['campaign']})"
    best = report["best"]
    if best is None or not best["recipe"]:
        yield f"Against what: {trunk}; no set of proposals is better than it so far."
        return
    sure = "confirmed on fresh seeds" if best["confirmed"] else words.sure(best["probability"])
    gains = "; ".join(f"{name} {words.estimate(gain)}" for name, gain in best["gain"].items())
    what = f"{words.recipe(best['recipe'])} ({sure}: {gains})"
    yield f"Against what: {trunk}, and the best set known, {what}."


def _changes(report: Report, kind: VerdictKind) -> list[str]:
    """What would lead to another verdict; nothing where the proposal is merged."""
    if report["superseded_by"] is not None:
        return [f"nothing here: {report['superseded_by']} is judged in its place"]
    others = " and ".join(report["with"])
    if kind is VerdictKind.SHELVE and others:
        return [f"nothing needs to be done: {others} brings the same files"]
    if kind is VerdictKind.SHELVE:
        lost = _lost(report)
        merges = [f"a version that {one}" for one in _in_the_way(report)]
        return [*lost, *merges] if lost else _more(report)
    if kind is VerdictKind.REWORK:
        beside = f"a version that keeps its gain beside {others}"
        return _conflicts(report) or [beside, *_without(report)]
    if kind is VerdictKind.BROKEN:
        return _mended(report, others)
    return ["more runs: `mainstem integrate`"] if kind is VerdictKind.OPEN else []


def _lifted(report: Report, override: OverrideKind) -> list[str]:
    """What ends an override that keeps the proposal out."""
    if override is OverrideKind.FORCE:
        return []
    lift = f"`mainstem {override} {report['id']} --lift --reason ...`"
    return [f"{lift}: from then on its evidence decides"]


def _without(report: Report) -> list[str]:
    """That the named others leave the best set, where they are in it and not in the trunk."""
    members = report["best"]["recipe"] if report["best"] is not None else []
    if not report["with"] or not set(report["with"]) <= set(members):
        return []
    return [f"a best set without {' and '.join(report['with'])}"]


def _lost(report: Report) -> list[str]:
    """Every objective on which it loses more than is tolerated, where it gains on another."""
    improved = [gain for name, gain in report["gain"].items() if name not in report["guards"]]
    if not any(gain["mean"] > 0.0 for gain in improved):
        return []
    return [_tolerated(report, name) for name in _beyond(report)]


def _broken_guards(report: Report) -> list[str]:
    """Every guard on which it loses more than is tolerated: what gains has to keep that too."""
    return [_tolerated(report, name) for name in _beyond(report) if name in report["guards"]]


def _beyond(report: Report) -> list[str]:
    """The objectives on which it loses more than a margin by itself."""
    margins = report["margins"]
    found = report["gain"].items()
    return [name for name, gain in found if name in margins and gain["mean"] < -margins[name]]


def _tolerated(report: Report, name: str) -> str:
    """The loss that is tolerated on an objective, beside what was measured."""
    gain, margin = report["gain"][name], report["margins"][name]
    amount = _amount(margin, gain["unit"])
    return f"a loss of at most {amount} on {name} (measured: {words.estimate(gain)})"


def _in_the_way(report: Report) -> list[str]:
    """That git can merge it with those members of the best set with which it cannot now."""
    members = set(report["best"]["recipe"]) if report["best"] is not None else set()
    return [
        f"git can merge with {' and '.join(conflict['with'])} ({', '.join(conflict['paths'])})"
        for conflict in report["conflicts"]
        if conflict["with"] and members.issuperset(conflict["with"])
    ]


def _more(report: Report) -> list[str]:
    """What it takes to be worth a place in the best set."""
    amounts = [
        f"{_amount(margin, report['gain'].get(name, {}).get('unit', ''))} on {name}"
        for name, margin in report["margins"].items()
        if name not in report["guards"]
    ]
    what = " or ".join(amounts) or "a margin on an objective that is to be improved"
    also = [f"has {lost}" for lost in _broken_guards(report)]
    parts = [f"adds at least {what} to the best set", *also, *_in_the_way(report)]
    return [
        f"a version that {', and '.join(parts)}",
        "another best set or another trunk, beside which it adds as much",
    ]


def _conflicts(report: Report) -> list[str]:
    """The versions that git could merge, for the conflicts that the verdict speaks of."""
    named = sorted(report["with"])
    found = []
    for conflict in report["conflicts"]:
        paths = ", ".join(conflict["paths"])
        if not conflict["with"]:
            found.append(f"a version that git can merge with the trunk: rebase it ({paths})")
        elif sorted(conflict["with"]) == named:
            others = " and ".join(conflict["with"])
            found += [f"a version that git can merge with {others} ({paths})", *_without(report)]
    return found


def _mended(report: Report, others: str) -> list[str]:
    """A version that runs, with the last failure of a run that holds it."""
    last = last_failure(report)
    said = ""
    if last is not None:
        what = words.brief(last["failure"]["what"].replace("`", "'"), _FAILURE)
        several = len({row["rung"] for row in report["evidence"]}) > 1
        at = f" at rung {last['rung']}" if several else ""
        said = f"; the last failure{at}: `{what}` (`mainstem log {last['trial']}`)"
    if others:
        return [f"a version that runs together with {others}{said}", *_without(report)]
    return [f"a version that runs{said}"]


def last_failure(report: Report) -> Mapping[str, Any] | None:
    """The last failed run of what holds a proposal, in this campaign if there was one; or None."""
    failed = [row for row in report["evidence"] if row["failure"] and _holds(report, row)]
    here = [row for row in failed if row["about"] != "earlier"]
    last: Sequence[Mapping[str, Any]] = here or failed
    return last[-1] if last else None


def _kept(report: Report, kind: VerdictKind) -> str:
    """That nothing is lost, and how to go on."""
    thanks = "Thank you for the proposal."
    if _override(report) is not None:
        return f"Its commit and its runs stay, so nothing that was measured is lost. {thanks}"
    if kind is VerdictKind.MERGE:
        return f"Its runs stay in the ledger, and so does what proved it. {thanks}"
    if report["superseded_by"] is not None:
        return f"Its runs stay in the ledger. {thanks}"
    return (
        "It is kept warm: its commit and its runs stay, and it is judged again when the trunk "
        "moves, without being filed anew. A new version is taken by pushing the branch and "
        f"`mainstem propose {report['branch']}`. {thanks}"
    )


def _amount(margin: float, unit: str) -> str:
    """A margin with its unit."""
    return f"{words.number(margin, words.digits(margin))} {unit}".rstrip()


def _list(head: str, points: Sequence[str]) -> Iterator[str]:
    """A list under its head; nothing without points."""
    if points:
        yield "\n".join([head, *(f"- {point}" for point in points)])
