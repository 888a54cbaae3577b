"""All detectors. A new kind is one file and one line here."""

from __future__ import annotations

from evidence.detectors import (
    bitcoin,
    cardano,
    cards,
    cashaddr,
    coordinates,
    evm,
    iban,
    mail,
    monero,
    network,
    phone,
    private_keys,
    ripple,
    seeds,
    solana,
    web,
)
from evidence.detectors.base import Detector

_SECRET_KINDS = (*private_keys.SECRET_KINDS, ripple.SECRET, *seeds.KINDS)
DETECTORS = tuple(
    Detector(
        kinds=module.KINDS, find=module.find, longest_bytes=module.LONGEST_BYTES,
        signs=module.SIGNS, reach_bytes=getattr(module, "REACH_BYTES", module.LONGEST_BYTES),
        secret_kinds=tuple(kind for kind in module.KINDS if kind in _SECRET_KINDS),
    )
    for module in (
        mail, web, network, phone, iban, cards, coordinates, bitcoin, cashaddr, evm, monero, ripple, cardano, solana,
        private_keys, seeds,
    )
)  # fmt: skip
