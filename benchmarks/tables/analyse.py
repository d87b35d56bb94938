"""What the tables say, as Markdown: `python -m tables.analyse`.

`--write` puts it into `docs/tables.md`, between the markers there. It takes some seconds; nothing
is trained.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from scipy import stats

from tables import findings, walsh
from tables.table import Table, load

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

HERE = Path(__file__).resolve().parent
PAGE = HERE.parents[1] / "docs" / "tables.md"
BEGIN, END = "<!-- analyse.py writes from here -->", "<!-- to here -->"
PASSES = 2000
"""Orders of chance in which greedy is tried."""


def main() -> int:
    """Prints what was found in every table, or writes it into the page."""
    parser = argparse.ArgumentParser(description="Say what the tables hold.")
    parser.add_argument("--write", action="store_true", help=f"into {PAGE.name}")
    parser.add_argument("tables", nargs="*", type=Path, help="npz files (default: all here)")
    options = parser.parse_args()
    paths = options.tables or sorted(HERE.glob("*.npz"))
    text = report({path.stem: load(path) for path in paths})
    if options.write:
        PAGE.write_text(put_between(PAGE.read_text(encoding="utf-8"), text), encoding="utf-8")
    else:
        print(text)
    return 0


def put_between(page: str, text: str) -> str:
    """The page with `text` between its markers.

    Raises:
        ValueError: the page has no markers.
    """
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        raise ValueError(f"the page has no {BEGIN} ... {END}")
    return f"{before}{begin}\n\n{text}\n\n{end}{after}"


def report(tables: dict[str, Table]) -> str:
    """All sections."""
    parts = ["## Variance by order", "", *shares_table(tables)]
    parts += ["", "## Merging", "", *merging_table(tables)]
    parts += ["", "## Noise", "", *noise_table(tables)]
    for name, table in tables.items():
        parts += ["", f"## {name}: objectives", "", *objectives_table(table)]
        parts += ["", f"## {name}: proposals", "", *proposals_table(table)]
    return "\n".join(parts)


def markdown(head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """The lines of a table."""
    return [
        "| " + " | ".join(head) + " |",
        "|" + "---|" * len(head),
        *("| " + " | ".join(row) + " |" for row in rows),
    ]


def shares_table(tables: dict[str, Table]) -> list[str]:
    """Share of each order of the first objective, raw and log, with 90% intervals."""
    columns: dict[str, list[str]] = {}
    last = 5
    for name, table in tables.items():
        for scale, runs in (("raw", table.losses()), ("log", np.log(table.losses()))):
            found = walsh.shares(runs, np.random.default_rng(0), last=last)
            columns[f"{name}, {scale}"] = [
                *map(_interval, found.share, found.low, found.high),
                f"{found.noise:.1%}",
            ]
    labels = ["1: main effects", "2: pairs", "3: triples", "4", f"{last} and more"]
    labels += ["noise, of the variance of the means"]
    return markdown(
        ["order", *columns],
        [[label, *(column[i] for column in columns.values())] for i, label in enumerate(labels)],
    )


def _interval(value: float, low: float, high: float) -> str:
    return f"{value:.1%} [{max(low, 0):.1%}, {min(high, 1):.1%}]"


def merging_table(tables: dict[str, Table]) -> list[str]:
    """What ways of merging reach, a column per table."""
    columns = {name: merging_figures(table) for name, table in tables.items()}
    labels = next(iter(columns.values()))
    return markdown(
        ["figure", *columns],
        [[label, *(column[label] for column in columns.values())] for label in labels],
    )


def merging_figures(table: Table) -> dict[str, str]:
    """Figures of the first objective by their labels; shares are of the best recipe's gain."""
    runs = table.losses()
    means = runs.mean(axis=1)
    n, best = len(table.names), int(means.argmin())
    gains, error = findings.gains_alone(runs)
    winners = findings.all_winners(runs)
    here, anywhere = findings.spoilt_on_trunk(runs), findings.spoilt_anywhere(runs)
    gain, honest = means[0] - means[best], findings.honest_gain_of_best(runs)
    said = {
        "recipes better than the trunk": f"{(means < means[0]).mean():.1%}",
        "proposals that win alone (clearly, by 2 standard errors)": (
            f"{(gains > 0).sum()} of {n} ({(gains > findings.CLEAR * error).sum()})"
        ),
        "pairs of lone winners that are worse than the better one (clearly)": _spoilt(here),
        "the same with every recipe as the trunk, clear winners only (clearly)": _spoilt(anywhere),
        "all lone winners merged": _recipe(runs, winners),
        "everything merged": _recipe(runs, len(means) - 1),
        "greedy, judged by means of all seeds": _greedy(means, [means]),
        "greedy, judged by one run each": _greedy(means, list(runs.T)),
        "best recipe: proposals": f"{best.bit_count()} of {n}",
        "lone winners that it leaves out": _names(table, winners & ~best),
        "lone losers that it needs": _names(table, best & ~winners),
        "its gain, and what other seeds say of it": (
            f"{gain:.3f}, {honest:.3f} ({honest / gain:.0%})"
        ),
        "recipes within every guard's margin; the best of them": _guarded(table),
        "local optima (no single flip helps)": f"{findings.local_minima(means)}",
    }
    for scale, values in (("raw", means), ("log", np.log(runs).mean(axis=1))):
        label = f"chosen by all effects up to order 1 / 2 / 3 / 4, fitted on {scale}"
        chosen = findings.best_by_order(values, 4)
        said[label] = " / ".join(f"{findings.share_of_best(means, row):.0%}" for row in chosen)
    return said


