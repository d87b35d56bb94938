"""The loop that turns decisions into trials, and the doors it needs to the world."""
