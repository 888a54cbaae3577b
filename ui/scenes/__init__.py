"""The Scenes page: the flows of the guidance gone through at a place."""
