"""Where trials run. A trial is data, so every executor runs the same thing."""
