"""Whatever a picture may be asked to draw."""

from __future__ import annotations

from hypothesis import strategies as st

HOSTILE = '"><script>alert(1)</script>&amp;\x1b[2J\x00\u202eabc'

numbers = st.one_of(
    st.floats(),  # nan, infinities and the largest too
    st.floats(-10.0, 10.0),
    st.sampled_from([0.0, -0.0, 1.0, 5e-324, 1e308, -1e308]),
)
maybe = st.one_of(st.none(), numbers)
margins = st.one_of(st.floats(0.0, 10.0), st.sampled_from([0.0, 1e-300, 1e300]))
words = st.one_of(
    st.sampled_from(["", "muon", HOSTILE, "x" * 5000, "\u6c34" * 80, "W" * 90]),
    st.text(max_size=30),
)
hrefs = st.one_of(st.none(), st.sampled_from(["/proposals/muon", "#a", "https://example.org/?a&b"]))
