"""The seal: its key, its certificates, its mark on a page."""

from __future__ import annotations

import io
import stat
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.serialization import pkcs12
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.fields import MDPPerm

from certificates.seal import DEVELOPMENT_FILE, Seal, SealUnusable, development_seal

AT = datetime(2017, 3, 1, 2, 0, tzinfo=UTC)


def signature(content: bytes) -> object:
    return PdfFileReader(io.BytesIO(content)).embedded_signatures[0]


def test_the_development_seal_is_made_once_and_only_its_owner_may_read_it(tmp_path: Path) -> None:
    first, second = development_seal(tmp_path / "keys"), development_seal(tmp_path / "keys")
    assert first.serial == second.serial
    assert first.is_sample
    mode = (tmp_path / "keys" / DEVELOPMENT_FILE).stat().st_mode
    assert stat.S_IMODE(mode) == 0o600
    assert [path.name for path in (tmp_path / "keys").iterdir()] == [DEVELOPMENT_FILE]


def test_the_key_of_the_development_root_is_kept_nowhere(tmp_path: Path) -> None:
    development_seal(tmp_path)
    assert (tmp_path / DEVELOPMENT_FILE).read_bytes().count(
        b"PRIVATE KEY-----\n"
    ) == 2  # one key: begin and end


def test_the_development_seal_spans_the_pilot_and_the_present(seal: Seal) -> None:
    for certificate in seal.chain:
        assert certificate.not_valid_before_utc.year == 2015
        assert certificate.not_valid_after_utc.year == 2046


@pytest.mark.provision("G11")
def test_a_seal_certifies_and_allows_no_change(seal: Seal) -> None:
    made = signature(seal.seal(seal.picture, AT))
    assert made.docmdp_level is MDPPerm.NO_CHANGES
    assert made.sig_object["/SubFilter"] == "/ETSI.CAdES.detached"
    assert made.self_reported_timestamp == AT


def test_the_space_for_the_signature_is_reserved_with_room_to_spare(seal: Seal) -> None:
    made = signature(seal.seal(seal.picture, AT))
    used = len(made.signed_data.dump()) + sum(
        len(c.public_bytes(serialization.Encoding.DER)) for c in seal.chain[1:]
    )
    assert used < seal._bytes_reserved / 2


def test_the_visible_seal_lies_on_the_page_and_prints(seal: Seal) -> None:
    page = PdfFileReader(io.BytesIO(seal.seal(seal.picture, AT))).root["/Pages"]["/Kids"][0]
    widget = page["/Annots"][0]
    assert int(widget["/F"]) & 4  # Print, as PDF/A demands
    assert "/N" in widget["/AP"]


def test_a_production_seal_comes_from_pkcs12_with_its_chain(seal: Seal, tmp_path: Path) -> None:
    path = tmp_path / "seal.p12"
    path.write_bytes(
        pkcs12.serialize_key_and_certificates(
            b"seal",
            seal.key,
            seal.chain[0],
            list(seal.chain[1:]),
            serialization.BestAvailableEncryption(b"secret"),
        )
    )
    loaded = Seal.from_pkcs12(path, b"secret")
    assert (loaded.serial, loaded.roots, loaded.is_sample) == (seal.serial, seal.roots, False)
    assert (
        signature(loaded.seal(seal.picture, AT)).signer_cert.serial_number
        == seal.chain[0].serial_number
    )
    with pytest.raises(SealUnusable, match="another passphrase"):
        Seal.from_pkcs12(path, b"wrong")


def test_a_chain_that_ends_before_its_root_is_refused(seal: Seal, tmp_path: Path) -> None:
    path = tmp_path / "seal.p12"
    path.write_bytes(
        pkcs12.serialize_key_and_certificates(
            b"seal", seal.key, seal.chain[0], None, serialization.NoEncryption()
        )
    )
    with pytest.raises(SealUnusable, match="whole chain"):
        Seal.from_pkcs12(path, None)


def test_a_damaged_key_file_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / DEVELOPMENT_FILE).write_text("nothing of use")
    with pytest.raises(SealUnusable, match="restore it, or remove it"):
        development_seal(tmp_path)


def test_the_key_is_not_shown_when_a_seal_is_printed(seal: Seal) -> None:
    assert "key=" not in repr(seal)
