"""The arena with two rungs: a method chooses which recipe to run and at which scale.

What is found is judged at the top rung alone; what is counted is cost. Small runs are cheap and may
mislead: the landscapes say by how much, and some are made to mislead on purpose.
"""
