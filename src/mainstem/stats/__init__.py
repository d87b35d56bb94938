"""Statistics: arrays in, arrays out. No names, no clocks, no global random state."""
