"""The frontier in sentences and cells, for the terminal and the page alike."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from mainstem.domain.reference import Obtained
from mainstem.frontier.claims import Status
from mainstem.frontier.gaps import Standing

if TYPE_CHECKING:
    from collections.abc import Mapping

PROSPECT = ("proposal", "verdict", "gain [90%]", "closes", "cost", "per cost")
"""The columns of `prospect`; cost in trials of the rungs' unit."""

CLAIM = ("proposal", "reference", "claimed", "measured [90%]", "outcome")
"""The columns of `claim`."""

_MOST_DIGITS = 5

_MERGES = 4  # that are named; the JSON has all

_STANDINGS = {
    Standing.BEHIND: "the trunk is behind",
    Standing.LEVEL: "not told apart from level",
    Standing.AHEAD: "the trunk is ahead",
    Standing.UNKNOWN: "one run of the trunk does not tell the noise",
}

_STATUSES = {
    Status.CLAIMED: "claimed",
    Status.REPRODUCED: "reproduced",
    Status.NOT_REPRODUCED: "not reproduced",
    Status.UNDECIDED: "undecided",
}


def number(x: float, spread: float = 0.0, largest: float = 0.0) -> str:
    """A number with two digits of what it is uncertain by, and at most five of the number itself.

    Args:
        x: The number.
        spread: What it is uncertain by; 0 if that is not known.
        largest: The number that it stands beside; 0: itself.
    """
    size = abs(largest or x)
    if spread > 0.0:
        places = 1 - math.floor(math.log10(spread))
        if size > 0.0:
            places = min(places, _MOST_DIGITS - 1 - math.floor(math.log10(size)))
        text = f"{x:,.{max(0, min(9, places))}f}"
        return text if text.strip("-0.,") else "0"
    return f"{x:,.4g}" if size < 1e4 or x != round(x) else f"{x:,.0f}"


def estimate(found: Mapping[str, Any]) -> str:
    """A mean with its interval, without its unit; one number where nothing else would be seen."""
    mean, low, high = found["mean"], found["low"], found["high"]
    if low is None or high is None:
        return number(mean)
    spread = 0.5 * (high - low)
    ends = [number(end, spread, mean) for end in (low, high)]
    if ends[0] == ends[1]:
        return number(mean)
    return f"{number(mean, spread, mean)} [{ends[0]}, {ends[1]}]"


def standing(one: Mapping[str, Any]) -> list[str]:
    """Where an objective stands, in sentences: the gap first."""
    said = [_gap(one), _trunk(one)]
    best = next((row for row in one["references"] if row["id"] == one["reference"]), None)
    if best is not None:
        said.append(f"best that can be compared: {best['id']}, {value(best)}; {obtained(best)}")
    if one["gap"] is not None:
        said.append(forecast(one))
    return [line for line in said if line]


def _gap(one: Mapping[str, Any]) -> str:
    """The gap in its unit and in margins, and what it means."""
    if one["gap"] is None:
        if one["reference"] is None:
            return "gap: none of the references can be compared"
        return "gap: not known, as no run of today's trunk is: `mainstem check` makes some"
    gap, unit = one["gap"], f" {one['unit']}" if one["unit"] else ""
    margins = gap["in_margins"]
    beside = "" if margins is None else f", {estimate(margins)} margins"
    assumed = "; no spread is stated, so the trunk's is taken for both"
    tail = assumed if gap["spread_assumed"] and gap["value"]["low"] is not None else ""
    return f"gap: {estimate(gap['value'])}{unit}{beside}: {_STANDINGS[gap['standing']]}{tail}"


def _trunk(one: Mapping[str, Any]) -> str:
    if one["trunk"] is None:
        return ""
    unit = f" {one['unit']}" if one["unit"] else ""
    return f"trunk: {estimate(one['trunk'])}{unit}"


