"""The custody folder of a case: written whole or not at all, for people who have nothing of the program."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from importlib.resources import files
from pathlib import Path

from chain_of_custody.file import ChainPart, lines_of
from chain_of_custody.folder import (
    ANCHORS,
    FORMAT,
    KEYS,
    LEDGER,
    PROCEDURE,
    SUMS,
    VERIFIER,
    anchors_document,
    keys_document,
    stamp_files,
    sums_of,
)
from chain_of_custody.ledger import GENESIS, ChainKind, Entry
from chain_of_custody.procedure import Origin, procedure
from forensics_app.services.folder import write_whole
from forensics_app.services.whole_folder import folder_in_the_making

Chains = Sequence[tuple[str, ChainKind, Sequence[Entry]]]


def write_folder(target: Path, chains: Chains, origin: Origin) -> bytes:
    """Write a custody folder; it gets its name when it is whole.

    Args:
        target: A name that nothing bears.
        chains: Id, kind and entries of each chain, the lab chain first.
        origin: What the written procedure says of where it comes from.

    Returns:
        SHA-256 of the ledger file in it.

    Raises:
        RefusedError: The name is taken.
        LabUnusableError: It cannot be written; no part of it is left.
    """
    with folder_in_the_making(target) as part:
        digests = {LEDGER: write_whole(part / LEDGER, lines_of(chains))}
        for name, content in _others(chains, origin).items():
            (part / name).parent.mkdir(parents=True, exist_ok=True)
            digests[name] = write_whole(part / name, [content])
        write_whole(part / SUMS, [sums_of(digests)])
    return digests[LEDGER]


def _others(chains: Chains, origin: Origin) -> Mapping[str, bytes]:
    """Content by name of every file that stands beside the ledger file."""
    lab = chains[0][2]
    return {
        KEYS: keys_document(lab),
        ANCHORS: anchors_document(lab, [chain for chain, kind, _ in chains if kind == "case"]),
        PROCEDURE: procedure(origin, list(_parts(chains))),
        **stamp_files(lab),
        FORMAT: (files("chain_of_custody") / FORMAT).read_bytes(),
        **_verifier(),
    }


def _parts(chains: Chains) -> Iterable[ChainPart]:
    for chain, kind, entries in chains:
        yield ChainPart(
            chain=chain,
            kind=kind,
            entries=tuple(entries),
            announced_entries=len(entries),
            announced_head=entries[-1].digest if entries else GENESIS,
        )


def _verifier() -> Mapping[str, bytes]:
    """The source text of the verifier."""
    package = files("chain_of_custody")
    return {
        f"{VERIFIER}/chain_of_custody/{one.name}": one.read_bytes()
        for one in package.iterdir()
        if one.is_file() and one.name.endswith(".py")
    }
