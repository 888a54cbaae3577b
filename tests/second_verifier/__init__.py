"""A second verifier of ledger files, made from ``docs/ledger-format.md``; it shares no code with ours."""
