"""People: whose proposals are, and what their share is. Handed a record and the commits' authors.

The only package that knows names. Nothing that decides may import it, and what it hands down to the
engine are numbers: which proposals belong together, and how large a claim is.
"""
