"""Addresses and keys of virtual currencies by published vectors; each vector with one letter changed is refused."""

import hashlib
import string
import unicodedata
import zlib
from importlib.resources import files

import pytest

from evidence.detectors import base58, bech32
from evidence.detectors.base import CANDIDATE, CHECKED, UNCHECKED, Found
from evidence.detectors.evm import with_checksum
from evidence.detectors.keccak import keccak_256
from evidence.detectors.scanning import find_all
from evidence.detectors.words import BIP39

ADDRESSES = {
    # the first block; a well-known one of P2SH; BIP-173 and BIP-350
    "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa": "Bitcoin address",
    "3J98t1WpEZ73CNmQviecrnyiWrnqRhWNLy": "Bitcoin address",
    "mipcBbFg9gMiCh81Kj8tqqdgoZub1ZJRfn": "Bitcoin test network address",
    "2MzQwSSnBHWHqSAqtTVQ6v47XtaisrJa1Vc": "Bitcoin test network address",
    "BC1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3T4": "Bitcoin address",
    "tb1qrp33g0q5c5txsp9arysrx4k6zdkfs4nce4xj0gdcccefvpysxf3q0sl5k7": "Bitcoin test network address",
    "bc1pw508d6qejxtdg4y5r3zarvary0c5xw7kw508d6qejxtdg4y5r3zarvary0c5xw7kt5nd6y": "Bitcoin address",
    "BC1SW50QGDZ25J": "Bitcoin address",
    "bc1zw508d6qejxtdg4y5r3zarvaryvaxxpcs": "Bitcoin address",
    "tb1pqqqqp399et2xygdj5xreqhjjvcmzhxw4aywxecjdzew6hylgvsesf3hn0c": "Bitcoin test network address",
    "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0": "Bitcoin address",
    "LM2WMpR1Rp6j3Sa59cMXMs1SPzj9eXpGc1": "Litecoin address",
    "DH5yaieqoZN36fDVciNyRueRGvGLR3mr7L": "Dogecoin address",
    "t3Vz22vK5z2LcKEdg16Yv4FFneEL1zg9ojd": "Zcash transparent address",
    "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t": "Tron address",
    # the specification of CashAddr
    "bitcoincash:qpm2qsznhks23z7629mms6s4cwef74vcwvy22gdx6a": "Bitcoin Cash address",
    "bitcoincash:ppm2qsznhks23z7629mms6s4cwef74vcwvn0h829pq": "Bitcoin Cash address",
    "BITCOINCASH:QR95SY3J9XWD2AP32XKYKTTR4CVCU7AS4Y0QVERFUY": "Bitcoin Cash address",
    # CHIP-2022-02: addresses that know tokens; the test network
    "bitcoincash:zpm2qsznhks23z7629mms6s4cwef74vcwvrqekrq9w": "Bitcoin Cash address",
    "bitcoincash:zr6m7j9njldwwzlg9v7v53unlr4jkmx6eycnjehshe": "Bitcoin Cash address",
    "bchtest:pr6m7j9njldwwzlg9v7v53unlr4jkmx6eyvwc0uz5t": "Bitcoin Cash test network address",
    "addr_test1vz2fxv2umyhttkxyxp8x0dlpdt3k6cwng5pxj3jhsydzerspjrlsz": "Cardano test network address",
    # Monero: its donation address, a subaddress
    "44AFFq5kSiGBoZ4NMDwYtN18obc8AemS33DBLWs3H7otXft3XjrpDtQGv7SqSsaBYBb98uNbr2VBBEt7f2wfn3RVGQBEP3A": "Monero address",
    "888tNkZrPN6JsEgekjMnABU4TBzc2Dt29EPAvkRxbANsAnjyPbb3iQ1YBRk1UXcdRsiKc9dhwMVgN5S9cQUiyoogDavup3H": "Monero address",
    # the XRP Ledger: the first account, account zero
    "rHb9CJAWyB4rj91VRWn96DkukG4bwdtyTh": "XRP account",
    "rrrrrrrrrrrrrrrrrrrrrhoLvTp": "XRP account",
    # CIP-19
    "addr1qx2fxv2umyhttkxyxp8x0dlpdt3k6cwng5pxj3jhsydzer3n0d3vllmyqwsx5wktcd8cc3sq835lu7drv2xwl2wywfgse35a3x": (
        "Cardano address"
    ),
    "addr1vx2fxv2umyhttkxyxp8x0dlpdt3k6cwng5pxj3jhsydzers66hrl8": "Cardano address",
    "stake1uyehkck0lajq8gr28t9uxnuvgcqrc6070x3k9r8048z8y5gh6ffgw": "Cardano address",
    "xpub661MyMwAqRbcFtXgS5sYJABqqG9YLmC4Q1Rdap9gSE8NqtwybGhePY2gZ29ESFjqJoCu1Rupje8YtGqsefD265TMg7usUDFdp6W1EGMcet8": (
        "extended public key"
    ),
}
SECRETS = {
    # BIP-32, BIP-38, the wiki of Bitcoin, the documentation of the XRP Ledger
    "xprv9s21ZrQH143K3QTDL4LXw2F7HEK3wJUD2nW2nRk4stbPy6cq3jPPqjiChkVvvNKmPGJxWUtg6LnF5kejMRNNU3TGtRBeJgk33yuGBxrMPHi": (
        "extended private key"
    ),
    "6PRVWUbkzzsbcVac2qwfssoUJAN1Xhrg6bNk8J7Nzm5H7kxEbn2Nh2ZoGg": "encrypted private key (BIP-38)",
    "5HueCGU8rMjxEXxiPuD5BDku4MkFqeZyd4dZ1jvhTVqvbTLvyTJ": "private key (WIF)",
    "KwdMAjGmerYanjeui5SHS7JkmpZvVipYvB2LJGU1ZxJwYvP98617": "private key (WIF)",
    "snoPBrXtMeMyMHUVTgbuqAfg1SUTb": "XRP secret",
}
EIP_55 = (
    "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
    "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359",
    "0xdbF03B407c01E7cD3CBea99509d93f8DDDC8C6FB",
    "0xD1220A0cf47c7B9Be7A2E6BA89F429762e7b9aDb",
)
PHRASES = (
    " ".join(["abandon"] * 11 + ["about"]),
    "legal winner thank year wave sausage worth useful legal winner thank yellow",
    " ".join(["zoo"] * 11 + ["wrong"]),
    "letter advice cage absurd amount doctor acoustic avoid letter advice cage absurd amount doctor acoustic avoid "
    "letter always",
    " ".join(["abandon"] * 23 + ["art"]),
    "hamster diagram private dutch cause delay private meat slide toddler razor book happy fancy gospel tennis maple "
    "dilemma loan word shrug inflict delay length",
)


