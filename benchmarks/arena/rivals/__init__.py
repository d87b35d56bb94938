"""The methods of the arena, one module each.

A module has `LABEL` (its row in the tables), `VERSION` (what its cached results are filed under:
raise it when the method changes), `NEEDS` (packages beyond numpy and scipy), `SLOW` (whether it is
played fewer times), `MODELLED` (whether it is also scored with a model's recommendation), and
`play(meter, budget, rng)`.
"""
