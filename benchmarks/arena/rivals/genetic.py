"""A genetic algorithm: pymoo's GA with uniform crossover and bit flips.

A population of max(10, n/2), half as many offspring a generation, no duplicates. Noise is not
averaged: a recipe runs once, so a lucky one survives; the model's recommendation mends part of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from arena.rivals.tally import Tally

if TYPE_CHECKING:
    from collections.abc import Iterator

    from arena.landscapes import Bits
    from arena.play import Meter

LABEL = "genetic algorithm (pymoo)"
VERSION = "1"
NEEDS: tuple[str, ...] = ("pymoo",)
SLOW = False
MODELLED = True


def play(meter: Meter, budget: int, rng: np.random.Generator) -> Iterator[Bits]:
    """Asks pymoo for a generation, runs it, tells it."""
    from pymoo.core.evaluator import Evaluator
    from pymoo.problems.static import StaticProblem

    tally = Tally(meter, rng)
    search = _search(meter.n, budget, int(rng.integers(2**31)))
    while search.has_next():
        generation = search.ask()
        if generation is None or len(generation) == 0:
            return
        values = []
        for individual in generation:
            values.append(tally.run(np.asarray(individual.X, dtype=np.int64)))
            yield tally.lowest()
        answered = StaticProblem(search.problem, F=np.array(values)[:, None])
        Evaluator().eval(answered, generation)
        search.tell(infills=generation)


def _search(n: int, generations: int, seed: int) -> Any:
    """The algorithm over n bits, set up to be asked and told."""
    from pymoo.algorithms.soo.nonconvex.ga import GA
    from pymoo.core.problem import Problem
    from pymoo.operators.crossover.ux import UniformCrossover
    from pymoo.operators.mutation.bitflip import BitflipMutation
    from pymoo.operators.sampling.rnd import BinaryRandomSampling
    from pymoo.termination import get_termination

    population = max(10, n // 2)
    search = GA(
        pop_size=population,
        n_offsprings=max(4, population // 2),
        sampling=BinaryRandomSampling(),
        crossover=UniformCrossover(),
        mutation=BitflipMutation(prob=1.0, prob_var=1.0 / n),
        eliminate_duplicates=True,
    )
    search.setup(
        Problem(n_var=n, n_obj=1, xl=0, xu=1, vtype=bool),
        termination=get_termination("n_gen", generations),
        seed=seed,
        verbose=False,
    )
    return search
