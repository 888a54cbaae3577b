"""A second verifier of ledger files, made from ``chain_of_custody/ledger-format.md``; it shares no code with ours."""
