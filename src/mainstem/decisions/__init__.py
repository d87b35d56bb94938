"""What to run next and what to merge: (state, evidence) -> (state, actions)."""
