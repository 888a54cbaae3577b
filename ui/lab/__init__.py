"""The pages of the laboratory itself: first start, signing in."""
