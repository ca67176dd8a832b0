"""What verification answers to the genuine, the old, the changed and the strange."""

from __future__ import annotations

import io
from datetime import date, datetime
from pathlib import Path

import pytest
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from town import ANNA, Town

from assets.lake.store import Store
from assets.tables import certificate
from certificates.issuing.issue import issue_pending
from certificates.seal import Seal, development_seal
from certificates.verifying.verify import verify


@pytest.fixture
def issued(town: Town, store: Store, seal: Seal, folder: Path, now: datetime) -> Path:
    town.newcomer()
    return issue_pending(store, seal, folder, now).issued[0].path


@pytest.mark.provision("G13")
def test_a_certificate_as_issued_is_valid(
    issued: Path, store: Store, seal: Seal, now: datetime
) -> None:
    answer = verify(issued, store, seal.roots, now)
    assert (answer.status, answer.status_zh, answer.level) == ("valid", "有效", "PAdES B-B")
    assert answer.certificate_no in issued.name
    assert (answer.version, answer.latest_version, answer.is_expired) == (1, 1, False)
    assert "样本" in answer.signer
    assert answer.signed_at == now


@pytest.mark.provision("B3.5", "F9", "G13")
def test_the_last_valid_day_is_valid_and_the_next_is_not_known_to_be(
    issued: Path, store: Store, seal: Seal
) -> None:
    """In 2022 and 2023 validity was extended as a whole (F9); whether of ours is not known."""
    last, after, once_over = (
        verify(issued, store, seal.roots, datetime.fromisoformat(f"{instant}+08:00"))
        for instant in ("2022-02-28T23:59:59", "2022-03-01T00:00:00", "2024-01-01T00:00:00")
    )
    assert last.status == "valid"
    assert (after.status, after.is_expired) == ("unknown", None)
    assert (once_over.status, once_over.is_expired) == ("superseded", True)
    assert all("2022-02-28" in one.reason_en for one in (after, once_over))


@pytest.mark.provision("B5.3", "G13")
def test_an_older_version_is_superseded(
    issued: Path, town: Town, store: Store, seal: Seal, folder: Path, now: datetime
) -> None:
    town.decide(ANNA, "replace_level", "S11", "一级", kind="upgrade")
    newer = issue_pending(store, seal, folder, now).issued[0].path
    old = verify(issued, store, seal.roots, now)
    assert (old.status, old.version, old.latest_version) == ("superseded", 1, 2)
    assert verify(newer, store, seal.roots, now).status == "valid"


@pytest.mark.provision("D5", "D7", "D9", "D10", "D14", "D15")
@pytest.mark.parametrize(
    ("status", "zh", "en"),
    [
        ("withdrawn", "撤回", "withdrawn"),
        ("revoked", "撤销", "revoked"),
        ("struck", "吊销", "struck"),
        ("cancelled", "注销", "cancelled"),
        ("replaced", "已被新等级取代", "replaced by another level"),
    ],
)
def test_what_an_authority_has_ended_since_is_told_with_the_row_that_tells_it(
    issued: Path, town: Town, store: Store, seal: Seal, now: datetime, status: str, zh: str, en: str
) -> None:
    number, day = issued.parent.name, date(2017, 4, 30)
    town.qualification(ANNA, number, "S11", "二级", valid_to=day, status_code=status)
    town.release()
    answer = verify(issued, store, seal.roots, now)
    assert (answer.status, answer.status_zh) == ("ended", "已终止")
    assert f"S11-二级已于2017-04-30{zh}" in answer.reason_zh
    assert f"S11-二级 {en} on 2017-04-30" in answer.reason_en
    assert answer.standing is not None
    (told,) = answer.standing.told
    assert (told.target, told.row_key) == (
        "base_enterprise__qualification",
        f"{number}-S11-二级",
    )
    assert (told.status_code, told.ended_on, told.delivery_id) == (status, day, "d")


@pytest.mark.provision("D7", "D15")
def test_what_ended_with_its_certificate_is_told_without_a_day(
    issued: Path, town: Town, store: Store, seal: Seal, now: datetime
) -> None:
    town.certificate(ANNA, issued.parent.name, status_code="revoked")
    town.release()
    answer = verify(issued, store, seal.roots, now)
    assert (answer.status, answer.reason_zh) == (
        "ended",
        "据渠道登记，所载资质已终止：S11-二级已撤销。",
    )


def test_what_is_told_but_not_released_yet_is_not_known_to_have_ended(
    issued: Path, town: Town, store: Store, seal: Seal, now: datetime
) -> None:
    town.certificate(ANNA, issued.parent.name, status_code="revoked")
    answer = verify(issued, store, seal.roots, now)
    assert (answer.status, answer.standing.release_id) == ("valid", "R1")


def test_whether_something_stands_that_ended_on_no_known_day_is_not_known(
    issued: Path, town: Town, store: Store, seal: Seal, now: datetime, later: datetime
) -> None:
    since = {"status_code": "withdrawn", "received_at": later}
    town.qualification(ANNA, issued.parent.name, "S11", "二级", **since)
    town.release()
    answer = verify(issued, store, seal.roots, now)
    assert (answer.status, answer.standing.in_doubt) == ("unknown", ("S11-二级",))
    assert [told.status_code for told in answer.standing.told] == ["withdrawn"]


