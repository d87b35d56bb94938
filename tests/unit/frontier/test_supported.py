"""Which records are supported: the contest's own, by formulas and tests that share no code."""

from __future__ import annotations

import json
import math
import statistics
from pathlib import Path
from typing import Any

import pytest
from scipy import stats

from mainstem.domain.errors import UsageError
from mainstem.frontier.records import records_of
from mainstem.frontier.supported import Asked, report
from mainstem.frontier.table import parse_table, read_table

FILE = Path(__file__).parents[3] / "examples" / "contest" / "records.json"
TOKENS = (0.411, 0.268)


@pytest.fixture(scope="module")
def found() -> dict[str, Any]:
    """The report of the contest's records."""
    table = read_table(FILE)
    return report(table, records_of(table, None), Asked(nats=0.005, tokens_per_byte=TOKENS))


def plainly() -> list[dict[str, Any]]:
    """The same question, asked of the file with the standard library and SciPy's tests."""
    rows = json.loads(FILE.read_text(encoding="utf-8"))["records"]
    rows.sort(key=lambda r: (r["date"] or "9999", r["record"]))
    seeded = [r["seed_val_bpb"] for r in rows if len(r["seed_val_bpb"] or ()) > 1]
    squares = sum((x - statistics.mean(s)) ** 2 for s in seeded for x in s)
    degrees = sum(len(s) - 1 for s in seeded)
    sd, out, best = math.sqrt(squares / degrees), [], None
    for r in rows:
        seeds = r["seed_val_bpb"] or []
        value = statistics.fmean(seeds) if seeds else r["val_bpb"]
        if len(seeds) > 1 and best is not None:
            out.append({"record": r["record"], "seeds": seeds, "value": value, "best": best,
                        "sd": sd, "degrees": degrees})  # fmt: skip
        if best is None or value < best[0]:
            best = (value, seeds)
    return out


def wanted() -> dict[str, float]:
    """(a) any gain, (b) 0.005 nats per byte, (c) per token; in bits per byte."""
    per_byte = 0.005 / math.log(2.0)
    assert round(per_byte, 5) == 0.00721
    each = {f"nats-per-token-{t:g}": per_byte * t for t in TOKENS}
    return {"any": 0.0, "nats-per-byte": per_byte, **each}


def test_every_p_of_the_contest_agrees_with_an_independent_computation(
    found: dict[str, Any],
) -> None:
    """Own and pooled spread, each gain that is asked for, and both tests of two samples."""
    plain = plainly()
    assert [row["record"] for row in found["rows"]] == [row["record"] for row in plain]
    for row, other in zip(found["rows"], plain, strict=True):
        n, best = len(other["seeds"]), other["best"]
        assert row["gain"] == pytest.approx(best[0] - other["value"], abs=1e-12)
        for name, gain in wanted().items():
            own = stats.ttest_1samp(other["seeds"], best[0] - gain, alternative="less").pvalue
            t = (best[0] - other["value"] - gain) / (other["sd"] / math.sqrt(n))
            pooled = stats.t.sf(t, other["degrees"])
            tests = row["tests"][name]
            assert tests["own"]["p"] == pytest.approx(own, rel=1e-9)
            assert tests["pooled"]["p"] == pytest.approx(pooled, rel=1e-9)
            assert tests["own"]["supported"] == (own < 0.01)
            assert tests["pooled"]["supported"] == (pooled < 0.01)
        welch = row["beside"]["welch"]
        if len(best[1]) > 1:
            there = stats.ttest_ind(other["seeds"], best[1], equal_var=False, alternative="less")
            assert welch["p"] == pytest.approx(there.pvalue, rel=1e-9)
        else:
            assert welch is None
        error = other["sd"] * math.sqrt(1 / n + 1 / max(1, len(best[1])))
        both = stats.t.sf((best[0] - other["value"]) / error, other["degrees"])
        assert row["beside"]["pooled"]["p"] == pytest.approx(both, rel=1e-9)


