"""Every TOML file becomes records here; all errors of a file are reported at once, with lines."""
