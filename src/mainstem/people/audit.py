"""`mainstem audit`: what the recorded decisions say of how an organisation decides.

Of groups, never of a person. Each question has its answer in a sentence, the numbers behind it, and
what so many decisions cannot tell.
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from mainstem.people import audit_words as words
from mainstem.people.audit_arrays import Arrays, arrays
from mainstem.people.decided import history
from mainstem.people.groups import EVERYBODY, SMALLEST, pooled
from mainstem.stats import association, audit, replication, waiting
from mainstem.stats.audit import Question

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray

    from mainstem.domain.contributor import Contributor
    from mainstem.domain.stack import Stack
    from mainstem.engine.ports import Entry
    from mainstem.engine.record import Record
    from mainstem.people.directory import Directory
    from mainstem.stats.audit import Answer, Decisions
    from mainstem.stats.logistic import Estimate

    Rows = list[dict[str, Any]]

ALPHA = 0.05
"""What the corrected p-values are held to."""

LEVEL = 0.9
"""Coverage of intervals."""

POWER = 0.8
"""How likely a detectable odds ratio is to be shown."""


@dataclass(frozen=True, kw_only=True)
class Audit:
    """An audit: its documented JSON, and the arrays that its pictures are drawn from."""

    report: dict[str, Any]
    arrays: Arrays


def audited(
    directory: Directory,
    stack: Stack,
    record: Record,
    entries: Sequence[Entry],
    *,
    until: str,
    seed: int,
    jain: float | None,
    who: Callable[[str], Contributor | None],
) -> Audit:
    """Asks every question that the ledger allows.

    Args:
        directory: Who is who.
        stack: The stack's description.
        record: What the ledger holds.
        entries: All its lines, in order.
        until: When the last entry was written (ISO 8601): so long what waits was seen.
        seed: Seed of the draws from the nulls.
        jain: Jain's index of the compute over contributors, as `mainstem shares` has it.
        who: Whom a token of the ledger stands for; None where that is not known.
    """
    found = arrays(directory, record, history(stack, entries), until=until)
    said: dict[Question, Answer] = {}
    if found.decisions is not None:
        said = audit.answers(np.random.default_rng(seed), found.decisions, found.waits)
    decisions = len(found.decided)
    report = {
        "stack": stack.name,
        "seed": seed,
        "alpha": ALPHA,
        "level": LEVEL,
        "power": POWER,
        "filed": len(found.filed),
        "decisions": decisions,
        "merged": sum(one.merged for one in found.decided),
        "authors": len({found.leads[one.proposal] for one in found.decided}),
        "evidence_not_known": found.without_evidence,
        "mixed": found.mixed,
        "smallest_group": SMALLEST,
        "questions": [_question(found, question, said) for question in Question],
        "compute": {"jain": jain, "groups": _compute(found)},
        "overrides": _overrides(found, who),
        "waits": _waits(found),
    }
    return Audit(report={**report, "cannot_tell": words.limits(report)}, arrays=found)


def _question(found: Arrays, question: Question, said: Mapping[Question, Answer]) -> dict[str, Any]:
    """One question as JSON: asked, answered, and what cannot be told."""
    estimates: Rows = []
    count = 0
    if found.decisions is not None and question in said:
        alpha = ALPHA * audit.first_share(list(said), question)
        estimates, count = _ESTIMATES[question](found, found.decisions, alpha)
    answer = said.get(question)
    seen = [row["detectable"] for row in estimates if row.get("detectable") is not None]
    row = {
        "id": question.name.lower(),
        "question": question.value,
        "n": count,
        "p": None if answer is None else answer.p_value,
        "p_corrected": None if answer is None else answer.adjusted,
        "detectable": min(seen, default=None),
        "estimates": estimates,
    }
    status = words.status(row, asked=answer is not None, decisions=len(found.decided), alpha=ALPHA)
    return {**row, "status": status, **words.answer(row, status, found)}


# ---- the numbers of each question


def _estimate(what: str, n: int, value: float, ends: tuple[float, float], **more: Any) -> Any:
    """A row of numbers; an end that the data do not bound is None."""
    low, high = (float(end) if math.isfinite(end) else None for end in ends)
    return {"what": what, "n": n, "value": float(value), "low": low, "high": high, **more}


def _odds(what: str, n: int, estimate: Estimate | None, scale: float = 1.0, **more: Any) -> Rows:
    """An odds ratio from a log odds ratio per unit; [] where there is none."""
    if estimate is None:
        return []
    value, low, high = (
        math.exp(min(scale * end, 700.0)) if end < math.inf else math.inf
        for end in (estimate.value, estimate.low, estimate.high)
    )
    return [_estimate(what, n, value, (low, high), **more)]


def _gain(found: Arrays, d: Decisions, alpha: float) -> tuple[Rows, int]:
    """The odds of merging what gains a margin beside what gains nothing."""
    del alpha
    estimate = association.slope(d.merged, d.evidence[:, 0], LEVEL, d.strata)
    what = "odds of merging, a gain of one margin against none"
    # The evidence is asinh of the gain in margins.
    return _odds(what, len(found.decided), estimate, scale=math.asinh(1.0)), len(found.decided)


def _seniority(found: Arrays, d: Decisions, alpha: float) -> tuple[Rows, int]:
    """Seniors against the others, of whom that is known."""
    if d.senior is None or d.dated is None or found.few_seniors:
        return [], 0
    own = d.dated
    rows = _against(d, own, d.senior, "seniors", alpha)
    return rows, int(own.sum())


def _against(
    d: Decisions, own: NDArray[np.bool_], group: NDArray[np.bool_], name: str, alpha: float
) -> Rows:
    """The odds ratio of a group at equal evidence, over some of the decisions."""
    strata = None if d.strata is None else d.strata[own]
    of = (d.merged[own], d.evidence[own], group[own])
    return _odds(
        f"odds of merging, {name} against the others",
        int(group[own].sum()),
        association.log_odds_ratio(*of, LEVEL, strata),
        group=name,
        detectable=association.detectable(*of, alpha=alpha, power=POWER, strata=strata),
    )


def _kind(found: Arrays, d: Decisions, alpha: float) -> tuple[Rows, int]:
    """Each kind against the others."""
    return _each(d, d.kind, found.kinds, alpha)


def _team(found: Arrays, d: Decisions, alpha: float) -> tuple[Rows, int]:
    """Each team against the others."""
    return _each(d, d.team, found.teams, alpha)


def _each(
    d: Decisions, codes: NDArray[np.generic] | None, names: Sequence[str], alpha: float
) -> tuple[Rows, int]:
    """The odds ratio of each group; of two, one says all."""
    if codes is None or len(names) < 2:
        return [], 0
    everybody = np.ones(len(codes), dtype=np.bool_)
    rows: Rows = []
    for code, name in list(enumerate(names))[: 1 if len(names) == 2 else None]:
        rows += _against(d, everybody, codes == code, name, alpha)
    return rows, len(codes)


def _waiting(found: Arrays, d: Decisions, alpha: float) -> tuple[Rows, int]:
    """The median wait of each kind, in seconds; None where half never had a verdict."""
    del d, alpha
    rows = [
        {
            "what": f"median wait, {row['group']}",
            "n": row["filed"],
            "value": row["median_s"],
            "low": row["median_low_s"],
            "high": row["median_high_s"],
            "unit": "s",
            "group": row["group"],
        }
        for row in _waits(found)
    ]
    return rows, len(found.filed)


def _runs(found: Arrays, d: Decisions, alpha: float) -> tuple[Rows, int]:
    """How many times as many trials each kind has, at equal evidence."""
    del alpha
    rows: Rows = []
    if d.kind is None or d.runs is None or len(found.kinds) < 2:
        return rows, 0
    for code, name in list(enumerate(found.kinds))[: 1 if len(found.kinds) == 2 else None]:
        group = d.kind == code
        estimate = association.difference(np.log1p(d.runs), d.evidence, group, LEVEL, d.strata)
        what = f"trials and one more of a proposal, {name} as a multiple of the others"
        rows += _odds(what, int(group.sum()), estimate, group=name)
    return rows, len(found.decided)


def _overridden(found: Arrays, d: Decisions, alpha: float) -> tuple[Rows, int]:
    """Which part of each kind's decisions was a veto, and which was forced."""
    del alpha
    rows: Rows = []
    if d.kind is None or d.override is None or len(found.kinds) < 2:
        return rows, 0
    for code, name in enumerate(found.kinds):
        own = d.override[d.kind == code]
        for sign, said in ((-1, "vetoed"), (1, "forced")):
            if len(own):
                rate = replication.clopper_pearson(int(np.sum(own == sign)), len(own), LEVEL)
                what = f"{said}, {name}"
                rows.append(
                    _estimate(what, len(own), rate.share, (rate.low, rate.high), group=name)
                )
    return rows, len(found.decided)


