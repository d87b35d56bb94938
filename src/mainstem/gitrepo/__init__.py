"""Merges and trees: recipes made by git itself, content-addressed; a conflict is a value."""
