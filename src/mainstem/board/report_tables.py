"""The tables of a report: rows of text, for HTML and for Markdown alike."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mainstem.board.report_words import clear, first, merged_here
from mainstem.plots import numbers

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    Material = Mapping[str, Any]

LONGEST = 600
"""Characters of a reason that are told; `mainstem why` has it whole."""

MOST_TRIALS = 400
"""So many trials are listed; `--json` has all."""

_NAME, _FEW = 100, 12


@dataclass(frozen=True, kw_only=True)
class Table:
    """A table of text.

    Attributes:
        name: Which one it is, for its looks.
        caption: What it holds.
        columns: Their heads.
        rows: As many cells each.
        right: Columns of numbers.
        badge: The column of verdicts; None for none.
        more: What was left out of it, as a sentence; empty if nothing was.
    """

    name: str
    caption: str
    columns: tuple[str, ...]
    rows: Sequence[Sequence[str]]
    right: frozenset[int] = frozenset()
    badge: int | None = None
    more: str = ""


def objectives(found: Material) -> Table:
    """What counts, where the trunk of the campaign stood, and what the best set gains."""
    show = found["show"]
    best = show["best"]["gain"] if show["best"] and show["best"]["recipe"] else {}
    fresh = "on fresh seeds" if best and show["best"]["confirmed"] else "posterior"
    proofs = {test["objective"]: test for test in _confirmed(found)}
    rows = []
    for o in found["question"]["objectives"]:
        name, gain = o["name"], best.get(o["name"])
        trunk, margin = show["trunk"]["objectives"].get(name), show["margins"].get(name)
        shown = o["margin"]
        if margin is not None:
            shown = numbers.number(margin, numbers.digits(margin))
        rows.append(
            [
                name,
                ", ".join(part for part in (o["role"], o["direction"], o["unit"]) if part),
                numbers.estimate(trunk, signed=False, unit=False),
                shown,
                numbers.estimate(gain, unit=False),
                "-" if gain is None or not margin else _in_margins(gain["mean"] / margin),
                _proof(proofs.get(name)),
            ]
        )
    gain = f"gain of the best set ({fresh})" if best else "gain of the best set"
    columns = ("objective", "is", "trunk", "margin", gain, "in margins", "proof")
    return Table(
        name="objectives",
        caption="Gains: above 0 is better, whatever the direction; 90% intervals in brackets. A "
        "margin is the smallest change that matters; of a guard, the loss that is tolerated. The "
        "proof: e-values (what a bet against chance has won) of a gain and of the margin kept, "
        "with what they had to reach. What is called posterior is by a model of every combination, "
        "fitted to all trials.",
        columns=columns,
        rows=rows,
        right=frozenset({2, 3, 4, 5}),
    )


def _in_margins(value: float) -> str:
    return numbers.number(value, 1, signed=True)


def _confirmed(found: Material) -> list[Mapping[str, Any]]:
    return [
        {**test, "threshold": candidate["threshold"]}
        for candidate in found["candidates"]
        if candidate["outcome"] == "confirmed"
        for test in candidate["objectives"]
    ]


def _proof(test: Mapping[str, Any] | None) -> str:
    if test is None:
        return "-"
    if test["exact"]:
        kept = "margin kept" if test["keeps_margin"] else "margin broken"
        return f"exact: {'gains, ' if test['gains'] else ''}{kept}"
    said = [
        f"{what} {_e_value(test[key])}"
        for what, key in (("gain", "e_gain"), ("margin", "e_margin"))
        if test[key] is not None
    ]
    return f"{', '.join(said)} of {_e_value(test['threshold'])}"


def _e_value(value: float | None) -> str:
    return "-" if value is None else f"{value:.3g}" if value < 1e6 else f"{value:.1e}"


def proposals(found: Material) -> Table:
    """Every proposal: verdict, reason, gain alone and in the best set, trials."""
    name, gains = first(found), found["gains"]
    merged = set(merged_here(found)) if found["campaign"] else set()
    rows = []
    for row in found["show"]["proposals"]:
        known = gains.get(row["id"], {"alone": row["gain"], "in_best": row["gain_in_best"]})
        measured = row["measured"] or row["id"] in merged
        alone = known["alone"].get(name) if measured else None
        within = (known["in_best"] or {}).get(name)
        rows.append(
            [
                standing(row),
                brief(row["id"]),
                ", ".join(row["components"]) or "-",
                numbers.estimate(alone, unit=False),
                numbers.estimate(within, unit=False),
                str(row["trials"]),
                numbers.brief(row["reason"], LONGEST),
            ]
        )
    unit = _unit(found, name)
    columns = (
        "verdict",
        "proposal",
        "touches",
        f"{name} alone{unit}",
        "in the best set",
        "trials",
        "why",
    )
    return Table(
        name="proposals",
        caption="Every proposal, in the order of proposing",
        columns=columns,
        rows=rows,
        right=frozenset({3, 4, 5}),
        badge=0,
    )


def standing(row: Mapping[str, Any]) -> str:
    """A verdict; of a proposal that a later one or a person took out of the question, that."""
    if row["superseded_by"] is not None:
        return "superseded"
    past = {"veto": "vetoed", "force": "forced", "withdraw": "withdrawn"}
    if row["override"] is None or row["merged"]:
        return str(row["verdict"])
    return past.get(str(row["override"]), str(row["verdict"]))


def brief(text: str) -> str:
    """A name as a table holds it."""
    return numbers.brief(text, _NAME)


def _unit(found: Material, name: str | None) -> str:
    units = {o["name"]: o["unit"] for o in found["question"]["objectives"]}
    unit = units.get(name or "", "")
    return f" ({unit})" if unit else ""


def effects(found: Material) -> Table:
    """The gain of every proposal alone, on every objective: what the forests draw."""
    names = [o["name"] for o in found["question"]["objectives"]]
    rows = [
        [brief(p), *(numbers.estimate(gain["alone"].get(name), unit=False) for name in names)]
        for p, gain in found["gains"].items()
        if gain["alone"]
    ]
    columns = ("proposal", *(f"{name}{_unit(found, name)}" for name in names))
    return Table(
        name="effects",
        caption="Gain alone on the trunk of the campaign, 90% intervals",
        columns=columns,
        rows=rows,
        right=frozenset(range(1, len(columns))),
    )


def candidates(found: Material) -> Table:
    """What was put to the test on fresh seeds, and how that ended."""
    rows = []
    for one in found["candidates"]:
        trials = ", ".join(f"{a}/{b}" for a, b in one["trials"][:_FEW])
        more = len(one["trials"]) - _FEW
        rows.append(
            [
                str(one["number"]),
                brief_recipe(one["recipe"]),
                str(one["outcome"]),
                str(one["pairs"]),
                _e_value(one["threshold"]),
                trials + (f" and {more} more" if more > 0 else ""),
            ]
        )
    return Table(
        name="candidates",
        caption="Sets that ran against the trunk in pairs on fresh seeds",
        columns=("no.", "set", "outcome", "pairs", "e-value to reach", "trials (trunk/set)"),
        rows=rows,
        right=frozenset({0, 3, 4}),
    )


def brief_recipe(members: Sequence[str], most: int = _FEW) -> str:
    """A recipe as names."""
    return numbers.recipe([brief(name) for name in members], most=most)


def interactions(found: Material, most: int = 20) -> Table:
    """The clear interactions on the first objective."""
    rows = clear(found)
    name = first(found)
    cells = [
        [
            " x ".join(brief(p) for p in row["pair"]),
            numbers.estimate({**row, "unit": ""}, unit=False),
            "better together" if row["mean"] > 0.0 else "in each other's way",
        ]
        for row in rows[:most]
    ]
    left = len(rows) - len(cells)
    return Table(
        name="interactions",
        caption=f"Interactions on {name} of half a margin or more, the best established first",
        columns=("pair", f"beyond the sum{_unit(found, name)}", ""),
        rows=cells,
        right=frozenset({1}),
        more=f"{left} more are clear: `mainstem show --json`." if left > 0 else "",
    )


def front(found: Material) -> Table | None:
    """The sets to choose from where objectives pull apart; None where one set is it."""
    points, names = found["show"]["front"], found["show"]["improve"]
    if len(points) < 2:
        return None
    rows = [
        [
            *(numbers.estimate(point["objectives"][name], unit=False) for name in names),
            f"{point['probability']:.0%}",
            str(point["runs"]),
            brief_recipe(point["recipe"]),
        ]
        for point in points
    ]
    heads = [f"{name} gain{_unit(found, name)}" for name in names]
    return Table(
        name="front",
        caption="Unbeaten: the probability that a set keeps every guard and that no other set "
        "beats it by a margin",
        columns=(*heads, "unbeaten", "runs", "set"),
        rows=rows,
        right=frozenset(range(len(heads) + 2)),
    )


def credit(found: Material) -> Table | None:
    """Who has a part in the gain, in all objectives to improve together."""
    report = found["credit"]
    division = report and (report["in_all"] or next(iter(report["objectives"]), None))
    if not division:
        return None
    rows = [
        [
            brief(row["id"]),
            ", ".join(
                f"{brief(who)} {part:.0%}" if part < 1.0 else brief(who)
                for who, part in report["authors"].get(row["id"], {}).items()
            )
            or "-",
            numbers.estimate(row["value"], unit=False),
            numbers.percent(row["percent"]) or "-",
        ]
        for row in division["members"]
    ]
    total = division["total"]
    return Table(
        name="credit",
        caption=f"Parts of {numbers.estimate(total)} ({division['objective']}), by Shapley values",
        columns=("proposal", "by", f"part ({total['unit']})", "of all"),
        rows=rows,
        right=frozenset({2, 3}),
    )


def gaps(found: Material) -> Table | None:
    """The trunk beside references that were measured alike."""
    if found["frontier"] is None:
        return None
    rows = []
    for one in found["frontier"]["objectives"]:
        for row in one["references"]:
            value = numbers.number(row["value"], numbers.digits(row["spread"] or 0.0, row["value"]))
            apart = "; ".join(why["said"] for why in row["mismatches"])
            rows.append(
                [
                    one["objective"],
                    numbers.estimate(one["trunk"], signed=False, unit=False),
                    brief(row["id"]),
                    f"{value} {row['unit']}".rstrip(),
                    str(row["obtained"]),
                    "yes" if row["comparable"] else f"no: {apart}" if apart else "no",
                ]
            )
    if not rows:
        return None
    columns = ("objective", "trunk", "reference", "its value", "how it is known", "compared")
    return Table(
        name="gaps",
        caption="References of frontier.toml",
        columns=columns,
        rows=rows,
        right=frozenset({1, 3}),
    )


def failures(found: Material) -> Table | None:
    """Failed trials by what they said."""
    rows = [
        [
            str(len(group["trials"])),
            str(group["cause"]),
            numbers.brief(group["what"], LONGEST // 2),
            brief_recipe(group["in_all"]) if group["in_all"] else "nothing",
            ", ".join(group["trials"][:_FEW]),
        ]
        for group in found["failures"]
    ]
    if not rows:
        return None
    return Table(
        name="failures",
        caption="Failed trials by cause; logs: `mainstem log TRIAL`",
        columns=("trials", "cause", "what it said", "in all of them", "which"),
        rows=rows,
        right=frozenset({0}),
    )


def trials(found: Material, most: int = MOST_TRIALS) -> Table:
    """Every trial, so that a reader can work it out anew; proposals by their numbers."""
    names = [o["name"] for o in found["question"]["objectives"]]
    number = {p: k for k, p in enumerate(found["campaign"]["proposals"], start=1)}
    several = len(found["show"]["rungs"]) > 1
    rows = []
    for row in found["trials"][:most]:
        values = row["values"]
        results = ["-"] * len(names)
        if values is not None:
            results = [f"{values[n]:.6g}" if n in values else "-" for n in names]
        at = [row["rung"]] if several else []
        members = " ".join(str(number[p]) for p in row["recipe"]) or "trunk"
        purpose = "" if row["purpose"] == "search" else str(row["purpose"])
        failed = "failed" if row["failure"] else purpose
        rows.append([row["trial"], *at, members, str(row["seed"]), failed, *results])
    legend = ", ".join(f"{k} {brief(p)}" for p, k in number.items())
    left = len(found["trials"]) - len(rows)
    head = ("trial", *(["rung"] if several else []), "set", "seed", "")
    return Table(
        name="trials",
        caption=f"Every trial. Proposals by number: {legend}",
        columns=(*head, *names),
        rows=rows,
        right=frozenset(range(len(head) - 2, len(head) - 1))
        | frozenset(range(len(head), len(head) + len(names))),
        more=f"{left} more trials: `mainstem report --json`." if left > 0 else "",
    )
