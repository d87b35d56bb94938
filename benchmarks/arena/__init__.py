"""The arena: Mainstem beside its rivals on landscapes whose truth is known.

A *landscape* hides the expected value of every recipe and hands out noisy runs. A *method* spends
runs and says after each of them which recipe it would merge now. The arena measures how soon that
recipe is as good as the best one, and stays so.
"""
