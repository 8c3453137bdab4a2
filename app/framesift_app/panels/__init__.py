"""The parts of the window. Each knows the session and no other panel."""
