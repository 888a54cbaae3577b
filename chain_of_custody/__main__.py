"""``python -m chain_of_custody verify FILE``: check a ledger file with nothing but this folder and ``cryptography``."""

import sys

from chain_of_custody.command import main as main

if __name__ == "__main__":
    sys.exit(main())
