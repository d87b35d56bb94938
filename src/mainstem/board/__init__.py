"""The board and the report: what a ledger says, as pages that people look at.

Nothing is decided or worked out here: pages show what the commands' documented JSON says, and ask a
`Reader` for it. The web has its one home in `app`, `guard`, `live` and `serving`; pages are pure.
"""
