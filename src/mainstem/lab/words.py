"""What a careful scientist would write of a replay: no more than it shows, and what it rests on.

Always the claim, its figures with intervals, the conditions under which they hold, and what of them
nobody measured. A record that is too small concludes nothing, a difference whose mean may be 0 is
called undecided, and whoever gains more than the reference is named like whoever gains less.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

MOSTLY = 0.5
"""From this share on of trunks that never ran the figures are said to be the model's."""

SHARES = {"silos": "silos", "seniority-veto": "vetoes", "intern-silo": "intern silos"}
"""What some ways stand for, in the words of a price."""


def said(report: Mapping[str, Any]) -> list[str]:
    """The sentences, the conclusion first."""
    why = report["record"]["too_small"]
    if why is not None:
        return [_nothing(report, why), _conditions(report)]
    others = [row for row in report["policies"] if row["price"] is not None]
    worse = [r for r in others if r["price"]["decided"] and r["price"]["mean"] > 0.0]
    better = [r for r in others if r["price"]["decided"] and r["price"]["mean"] < 0.0]
    open_ = [r for r in others if not r["price"]["decided"]]
    sentences = [_claim(report, better, worse, open_), _opening(report)]
    sentences += [*_better(report, better), *_worse(report, worse), *_open(report, open_)]
    return [*sentences, *_broken(report), _extrapolated(report), _conditions(report)]


def number(value: float) -> str:
    """An amount: signed, two digits after the point at most, a true minus sign."""
    text = f"{value:+.1f}" if abs(value) >= 9.95 else f"{value:+.2f}"
    if abs(value) < 0.005:
        text = "0"
    return text.replace("-", "\N{MINUS SIGN}")


def estimate(row: Mapping[str, Any]) -> str:
    """A mean with the interval of one campaign, such as `+3.1 [+1.2, +4.8]`."""
    return f"{number(row['mean'])} [{number(row['low'])}, {number(row['high'])}]"


def of_mean(cost: Mapping[str, Any], *, flip: bool = False) -> str:
    """The interval of a mean."""
    low, high = cost["mean_low"], cost["mean_high"]
    if low is None or high is None:
        return "[one world: no interval]"
    if flip:
        low, high = -high, -low
    return f"[{number(low)}, {number(high)}]"


def share(row: Mapping[str, Any]) -> str:
    """An assumption's total share of the variance, with the half width of its interval."""
    if row["total"] is None:
        return "nothing varies"
    return f"{max(row['total'], 0.0):.2f} \N{PLUS-MINUS SIGN} {row['half']:.2f}"


def percent(share: float) -> str:
    """A share as text; neither none nor all unless it is."""
    if 0.0 < share < 0.005:
        return "under 1%"
    return "over 99%" if 0.995 <= share < 1.0 else f"{share:.0%}"


def called(name: str) -> str:
    """What a way's price is called the price of."""
    return SHARES.get(name, name)


def _nothing(report: Mapping[str, Any], why: str) -> str:
    return (
        f"The record of {report['stack']} is too small to say what another way of working would "
        f"have cost: {why}. This concludes nothing, whatever the figures look like."
    )


def _claim(
    report: Mapping[str, Any],
    better: Sequence[Mapping[str, Any]],
    worse: Sequence[Mapping[str, Any]],
    open_: Sequence[Mapping[str, Any]],
) -> str:
    """The conclusion in one sentence: who gains more than whom, and who is not told apart."""
    first, of = report["reference"], len(better) + len(worse) + len(open_)
    parts = []
    if worse:
        parts.append(f"{first} gains more than {len(worse)} of {_count(of)}{_between(worse, 1.0)}")
    if better:
        names = " and ".join(row["name"] for row in better)
        parts.append(
            f"{names} gain{'s' * (len(better) == 1)} more than {first}{_between(better, -1.0)}"
        )
    else:
        parts.append(f"none is shown to gain more than {first}")
    if open_:
        parts.append(f"{len(open_)} {'is' if len(open_) == 1 else 'are'} not told from it")
    return (
        f"As far as the record of {report['stack']} tells, with {report['budget']} runs each: "
        f"{'; '.join(parts)}."
    )


