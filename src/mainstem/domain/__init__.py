"""The nouns of Mainstem, frozen: what everything else passes around.

Nothing here reads a clock, a file or a generator; every record is immutable and compares by value.
"""
