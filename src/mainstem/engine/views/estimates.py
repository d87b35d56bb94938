"""Estimates, the best recipe and candidates as JSON: the parts that several views share."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from mainstem.engine.restore import members

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mainstem.decisions.confirm import Candidate, Test
    from mainstem.domain.verdict import Estimate
    from mainstem.integrator import Integrator


def estimate(value: Estimate) -> dict[str, Any]:
    """An estimate as JSON."""
    return {
        "mean": value.mean,
        "low": value.low,
        "high": value.high,
        "level": value.level,
        "unit": value.unit,
    }


def estimates(values: Mapping[str, Estimate]) -> dict[str, Any]:
    """Estimates by objective as JSON."""
    return {name: estimate(value) for name, value in values.items()}


def best(integrator: Integrator) -> dict[str, Any]:
    """The best recipe so far, as JSON."""
    found = integrator.recommend()
    return {
        "recipe": list(members(found.recipe, integrator)),
        "gain": estimates(found.gain),
        "probability": found.probability,
        "confirmed": found.confirmed,
    }


def candidate(found: Candidate, integrator: Integrator) -> dict[str, Any]:
    """A candidate's evidence as JSON."""
    return {
        "number": found.number,
        "recipe": list(members(found.recipe, integrator)),
        "outcome": found.outcome,
        "pairs": len(found.pairs),
        "threshold": math.exp(found.log_threshold),
        "trials": [[p.trunk.trial, p.candidate.trial] for p in found.pairs],
        "objectives": [tested(test) for test in found.tests],
    }


def tested(test: Test) -> dict[str, Any]:
    """The evidence about one objective; e-values that are infinite (exact objectives) are null."""

    def e_value(log_e: float) -> float | None:
        return math.exp(min(log_e, 700.0)) if math.isfinite(log_e) else None

    return {
        "objective": test.objective,
        "exact": test.exact,
        "e_gain": e_value(test.log_gain),
        "e_margin": e_value(test.log_margin),
        "gains": test.gains,
        "keeps_margin": test.keeps,
        "skewness": test.skewness,
    }
