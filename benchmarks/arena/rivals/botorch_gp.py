"""BoTorch: a Gaussian process with qLogNEI, batches of four.

`SingleTaskGP` with its default kernel and priors. On the cube (x - x')^2 = |x - x'|, so its RBF
kernel with a length per input is the weighted Hamming kernel that BoTorch offers for categories.
The acquisition is maximised by BoTorch's own discrete local search. It starts with the trunk and
max(8, n/2) - 1 random recipes. 64 quasi-random samples; the fit stops after 50 steps.
Recommends the lowest posterior mean of what has run.
"""

from __future__ import annotations

import contextlib
import warnings
from typing import TYPE_CHECKING, Any

import numpy as np

from arena.rivals.tally import Tally

if TYPE_CHECKING:
    from collections.abc import Iterator

    from arena.landscapes import Bits
    from arena.play import Meter

LABEL = "GP, qLogNEI (BoTorch)"
VERSION = "1"
NEEDS: tuple[str, ...] = ("torch", "botorch")
SLOW = True
MODELLED = True

_BATCH = 4
_SAMPLES = 64
_RESTARTS = 3
_RAW = 64
_FIT_STEPS = 50


def play(meter: Meter, budget: int, rng: np.random.Generator) -> Iterator[Bits]:
    """Fits after every batch; within a batch the recommendation stands."""
    import torch

    torch.set_num_threads(1)
    torch.manual_seed(int(rng.integers(2**31)))
    tally, n = Tally(meter, rng), meter.n
    batch = np.vstack([np.zeros((1, n), int), rng.integers(0, 2, (max(8, n // 2) - 1, n))])
    best, state = batch[0], None
    while True:
        for recipe in batch[:-1]:
            tally.run(recipe)
            yield best
        tally.run(batch[-1])
        model = _fit(tally, state)
        state = model.state_dict()
        best = _lowest_mean(model, tally.recipes)
        yield best
        if len(tally.values) < budget:
            batch = _ask(model, tally.recipes, best, rng)


def _fit(tally: Tally, state: Any) -> Any:
    """A model of minus the value, its hyperparameters started where they were."""
    import torch
    from botorch.exceptions import ModelFittingError
    from botorch.fit import fit_gpytorch_mll
    from botorch.models import SingleTaskGP
    from gpytorch.mlls import ExactMarginalLogLikelihood

    x = torch.tensor(tally.recipes, dtype=torch.double)
    y = -torch.tensor(tally.values, dtype=torch.double).unsqueeze(-1)
    model = SingleTaskGP(x, y)
    if state is not None:
        kept = {k: v for k, v in state.items() if not k.startswith("outcome_transform")}
        model.load_state_dict({**model.state_dict(), **kept})
    likelihood = ExactMarginalLogLikelihood(model.likelihood, model)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it warns that the fit stopped after its steps
        # A fit that fails leaves the hyperparameters where they were.
        with contextlib.suppress(ModelFittingError):
            fit_gpytorch_mll(likelihood, optimizer_kwargs={"options": {"maxiter": _FIT_STEPS}})
    return model.eval()


def _lowest_mean(model: Any, recipes: Bits) -> Bits:
    import torch

    seen = np.unique(recipes, axis=0)
    with torch.no_grad():
        mean = model.posterior(torch.tensor(seen, dtype=torch.double)).mean.squeeze(-1)
    return np.asarray(seen[int(mean.argmax())])


def _ask(model: Any, recipes: Bits, best: Bits, rng: np.random.Generator) -> Bits:
    """The next batch, shape (4, n)."""
    import torch
    from botorch.acquisition.logei import qLogNoisyExpectedImprovement
    from botorch.optim.optimize import optimize_acqf_discrete_local_search
    from botorch.sampling.normal import SobolQMCNormalSampler

    seen = torch.tensor(np.unique(recipes, axis=0), dtype=torch.double)
    seed = int(rng.integers(2**31))
    acquisition = qLogNoisyExpectedImprovement(
        model,
        X_baseline=seen,
        sampler=SobolQMCNormalSampler(torch.Size([_SAMPLES]), seed=seed),
        prune_baseline=True,
    )
    n = len(best)
    near = best ^ (rng.random((_RAW, n)) < 2.0 / n)
    pool = np.unique(np.vstack([rng.integers(0, 2, (_RAW, n)), near]), axis=0)
    starts = torch.tensor(pool, dtype=torch.double).unsqueeze(1)
    with torch.no_grad():
        top = acquisition(starts).argsort(descending=True)[:_RESTARTS]
    found, _ = optimize_acqf_discrete_local_search(
        acquisition,
        discrete_choices=[torch.tensor([0.0, 1.0], dtype=torch.double)] * n,
        q=_BATCH,
        num_restarts=_RESTARTS,
        raw_samples=_RAW,
        batch_initial_conditions=starts[top],
    )
    return np.asarray(found.detach().numpy().round(), dtype=np.int64)
