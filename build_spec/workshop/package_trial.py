"""x."""


def run() -> int:
    """X."""
    return 0