def of_currency(text: str) -> list[Found]:
    return [one for one in find_all(text.encode()) if one.validity in (CHECKED, CANDIDATE, UNCHECKED)]


def mutations(word: str) -> list[str]:
    """The word with one letter or digit after the other changed to its neighbour of the same sort."""
    sorts = (string.digits, string.ascii_lowercase, string.ascii_uppercase)
    return [
        word[:at] + letters[(letters.index(char) + 1) % len(letters)] + word[at + 1 :]
        for at, char in enumerate(word)
        for letters in sorts
        if char in letters
    ]


@pytest.mark.req("REQ-57")
@pytest.mark.parametrize(("word", "kind"), ADDRESSES.items())
def test_a_published_address_is_found_where_it_stands_and_no_changed_one(word: str, kind: str) -> None:
    (found,) = of_currency(f"pay to {word}, now")
    assert (found.kind, found.text, found.validity) == (kind, word, CHECKED)
    assert (found.start, found.end) == (7, 7 + len(word))
    prefix, _, content = word.rpartition(":")
    for changed in (f"{prefix}:{one}" if prefix else one for one in mutations(content)):
        if changed.lower() != word.lower():
            assert [one for one in of_currency(f"pay to {changed}, now") if one.validity == CHECKED] == [], changed


@pytest.mark.req("REQ-57", "REQ-58")
@pytest.mark.parametrize(("word", "kind"), SECRETS.items())
def test_a_published_private_key_is_found_and_masked(word: str, kind: str) -> None:
    (found,) = [one for one in of_currency(f"key={word};") if one.validity == CHECKED]
    assert (found.kind, found.start, found.end) == (kind, 4, 4 + len(word))
    assert len(found.text.partition("***")[0]) <= 4
    assert word[5:15] not in found.text
    for changed in mutations(word)[4:]:
        assert [one for one in of_currency(f"key={changed};") if one.validity == CHECKED] == [], changed


