"""Which of a leaderboard's records its own figures support, and how many runs would show a gain.

A record with two seeds or more is held against the best value before it, by a one-sided t-test, for
each gain that is asked for: with its own spread, and with the spread pooled over all records with
seeds. The best value before it is taken as it stands, as a contest's rule has it. Beside these
stand the tests that count its uncertainty too.
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from mainstem.domain.errors import UsageError
from mainstem.frontier.records import in_bits_per_byte
from mainstem.stats import noise, records as tests

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mainstem.frontier.records import Record, Records
    from mainstem.frontier.table import Table
    from mainstem.stats.records import TTest

ALPHA = 0.01
"""A gain is supported at a smaller p: the contest's own rule."""

POWER = 0.9
"""The chance to see a gain for which runs are counted."""

FEW_DIGITS = 0.5
"""A stated value may differ from its seeds' mean by so many pooled sds before it is named."""


@dataclass(frozen=True, kw_only=True)
class Criterion:
    """A gain that is asked for.

    Attributes:
        id: Such as `any`.
        wanted: In the unit of the values.
        what: In words.
    """

    id: str
    wanted: float
    what: str


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What gains are asked for, beside any gain at all.

    Attributes:
        gains: In the unit of the values.
        nats: In nats per byte, for values in bits per byte; None for none.
        tokens_per_byte: What the same number of nats per token is asked for too.
    """

    gains: tuple[float, ...] = ()
    nats: float | None = None
    tokens_per_byte: tuple[float, ...] = ()


def criteria(asked: Asked, records: Records) -> tuple[Criterion, ...]:
    """The gains that are asked for: (a) any, (b) per byte, (c) per token, and plain ones.

    Raises:
        UsageError: A gain in nats is asked of values that are not in bits per byte, or there are
            tokens without nats.
    """
    found = [Criterion(id="any", wanted=0.0, what="any gain")]
    if asked.nats is not None and not in_bits_per_byte(records.unit):
        raise UsageError(
            f"--nats asks for a gain of values in bits per byte, and the unit of {records.metric} "
            f"is {records.unit or 'not known'}: say --objective {records.metric},unit=bits/byte, "
            "or ask with --gain in the unit of the values"
        )
    if asked.tokens_per_byte and asked.nats is None:
        raise UsageError("--tokens-per-byte turns nats per token into bits per byte: say --nats")
    if asked.nats is not None:
        per_byte = asked.nats / math.log(2.0)
        what = f"{asked.nats:g} nats per byte"
        found.append(Criterion(id="nats-per-byte", wanted=per_byte, what=what))
        for tokens in asked.tokens_per_byte:
            what = f"{asked.nats:g} nats per token at {tokens:g} tokens per byte"
            wanted, name = per_byte * tokens, f"nats-per-token-{tokens:g}"
            found.append(Criterion(id=name, wanted=wanted, what=what))
    found += [
        Criterion(id=f"gain-{gain:g}", wanted=gain, what=f"a gain of {gain:g}")
        for gain in asked.gains
    ]
    return tuple({one.id: one for one in found}.values())


def report(table: Table, records: Records, asked: Asked) -> dict[str, Any]:
    """The documented JSON of `mainstem import` of records.

    Raises:
        UsageError: See `criteria`.
    """
    wanted = criteria(asked, records)
    pooled = _pooled(records.rows)
    best = tests.best_before(np.array([r.value for r in records.rows]), records.sign)
    rows = [
        _row(record, records.rows[before], records, pooled, wanted)
        for record, before in zip(records.rows, best.tolist(), strict=True)
        if len(record.seeds) >= 2 and before >= 0
    ]
    return {
        "shape": table.shape,
        "file": table.file,
        "sha256": table.sha256,
        "about": table.text("about"),
        "metric": records.metric,
        "unit": records.unit,
        "direction": records.direction,
        "alpha": ALPHA,
        "power": POWER,
        "records": len(records.rows),
        "pooled": {
            "sd": pooled.sd,
            "degrees": pooled.degrees,
            "records": sum(len(r.seeds) >= 2 for r in records.rows),
        },
        "criteria": [asdict(one) for one in wanted],
        "rows": rows,
        "claimed": sum(row["gain"] > 0.0 for row in rows),
        "supported": {one.id: _counts(rows, one.id) for one in wanted},
        "beside": {
            "welch": _count(row["beside"]["welch"] for row in rows),
            "pooled": _count(row["beside"]["pooled"] for row in rows),
        },
        "notes": _notes(records, pooled),
    }


def _pooled(rows: Sequence[Record]) -> noise.Noise:
    """Run-to-run spread within records; what a record's single seed says of it is nothing."""
    values = [value for record in rows for value in record.seeds]
    groups = [at for at, record in enumerate(rows) for _ in record.seeds]
    if not values:
        return noise.Noise(sd=None, degrees=0, deterministic=False)
    return noise.pooled(np.array(values), np.array(groups, dtype=np.int64))


