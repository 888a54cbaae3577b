"""The custody ledger: everything that the rest of the house uses of it, in one place.

Writing: `Draft`, `compose`, `sign`. Reading: `Entry`, `Content`. Judging: `KeyRing`, `verify`, `verify_links`, `Verdict`.
"""

from chain_of_custody.body import GENESIS as GENESIS
from chain_of_custody.body import Change as Change
from chain_of_custody.body import ChainKind as ChainKind
from chain_of_custody.body import Content as Content
from chain_of_custody.body import Party as Party
from chain_of_custody.body import SignerRole as SignerRole
from chain_of_custody.body import SignerSlot as SignerSlot
from chain_of_custody.body import Subject as Subject
from chain_of_custody.body import utc_text as utc_text
from chain_of_custody.canonical import Json as Json
from chain_of_custody.entry import MESSAGE_PREFIX as MESSAGE_PREFIX
from chain_of_custody.entry import Draft as Draft
from chain_of_custody.entry import Entry as Entry
from chain_of_custody.entry import Signer as Signer
from chain_of_custody.entry import compose as compose
from chain_of_custody.entry import message_of as message_of
from chain_of_custody.entry import sign as sign
