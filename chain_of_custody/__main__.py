"""``python -m chain_of_custody verify FOLDER``: check a custody folder with this one and ``cryptography``."""

import sys

from chain_of_custody.command import main as main

if __name__ == "__main__":
    sys.exit(main())
