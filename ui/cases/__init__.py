"""The Cases page: which cases there are, on what authority, and what may be done with them."""
