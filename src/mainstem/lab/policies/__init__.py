"""Ways to work: each policy a module with its parameters and where they come from."""
