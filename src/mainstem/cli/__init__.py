"""The command: a module per call; renders, decides nothing."""