def test_the_contest_s_counts(found: dict[str, Any]) -> None:
    """The figures of docs/contest.md, as numbers."""
    assert (found["records"], found["pooled"]["records"], found["claimed"]) == (43, 22, 18)
    assert found["pooled"]["sd"] == pytest.approx(0.00072, abs=5e-6)
    counts = {name: (s["own"], s["pooled"], s["of"]) for name, s in found["supported"].items()}
    assert counts == {
        "any": (8, 13, 22),
        "nats-per-byte": (0, 1, 22),
        "nats-per-token-0.411": (3, 5, 22),
        "nats-per-token-0.268": (4, 6, 22),
    }
    assert found["beside"] == {
        "welch": {"supported": 7, "of": 17},
        "pooled": {"supported": 10, "of": 22},
    }
    assert "without a date, so last in order: record 43" in found["notes"]


def test_runs_per_arm_are_those_of_the_gain_at_the_pooled_spread(found: dict[str, Any]) -> None:
    """By SciPy's noncentral t; none for what does not gain."""
    for row in found["rows"]:
        n = row["runs_per_arm"]
        if row["gain"] <= 0.0:
            assert n is None
            continue
        shift, sd = row["gain"], found["pooled"]["sd"]
        bar = stats.t.ppf(0.99, 2 * n - 2)
        assert stats.nct.sf(bar, 2 * n - 2, shift / sd * math.sqrt(n / 2)) >= 0.9


CSV = "record,date,value,values\n"


def of(text: str, asked: Asked | None = None, **given: str) -> dict[str, Any]:
    """The report of a file of this text."""
    table = parse_table("f.csv", (CSV + text).encode())
    return report(table, records_of(table, given or None), asked or Asked())


def test_an_earlier_record_counts_with_or_without_seeds_and_a_tie_stays_with_the_first() -> None:
    """The best earlier value is the lowest of all before, not the last."""
    found = of(
        "1,2026-01-01,2.0,\n2,2026-01-02,2.0,\n3,2026-01-03,2.5,\n4,2026-01-04,,1.9 1.8 1.7\n"
        "5,2026-01-04,,1.9 1.85\n"
    )
    four, five = found["rows"]
    assert four["best_before"] == {"record": 1, "value": 2.0, "seeds": 0}
    assert five["best_before"] == {"record": 4, "value": pytest.approx(1.8), "seeds": 3}
    assert five["gain"] == pytest.approx(-0.075)


def test_where_larger_is_better_the_gain_is_upwards() -> None:
    """The best earlier is the largest, and a plain gain may be asked for."""
    found = of(
        "1,2026-01-01,0.5,\n2,2026-01-02,,0.6 0.61 0.62\n",
        Asked(gains=(0.05,)),
        name="value",
        direction="maximize",
    )
    (row,) = found["rows"]
    assert row["gain"] == pytest.approx(0.11)
    p = stats.ttest_1samp([0.6, 0.61, 0.62], 0.55, alternative="greater").pvalue
    assert row["tests"]["gain-0.05"]["own"]["p"] == pytest.approx(p)


def test_seeds_without_a_spread_prove_nothing_by_themselves() -> None:
    """Values rounded to one number have no t-test of their own; the pooled spread still has."""
    found = of("1,2026-01-01,2.0,\n2,2026-01-02,,1.5 1.5\n3,2026-01-03,,1.4 1.45 1.42\n")
    two, _ = found["rows"]
    assert two["tests"]["any"]["own"] is None
    assert two["tests"]["any"]["pooled"]["supported"]
    assert any("no spread: record 2" in note for note in found["notes"])
    alone = of("1,2026-01-01,2.0,\n2,2026-01-02,1.5,\n")
    assert (alone["rows"], alone["pooled"]["sd"]) == ([], None)
    assert "no record has two seeds: nothing here can be tested" in alone["notes"]


def test_a_stated_value_far_from_its_seeds_is_named() -> None:
    """And the mean counts."""
    found = of("1,2026-01-01,2.0,\n2,2026-01-02,1.0,1.5 1.51\n")
    assert any("record 2 states 1, and its seeds' mean is 1.505" in n for n in found["notes"])


def test_nats_need_bits_per_byte() -> None:
    """A gain in one unit is not asked of another, and tokens are nothing without nats."""
    with pytest.raises(UsageError, match="unit of value is not known"):
        of("1,2026-01-01,2.0,\n", Asked(nats=0.005))
    with pytest.raises(UsageError, match="say --nats"):
        of("1,2026-01-01,2.0,\n", Asked(tokens_per_byte=(0.4,)))
    found = of("1,2026-01-01,2.0,\n", Asked(nats=0.005), name="value", unit="bits/byte")
    assert found["criteria"][1]["wanted"] == pytest.approx(0.005 / math.log(2.0))
