from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from mainstem.tomlfiles.quantities import LARGEST_BYTES, LONGEST_S, duration_s, size_bytes


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("10m", 600.0),
        ("90s", 90.0),
        ("1h30m", 5400.0),
        ("1h 30m 5s", 5405.0),
        ("2d", 172_800.0),
        ("0.5h", 1800.0),
        (" 1 h ", 3600.0),
        (45, 45.0),
        (0.25, 0.25),
    ],
)
def test_durations(text: str | float, seconds: float) -> None:
    """Units from days to seconds, in that order, or a number of seconds."""
    assert duration_s(text) == seconds


@pytest.mark.parametrize(
    "text",
    [
        "",
        "h",
        "10",
        "10 minutes",
        "30m1h",
        "1h1h",
        "-5m",
        "1e3s",
        "\u0661m",
        "nan",
        float("nan"),
        "1m\0",
    ],
)
def test_what_is_no_duration(text: str | float) -> None:
    """Anything else is refused with what to write."""
    with pytest.raises(ValueError, match='write a duration such as "10m"'):
        duration_s(text)


@pytest.mark.parametrize("value", [0, -1, "0s", "366d", float("inf"), 10**400, "9" * 400 + "s"])
def test_a_duration_has_limits(value: str | float) -> None:
    """Nothing that a system's clock could not wait for."""
    with pytest.raises(ValueError, match="above 0 and at most 365 days"):
        duration_s(value)


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("4GB", 4 * 10**9),
        ("512MiB", 512 * 2**20),
        ("1.5 kB", 1500),
        ("1KB", 1000),
        ("1TiB", 2**40),
        ("7b", 7),
        (123, 123),
        (1e9, 10**9),
    ],
)
def test_sizes(text: str | float, size: int) -> None:
    """Powers of 1000 and of 1024, or a number of bytes."""
    assert size_bytes(text) == size


@pytest.mark.parametrize("text", ["", "4", "4G", "4 gigs", "GB", "-1GB", "1iB", "4PB"])
def test_what_is_no_size(text: str) -> None:
    """Anything else is refused with what to write; a bare G could be either."""
    with pytest.raises(ValueError, match='write a size such as "4GB"'):
        size_bytes(text)


@pytest.mark.parametrize(
    "value", [0, -1, "0GB", 2**63, float("inf"), float("nan"), "9" * 400 + "B"]
)
def test_a_size_has_limits(value: str | float) -> None:
    """Nothing that a system's limits could not hold."""
    with pytest.raises(ValueError, match="at least one byte"):
        size_bytes(value)


@given(st.text(max_size=8) | st.integers() | st.floats())
def test_any_value_is_within_the_limits_or_refused(value: str | float) -> None:
    """Whatever stands there, the answer is usable or a ValueError."""
    for read, most in ((duration_s, LONGEST_S), (size_bytes, LARGEST_BYTES)):
        try:
            found = read(value)
        except ValueError:
            continue
        assert 0 < found <= most
