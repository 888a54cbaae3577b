"""The Examine page: what lies in the images of a case."""
