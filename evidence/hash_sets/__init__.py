"""Sets of digests: read from what others publish, kept as sorted files, and looked up."""
