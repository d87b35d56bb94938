"""Colours that everybody can read, in the light and in the dark."""

from __future__ import annotations

import itertools

import pytest

from mainstem.plots import colours
from mainstem.plots.colours import Colour, contrast

SCHEMES = ("light", "dark")


def of(one: Colour, scheme: str) -> str:
    """A colour in a scheme."""
    return one.light if scheme == "light" else one.dark


def test_contrast_is_that_of_the_guidelines() -> None:
    """Black on white is 21; the grey of their examples is just enough."""
    assert contrast("#000000", "#ffffff") == pytest.approx(21.0)
    assert contrast("#ffffff", "#ffffff") == 1.0
    assert contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.01)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_whatever_is_read_is_plain_on_what_it_stands_on(scheme: str) -> None:
    """A contrast of 4.5 to 1 at least (WCAG 2.2, 1.4.3), on the ground and on soft ground."""
    for one in (colours.INK, colours.PALE, colours.LINK, *colours.KINDS):
        for ground in (colours.GROUND, colours.SOFT):
            assert contrast(of(one, scheme), of(ground, scheme)) >= 4.5, (one.name, ground.name)
    for word, ground in colours.TONES:
        assert contrast(of(word, scheme), of(ground, scheme)) >= 4.5, word.name
        assert contrast(of(word, scheme), of(colours.GROUND, scheme)) >= 4.5, word.name
        assert contrast(of(colours.INK, scheme), of(ground, scheme)) >= 4.5, ground.name


@pytest.mark.parametrize("scheme", SCHEMES)
def test_signs_in_cells_are_plain_and_strength_can_be_seen_without_hue(scheme: str) -> None:
    """Ink on the weak ones, the ground's colour on the strongest; each darker than the last."""
    for scale in (colours.LOSSES, colours.GAINS):
        for one in scale[:3]:
            assert contrast(of(colours.INK, scheme), of(one, scheme)) >= 4.5, one.name
        assert contrast(of(colours.GROUND, scheme), of(scale[3], scheme)) >= 4.5
        strength = [contrast(of(one, scheme), of(colours.GROUND, scheme)) for one in scale]
        assert strength == sorted(strength)
        assert all(b / a > 1.15 for a, b in itertools.pairwise(strength))


def test_every_colour_has_a_name_of_its_own() -> None:
    """It is a class and a custom property."""
    names = [one.name for one in colours.EVERY]
    assert len(set(names)) == len(names)
