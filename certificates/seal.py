"""The electronic seal: a key, its certificates, its picture, and sealing (PAdES B-B).

Belongs here: making and loading seals, putting one on a PDF. Does not: whether a seal is
believed (`certificates.verifying`), what the document says (`layout`).

Facts the code rests on (pyHanko 0.38): the stock signer loads its key anew for every
signature and signs twice, once only to learn the size; a held key and `bytes_reserved`
save both. The default stamp is not PDF/A (fonts not embedded), so the picture is a
Typst PDF. Timestamps and validation data (B-T, B-LTA) have their place in `Seal.seal`.
"""

from __future__ import annotations

import asyncio
import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path

from asn1crypto import algos
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import NameOID
from pyhanko.pdf_utils import content
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.layout import AxisAlignment, BoxConstraints, Margins, SimpleBoxLayoutRule
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign import signers
from pyhanko.sign.fields import MDPPerm, SigFieldSpec, SigSeedSubFilter
from pyhanko.sign.signers.pdf_cms import PdfCMSSignedAttributes
from pyhanko.stamp import StaticStampStyle
from pyhanko_certvalidator.registry import SimpleCertificateStore

from certificates.files import write_secret
from certificates.layout import SEAL_BOX_MM, ZHEJIANG, seal_picture

FIELD = "Seal"
"""Name of the signature field."""
LEVEL = "PAdES B-B"
DEVELOPMENT_FILE = "development-seal.pem"
_VALID_FROM = datetime(2015, 1, 1, tzinfo=UTC)
_VALID_TO = datetime(2046, 1, 1, tzinfo=UTC)
_OPACITY = 0.86
_CMS_MARGIN = 3072
"""Bytes reserved beyond the certificates: signed attributes some 500, RSA-4096 signature 512."""

PrivateKey = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


class SealUnusable(ValueError):
    """A key file that cannot serve as a seal; the message says why and what to do."""


class _HeldKey(signers.Signer):
    """A signer that keeps its loaded key."""

    def __init__(self, key: PrivateKey, chain: Sequence[asn1_x509.Certificate]) -> None:
        registry = SimpleCertificateStore()
        registry.register_multiple(chain[1:])
        name = "sha256_ecdsa" if isinstance(key, ec.EllipticCurvePrivateKey) else "sha256_rsa"
        self._key = key
        super().__init__(
            signing_cert=chain[0],
            cert_registry=registry,
            embed_roots=False,
            signature_mechanism=algos.SignedDigestAlgorithm({"algorithm": name}),
        )

    async def async_sign_raw(
        self, data: bytes, digest_algorithm: str, dry_run: bool = False
    ) -> bytes:
        """The raw signature of `data`; SHA-256 only, by the mechanism of the key."""
        return self.sign_raw(data)

    def sign_raw(self, data: bytes) -> bytes:
        """What the key alone costs, without PDF and CMS around it."""
        if isinstance(self._key, ec.EllipticCurvePrivateKey):
            return self._key.sign(data, ec.ECDSA(hashes.SHA256()))
        return self._key.sign(data, padding.PKCS1v15(), hashes.SHA256())


class _Picture(content.PdfContent):
    """The seal picture as the content of a stamp, from memory."""

    def __init__(self, reader: PdfFileReader) -> None:
        super().__init__()
        self._reader = reader

    def render(self) -> bytes:
        page = self._ensure_writer.import_page_as_xobject(self._reader)
        self.resources.xobject["/SealPicture"] = page
        left, bottom, right, top = (float(edge) for edge in page.get_object()["/BBox"])
        self.box = BoxConstraints(width=right - left, height=top - bottom)
        return b"/SealPicture Do"