def trend(report: Mapping[str, Any], one: Mapping[str, Any]) -> list[str]:
    """What each of the last merges gained on an objective, a line each, the last one first."""
    unit = f" {one['unit']}" if one["unit"] else ""
    said = []
    for merge in report["merges"][: -_MERGES - 1 : -1]:
        gain = merge["gain"].get(one["objective"])
        gained = "forced, not measured" if gain is None else f"gained {estimate(gain)}{unit}"
        said.append(f"trend: {merge['at'][:10]}, {' + '.join(merge['recipe'])}: {gained}")
    before = len(report["merges"]) - len(said)
    return [*said, f"trend: {before} more before"] if before else said


def forecast(one: Mapping[str, Any]) -> str:
    """The date, or why there is none."""
    found = one["forecast"]
    if found["date"] is None:
        return f"forecast: none: {found['why_none']}"
    merges, unit = found["merges"], f" {one['unit']}" if one["unit"] else ""
    high = found["high"] or "no bound"
    pace = f"{merges} merges gained {number(found['gained'])}{unit} in {days(found['days'])}"
    return (
        f"forecast: {found['date']} [{found['low']}, {high}] at the present pace ({pace}); later "
        "if gains get rarer, as they do"
    )


def days(count: float) -> str:
    """A time in days, or in what is left of one."""
    if count >= 2.0:
        return f"{count:,.0f} days"
    return f"{24.0 * count:.1f} hours" if count >= 1.0 / 12.0 else f"{1440.0 * count:.0f} minutes"


def value(row: Mapping[str, Any]) -> str:
    """A reference's value with its spread and seeds; one that is made up never without that."""
    unit = f" {row['unit']}" if row["unit"] else ""
    parts = [] if row["spread"] is None else [f"sd {row['spread']:.4g}"]
    if row["standard_error"] is not None:
        parts.append(f"standard error {row['standard_error']:.2g}")
    if row["seeds"] is not None:
        parts.append(f"{row['seeds']} seed{'' if row['seeds'] == 1 else 's'}")
    if row["obtained"] == Obtained.MADE:
        parts.append("made up")
    return f"{row['value']:.10g}{unit}" + (f" ({', '.join(parts)})" if parts else "")


def obtained(row: Mapping[str, Any]) -> str:
    """How a value came here."""
    return f"{row['obtained']}: {Obtained(row['obtained']).said}"


def mismatches(row: Mapping[str, Any]) -> str:
    """All that keeps a reference from being compared."""
    return "; ".join(one["said"] for one in row["mismatches"])


def prospect(row: Mapping[str, Any]) -> list[str]:
    """The cells of a proposal that may close a part of the gap."""
    closes = f"{row['closes_share']:.0%}"
    cost = "-" if row["cost"] is None else f"{row['cost']:,.0f}"
    each = "-" if row["per_cost"] is None else f"{row['per_cost']:.2g}"
    guess = "" if row["runs"] else " (never ran)"
    return [row["id"], f"{row['verdict']}{guess}", estimate(row["gain"]), closes, cost, each]


def claim(row: Mapping[str, Any]) -> list[str]:
    """The cells of a reference that was proposed."""
    unit = f" {row['unit']}" if row["unit"] else ""
    measured = "-" if row["gain"] is None else f"{estimate(row['gain'])} ({row['rests_on']})"
    claimed = f"{row['objective']} +{row['claimed']:.4g}{unit}"
    outcome = f"{_STATUSES[row['status']]}: {row['reason']}"
    return [row["id"], row["reference"], claimed, measured, outcome]


def runs(row: Mapping[str, Any]) -> str:
    """The trials behind what became of a claim."""
    parts = [f"{kind} {', '.join(trials)}" for kind, trials in row["runs"].items() if trials]
    return f"{row['id']}: {'; '.join(parts) or 'no run'}"


def rest(report: Mapping[str, Any]) -> list[str]:
    """What has no reference, and references of what is no objective."""
    bare = [one["objective"] for one in report["objectives"] if not one["references"]]
    said = [f"no reference of {', '.join(bare)}"] if bare else []
    return said + [f"{row['id']}: {mismatches(row)}" for row in report["elsewhere"]]