@pytest.mark.req("REQ-57")
@pytest.mark.parametrize("word", EIP_55)
def test_the_case_of_an_ethereum_address_is_its_checksum(word: str) -> None:
    assert [(one.text, one.validity) for one in of_currency(f"to {word}.")] == [(word, CHECKED)]
    assert [one.validity for one in of_currency(f"to {word.lower()}.")] == [UNCHECKED]
    assert [one.validity for one in of_currency(f"to 0x{word[2:].upper()}.")] == [UNCHECKED]
    for at in (at for at, char in enumerate(word[2:], 2) if char.isalpha()):
        assert of_currency(f"to {word[:at]}{word[at].swapcase()}{word[at + 1 :]}.") == []


def test_keccak_is_the_one_of_ethereum_and_not_sha3() -> None:
    assert keccak_256(b"").hex() == "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470"
    assert keccak_256(b"abc").hex() == "4e03657aea45a94fc7d47ba826c8d667c0d1e6e33a64a036ec44f58fa12d6c45"
    assert keccak_256(b"") != hashlib.sha3_256(b"").digest()
    assert with_checksum("00" * 20) == "00" * 20


@pytest.mark.parametrize(
    "word",
    [
        "tc1qw508d6qejxtdg4y5r3zarvary0c5xw7kg3g4ty",
        "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t5",
        "BC13W508D6QEJXTDG4Y5R3ZARVARY0C5XW7KN40WF2",
        "bc1rw5uspcuh",
        "bc10w508d6qejxtdg4y5r3zarvary0c5xw7kw508d6qejxtdg4y5r3zarvary0c5xw7kw5rljs90",
        "BC1QR508D6QEJXTDG4Y5R3ZARVARYV98GJ9P",
        "tb1qrp33g0q5c5txsp9arysrx4k6zdkfs4nce4xj0gdcccefvpysxf3q0sL5k7",
        "bc1zw508d6qejxtdg4y5r3zarvaryvqyzf3du",
        "tb1qrp33g0q5c5txsp9arysrx4k6zdkfs4nce4xj0gdcccefvpysxf3pjxtptv",
        "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqh2y7hd",
        "tb1z0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqglt7rf",
        "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kemeawh",
        "tb1q0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vq24jc47",
        "bc1p38j9r5y49hruaue7wxjce0updqjuyyx0kh56v8s25huc6995vvpql3jow4",
        "bc1pw5dgrnzv",
        "bc1gmk9yu",
    ],
)
def test_what_the_specifications_list_as_invalid_is_not_found(word: str) -> None:
    assert of_currency(f" {word} ") == []


def test_a_solana_account_is_told_as_unchecked() -> None:
    word = "TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA"
    assert [(one.kind, one.validity) for one in of_currency(f"({word})")] == [("Solana account", UNCHECKED)]


def test_an_address_of_cardanos_first_era_is_checked_by_its_crc() -> None:
    inner = bytes(range(33))
    content = b"\x82\xd8\x18\x58" + bytes([len(inner)]) + inner + b"\x1a" + zlib.crc32(inner).to_bytes(4, "big")
    _is_one_of_cardano(content)


