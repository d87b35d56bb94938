"""The style sheet, and pages that need nothing else."""

from __future__ import annotations

import base64
import hashlib
import re

from mainstem.domain.verdict import VerdictKind
from mainstem.plots import colours, sheet


def test_every_colour_is_defined_and_every_use_is_of_one() -> None:
    """In the light, in the dark and on paper."""
    used = set(re.findall(r"var\(--([\w-]+)\)", sheet.STYLE))
    for one in colours.EVERY:
        assert sheet.STYLE.count(f"--{one.name}: {one.light};") == 2
        assert sheet.STYLE.count(f"--{one.name}: {one.dark};") == 1
    assert used <= {one.name for one in colours.EVERY}


def test_every_colour_of_a_picture_can_be_filled_and_stroked() -> None:
    """By the classes that pictures use."""
    for one in colours.PICTURE:
        assert f".f-{one.name} {{ fill: var(--{one.name}); }}" in sheet.STYLE
        assert f".s-{one.name} {{ stroke: var(--{one.name}); }}" in sheet.STYLE


def test_every_verdict_has_its_badge() -> None:
    """By its own name."""
    assert set(sheet.VERDICTS) == set(VerdictKind)
    assert all(f".badge.{kind}" in sheet.STYLE for kind in VerdictKind)


def test_braces_are_balanced_and_nothing_is_fetched() -> None:
    """A sheet that a browser reads to its end, alone."""
    assert sheet.STYLE.count("{") == sheet.STYLE.count("}")
    assert "url(" not in sheet.STYLE
    assert "@import" not in sheet.STYLE


def test_a_document_allows_its_own_style_and_nothing_else() -> None:
    """By the digest of what stands between its tags; its title is text."""
    text = sheet.document("<b>", "<h1>x</h1>", more=".own { color: var(--ink); }")
    style = re.search(r"<style>(.*)</style>", text, flags=re.DOTALL)
    assert style is not None
    assert style[1].endswith(".own { color: var(--ink); }")
    digest = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    assert f"default-src 'none'; style-src 'sha256-{digest}'" in text
    assert "<title>&lt;b&gt;</title>" in text
    assert '<html lang="en">' in text
