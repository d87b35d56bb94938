"""What a log says of its organisation, in sentences that claim no more than it holds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mainstem.lab.recover import FEWEST, LEVEL

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mainstem.lab.recover import Recovered, SiloWidth

MODEL = (
    "As the lab has it, seniors veto a constant share of what evidence would merge, and teams own "
    "neighbouring components; an organisation that works otherwise has no such figures "
    "(docs/recovery.md)."
)
"""What every figure rests on."""


def sentences(found: Recovered) -> list[str]:
    """Everything that is said of a log, a sentence or two each."""
    return [
        _held(found),
        _vetoes(found),
        *_levels(found),
        _silos(found),
        *_layout(found.silo_width),
        *_left_out(found),
        MODEL,
    ]


def _held(found: Recovered) -> str:
    return (
        f"The log holds {_count(found.decisions, 'decision')}; {found.counts.telling} of them say "
        "something of vetoes."
    )


def _vetoes(found: Recovered) -> str:
    """The veto rate, or why there is none."""
    rate, counts = found.veto_rate, found.counts
    if rate is None:
        return (
            f"Veto rate: nothing is concluded from fewer than {FEWEST} decisions on proposals that "
            "evidence would merge, or may have merged."
        )
    said = (
        f"Veto rate: of what evidence would merge, seniors veto {rate.median:.0%} "
        f"({LEVEL:.0%} interval {rate.low:.0%} to {rate.high:.0%})."
    )
    if counts.unclear:
        said += (
            f" Of {_count(counts.unclear, 'proposal')} the log does not say whether evidence or a "
            "veto kept it out: the strength of its evidence decides how likely each is, and "
            "whatever else keeps out what measures well is counted as a veto."
        )
    return said


def _levels(found: Recovered) -> list[str]:
    if not found.levels:
        return []
    listed = ", ".join(f"{count} from level {level}" for level, count in found.levels.items())
    return [f"Vetoes that were written down, by seniority: {listed}."]


def _silos(found: Recovered) -> str:
    """The silo width, or why there is none."""
    silo, total = found.silo_width, len(found.components)
    if silo is None and total < 2:
        return "Silo width: not asked, as the log names no two components."
    if silo is None:
        return (
            f"Silo width: nothing is concluded from {_count(found.decisions, 'decision')}, "
            f"{found.interacting} of them with interactions, and "
            f"{_count(found.recipes, 'recipe')} of two proposals or more; {FEWEST} decisions are "
            f"needed, and {FEWEST} recipes or decisions with interactions."
        )
    if silo.mode == total:
        return (
            f"Silo width: none is likeliest ({_percent(silo.no_silo)}): proposals are tried "
            f"together across all {total} components. {_within(silo)}"
        )
    what = "component by itself" if silo.mode == 1 else f"{silo.mode} neighbouring components"
    return (
        f"Silo width: likeliest is {silo.mode}, {'each' if silo.mode == 1 else 'teams of'} {what} "
        f"({_percent(silo.probability[silo.mode - 1])}). {_within(silo)} "
        f"That there is no silo has a probability of {_percent(silo.no_silo)}."
    )


def _within(silo: SiloWidth) -> str:
    listed = ", ".join(map(str, silo.within))
    if len(silo.within) == 1:
        return f"No other width is needed for {LEVEL:.0%}."
    return f"{LEVEL:.0%} set of widths: {listed}."


def _layout(silo: SiloWidth | None) -> list[str]:
    if silo is None or len(silo.layout) == 1:
        return []
    teams = " | ".join(", ".join(team) for team in silo.layout)
    return [f"The likeliest teams of that width: {teams}."]


def _left_out(found: Recovered) -> Sequence[str]:
    counts, said = found.counts, []
    if counts.beside_the_point:
        said.append(
            f"{_count(counts.beside_the_point, 'veto', 'vetoes')} of what evidence would not merge "
            "anyway: not counted."
        )
    if counts.unused:
        said.append(
            f"{_count(counts.unused, 'decision')} with neither approval nor evidence: not counted."
        )
    return said


def _percent(probability: float) -> str:
    """A probability; never certain, because a posterior is not."""
    if probability > 0.995:
        return "over 99%"
    return "under 1%" if probability < 0.005 else f"{probability:.0%}"


def _count(number: int, word: str, words: str = "") -> str:
    return f"{number} {word}" if number == 1 else f"{number} {words or word + 's'}"
