"""Published organisations, played again: does the lab say of them what their papers say?

A module per paper, each with one `SCENARIO`; `registry` lists them, `scenario` holds their figures
against what is stated. `networks`, `kauffman` and `society` are what several of them share.
"""
