"""The methods of the arena with two rungs, by name.

Rivals come in a few settings; the tables show of each family the one that served it best on that
landscape, chosen after the fact, which favours them.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from importlib import metadata
from importlib.util import find_spec
from typing import TYPE_CHECKING

from arena.rungs import halving, mainstem, optuna_pruned, screened_greedy, smac_hyperband

if TYPE_CHECKING:
    from arena.rungs.play import Method

OURS, TOP_ONLY = "mainstem", "mainstem_top"


@dataclass(frozen=True, kw_only=True)
class Entrant:
    """A method with its settings.

    Attributes:
        name: What its results are filed under, with the version.
        family: Its row in the tables.
        setting: What tells it from others of the family.
        version: Changes when the method does.
        needs: Packages it cannot do without, beyond numpy and scipy.
        modelled: Whether it is also scored with a model's recommendation.
        main: Whether it is played on every landscape, or on the real table alone.
        play: The method.
    """

    name: str
    family: str
    setting: str
    version: str
    needs: tuple[str, ...]
    modelled: bool
    main: bool
    play: Method

    @property
    def lacks(self) -> tuple[str, ...]:
        """The packages that are not installed here."""
        return tuple(package for package in self.needs if find_spec(package) is None)

    def libraries(self) -> dict[str, str]:
        """The version of each package that it needs."""
        return {package: metadata.version(package) for package in self.needs}


def entrants() -> dict[str, Entrant]:
    """All of them by name, in the order of the rows, ours first."""
    both = [
        _ours(OURS, "Mainstem over both rungs", mainstem.over_rungs),
        _ours(TOP_ONLY, "Mainstem, top rung only", mainstem.top_only),
    ]
    rivals = [
        *(_halving(eta, mutants=0.0) for eta in (4, 8)),
        *(_halving(eta, mutants=0.5) for eta in (4, 8)),
        Entrant(
            name="screened_greedy",
            family="greedy, screened at the small rung",
            setting="",
            version=screened_greedy.VERSION,
            needs=(),
            modelled=False,
            main=True,
            play=screened_greedy.play,
        ),
        *(_optuna(eta, hyperband=False) for eta in (2, 4, 8)),
        *(_optuna(eta, hyperband=True) for eta in (4, 8)),
        *(_smac(eta) for eta in (3, 8)),
    ]
    return {one.name: one for one in (*both, *rivals)}


def _ours(name: str, family: str, play: Method) -> Entrant:
    return Entrant(
        name=name,
        family=family,
        setting="",
        version=mainstem.VERSION,
        needs=("mainstem",),
        modelled=False,
        main=True,
        play=play,
    )


def _halving(eta: int, *, mutants: float) -> Entrant:
    kind = "mutants" if mutants else "random"
    return Entrant(
        name=f"halving_{kind}_{eta}",
        family=f"successive halving, {kind if mutants else 'random recipes'}",
        setting=f"eta {eta}",
        version=halving.VERSION,
        needs=(),
        modelled=True,
        main=eta == 8,
        play=partial(halving.play, eta=eta, mutants=mutants),
    )


def _optuna(eta: int, *, hyperband: bool) -> Entrant:
    pruner = "HyperbandPruner" if hyperband else "SuccessiveHalvingPruner"
    return Entrant(
        name=f"optuna_{'hyperband' if hyperband else 'halving'}_{eta}",
        family=f"TPE with {pruner} (Optuna)",
        setting=f"eta {eta}",
        version=optuna_pruned.VERSION,
        needs=optuna_pruned.NEEDS,
        modelled=True,
        main=eta == 4,
        play=partial(optuna_pruned.play, eta=eta, hyperband=hyperband),
    )


def _smac(eta: int) -> Entrant:
    return Entrant(
        name=f"smac_hyperband_{eta}",
        family="Hyperband (SMAC3)",
        setting=f"eta {eta}",
        version=smac_hyperband.VERSION,
        needs=smac_hyperband.NEEDS,
        modelled=True,
        main=eta == 8,
        play=partial(smac_hyperband.play, eta=eta),
    )
