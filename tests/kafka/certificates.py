"""Certificates made for one run of the tests: an authority, the broker's, and those of clients."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

LONG = timedelta(days=1)
LOOPBACK = x509.SubjectAlternativeName([x509.DNSName("localhost"), x509.IPAddress(ip_address("127.0.0.1"))])


@dataclass(frozen=True)
class Pair:
    """The files of a certificate and its key, and both in one."""

    certificate: Path
    key: Path
    both: Path


class Authority:
    """Signs certificates, and has one of its own to be trusted by."""

    def __init__(self, folder: Path, name: str = "authority") -> None:
        self._folder = folder
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = _named(name)
        own = _builder(self._name, self._key, LONG).issuer_name(self._name)
        own = own.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        self.certificate = folder / f"{name}.pem"
        self.certificate.write_bytes(_pem(own.sign(self._key, hashes.SHA256())))

    def issue(self, name: str, password: str | None = None, valid: timedelta = LONG) -> Pair:
        """A certificate for a name on this machine, its key under a password if one is given."""
        key = ec.generate_private_key(ec.SECP256R1())
        builder = _builder(_named(name), key, valid).issuer_name(self._name).add_extension(LOOPBACK, critical=False)
        certificate = _pem(builder.sign(self._key, hashes.SHA256()))
        lock = serialization.BestAvailableEncryption(password.encode()) if password else serialization.NoEncryption()
        secret = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, lock)
        pair = Pair(*(self._folder / f"{name}.{part}.pem" for part in ("certificate", "key", "both")))
        pair.certificate.write_bytes(certificate)
        pair.key.write_bytes(secret)
        pair.both.write_bytes(secret + certificate)
        return pair


def _builder(name: x509.Name, key: ec.EllipticCurvePrivateKey, valid: timedelta) -> x509.CertificateBuilder:
    """A certificate without an issuer, valid for that long from an hour ago, or until then."""
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder().subject_name(name).public_key(key.public_key())
    builder = builder.serial_number(x509.random_serial_number()).not_valid_before(now - timedelta(days=2))
    return builder.not_valid_after(now + valid)


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)