def _between(rows: Sequence[Mapping[str, Any]], sign: float) -> str:
    """By how much, from the least to the most."""
    means = sorted(sign * float(row["price"]["mean"]) for row in rows)
    low, high = number(means[0]), number(means[-1])
    return f", by {low} margins on average" if low == high else f", by {low} to {high} margins"


def _count(others: int) -> str:
    return "1 other way" if others == 1 else f"{others} other ways"


def _opening(report: Mapping[str, Any]) -> str:
    """What was recorded, and what the reference makes of it."""
    record, first = report["record"], report["policies"][0]
    return (
        f"If the landscape is as {record['runs']} runs of {record['recipes']} recipes of "
        f"{len(record['proposals'])} proposals say, {first['name']} gains "
        f"{estimate(first['gain'])} margins with {report['budget']} runs "
        f"({report['level']:.0%} of {first['campaigns']} campaigns)."
    )


def _better(report: Mapping[str, Any], rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """Who gains more than the reference."""
    first = report["reference"]
    found = []
    for row in sorted(rows, key=lambda r: float(r["price"]["mean"])):
        cost = row["price"]
        found.append(
            f"{_capital(row['name'])} gains MORE than {first} with the same runs: by "
            f"{number(-cost['mean'])} on average {of_mean(cost, flip=True)}, and in "
            f"{percent(1.0 - cost['ahead'])} of campaigns."
        )
    return found


def _worse(report: Mapping[str, Any], rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """What each way costs on average."""
    if not rows:
        return [f"No way that was tried is shown to gain less than {report['reference']}."]
    parts = [
        f"{called(row['name'])} {number(row['price']['mean'])} {of_mean(row['price'])} "
        f"({percent(row['price']['ahead'])})"
        for row in sorted(rows, key=lambda r: -float(r["price"]["mean"]))
    ]
    said = (
        f"Against {report['reference']} with the same runs these cost, in margins on average "
        f"[{report['level']:.0%} interval of the mean] (share of campaigns in which it ends "
        f"behind): {'; '.join(parts)}."
    )
    return [said]


def _open(report: Mapping[str, Any], rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """Whom so many campaigns do not tell from the reference."""
    if not rows:
        return []
    parts = [f"{row['name']} ({of_mean(row['price'])})" for row in rows]
    said = (
        f"Not told from {report['reference']} by so many campaigns: {', '.join(parts)}. That is no "
        "proof that they are alike."
    )
    return [said]


def _broken(report: Mapping[str, Any]) -> list[str]:
    """Who merges what breaks a margin."""
    rows = [r for r in report["policies"] if r["breaks_a_margin"] >= 0.01]
    if not rows:
        return []
    parts = [f"{row['name']} in {percent(row['breaks_a_margin'])}" for row in rows]
    said = "Trunks that end worse than a margin allows count as losses: "
    return [f"{said}{', '.join(parts)} of campaigns."]


def _extrapolated(report: Mapping[str, Any]) -> str:
    """What of the figures nobody measured."""
    rows = report["policies"]
    shares = [float(row["extrapolated"]["trunks"]) for row in rows]
    first = rows[0]["extrapolated"]
    guessed = [row["name"] for row in rows if row["extrapolated"]["trunks"] >= MOSTLY]
    mostly = "Most trunks are recipes that really ran."
    if len(guessed) > 0.5 * len(rows):
        mostly = "Most of these gains are what the model says, not what anybody measured."
    elif guessed:
        mostly = f"With {' and '.join(guessed)} most gains are the model's word."
    return (
        f"Extrapolated: {percent(first['trunks'])} of the trunks that {rows[0]['name']} ends with "
        f"are recipes that nobody ever ran, as are {percent(first['runs'])} of its simulated runs; "
        f"with the other ways {_range(shares[1:])} of trunks. {mostly}"
    )


def _conditions(report: Mapping[str, Any]) -> str:
    """What it rests on."""
    staff = report["staff"]
    return (
        f"This holds for these proposals, at this scale, and if opinions and teams are as assumed "
        f"({staff['people']} people, {staff['students']} of them students; sd of an opinion's "
        f"error {staff['judgement']:.2g} times that of the proposals' worth); it says nothing of "
        "proposals that another way of working would have led to."
    )


def _range(shares: Sequence[float]) -> str:
    """Shares from the least to the most."""
    if not shares:
        return "none"
    low, high = percent(min(shares)), percent(max(shares))
    return low if low == high else f"{low} to {high}"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
