"""What recipes are truly worth: each kind of landscape a module."""