def _spoilt(found: findings.Spoilt) -> str:
    if not found.pairs:
        return "no such pair"
    return f"{found.worse} of {found.pairs}, {found.worse / found.pairs:.0%} ({found.clearly})"


def _recipe(runs: Floats, row: int) -> str:
    """A recipe's share of the best gain, and its place."""
    means, logs = runs.mean(axis=1), np.log(runs).mean(axis=1)
    raw, log = (findings.share_of_best(values, row) for values in (means, logs))
    return f"{raw:.0%} (log {log:.0%}); rank {findings.rank(means, row):,} of {len(means):,}"


def _guarded(table: Table) -> str:
    """How many recipes keep every guard, and the share of the best gain that they reach."""
    kept, means = findings.within_guards(table), table.losses().mean(axis=1)
    best = int(np.where(kept, means, np.inf).argmin())
    return f"{kept.mean():.0%}; {findings.share_of_best(means, best):.0%}"


def _greedy(means: Floats, seen: list[Floats]) -> str:
    """Where keep-if-lower ends, over what its comparisons may see."""
    rng = np.random.default_rng(0)
    ends = np.concatenate([findings.greedy(values, rng, PASSES) for values in seen])
    shares = findings.share_of_best(means, ends)
    low, middle, high = np.quantile(shares, [0.05, 0.5, 0.95])
    return f"mean {shares.mean():.0%}, median {middle:.0%} (5-95%: {low:.0%} to {high:.0%})"


def _names(table: Table, row: int) -> str:
    return " ".join(f"`{name}`" for name in table.recipe(row)) or "none"


def noise_table(tables: dict[str, Table]) -> list[str]:
    """How the scatter over seeds depends on the recipe, a column per table."""
    columns = {}
    for name, table in tables.items():
        found = findings.noise(table.losses())
        trunk = table.losses()[0].std(ddof=1)
        columns[name] = [
            f"{trunk:.4f}",
            " / ".join(f"{sd:.4f}" for sd in found.sd_by_fifth),
            f"{found.slope:.1f}",
            f"{found.skewness:+.1f}",
            " / ".join(f"{excess:.1f}" for excess in found.shared),
        ]
    labels = [
        "sd over seeds of the trunk",
        "pooled sd of the best fifth of recipes / ... / the worst",
        "slope of log variance on log mean (2: sd in proportion)",
        "skewness in the best fifth",
        "noise power per coefficient of order 0 / 1 / 2 / 3, against independent noise",
    ]
    return markdown(
        ["figure", *columns],
        [[label, *(column[i] for column in columns.values())] for i, label in enumerate(labels)],
    )


def objectives_table(table: Table) -> list[str]:
    """Every objective: the trunk, the range, and how it goes with the first."""
    means = table.y.mean(axis=1)
    ranks = stats.rankdata(means, axis=0)
    rows = []
    for i, objective in enumerate(table.objectives):
        trunk, sd = means[0, i], table.y[0, :, i].std(ddof=1)
        agreement = np.corrcoef(ranks[:, 0], ranks[:, i])[0, 1]
        rows.append(
            [
                f"`{objective.name}`",
                objective.unit,
                objective.role,
                f"{objective.margin:,.4g}",
                f"{trunk:,.5g} ± {sd:.2g}",
                f"{means[:, i].min():,.4g} to {means[:, i].max():,.4g}",
                f"{agreement:+.2f}",
            ]
        )
    head = ["objective", "unit", "role", "margin", "trunk ± sd", "range of means"]
    return markdown([*head, "rank correlation with the first"], rows)


def proposals_table(table: Table) -> list[str]:
    """Every proposal: alone, on average over all contexts, and in the best recipe."""
    runs = table.losses()
    means = runs.mean(axis=1)
    gains, error = findings.gains_alone(runs)
    average, helps = findings.average_gains(means), findings.helps_in(means)
    best = table.recipe(int(means.argmin()))
    rows = [
        [
            f"`{proposal.name}`",
            proposal.component,
            proposal.summary,
            f"{gain:+.4f}",
            f"{mean:+.4f}",
            f"{share:.0%}",
            "yes" if proposal.name in best else "",
        ]
        for proposal, gain, mean, share in zip(table.proposals, gains, average, helps, strict=True)
    ]
    head = ["proposal", "component", "change", f"gain alone (± {error:.4f})"]
    return markdown([*head, "mean gain over all contexts", "helps in", "in the best"], rows)


if __name__ == "__main__":
    sys.exit(main())