@pytest.mark.provision("G11")
def test_a_flipped_byte_anywhere_is_never_valid(
    issued: Path, store: Store, seal: Seal, now: datetime
) -> None:
    sound = issued.read_bytes()
    for position in range(50, len(sound), len(sound) // 40):
        changed = bytearray(sound)
        changed[position] ^= 0x01
        assert verify(bytes(changed), store, seal.roots, now).status in ("altered", "unknown"), (
            position
        )


@pytest.mark.provision("G11")
def test_a_flipped_byte_in_the_content_is_altered(
    issued: Path, store: Store, seal: Seal, now: datetime
) -> None:
    changed = bytearray(issued.read_bytes())
    changed[changed.index(b"stream\n") + 30] ^= 0x01
    answer = verify(bytes(changed), store, seal.roots, now)
    assert (answer.status, answer.level) == ("altered", None)


@pytest.mark.provision("G11")
def test_an_update_appended_after_the_seal_is_altered(
    issued: Path, store: Store, seal: Seal, now: datetime
) -> None:
    writer = IncrementalPdfFileWriter(io.BytesIO(issued.read_bytes()))
    writer.root["/Extra"] = writer.root["/Type"]
    writer.update_root()
    out = io.BytesIO()
    writer.write(out)
    assert verify(out.getvalue(), store, seal.roots, now).status == "altered"


@pytest.mark.provision("G11")
def test_bytes_appended_without_meaning_are_altered(
    issued: Path, store: Store, seal: Seal, now: datetime
) -> None:
    assert verify(issued.read_bytes() + b"\n% more\n", store, seal.roots, now).status == "altered"


@pytest.mark.provision("G11")
def test_padding_that_no_signature_covers_is_still_found(
    issued: Path, store: Store, seal: Seal, now: datetime
) -> None:
    sound = issued.read_bytes()
    contents = PdfFileReader(io.BytesIO(sound)).embedded_signatures[0].sig_object["/ByteRange"]
    end_of_padding = int(contents[2]) - 2
    assert sound[end_of_padding : end_of_padding + 1] == b"0"
    answer = verify(
        sound[:end_of_padding] + b"1" + sound[end_of_padding + 1 :], store, seal.roots, now
    )
    assert answer.status == "altered"


@pytest.mark.provision("G11")
def test_a_certificate_sealed_by_another_key_is_unknown_and_nothing_but_the_answer_says_so(
    issued: Path, store: Store, now: datetime, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    stranger = development_seal(tmp_path / "stranger")
    answer = verify(issued, store, stranger.roots, now)
    assert answer.status == "unknown"
    assert "not a trusted" in answer.reason_en
    assert caplog.records == []


def test_a_file_that_was_sealed_but_never_registered_is_unknown(
    issued: Path, seal: Seal, now: datetime, tmp_path: Path
) -> None:
    elsewhere = Store(tmp_path / "another-lake")
    elsewhere.append(certificate.CERTIFICATE, certificate.CERTIFICATE.empty())
    answer = verify(issued, elsewhere, seal.roots, now)
    assert answer.status == "unknown"
    assert "no such certificate" in answer.reason_en


def test_without_a_register_it_is_told_what_could_not_be_looked_up(
    issued: Path, seal: Seal, now: datetime, tmp_path: Path
) -> None:
    answer = verify(issued, Store(tmp_path / "nothing"), seal.roots, now)
    assert (answer.status, answer.level) == ("unknown", "PAdES B-B")
    assert answer.certificate_no == issued.parent.name
    assert "均未能核对" in answer.reason_zh
    assert "could not be looked up" in answer.reason_en


def test_a_second_file_sealed_for_a_registered_number_is_altered(
    issued: Path, town: Town, store: Store, seal: Seal, now: datetime, tmp_path: Path
) -> None:
    elsewhere = Store(tmp_path / "another-lake")
    Town(elsewhere).newcomer()
    twin = issue_pending(elsewhere, seal, tmp_path / "other", now).issued[0].path
    assert twin.read_bytes() != issued.read_bytes()
    assert verify(twin, store, seal.roots, now).status == "altered"


@pytest.mark.parametrize("content", [b"", b"hello", b"%PDF-1.7\n", b"%PDF-1.7\n" + b"\x00" * 500])
def test_what_is_no_pdf_is_unknown(content: bytes, store: Store, seal: Seal, now: datetime) -> None:
    assert verify(content, store, seal.roots, now).status == "unknown"


def test_a_pdf_without_a_seal_is_unknown(store: Store, seal: Seal, now: datetime) -> None:
    answer = verify(seal.picture, store, seal.roots, now)
    assert (answer.status, answer.reason_en) == ("unknown", "The file carries no electronic seal.")


def test_a_file_that_is_not_there_is_an_error(
    store: Store, seal: Seal, now: datetime, tmp_path: Path
) -> None:
    with pytest.raises(FileNotFoundError):
        verify(tmp_path / "missing.pdf", store, seal.roots, now)
