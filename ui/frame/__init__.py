"""The frame of the window: rail, top bar, help."""