def _claims(found: Arrays, d: Decisions, alpha: float) -> tuple[Rows, int]:
    """Which part of each kind's claims held; of all together where too few people claimed."""
    del alpha
    if d.claimed is None or d.held is None or not d.claimed.any():
        return [], 0
    codes = np.zeros(len(d.claimed), dtype=np.int64) if d.kind is None else d.kind
    names: Sequence[str] = found.kinds if d.kind is not None else (EVERYBODY,)
    claimants: dict[int, set[str]] = {}
    for one, code, claimed in zip(found.decided, codes, d.claimed, strict=True):
        if claimed:
            claimants.setdefault(int(code), set()).add(found.leads[one.proposal])
    if any(len(people) < SMALLEST for people in claimants.values()):
        codes, names = np.zeros(len(codes), dtype=np.int64), (EVERYBODY,)
    rows: Rows = []
    for code, name in enumerate(names):
        own = d.held[d.claimed & (codes == code)]
        if len(own):
            rate = replication.wilson(int(own.sum()), len(own), LEVEL)
            what = f"claims that held, {name}"
            rows.append(_estimate(what, len(own), rate.share, (rate.low, rate.high), group=name))
    return rows, int(d.claimed.sum())


_ESTIMATES: dict[Question, Callable[[Arrays, Decisions, float], tuple[Rows, int]]] = {
    Question.GAIN: _gain,
    Question.SENIORITY: _seniority,
    Question.KIND: _kind,
    Question.TEAM: _team,
    Question.WAITING: _waiting,
    Question.COMPUTE: _runs,
    Question.OVERRIDES: _overridden,
    Question.CLAIMS: _claims,
}


