"""The custody ledger: everything that the rest of the house uses of it, in one place.

Writing: `Draft`, `compose`, `sign`. Reading: `Entry`, `Content`. Judging: `KeyRing`, `verify`, `verify_links`,
`Verdict`, `breaches`.
"""

from chain_of_custody.body import GENESIS as GENESIS
from chain_of_custody.body import ChainKind as ChainKind
from chain_of_custody.body import Change as Change
from chain_of_custody.body import Content as Content
from chain_of_custody.body import Party as Party
from chain_of_custody.body import SignerRole as SignerRole
from chain_of_custody.body import SignerSlot as SignerSlot
from chain_of_custody.body import Subject as Subject
from chain_of_custody.body import utc_text as utc_text
from chain_of_custody.canonical import Json as Json
from chain_of_custody.enrolment import ADMINISTRATOR as ADMINISTRATOR
from chain_of_custody.enrolment import ENROL as ENROL
from chain_of_custody.enrolment import REPLACE as REPLACE
from chain_of_custody.enrolment import REVOKE as REVOKE
from chain_of_custody.entry import MESSAGE_PREFIX as MESSAGE_PREFIX
from chain_of_custody.entry import Draft as Draft
from chain_of_custody.entry import Entry as Entry
from chain_of_custody.entry import Signer as Signer
from chain_of_custody.entry import compose as compose
from chain_of_custody.entry import message_of as message_of
from chain_of_custody.entry import sign as sign
from chain_of_custody.keyring import KeyRing as KeyRing
from chain_of_custody.rules import Breach as Breach
from chain_of_custody.rules import breaches as breaches
from chain_of_custody.verdict import Answer as Answer
from chain_of_custody.verdict import Finding as Finding
from chain_of_custody.verdict import Verdict as Verdict
from chain_of_custody.verification import OnProgress as OnProgress
from chain_of_custody.verification import verify as verify
from chain_of_custody.verification import verify_links as verify_links
