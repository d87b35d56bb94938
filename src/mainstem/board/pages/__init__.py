"""The pages, in the order of the menu; a module each."""

from __future__ import annotations

from mainstem.board.pages import (
    about,
    audit,
    credit,
    frontier,
    interactions,
    lab,
    ledger,
    proposal,
    proposals,
    recipes,
    run,
    runs,
    shares,
    stack,
    trunk,
)

PAGES = (
    trunk.PAGE,
    proposals.PAGE,
    proposal.PAGE,
    interactions.PAGE,
    recipes.PAGE,
    runs.PAGE,
    run.PAGE,
    stack.PAGE,
    credit.PAGE,
    shares.PAGE,
    audit.PAGE,
    frontier.PAGE,
    lab.PAGE,
    ledger.PAGE,
    about.PAGE,
)
