"""What an import found, in sentences: for the terminal and the page alike."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

HOW_RECORDS = (
    "Order: by date, then by the record's number; without a date, last. A record's value is the "
    "mean of its seeds where it gives them, else the one value that it states. The best earlier "
    "value is the best of all records before it, with seeds or without, and is taken as it stands. "
    "One-sided t-test of the seeds against it: with the record's own spread (its seeds less one "
    "degrees of freedom) and with the spread pooled over all records with seeds. The two-sample "
    "tests count how uncertain the best earlier value is too: Welch's where it has two seeds, else "
    "none; with the pooled spread always, where a value without seeds counts as one run."
)

HOW_RUNS = (
    "The landscape is learnt from all runs together, as in a campaign: effects, gains and "
    "probabilities are posterior, and so are their 90% intervals. A recorded win is a recipe whose "
    "runs came out better than the baseline's on average. It is supported if it is better than the "
    "baseline, with every objective within its margin, with a probability of 95% or more, and not "
    "supported at 50% or less. Nothing here is a confirmation: that takes fresh pairs."
)


PURPOSES = {"search": "to learn from it", "confirm": "to confirm it, in pairs with the baseline"}
"""What a run is worth running for."""


def recipe(members: Sequence[str]) -> str:
    """A recipe as `a + b`."""
    return " + ".join(members) or "the baseline"


def records(report: Mapping[str, Any]) -> list[str]:
    """The answer of an import of records."""
    rows, alpha = report["rows"], report["alpha"]
    said = [
        (
            f"{report['records']} records of {report['metric']}, of which "
            f"{report['pooled']['records']} have two seeds or more; {len(rows)} of these follow "
            f"another record, and {report['claimed']} have a better mean than the best before them."
        )
    ]
    sd = report["pooled"]["sd"]
    if sd is not None:
        unit = f" {report['unit']}" if report["unit"] else ""
        said.append(f"Pooled sd {sd:.3g}{unit} ({report['pooled']['degrees']} degrees of freedom).")
    for one in report["criteria"]:
        found = report["supported"][one["id"]]
        wanted = f" ({one['wanted']:.3g})" if one["wanted"] else ""
        said.append(
            f"{one['what']}{wanted}: p < {alpha:g} for {found['own']} of {found['of']} by their "
            f"own spread, {found['pooled']} by the pooled one."
        )
    beside = report["beside"]
    said.append(
        "Counting the uncertainty of the best earlier value too, any gain: "
        f"{beside['welch']['supported']} of {beside['welch']['of']} by Welch's test, "
        f"{beside['pooled']['supported']} of {beside['pooled']['of']} by the pooled spread."
    )
    return said


def runs(report: Mapping[str, Any]) -> list[str]:
    """The answer of an import of runs."""
    count, best = report["runs"], report["best"]
    failed = f", {count['failed']} of them failed" if count["failed"] else ""
    said = [
        (
            f"{count['used']} runs of {count['recipes']} recipes of {len(report['changes'])} "
            f"changes{failed}; the baseline ran {times(count['baseline'])}."
        )
    ]
    held = sum(win["verdict"] == "supported" for win in report["wins"])
    if report["claimed"]:
        shown = len(report["wins"])
        which = "" if shown == report["claimed"] else f" of the {shown} that look best"
        said += [
            (
                f"{report['claimed']} recipes came out better than the baseline; the evidence "
                f"supports {held}{which}."
            ),
            curse(report),
        ]
    else:
        said.append("No recipe came out better than the baseline.")
    ran = times(best["runs"]) if best["runs"] else "never"
    said.append(
        f"Favoured now: {recipe(best['recipe'])} (ran {ran}, {sure(best['probability'])} sure to "
        "be better than the baseline)."
        if best["recipe"]
        else "Favoured now: the baseline."
    )
    return said


def curse(report: Mapping[str, Any]) -> str:
    """What of the best recorded win is luck: the best of many looks better than it is."""
    win = report["wins"][0]
    name = report["objectives"][0]["name"]
    roles = {o["name"]: o["role"] for o in report["objectives"]}
    name = next((n for n in roles if roles[n] == "improve"), name)
    measured, expected = win["measured"][name], win["gain"][name]["mean"]
    runs_of_it = "one run" if win["runs"] == 1 else f"{win['runs']} runs"
    said = (
        f"The best of them, {recipe(win['recipe'])}, measured {amount(measured)} {name} in "
        f"{runs_of_it}; {amount(expected)} of that is expected to stay"
    )
    luck = win["luck"][name]
    if luck > 0.0:
        return (
            f"{said}, and {amount(luck).lstrip('+')} to be luck: it is the best of "
            f"{report['claimed']}, and the best of many is chosen for its luck too (the winner's "
            "curse)."
        )
    return f"{said}: what else is known of its changes speaks for it."


def times(count: int) -> str:
    """`once`, `twice`, `3 times`."""
    return {1: "once", 2: "twice"}.get(count, f"{count} times")


def amount(value: float) -> str:
    """A gain as text: signed, three digits."""
    if abs(value) >= 1000.0:
        return f"{value:+,.0f}"
    return "0" if value == 0.0 else f"{value:+.3g}"


def estimate(found: Mapping[str, Any]) -> str:
    """A gain with its interval, such as `+0.12 [+0.11, +0.13]`."""
    mean, low, high = (found[key] for key in ("mean", "low", "high"))
    if low is None or high is None:
        return amount(mean)
    return (
        f"{amount(mean)} exactly"
        if low == high
        else (f"{amount(mean)} [{amount(low)}, {amount(high)}]")
    )


def sure(probability: float) -> str:
    """A probability; never certain, because a posterior is not."""
    return f"{probability:.0%}" if probability < 0.995 else "over 99%"


def p_value(p: float) -> str:
    """A p-value as text: few digits, none below .0001."""
    if p < 1e-4:
        return "<.0001"
    return (f"{p:.4f}" if p < 0.1 else f"{p:.2f}").removeprefix("0")
