"""How far the trunk is from results elsewhere, and what others' records and runs support.

Handed the record, the stack and what files say; it decides nothing, and nothing that decides knows
of it.
"""
