"""What build_spec/dev.py does, step by step. Standard library only."""