def _row(
    record: Record,
    before: Record,
    records: Records,
    pooled: noise.Noise,
    wanted: Sequence[Criterion],
) -> dict[str, Any]:
    """One record against the best before it."""
    gain = records.sign * (record.value - before.value)
    n, own = len(record.seeds), float(np.std(record.seeds, ddof=1))
    sd = pooled.sd or 0.0
    sides = (n, max(1, len(before.seeds)))
    return {
        "record": record.number,
        "date": record.date,
        "label": record.label,
        "contributor": record.contributor,
        "seeds": n,
        "mean": record.value,
        "stated": record.stated,
        "sd": own,
        "best_before": {
            "record": before.number,
            "value": before.value,
            "seeds": len(before.seeds),
        },
        "gain": gain,
        "tests": {
            one.id: {
                "own": _test(tests.one_sample(gain, one.wanted, own, n - 1, n)),
                "pooled": _test(tests.one_sample(gain, one.wanted, sd, pooled.degrees, n)),
            }
            for one in wanted
        },
        "beside": {
            "welch": _test(tests.welch(record.runs, before.runs, records.sign)),
            "pooled": _test(tests.two_samples(gain, 0.0, sd, pooled.degrees, sides)),
        },
        "runs_per_arm": None
        if sd == 0.0
        else tests.runs_per_arm(gain, sd, alpha=ALPHA, power=POWER),
    }


def _test(found: TTest | None) -> dict[str, Any] | None:
    """A test as JSON; None where there is no spread to test against."""
    if found is None:
        return None
    return {"t": found.t, "degrees": found.degrees, "p": found.p, "supported": found.p < ALPHA}


def _counts(rows: Sequence[Any], criterion: str) -> dict[str, int]:
    """How many records one criterion supports, by either spread."""
    return {
        spread: _count(row["tests"][criterion][spread] for row in rows)["supported"]
        for spread in ("own", "pooled")
    } | {"of": len(rows)}


def _count(found: Any) -> dict[str, int]:
    """Of the tests that could be made, how many support a gain."""
    made = [one for one in found if one is not None]
    return {"supported": sum(one["supported"] for one in made), "of": len(made)}


def _notes(records: Records, pooled: noise.Noise) -> list[str]:
    """What a reader should know of these figures."""
    notes = []
    rows = records.rows
    if pooled.sd is None:
        notes.append("no record has two seeds: nothing here can be tested")
    single = sum(len(r.seeds) < 2 for r in rows)
    if single:
        notes.append(f"{single} of {len(rows)} records have fewer than two seeds: not tested")
    undated = [str(r.number) for r in rows if r.date is None]
    if undated:
        notes.append(f"without a date, so last in order: record {', '.join(undated)}")
    flat = [str(r.number) for r in rows if len(r.seeds) >= 2 and float(np.ptp(r.seeds)) == 0.0]
    if flat:
        notes.append(f"seeds that agree to the last digit, so no spread: record {', '.join(flat)}")
    for r in rows:
        far = abs(r.value - r.stated) if r.stated is not None and r.seeds else 0.0
        if far > FEW_DIGITS * (pooled.sd or math.inf):
            notes.append(
                f"record {r.number} states {r.stated:g}, and its seeds' mean is {r.value:.6g}: the "
                "mean counts"
            )
    return notes
