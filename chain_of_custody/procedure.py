"""The written procedure that lies in a custody folder: how to verify it on a machine without the program."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from chain_of_custody.file import ChainPart


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where a custody folder comes from. `root` is the fingerprint of the lab's root key, hexadecimal."""

    lab: str
    case: str
    root: str
    written_at: str
    program: str


_TEXT: Final = """\
HOW TO VERIFY THIS CUSTODY RECORD

Laboratory:     {lab}
Case:           {case}
Written at:     {written_at}
Written by:     {program}

This folder holds the custody record of one case: every act, in order, signed by who did it. You can verify it on any
computer, without the program that wrote it and without asking the laboratory, except for one number (step 3).

WHAT IS IN THE FOLDER

  ledger.jsonl    the record: the chain of the laboratory (people and their keys) and the chain of the case
  keys.json       every public key, with its certificate of registration: the signed entry that enrolled or ended it
  anchors.json    the places in the laboratory's chain at which the head of the case's chain was written down
  time-stamps/    if there are any: what an independent time-stamp authority signed (RFC 3161), see below
  SHA256SUMS      the SHA-256 of every file here, to notice damage in transport; it is not signed and proves no more
  ledger-format.md
                  how the record is written, and all that is needed to write another verifier
  verifier/       the program that verifies, as Python source text that can be read
  PROCEDURE.txt   this text

WHAT YOU NEED

A computer with Python 3.11 or newer and the Python package "cryptography".
Nothing else. If you do not want to use the verifier that came with the folder, take it from a copy of the program that
you got elsewhere, or write your own by ledger-format.md, which lies in this folder.

STEPS

1. Copy the folder to your computer and open a terminal in it.

2. Install the package, once:

       python -m pip install cryptography

3. Ask the laboratory for the fingerprint of its root key, by other means than this folder: it stands on paper there.
   Everything that is trusted is trusted relative to this number. This folder says:

       {root}

   If the paper has another number, stop: the record is not from that laboratory.

4. Change into the folder "verifier" and run this, as one line, with the number from the paper:

       python -m chain_of_custody verify .. --root NUMBER-FROM-THE-PAPER

5. Read the answers. For each chain there are these, and they mean different things:

       intact    no entry was changed, removed, added or moved
       signed    every entry bears the signatures that it asks for
       trusted   every key belonged to the person named at that time, by an enrolment that leads back to the root key

   "allowed" says whether every act of custody was possible in the state that the exhibit was in, and was signed by
   those who had to sign it and held the role for it; each act that was not is named.

   "anchored until" names the last entry of the case whose digest was written into the laboratory's chain. Entries up
   to it cannot have been cut off from the end of the case without that being found. What comes after it could have
   been; compare the number of entries and the head below with a report or a custody form that you hold on paper.

   Then each entry follows, with its own answers. The exit status is 0 when everything is in order, 1 when something
   is not or could not be found out, 3 when the folder cannot be read. A custody folder holds every entry; of a ledger
   file alone in which entries are withheld (only their digests stand in it) the answers are "not known", and 3.

WHAT IT SHOULD SAY

{heads}

TIME STAMPS

If the laboratory had heads of its chain stamped by a time-stamp authority, "anchored until" says so for its chain. The
verifier checks each stamp against the authority's certificate, which the laboratory recorded: compare its fingerprint
with what the authority publishes. With OpenSSL 3, for the stamp in entry N, in the folder "time-stamps":

    openssl ts -verify -data N.head -in N.tsr -CAfile authorities.pem

BY HAND

Each line of ledger.jsonl but the first is an entry: "body" is the text that was signed, "signatures" are hexadecimal.
An entry's digest is the SHA-256 of the body followed by the signatures as bytes, and the next entry of the same chain
names it as "previous". A signature is Ed25519 over "forensics-ledger/1", a line feed, and the body. With OpenSSL 3:

    openssl pkeyutl -verify -rawin -pubin -keyform DER -inkey KEY -in MESSAGE -sigfile SIGNATURE

where KEY is the bytes 302a300506032b6570032100 followed by the 32 bytes of the public key.
"""


def procedure(origin: Origin, parts: Sequence[ChainPart]) -> bytes:
    """Return the text, in UTF-8."""
    heads = "\n".join(
        f"  {part.kind} chain {part.chain}\n    entries: {part.announced_entries}\n"
        f"    head:    {part.announced_head.hex()}"
        for part in parts
    )
    return _TEXT.format(
        lab=origin.lab,
        case=origin.case,
        written_at=origin.written_at,
        program=origin.program,
        root=origin.root,
        heads=heads,
    ).encode()
