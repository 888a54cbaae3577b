"""The review page: what waits for a supervisor, what is late, and what was cut off."""
