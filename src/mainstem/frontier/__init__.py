"""How far the trunk is from results elsewhere, when it will be there, and what closes most of it.

Handed the record, the stack and what `frontier.toml` says; it decides nothing, and nothing that
decides knows of it.
"""
