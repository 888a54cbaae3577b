"""Time stamps checked with ``cryptography`` alone, against what OpenSSL signs (REQ-16)."""

import hashlib
import random
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from rfc3161_client import HashAlgorithm, TimestampRequestBuilder

from chain_of_custody.errors import TimeStampError
from chain_of_custody.time_tokens import certificates_of, check_response, fingerprint_of, pem_of
from tests.time_authority import OPENSSL, Authority, certificate, write
from tests.time_authority import pem_of as pem

pytestmark = pytest.mark.skipif(OPENSSL is None, reason="openssl is not installed")
HEAD = hashlib.sha256(b"head").digest()


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module")
def response(authority: Authority) -> bytes:
    return authority.reply(query())


def query(message: bytes = HEAD, algorithm: HashAlgorithm = HashAlgorithm.SHA256) -> bytes:
    return TimestampRequestBuilder().data(message).hash_algorithm(algorithm).build().as_bytes()


@pytest.mark.req("REQ-16")
def test_a_stamp_of_openssl_is_read_with_its_time_and_authority(authority: Authority, response: bytes) -> None:
    token = check_response(response, HEAD, certificates_of(authority.certificates))
    assert abs(token.stamped_at - datetime.now(UTC)) < timedelta(minutes=5)
    assert token.authority == "CN=Test Time Authority"
    assert token.serial > 0


def test_the_certificate_of_the_signer_itself_may_be_the_trusted_one(authority: Authority, response: bytes) -> None:
    assert check_response(response, HEAD, [authority.signer[0]]).authority == "CN=Test Time Authority"


def test_a_stamp_of_something_else_is_refused(authority: Authority, response: bytes) -> None:
    with pytest.raises(TimeStampError, match="it stamps something else"):
        check_response(response, hashlib.sha256(b"other").digest(), certificates_of(authority.certificates))


def test_another_authority_with_the_same_names_is_not_believed(response: bytes, tmp_path: Path) -> None:
    other = Authority(tmp_path)
    with pytest.raises(TimeStampError, match="does not lead to one of the authority"):
        check_response(response, HEAD, certificates_of(other.certificates))
    with pytest.raises(TimeStampError, match="does not lead"):
        check_response(response, HEAD, [])


def test_a_stamp_over_another_kind_of_digest_is_refused(authority: Authority) -> None:
    reply = authority.reply(query(algorithm=HashAlgorithm.SHA512))
    with pytest.raises(TimeStampError, match="no SHA-256"):
        check_response(reply, HEAD, certificates_of(authority.certificates))


def test_a_refusal_of_the_authority_is_told(authority: Authority) -> None:
    rejection = bytes.fromhex("30053003020102")
    with pytest.raises(TimeStampError, match="did not grant it"):
        check_response(rejection, HEAD, certificates_of(authority.certificates))


def test_a_certificate_that_had_expired_is_refused(authority: Authority) -> None:
    write(authority.folder / "old.pem", certificate("Old", authority.root, for_time_stamps=True, days=(-9, -2)))
    reply = authority.reply(query(), "old.pem")
    with pytest.raises(TimeStampError, match="not valid at the time stamped"):
        check_response(reply, HEAD, certificates_of(authority.certificates))


@pytest.mark.req("REQ-16")
def test_no_byte_of_a_stamp_can_be_changed_so_that_it_says_something_else(
    authority: Authority, response: bytes
) -> None:
    trusted = certificates_of(authority.certificates)
    truth = check_response(response, HEAD, trusted)
    by = random.Random(7)
    for _ in range(600):
        place = by.randrange(len(response))
        forged = response[:place] + bytes([response[place] ^ (1 << by.randrange(8))]) + response[place + 1 :]
        try:
            found = check_response(forged, HEAD, trusted)
        except TimeStampError:
            continue
        assert found == truth, place
    for length in range(0, len(response), 7):
        with pytest.raises(TimeStampError):
            check_response(response[:length], HEAD, trusted)


def test_a_response_that_is_too_large_is_refused(authority: Authority) -> None:
    with pytest.raises(TimeStampError, match="more than"):
        check_response(bytes(1 << 20), HEAD, certificates_of(authority.certificates))


def test_certificates_are_read_and_written_as_pem(authority: Authority) -> None:
    (one,) = certificates_of(authority.certificates)
    assert pem_of(one) == pem(authority.root[0])
    assert len(fingerprint_of(one)) == 64
    with pytest.raises(TimeStampError, match="cannot be read as PEM"):
        certificates_of("no certificate")
