"""An issuer of JSON Web Tokens with an RSA key of its own, made when it starts."""

import json
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256

URL = "https://5e1c0de5-0000-4000-8000-000000000000.tokens.sts.global.api.aws"
KEY_ID = "RSA_0"


def _new_key() -> RSAPrivateKey:
    return generate_private_key(public_exponent=65537, key_size=2048)


@dataclass
class Issuer:
    """Signs with RS256."""

    url: str = URL
    key: RSAPrivateKey = field(default_factory=_new_key, repr=False)

    def token(self, subject: str, audience: str, at: datetime, seconds: int, **changes: Any) -> str:
        """A token; `changes` replace or add claims."""
        claims = {
            "aud": audience,
            "sub": subject,
            "iss": self.url,
            "iat": int(at.timestamp()),
            "exp": int(at.timestamp()) + seconds,
            "jti": "7f6a1e7a-0000-4000-8000-000000000000",
            "https://sts.amazonaws.com/": {"aws_account": "123456789012"},
        }
        return self.signed({"alg": "RS256", "kid": KEY_ID, "typ": "JWT"}, claims | changes)

    def signed(self, head: Mapping[str, Any], claims: Mapping[str, Any]) -> str:
        """A token of any head and claims."""
        message = ".".join(_encoded(json.dumps(part).encode()) for part in (head, claims))
        signature = self.key.sign(message.encode(), PKCS1v15(), SHA256())
        return f"{message}.{_encoded(signature)}"

    def verify(self, key_id: str, signature: bytes, message: bytes) -> bool:
        """Whether this issuer's key has signed a message."""
        try:
            self.key.public_key().verify(signature, message, PKCS1v15(), SHA256())
        except InvalidSignature:
            return False
        return key_id == KEY_ID


def _encoded(part: bytes) -> str:
    return urlsafe_b64encode(part).decode().rstrip("=")
