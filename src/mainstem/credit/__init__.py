"""Who earned what of a measured gain: draws in, frozen records out. It knows no names of people."""