@dataclass(frozen=True)
class Seal:
    """A seal, loaded once and used for any number of documents.

    Args:
        key: private key, EC or RSA.
        chain: certificates from the seal's own to the root.
        picture: one page of PDF/A, 42 mm square.
        is_sample: a development seal, whose certificates are marked 样本.
    """

    key: PrivateKey = field(repr=False)
    chain: tuple[x509.Certificate, ...]
    picture: bytes = field(repr=False)
    is_sample: bool

    @classmethod
    def from_pkcs12(
        cls, path: Path, passphrase: bytes | None, authority_zh: str = ZHEJIANG.zh
    ) -> Seal:
        """The authority's seal from a PKCS#12 file with its whole chain.

        Raises:
            SealUnusable: wrong passphrase, no key, or a key of another kind.
        """
        try:
            key, certificate, others = pkcs12.load_key_and_certificates(
                path.read_bytes(), passphrase
            )
        except ValueError as error:
            raise SealUnusable(
                f"{path}: not a PKCS#12 file, or another passphrase ({error}); set the right one"
            ) from error
        if certificate is None or not isinstance(
            key, (ec.EllipticCurvePrivateKey, rsa.RSAPrivateKey)
        ):
            raise SealUnusable(f"{path}: holds no EC or RSA key with its certificate; export both")
        picture = seal_picture(authority_zh, is_sample=False)
        return cls(key, _in_order(certificate, others), picture, is_sample=False)

    @property
    def roots(self) -> tuple[x509.Certificate, ...]:
        """What a verifier has to trust to believe this seal."""
        return (self.chain[-1],)

    @property
    def serial(self) -> str:
        """Serial number of the seal's certificate, upper-case hex."""
        return f"{self.chain[0].serial_number:X}"

    @cached_property
    def signer(self) -> _HeldKey:
        """The key as a signer of pyHanko."""
        return _HeldKey(self.key, [_asn1(certificate) for certificate in self.chain])

    def seal(self, pdf: bytes, at: datetime) -> bytes:
        """The document sealed: certified, no change allowed, with the seal's picture.

        Args:
            pdf: an unsigned PDF; its first page takes the picture.
            at: instant of sealing, from the clock.
        """
        return asyncio.run(self._seal(pdf, at))

    async def _seal(self, pdf: bytes, at: datetime) -> bytes:
        writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
        session = self._pdf_signer().init_signing_session(writer)
        session.system_time = at
        document = session.prepare_tbs_document(
            validation_info=None, bytes_reserved=self._bytes_reserved
        )
        digest, output = document.digest_tbs_document()
        sealed = await document.perform_signature(
            document_digest=digest.document_digest,
            pdf_cms_signed_attrs=PdfCMSSignedAttributes(signing_time=at),
        )
        await sealed.post_signature_processing(output)
        assert isinstance(output, io.BytesIO)
        return output.getvalue()

    def _pdf_signer(self) -> signers.PdfSigner:
        style = StaticStampStyle(
            background=_Picture(self._picture_reader),
            background_opacity=_OPACITY,
            border_width=0,
            background_layout=SimpleBoxLayoutRule(
                AxisAlignment.ALIGN_MID, AxisAlignment.ALIGN_MID, margins=Margins.uniform(0)
            ),
        )
        left, bottom, right, top = (round(mm / 25.4 * 72) for mm in SEAL_BOX_MM)
        return signers.PdfSigner(
            signers.PdfSignatureMetadata(
                field_name=FIELD,
                md_algorithm="sha256",
                subfilter=SigSeedSubFilter.PADES,
                certify=True,
                docmdp_permissions=MDPPerm.NO_CHANGES,
            ),
            signer=self.signer,
            stamp_style=style,
            new_field_spec=SigFieldSpec(FIELD, on_page=0, box=(left, bottom, right, top)),
        )

    @cached_property
    def _picture_reader(self) -> PdfFileReader:
        return PdfFileReader(io.BytesIO(self.picture))

    @cached_property
    def _bytes_reserved(self) -> int:
        # the container is written in hexadecimal: two characters a byte
        size = sum(len(c.public_bytes(serialization.Encoding.DER)) for c in self.chain)
        return 2 * (size + _CMS_MARGIN)


def development_seal(keys: Path, authority_zh: str = ZHEJIANG.zh) -> Seal:
    """The development seal of this installation, made on first use.

    A small hierarchy of its own: a root that certifies one seal and whose key is then
    thrown away, valid 2015 to 2045, so that the pilot's time and the present are both
    within it. It lives in one file under `keys` that only its owner may read.

    Raises:
        SealUnusable: the file is there but is not what was once written.
    """
    path = keys / DEVELOPMENT_FILE
    if not path.exists():
        write_secret(path, _new_hierarchy(authority_zh))
    try:
        bundle = path.read_bytes()
        key = serialization.load_pem_private_key(bundle, password=None)
        chain = tuple(x509.load_pem_x509_certificates(bundle))
    except ValueError as error:
        raise SealUnusable(
            f"{path}: damaged ({error}); restore it, or remove it to make another"
        ) from error
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise SealUnusable(
            f"{path}: holds another kind of key; restore it, or remove it to make another"
        )
    return Seal(key, chain, seal_picture(authority_zh, is_sample=True), is_sample=True)


def _new_hierarchy(authority_zh: str) -> bytes:
    """PEM of a new seal key, its certificate and the root's."""
    root_key, seal_key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    root_name = _name("Miaoban development root", "Miaoban")
    root = (
        _builder(root_name, root_name, root_key.public_key())
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(key_cert_sign=True, crl_sign=True), critical=True)
        .add_extension(
            x509.SubjectKeyIdentifier.from_public_key(root_key.public_key()), critical=False
        )
        .sign(root_key, hashes.SHA256())
    )
    seal = (
        _builder(
            _name(f"{authority_zh}（样本 SAMPLE）", authority_zh), root_name, seal_key.public_key()
        )
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(digital_signature=True, content_commitment=True), critical=True)
        .add_extension(
            x509.SubjectKeyIdentifier.from_public_key(seal_key.public_key()), critical=False
        )
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(root_key.public_key()),
            critical=False,
        )
        .sign(root_key, hashes.SHA256())
    )
    private = seal_key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return b"".join([private, *(c.public_bytes(serialization.Encoding.PEM) for c in (seal, root))])


def _name(common: str, organisation: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "CN"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, organisation),
            x509.NameAttribute(NameOID.COMMON_NAME, common),
        ]
    )


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(_VALID_FROM)
        .not_valid_after(_VALID_TO)
    )


def _usage(**granted: bool) -> x509.KeyUsage:
    every = (
        "digital_signature",
        "content_commitment",
        "key_encipherment",
        "data_encipherment",
        "key_agreement",
        "key_cert_sign",
        "crl_sign",
        "encipher_only",
        "decipher_only",
    )
    return x509.KeyUsage(**{use: granted.get(use, False) for use in every})


def _in_order(
    own: x509.Certificate, others: Sequence[x509.Certificate]
) -> tuple[x509.Certificate, ...]:
    """The chain from the seal's own certificate upwards, as far as the file holds it."""
    chain = [own]
    while chain[-1].issuer != chain[-1].subject:
        above = [c for c in others if c.subject == chain[-1].issuer]
        if not above:
            raise SealUnusable(
                f"the chain of {own.subject.rfc4514_string()} ends before its root; "
                "export the file with the whole chain"
            )
        chain.append(above[0])
    return tuple(chain)


def _asn1(certificate: x509.Certificate) -> asn1_x509.Certificate:
    return asn1_x509.Certificate.load(certificate.public_bytes(serialization.Encoding.DER))
