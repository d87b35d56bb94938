"""What each line of the ledger says, in a sentence.

The record is kept as JSON so that machines agree on its hash; a person wants to read it down like a
log book. A kind that is not in the table, such as one of a later version, is named and not guessed
at, and a line whose body is not what its kind holds, because somebody altered it, says so.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mainstem.domain.override import OverrideKind
from mainstem.engine import record as records
from mainstem.plots.numbers import brief, duration, plural, recipe

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from mainstem.engine.ports import Entry

REVIEW_GIVEN, NAMES_SHOWN = "review-given", "names-shown"
"""Kinds of lines that `people` writes, whose module nothing here may see."""

LONGEST = 240
"""Characters of free text in a sentence; the body has all of it."""

_SHORT = 10  # characters of a commit


def sentence(entry: Entry) -> str:
    """What a line says, as text; it may hold anything that somebody wrote."""
    said = _SAID.get(entry.kind)
    if said is None:
        return "A kind of line that this version does not know."
    try:
        return said[1](entry.body)
    except (AttributeError, IndexError, KeyError, TypeError, ValueError):
        return "Its body is not what a line of this kind holds: was it altered?"


def label(kind: str) -> str:
    """What a kind is called; one that is not known by its own name."""
    said = _SAID.get(kind)
    return kind if said is None else said[0]


def kinds() -> list[tuple[str, str]]:
    """Every known kind with what it is called, in the order of a campaign."""
    return [(kind, said[0]) for kind, said in _SAID.items()]


def proposals_of(entry: Entry) -> list[str]:
    """The proposals that a line is about, for links; of a batch none, its trials have them."""
    body = entry.body
    if entry.kind == records.PROPOSAL_TAKEN:
        return _names([body.get("id")])
    if entry.kind == records.PROPOSAL_WITHDRAWN:
        return _names([body.get("id"), body.get("by")])
    found = [body.get("proposal"), *_listed(body.get("proposals"))]
    if entry.kind in {records.CAMPAIGN_ENDED, records.MERGE_PLANNED, records.MERGED}:
        found += _listed(body.get("recipe"))
    return _names(found)


def trials_of(entry: Entry) -> list[str]:
    """The trials that a line is about, for links."""
    body = entry.body
    rows = [row.get("trial") for row in _listed(body.get("trials")) if isinstance(row, dict)]
    names = [row for row in _listed(body.get("trials")) if isinstance(row, str)]
    return _names([body.get("trial"), *rows, *names])


def _listed(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else []


def _names(found: Sequence[Any]) -> list[str]:
    return list(dict.fromkeys(name for name in found if isinstance(name, str)))


def _commit(name: str) -> str:
    return name[:_SHORT]


def _some(names: Sequence[str], most: int = 6) -> str:
    """Names in a row; of many the first ones and how many more there are."""
    if len(names) <= most:
        return ", ".join(names)
    return f"{', '.join(names[:most])} and {len(names) - most} more"


def _values(found: Mapping[str, float] | None, most: int = 3) -> str:
    """Some raw values in a row."""
    shown = [f"{name} {value:.6g}" for name, value in list((found or {}).items())[:most]]
    more = len(found or {}) - len(shown)
    return ", ".join(shown) + (f" and {plural(more, 'other value')}" if more else "")


def _budget(body: Mapping[str, Any]) -> str:
    if body["budget"] is None:
        return "without a budget"
    return f"with a budget of {body['budget']:g} trials"


def _proposal_taken(body: Mapping[str, Any]) -> str:
    where = _some(body["components"]) or "no component"
    said = f"{body['id']} was proposed: branch {body['branch']} at {_commit(body['commit'])}, "
    said += f"which changes {where}"
    if body.get("follows"):
        said += f"; it takes the place of {body['follows']}"
    if body.get("reference"):
        brought = body["reference"]
        said += f"; it brings {brought['id']} here, for {brought['gain']:g} on "
        said += str(brought["objective"])
    if body["tree"] is None:
        said += "; git cannot merge it with the trunk"
    claim = brief(body["claim"], LONGEST)
    return f"{said}. It claims: {claim}" if claim else f"{said}."


def _proposal_withdrawn(body: Mapping[str, Any]) -> str:
    return f"{body['id']} was superseded by {body['by']}."


def _conflict_found(body: Mapping[str, Any]) -> str:
    members, paths = body["proposals"], _some(body["paths"], 4)
    what = f"{members[0]} with the trunk" if len(members) == 1 else _together(members)
    return f"git cannot merge {what} ({paths})."


def _together(members: Sequence[str]) -> str:
    return f"{' and '.join(members)} together"


def _campaign_opened(body: Mapping[str, Any]) -> str:
    count = plural(len(body["proposals"]), "proposal")
    said = f"Campaign {body['campaign']} began on trunk {_commit(body['trunk'])}: {count}, "
    said += f"{_budget(body)}, seed {body['seed']}"
    known = len(body["inherited"])
    return f"{said}; {plural(known, 'earlier run')} came along." if known else f"{said}."


def _campaign_joined(body: Mapping[str, Any]) -> str:
    came = body["proposals"]
    joined = f"{_some(came)} came in" if came else "nobody new"
    return f"Campaign {body['campaign']} goes on {_budget(body)}: {joined}."


def _batch_asked(body: Mapping[str, Any]) -> str:
    rows = body["trials"]
    void = sum(row["tree"] is None for row in rows)
    purposes = ", ".join(dict.fromkeys(str(row["purpose"]) for row in rows))
    names = [str(row["trial"]) for row in rows]
    span = names[0] if len(names) == 1 else f"{names[0]} to {names[-1]}"
    said = f"{plural(len(rows), 'trial')} to {purposes}: {span}"
    return f"{said}; {void} cannot run, as git cannot merge them." if void else f"{said}."


def _trial_finished(body: Mapping[str, Any]) -> str:
    took = duration(body.get("run", {}).get("wall_s"))
    if body["failure"] is not None:
        why = brief(body["failure"]["what"], LONGEST)
        return f"{body['trial']} failed ({body['failure']['cause']}) after {took}: {why}"
    early = body.get("stopped_at")
    ended = "ended" if early is None else f"ended early, at step {early}, its values predicted,"
    return f"{body['trial']} {ended} after {took}: {_values(body['values'])}."


def _trial_late(body: Mapping[str, Any]) -> str:
    what = "a failure" if body["values"] is None else _values(body["values"])
    return f"A second result of {body['trial']} came, which counts nowhere: {what}."


def _trunk_failed(body: Mapping[str, Any]) -> str:
    why = brief(body["failure"]["what"], LONGEST)
    return f"The trunk itself does not run ({body['trial']}): {why}"


def _verdict(body: Mapping[str, Any]) -> str:
    why = brief(body["reason"], LONGEST)
    return f"The verdict on {body['proposal']} is {body['kind']}: {why}"


def _campaign_ended(body: Mapping[str, Any]) -> str:
    how = "confirmed" if body["confirmed"] else "not confirmed"
    best = f"{recipe(body['recipe'])}, {how}" if body["recipe"] else "the trunk as it is"
    count = f"{body['spent']:g} trials"
    return f"Campaign {body['campaign']} ended after {count}; the best recipe: {best}."


def _check_finished(body: Mapping[str, Any]) -> str:
    runs = plural(len(body["trials"]), "run")
    told = [
        f"{name} {found['mean']:.6g}" + (f" (sd {found['sd']:.2g})" if found["sd"] else "")
        for name, found in list(body["objectives"].items())[:3]
    ]
    return f"The trunk ran against itself, {runs} of {duration(body['trial_s'])}: {_some(told)}."


def _merge_planned(body: Mapping[str, Any]) -> str:
    way = f"from {_commit(body['old'])} to {_commit(body['new'])}"
    return f"A merge of {recipe(body['recipe'])} is to move the trunk {way}."


def _merged(body: Mapping[str, Any]) -> str:
    forced = body.get("forced")
    was = "was" if len(body["recipe"]) == 1 else "were"
    way = f"from {_commit(body['old'])} to {_commit(body['new'])}"
    said = f"{recipe(body['recipe'])} {was} merged: the trunk moved {way}"
    return f"{said}; forced: {_some(forced)}." if forced else f"{said}."


def _override(body: Mapping[str, Any]) -> str:
    kind, why = OverrideKind(body["kind"]), brief(body["reason"], LONGEST)
    if kind is OverrideKind.LIFT:
        return f"What a person had decided of {body['proposal']} was taken back: {why}"
    return f"A person decided: {body['proposal']} is {kind.past}: {why}"


def _runs_imported(body: Mapping[str, Any]) -> str:
    count = plural(len(body["runs"]), "run")
    return f"{count} of others came in from {body['file']}, as {body['import']}."


def _try_opened(body: Mapping[str, Any]) -> str:
    pairs = plural(len(body["pairs"]), "pair")
    where = f"at rung {body['rung']}"
    return f"{body['try']}: {pairs} of {_commit(body['commit'])} and the trunk to run {where}."


def _try_finished(body: Mapping[str, Any]) -> str:
    said = f"Pair {body['pair']} of {body['try']} ended"
    if body["failure"] is not None:
        return f"{said}: the branch failed: {brief(body['failure']['what'], LONGEST)}"
    trunk, branch = body["values"]
    return f"{said}: the branch {_values(branch, 1)}, the trunk {_values(trunk, 1)}."


def _review_given(body: Mapping[str, Any]) -> str:
    note = brief(body["note"], LONGEST)
    said = f"A reviewer gives {body['proposal']} {body['merge']:.0%} to be merged"
    return f"{said}: {note}" if note else f"{said}."


def _names_shown(body: Mapping[str, Any]) -> str:
    names = _some(body["proposals"])
    return f"Somebody was shown who wrote {names}, before it was decided ({body['command']})."


_SAID: Mapping[str, tuple[str, Callable[[Mapping[str, Any]], str]]] = {
    records.PROPOSAL_TAKEN: ("proposal", _proposal_taken),
    records.PROPOSAL_WITHDRAWN: ("superseded", _proposal_withdrawn),
    records.CONFLICT_FOUND: ("conflict", _conflict_found),
    records.CHECK_FINISHED: ("check", _check_finished),
    records.RUNS_IMPORTED: ("import", _runs_imported),
    records.CAMPAIGN_OPENED: ("campaign begins", _campaign_opened),
    records.CAMPAIGN_JOINED: ("campaign goes on", _campaign_joined),
    records.BATCH_ASKED: ("trials asked", _batch_asked),
    records.TRIAL_FINISHED: ("trial", _trial_finished),
    records.TRIAL_LATE: ("late result", _trial_late),
    records.TRUNK_FAILED: ("trunk fails", _trunk_failed),
    records.VERDICT: ("verdict", _verdict),
    records.CAMPAIGN_ENDED: ("campaign ends", _campaign_ended),
    records.MERGE_PLANNED: ("merge planned", _merge_planned),
    records.MERGED: ("merge", _merged),
    records.OVERRIDE: ("override", _override),
    records.TRY_OPENED: ("try begins", _try_opened),
    records.TRY_FINISHED: ("try", _try_finished),
    REVIEW_GIVEN: ("review", _review_given),
    NAMES_SHOWN: ("names shown", _names_shown),
}
"""What each kind is called, and what says it."""
