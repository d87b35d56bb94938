"""Where the campaign stands and what comes next, in sentences; and what somebody should look at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mainstem.engine.views import eta_s
from mainstem.plots.numbers import brief, duration, estimate, plural, recipe, sure

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mainstem.domain.proposal import CommitId
    from mainstem.engine.record import CampaignRecord, Record

    Body = Mapping[str, Any]

PAIR = 2
"""Trials of a confirmation pair: with fewer left nothing can be proved any more."""


@dataclass(frozen=True, kw_only=True)
class Note:
    """Something to look at.

    Attributes:
        tone: `bad` or `warn`.
        said: What it is, and what helps.
        href: Where more of it is; "" for nowhere.
        link: What the link says.
    """

    tone: str
    said: str
    href: str = ""
    link: str = ""


def state(record: Record, progress: Mapping[str, Any]) -> str:
    """Where the campaign stands, in a sentence; it needs nothing but the record."""
    campaign = record.latest()
    if campaign is None:
        count = len(record.open_proposals())
        return f"{_waits(count)}; no campaign has run." if count else "There is no proposal yet."
    spent = f"{campaign.spent:g}"
    if campaign.budget is not None:
        spent += f" of {campaign.budget:g}"
    head = f"Campaign {campaign.id}"
    if progress:
        running = len(progress.get("running", ()))
        left = eta_s(campaign, slots=int(progress.get("slots", 0)))
        time = "" if left is None else f", at most {duration(left)} left"
        return f"{head} is running: {spent} trials spent, {running} running now{time}."
    if campaign.ended:
        return f"{head} has ended after {spent} trials."
    return f"{head} stopped after {spent} trials."


def _waits(count: int) -> str:
    return f"{plural(count, 'proposal')} {'waits' if count == 1 else 'wait'}"


def best(found: Body | None, record: Record, improve: Sequence[str]) -> str:
    """The best set so far, in a sentence; nothing while it is not known.

    Args:
        found: `best` of `show` or `status`.
        record: What the ledger holds.
        improve: The objectives to improve: gains on others are not told here.
    """
    if found is None:
        return ""
    if not found["recipe"]:
        return "No set of proposals is better than the trunk so far."
    how = "confirmed on fresh seeds" if found["confirmed"] else sure(found["probability"])
    gains = "; ".join(
        f"{name} {estimate(gain)}" for name, gain in found["gain"].items() if name in improve
    )
    what = f"{recipe(found['recipe'])} ({how}{f': {gains}' if gains else ''})"
    if set(found["recipe"]) <= record.merged:
        return f"In the trunk since: {what}."
    return f"Best so far: {what}."


def following(
    record: Record, progress: Mapping[str, Any], found: Body | None, trunk: CommitId
) -> str:
    """What comes next, in a sentence, with the command that does it.

    Args:
        record: What the ledger holds.
        progress: What is at work.
        found: `best` of `show` or `status`; None while it is not known.
        trunk: Where the trunk is now.
    """
    campaign = record.latest()
    if campaign is None:
        if record.open_proposals():
            return "Next: `mainstem integrate --budget N` starts the first campaign."
        return "Next: `mainstem propose BRANCH...` takes branches in."
    if progress:
        return "Next: it asks for more trials until all is decided or the budget is spent."
    if campaign.trunk != trunk:
        return _on_another_trunk(len(record.open_proposals()))
    return _ended(campaign, found) if campaign.ended else _stopped(campaign)


def _on_another_trunk(waiting: int) -> str:
    """What follows once the trunk has moved."""
    if not waiting:
        return "Next: `mainstem propose BRANCH...` takes further branches in."
    judged = f"`mainstem integrate` judges {plural(waiting, 'open proposal')}"
    return f"Next: {judged} on the trunk as it is now."


def _stopped(campaign: CampaignRecord) -> str:
    """What follows on a campaign that nobody works on."""
    if campaign.trunk_failure is not None:
        return "Next: mend the trunk; then the same `mainstem integrate` goes on."
    return "Next: the same `mainstem integrate` goes on where it stopped."


def _ended(campaign: CampaignRecord, found: Body | None) -> str:
    """What follows on a campaign that ended on the trunk as it still is."""
    if found is None:
        return ""
    if found["recipe"] and found["confirmed"]:
        return f"Next: `mainstem merge` puts {recipe(found['recipe'])} onto the trunk."
    if campaign.left < PAIR and found["recipe"]:
        return (
            "Next: the budget is spent before the best set is proved; `mainstem integrate` with a "
            "larger `--budget` goes on."
        )
    return "Next: nothing here is worth merging; `mainstem propose` takes other branches in."


def notes(
    record: Record,
    progress: Mapping[str, Any],
    status: Body | None,
    repeats: Sequence[Body],
    trunk: CommitId,
) -> list[Note]:
    """What somebody should look at, the worst first.

    Args:
        record: What the ledger holds.
        progress: What is at work.
        status: The JSON of `status`; None while it is not known.
        repeats: `not_repeatable` of `show` or `status`.
        trunk: Where the trunk is now.
    """
    found = []
    campaign = record.latest()
    if record.planned is not None and record.planned["new"] == trunk:
        said = (
            f"The trunk has moved by a merge of {recipe(record.planned['recipe'])}, which was cut "
            "short before the ledger had it; the next command that writes puts it down."
        )
        found.append(
            Note(tone="warn", said=said, href="/ledger?kind=merge-planned", link="its plan")
        )
    if campaign is not None and campaign.trunk_failure is not None and not progress:
        failure = campaign.trunk_failure
        said = f"The trunk does not run: {brief(failure['detail'], 200)}"
        found.append(_of_trial("bad", said, failure["trial"]))
    if repeats:
        row = repeats[0]
        more = len(repeats) - 1
        others = f", and {plural(more, 'other trial')} likewise" if more else ""
        said = (
            f"This stack does not repeat itself: {row['trial']} measured something else than "
            f"{row['other']}, of the same files with the same seed{others}"
        )
        found.append(_of_trial("warn", said, row["trial"]))
    warnings = () if status is None else status.get("warnings", ())
    found += [Note(tone="warn", said=warning) for warning in warnings]
    return found


def _of_trial(tone: str, said: str, trial: str) -> Note:
    return Note(tone=tone, said=f"{said}.", href=f"/runs/{trial}", link=f"the log of {trial}")
