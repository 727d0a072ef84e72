"""A little identity provider: gives signed tokens for a client's name and secret, and tells the broker its keys."""

import base64
import json
import ssl
import threading
import time
import urllib.parse
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from tests.kafka.certificates import Pair

ISSUER, AUDIENCE, SCOPE = "https://identity.example", "kafka", "statements"
KEY_ID = "of-this-run"
LIFE_SECONDS = 300


class Identities:
    """Signs tokens for every client that shows the one secret."""

    def __init__(self, secret: str) -> None:
        self._secret = secret
        self._key = rsa.generate_private_key(public_exponent=65537, key_size=2048)

    def write_keys(self, file: Path) -> None:
        """Write the public key as the JSON Web Key Set that a broker checks tokens with."""
        numbers = self._key.public_key().public_numbers()
        key = {"kty": "RSA", "use": "sig", "alg": "RS256", "kid": KEY_ID}
        file.write_text(json.dumps({"keys": [{**key, "n": _number(numbers.n), "e": _number(numbers.e)}]}))

    def knows(self, authorization: str | None) -> str | None:
        """The client that a Basic authorization is of, if its secret is right."""
        if not (authorization or "").startswith("Basic "):
            return None
        name, _, secret = base64.b64decode(authorization[6:]).decode().partition(":")
        return name if self._secret == urllib.parse.unquote(secret) else None

    def token(self, client: str, scope: str) -> str:
        """A signed token for a client."""
        now = int(time.time())
        claims = {"sub": client, "iss": ISSUER, "aud": AUDIENCE, "scope": scope, "iat": now, "exp": now + LIFE_SECONDS}
        head = {"alg": "RS256", "typ": "JWT", "kid": KEY_ID}
        signed = f"{_encode(json.dumps(head).encode())}.{_encode(json.dumps(claims).encode())}"
        signature = self._key.sign(signed.encode(), padding.PKCS1v15(), hashes.SHA256())
        return f"{signed}.{_encode(signature)}"


class _Endpoint(BaseHTTPRequestHandler):
    """Answers a client's request for a token."""

    identities: ClassVar[Identities]

    def do_POST(self) -> None:
        """A token, or a refusal."""
        form = urllib.parse.parse_qs(self.rfile.read(int(self.headers["content-length"])).decode())
        client = self.identities.knows(self.headers["authorization"])
        if client is None:
            return self._answer(401, {"error": "invalid_client"})
        scope = form.get("scope", [""])[0]
        token = self.identities.token(client, scope)
        return self._answer(200, {"access_token": token, "token_type": "Bearer", "expires_in": LIFE_SECONDS})

    def log_message(self, *_: object) -> None:
        """Nothing: a test's output is for its failures."""

    def _answer(self, status: int, answer: dict[str, object]) -> None:
        body = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@contextmanager
def serving(identities: Identities, pair: Pair) -> Iterator[str]:
    """The address where tokens are to be had, over TLS."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Endpoint", (_Endpoint,), {"identities": identities}))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pair.certificate, pair.key)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"https://127.0.0.1:{server.server_port}/token"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _number(value: int) -> str:
    return _encode(value.to_bytes((value.bit_length() + 7) // 8, "big"))


def _encode(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
