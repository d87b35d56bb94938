from __future__ import annotations

import numpy as np
import pytest

from arena.landscapes import Pairwise
from arena.rungs import halving, methods, optuna_pruned
from arena.rungs.landscapes import SMALL, Related
from arena.rungs.play import RungMeter, play
from arena.rungs.tally import RungTally

N = 5
MAIN = [-2.0, 1.5, -1.0, 1.0, -1.5]


def easy(rng: np.random.Generator) -> Related:
    """Five proposals without pairs and almost without noise; the small rung nearly agrees."""
    top, other = Pairwise(N, rng, noise=1e-3), Pairwise(N, rng, noise=1e-3)
    top.main[:] = MAIN
    top.pair[:] = 0.0
    other.main[:] = [1.0, 1.0, 1.0, 1.0, -1.0]
    other.pair[:] = 0.0
    return Related(top, other, agreement=0.95)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", list(methods.entrants()))
def test_every_method_solves_an_easy_landscape(name: str) -> None:
    """Each ends at the best of 32 recipes; those whose packages are not here are left out."""
    entrant = methods.entrants()[name]
    if entrant.lacks:
        pytest.skip(f"needs {', '.join(entrant.lacks)}")
    found = play(entrant.play, easy, 320, modelled=entrant.modelled)
    assert max(gains[-1] for gains in found.gains.values()) == pytest.approx(1.0)
    assert set(found.gains) == ({"own", "seen", "model"} if entrant.modelled else {"own"})
    assert entrant.libraries().keys() == set(entrant.needs)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", ["halving_mutants_4", "screened_greedy", "optuna_hyperband_8"])
def test_a_repeat_repeats_itself(name: str) -> None:
    """The same set of repeats and number give the same course, bit by bit."""
    entrant = methods.entrants()[name]
    if entrant.lacks:
        pytest.skip(f"needs {', '.join(entrant.lacks)}")
    left, right = (play(entrant.play, easy, 80, seed0=1, repeat=2) for _ in range(2))
    assert left.gains == right.gains


@pytest.mark.parametrize(("name", "rungs"), [("mainstem", {0, 1}), ("mainstem_top", {1})])
def test_only_who_is_told_of_the_small_rung_runs_there(name: str, rungs: set[int]) -> None:
    """The same campaign otherwise: it begins with the trunk."""
    meter = RungMeter(easy(np.random.default_rng(0)))
    for _ in methods.entrants()[name].play(meter, 160, np.random.default_rng(0)):
        if meter.spent >= 160:
            break
    assert set(meter.rungs) == rungs
    assert not meter.recipes[0].any()


@pytest.mark.parametrize("eta", [4, 8])
def test_a_bracket_takes_its_best_to_the_top(eta: int) -> None:
    """Sixteen recipes at the small rung, the trunk among them; the lowest of these at the top."""
    meter = RungMeter(easy(np.random.default_rng(0)))
    played = halving.play(meter, 0, np.random.default_rng(0), eta=eta, mutants=0.0)
    promoted = halving.BRACKET // eta
    for _ in range(halving.BRACKET + promoted):
        next(played)
    assert meter.rungs == [0] * halving.BRACKET + [1] * promoted
    assert not meter.recipes[0].any()
    order = np.argsort(meter.values[: halving.BRACKET])[:promoted]
    assert [r.tolist() for r in meter.recipes[halving.BRACKET :]] == [
        meter.recipes[k].tolist() for k in order
    ]
    assert len({tuple(r) for r in meter.recipes[: halving.BRACKET]}) == halving.BRACKET


def test_mutants_are_near_the_best_so_far() -> None:
    """Half of the second bracket; they differ from it by at least a flip."""
    meter = RungMeter(easy(np.random.default_rng(0)))
    played = halving.play(meter, 0, np.random.default_rng(0), eta=16, mutants=0.5)
    for _ in range(halving.BRACKET + 1):
        best = next(played)
    for _ in range(halving.BRACKET):
        next(played)
    near = np.array(meter.recipes[halving.BRACKET + 1 :][:8])
    flips = (near != best).sum(axis=1)
    assert (flips >= 1).all()
    assert flips.mean() < N / 2


@pytest.mark.filterwarnings("ignore")
def test_trials_of_a_bracket_that_begins_at_the_top_have_no_small_run() -> None:
    """With a reduction factor of 8 some of Hyperband's trials do; with halving every trial has."""
    pytest.importorskip("optuna")
    for hyperband in (True, False):
        meter = RungMeter(easy(np.random.default_rng(0)))
        played = optuna_pruned.play(meter, 0, np.random.default_rng(0), eta=8, hyperband=hyperband)
        for _ in range(60):
            next(played)
        pairs = list(zip(meter.rungs, meter.rungs[1:], strict=False))
        assert ((1, 1) in pairs) is hyperband


def test_the_books_prefer_the_higher_rung() -> None:
    """The lowest mean at the top as soon as anything has run there, however good the small one."""
    meter = RungMeter(easy(np.random.default_rng(0)))
    tally = RungTally(meter, np.random.default_rng(0))
    with pytest.raises(ValueError, match="nothing has run"):
        tally.lowest()
    best, trunk = np.array([1, 0, 1, 0, 1]), np.zeros(N, np.int64)
    tally.run(trunk, SMALL)
    tally.run(best, SMALL)
    assert tally.lowest().tolist() == best.tolist()
    tally.run(trunk, tally.top)
    assert tally.lowest().tolist() == trunk.tolist()
    assert tally.has(best, SMALL)
    assert not tally.has(best, tally.top)


def test_ours_are_filed_under_the_sources_that_decide() -> None:
    """Rivals under a number of their own; names are unique and so are families with settings."""
    found = methods.entrants()
    assert {len(found[name].version) for name in (methods.OURS, methods.TOP_ONLY)} == {10}
    rivals = [one for name, one in found.items() if name not in {methods.OURS, methods.TOP_ONLY}]
    assert all(one.version.isdecimal() for one in rivals)
    assert len({(one.family, one.setting) for one in found.values()}) == len(found)
    assert {one.family for one in rivals if one.main} == {one.family for one in rivals}
