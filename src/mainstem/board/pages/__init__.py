"""The pages, in the order of the menu; a module each."""

from __future__ import annotations

from mainstem.board.pages import (
    about,
    audit,
    credit,
    frontier,
    lab,
    ledger,
    proposal,
    proposals,
    run,
    runs,
    shares,
    stack,
)

PAGES = (
    proposals.PAGE,
    proposal.PAGE,
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
