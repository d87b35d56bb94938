"""The append-only, hash-chained record of every proposal, trial and decision."""
