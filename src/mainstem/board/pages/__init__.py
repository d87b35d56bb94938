"""The pages, in the order of the menu; a module each."""

from __future__ import annotations

from mainstem.board.pages import about

PAGES = (about.PAGE,)