# ---- what is only described


def _group_of_filed(found: Arrays) -> list[str]:
    return [found.kind_of[found.leads[filed.proposal]] for filed in found.filed]


def _compute(found: Arrays) -> Rows:
    """Which part of the finished trials each kind has had, beside its part of the proposals."""
    proposals = Counter(_group_of_filed(found))
    people = Counter(found.kind_of.values())
    trials: dict[str, float] = {}
    for filed, group in zip(found.filed, _group_of_filed(found), strict=True):
        trials[group] = trials.get(group, 0.0) + filed.share
    total = sum(trials.values())
    return [
        {
            "group": group,
            "people": people[group],
            "proposals": proposals[group],
            "proposals_share": proposals[group] / len(found.filed),
            "trials": trials[group],
            "trials_share": trials[group] / total if total else None,
        }
        for group in found.kinds
    ]


def _overrides(found: Arrays, who: Callable[[str], Contributor | None]) -> dict[str, Any]:
    """Overrides that stand, by whom and for whom: both by kind."""
    overridden = found.overridden
    known = {one.by: who(one.by) for one in overridden}
    kind = {
        token: "not known" if person is None else person.kind or "no kind given"
        for token, person in known.items()
    }
    by = pooled(kind, kind.keys())
    cells: dict[tuple[str, str], Counter[int]] = {}
    for one in overridden:
        cell = by[one.by], found.kind_of[found.leads[one.proposal]]
        cells.setdefault(cell, Counter())[one.override] += 1
    return {
        "vetoes": sum(one.override < 0 for one in overridden),
        "forces": sum(one.override > 0 for one in overridden),
        "cells": [
            {"by": actor, "of": group, "vetoes": count[-1], "forces": count[1]}
            for (actor, group), count in cells.items()
        ],
    }


def curves(found: Arrays) -> list[tuple[str, NDArray[np.bool_], waiting.Curve]]:
    """For each kind: its name, which proposals are of it, and the share that still waits."""
    w = found.waits
    if w is None:
        return []
    own = [(name, np.asarray(w.kind == code)) for code, name in enumerate(found.kinds)]
    return [(name, at, waiting.curve(w.waits[at], w.judged[at], LEVEL)) for name, at in own]


def _waits(found: Arrays) -> Rows:
    """Median waits by kind."""
    rows: Rows = []
    for name, own, curve in curves(found):
        low, high = curve.median_interval
        judged = 0 if found.waits is None else int(found.waits.judged[own].sum())
        rows.append(
            {
                "group": name,
                "filed": int(own.sum()),
                "judged": judged,
                "median_s": curve.median,
                "median_low_s": low,
                "median_high_s": high,
            }
        )
    return rows
