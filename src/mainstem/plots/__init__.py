"""Pictures, as SVG that stands by itself: numbers in, text out.

Drawn here and not by a library, so that they come with `pip install mainstem`, are the same on
every machine, and keep their words as words: a reader can search them, a screen reader reads title
and description, and groups differ by dash and mark as well as by colour.
"""
