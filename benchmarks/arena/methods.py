"""The methods of the arena by name; each is imported only when it is looked at."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module, metadata
from importlib.util import find_spec
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from arena.play import Method

OURS = "mainstem_search"
BASE = "bocs"
"""Medians are also given as ratios to this method's."""
LIMIT = "told"
"""Knows what nobody can know: a bound, not a rival."""
RIVALS = (
    "one_at_a_time",
    "greedy",
    "greedy_reverts",
    "random_search",
    "screening",
    "genetic",
    "tpe",
    "botorch_gp",
    "smac_forest",
    "bocs",
)
VARIANTS = ("mainstem_budget",)
"""Played when they are asked for by name."""
DEFAULTS = (OURS, *RIVALS, LIMIT)


@dataclass(frozen=True, kw_only=True)
class Entrant:
    """A method as its module describes it.

    Attributes:
        name: The module's name.
        label: Its row in the tables.
        version: What its results are filed under.
        needs: Packages it cannot do without, beyond numpy and scipy.
        slow: Whether it is played fewer times.
        modelled: Whether it is also scored with a model's recommendation.
        play: The method.
    """

    name: str
    label: str
    version: str
    needs: tuple[str, ...]
    slow: bool
    modelled: bool
    play: Method

    @property
    def lacks(self) -> tuple[str, ...]:
        """The packages that are not installed here."""
        return tuple(package for package in self.needs if find_spec(package) is None)

    def libraries(self) -> dict[str, str]:
        """The version of each package that it needs."""
        return {package: metadata.version(package) for package in self.needs}


def entrant(name: str) -> Entrant:
    """The method of that name.

    Raises:
        ValueError: There is none.
    """
    if name not in {*DEFAULTS, *VARIANTS}:
        raise ValueError(f"no method {name!r}; there are {', '.join((*DEFAULTS, *VARIANTS))}")
    module = import_module(f"arena.rivals.{name}")
    return Entrant(
        name=name,
        label=module.LABEL,
        version=module.VERSION,
        needs=module.NEEDS,
        slow=module.SLOW,
        modelled=module.MODELLED,
        play=module.play,
    )
