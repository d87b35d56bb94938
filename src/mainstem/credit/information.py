r"""What a proposal taught: a second account, in nats, that is never added to the first.

A proposal that gains nothing earns no part of the gain, and yet the runs that showed it are why
nobody has to try again. What they brought is what they did to one question: does the proposal
belong into the recommended recipe? Before any run that has the prior probability :math:`\pi`,
now it has p; the information is the divergence

.. math:: K(p \,\|\, \pi) = p \ln(p/\pi) + (1 - p) \ln((1 - p)/(1 - \pi))

(Kullback and Leibler 1951), 0 where nothing was learnt, -ln(1 - pi) where it surely does not belong
and -ln(pi) where it surely does. Proposals are taken one by one, as if they were independent: the
sum over several counts twice what one run says of two that cannot be told apart.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.special import rel_entr

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

PRIOR = 0.3
"""Prior probability that a proposal belongs: about three in ten do. A team may know its own."""


def nats(posterior: Floats, prior: Floats | float = PRIOR) -> Floats:
    """Information about each proposal, in nats, 0 or above; shapes broadcast.

    Args:
        posterior: Probability that it belongs now, within [0, 1].
        prior: Probability before, between 0 and 1.

    Raises:
        ValueError: A probability out of range, or a prior of 0 or 1: nothing can be learnt there.
    """
    before = np.asarray(prior, dtype=np.float64)
    _check(posterior)
    if np.any((before <= 0.0) | (before >= 1.0)):
        raise ValueError(f"a prior probability lies between 0 and 1, not at {prior}")
    return _divergence(posterior, before)


def of_trials(path: Floats) -> Floats:
    r"""What each trial brought for each proposal, in nats, shape (T + 1, n) to (T, n).

    The realised reduction of the divergence of what is believed in the end from what was believed:
    :math:`K(p_T \| p_{t-1}) - K(p_T \| p_t)`. The trials of a proposal sum to `nats(p_T, p_0)`, a
    reproduction earns like any other trial, and one that misled has less than nothing.

    Args:
        path: Probability that each proposal belongs: before any trial, then after each, in order,
            all but the last between 0 and 1.

    Raises:
        ValueError: A probability out of range, or no first belief.
    """
    if len(path) < 1:
        raise ValueError("a path of beliefs starts with the prior")
    _check(path)
    if np.any((path[:-1] <= 0.0) | (path[:-1] >= 1.0)):
        raise ValueError("only the last belief may be certain: what is certain cannot change")
    left = np.zeros(path.shape)  # after the last trial nothing is
    left[:-1] = _divergence(path[-1], path[:-1])
    return -np.diff(left, axis=0)


def expected(before: Floats, after: Floats, weight: Floats) -> Floats:
    """What a trial that has not run is expected to bring, in nats, shape (n,), 0 or above.

    The mutual information of its outcome and of whether each proposal belongs: the mean divergence
    of the belief after it from the belief before it. For a coherent belief the weighted mean of
    `after` is `before`, and this is the expected fall of the entropy.

    Args:
        before: Probability that each proposal belongs, between 0 and 1, shape (n,).
        after: The same after each outcome, shape (O, n).
        weight: Probability of each outcome, shape (O,).

    Raises:
        ValueError: A probability out of range, or weights that do not sum to 1.
    """
    if np.any(weight < 0.0) or abs(float(weight.sum()) - 1.0) > 1e-9:
        raise ValueError(f"probabilities of the outcomes sum to {weight.sum():g}, not to 1")
    return np.asarray(weight @ nats(after, before))


def _check(p: Floats) -> None:
    if not np.all((p >= 0.0) & (p <= 1.0)):
        raise ValueError("a probability lies within [0, 1]")


def _divergence(p: Floats, q: Floats) -> Floats:
    """K(p || q) of two Bernoulli distributions, q between 0 and 1."""
    return np.asarray(rel_entr(p, q) + rel_entr(1.0 - p, 1.0 - q))
