"""Tables of real training runs: how they are made, kept, read and analysed.

From the folder `benchmarks`:

    python -m tables.make_tinylm        # needs the extra `tinylm`; an hour on a free core
    python -m tables.make_classifier    # needs the extra `bench`; a quarter of an hour
    python -m tables.pack tinylm10 classifier12
    python -m tables.analyse            # --write puts it into docs/tables.md
"""