@pytest.mark.parametrize(("number", "check"), [(57294, "190cea"), (84478, "197bed")])
def test_a_crc_of_two_bytes_is_written_in_two(number: int, check: str) -> None:
    inner = number.to_bytes(33, "big")
    assert zlib.crc32(inner) == int(check[2:], 16)
    _is_one_of_cardano(b"\x82\xd8\x18\x58\x21" + inner + bytes.fromhex(check))


def _is_one_of_cardano(content: bytes) -> None:
    number, word = int.from_bytes(content, "big"), ""
    while number:
        number, digit = divmod(number, 58)
        word = chr(base58.BITCOIN[digit]) + word
    assert [one.kind for one in of_currency(f" {word} ")] == ["Cardano address"]
    assert of_currency(f" {word[:-1]}{'2' if word[-1] != '2' else '3'} ") == []


def test_the_longest_words_of_bech32_and_bech32m_are_decoded() -> None:
    for word in (
        "A12UEL5L",
        "an83characterlonghumanreadablepartthatcontainsthenumber1andtheexcludedcharactersbio1tt5tgs",
    ):
        parts = bech32.decoded(word)
        assert parts is not None
        assert parts[2] == bech32.BECH32
    parts = bech32.decoded("A1LQFN3A")
    assert parts is not None
    assert parts[2] == bech32.BECH32M


@pytest.mark.req("REQ-58")
@pytest.mark.parametrize("phrase", PHRASES)
def test_a_published_seed_phrase_is_a_masked_candidate(phrase: str) -> None:
    words = phrase.split()
    forms = [phrase, phrase.upper(), "\n".join(words), " ".join(f"{n}. {w}" for n, w in enumerate(words, 1))]
    for form in forms:
        (found,) = [one for one in find_all(f"Remember: {form} !".encode()) if one.kind == "seed phrase (BIP-39)"]
        assert found.validity == CANDIDATE
        assert found.text == f"*** ({len(words)} words, english)"
        assert not any(word in found.text.split() for word in words if word != "words")


@pytest.mark.req("REQ-58")
def test_a_phrase_with_a_wrong_word_is_no_candidate() -> None:
    for phrase in PHRASES[:2]:
        words = phrase.split()
        assert find_all(" ".join([*words[:-1], "zebra"]).encode()) == []
        assert find_all(" ".join([*words[:5], "telephone", *words[6:]]).encode()) == []


@pytest.mark.parametrize("language", BIP39)
def test_phrases_in_all_ten_languages_are_found(language: str) -> None:
    listed = (files("mnemonic") / "wordlist" / f"{language}.txt").read_text("utf-8").split()
    entropy = bytes(range(7, 23))
    bits = int.from_bytes(entropy, "big") << 4 | hashlib.sha256(entropy).digest()[0] >> 4
    words = [listed[bits >> 11 * (11 - at) & 2047] for at in range(12)]
    between = "\u3000" if language == "japanese" else " "
    for form in ("NFC", "NFKD"):
        text = f"x {between.join(unicodedata.normalize(form, word) for word in words)} x".encode()
        found = [one for one in find_all(text) if one.validity == CANDIDATE]
        assert [one.text.split(",")[0] for one in found] == ["*** (12 words"], form


@pytest.mark.req("REQ-57")
@pytest.mark.parametrize(
    ("before", "validity"),
    [
        ("bifcoincash:", UNCHECKED),
        ("BitcoinCasx:", UNCHECKED),
        ("wallet:", CHECKED),
        ("", CHECKED),
        ("transferred:", CHECKED),
    ],
)
def test_a_cash_address_behind_a_wrong_prefix_is_not_told_as_checked(before: str, validity: str) -> None:
    address = "qpm2qsznhks23z7629mms6s4cwef74vcwvy22gdx6a"
    (found,) = find_all(f" {before}{address} ".encode())
    assert (found.text, found.validity) == (address, validity)
