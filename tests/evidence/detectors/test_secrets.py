"""A secret stands in clear in no find, whatever else it stands in."""

import pytest

from evidence.detectors.scanning import find_all, scan
from evidence.detectors.table import DETECTORS

SECRETS = {
    "extended private key": (
        "xprv9s21ZrQH143K3QTDL4LXw2F7HEK3wJUD2nW2nRk4stbPy6cq3jPPqjiChkVvvNKmPGJxWUtg6LnF5kejMRNNU3TGtRBeJgk33yuGBxrMPHi"
    ),
    "encrypted private key (BIP-38)": "6PRVWUbkzzsbcVac2qwfssoUJAN1Xhrg6bNk8J7Nzm5H7kxEbn2Nh2ZoGg",
    "private key (WIF)": "5HueCGU8rMjxEXxiPuD5BDku4MkFqeZyd4dZ1jvhTVqvbTLvyTJ",
    "XRP secret": "snoPBrXtMeMyMHUVTgbuqAfg1SUTb",
    "seed phrase (BIP-39)": "zoo-zoo-zoo-zoo-zoo-zoo-zoo-zoo-zoo-zoo-zoo-wrong",
    "seed share (SLIP-39)": (
        "duckling-enlarge-academic-academic-agency-result-length-solution-fridge-kidney-coal-piece-deal-husband-erode-"
        "duke-ajar-critical-decision-keyboard"
    ),
    "seed phrase (Monero)": (
        "ought-knowledge-upright-innocent-eldest-nerves-gopher-fowls-below-exquisite-aces-basin-fowls"
    ),
}
AROUND = (
    "see https://example.org/?key={}&more=1#end now", "https://{}@example.org/", "mail {}@example.org,",
    "ada@{}.example.org", "smb://server.example/{}/x.txt", "key={};", "https://example.org/?a={0}&b={0}",
    "https://example.org/?to=https%3A%2F%2Fexample.com%2F%3Fkey%3D{}%26more",
)  # fmt: skip


@pytest.mark.req("REQ-58")
def test_the_kinds_tried_here_are_all_secret_kinds() -> None:
    assert {kind for detector in DETECTORS for kind in detector.secret_kinds} == set(SECRETS)


@pytest.mark.req("REQ-58")
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16-le"])
@pytest.mark.parametrize("kind", SECRETS)
def test_no_find_shows_a_secret_that_it_overlaps(kind: str, encoding: str) -> None:
    secret = SECRETS[kind]
    for around in AROUND:
        found = find_all(around.format(secret).encode(encoding))
        assert kind in {one.kind for one in found}, around
        for one in found:
            assert not any(secret[at : at + 8] in one.text for at in range(len(secret) - 7)), one


@pytest.mark.req("REQ-58")
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16-le"])
def test_what_is_no_secret_of_an_address_stays_to_be_read(encoding: str) -> None:
    secret = SECRETS["private key (WIF)"]
    data = f"https://example.org/?wif={secret}&n=1 and {secret}@example.org".encode(encoding)
    told = [one.text for one in find_all(data) if one.kind != "private key (WIF)"]
    assert told == ["https://example.org/?wif=***&n=1", "***@example.org"]
    web = [detector for detector in DETECTORS if detector.kinds == ("URL",)]
    assert [one.text for one in find_all(data, web)] == ["https://example.org/?wif=***&n=1"]


@pytest.mark.req("REQ-58")
def test_a_secret_at_the_end_of_a_long_address_is_masked_in_pieces_too() -> None:
    address = f"https://example.org/{'a' * 1900}?wif={SECRETS['private key (WIF)']}"
    data = f"{address} {'x ' * 9000}".encode("utf-16-le")
    for size in (1000, 4300, len(data)):
        found = list(scan((data[at : at + size] for at in range(0, len(data), size)), DETECTORS))
        assert [one.text[-8:] for one in found if one.kind == "URL"] == ["?wif=***"]
