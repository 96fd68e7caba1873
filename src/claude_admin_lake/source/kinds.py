"""Recognizes kinds of credentials by their format. Pure.

Only what is certainly wrong is refused before a request. The Admin API accepts an ordinary API key
that belongs to a person and to no workspace, so such a key is reported only after a refusal.
"""

import re

_QUOTES = "[\"'`\u201c\u201d\u201e\u2018\u2019]"

# Each sentence completes "the secret NAME …"; the first that applies is used.
_CERTAINLY_WRONG = {
    rf"{_QUOTES}.*|.*{_QUOTES}": "has quotation marks around the key; store the key without them",
    r".*([\r\n]|\\[rn]).*": "has a line end inside the key; store the key as one line",
    r"(authorization:|x-api-key:|bearer\s).*": "has a whole header; store only the key in it",
    r"(ABSK|bedrock-api-key-).*": "holds an Amazon Bedrock API key, which opens Bedrock only",
    r"(AKIA|ASIA)[A-Z0-9]{16}": "holds an AWS access key, which the Admin API does not know",
    r"sk-ant-ort.*": "holds an OAuth refresh token, which opens nothing by itself",
    r"sk-ant-sid.*": "holds the session of a browser, which the Admin API does not accept",
}

# By prefix, the longest first; each completes "it is …".
_KINDS = {
    "sk-ant-admin": "an Admin API key",
    "sk-ant-oat": "an OAuth access token",
    "sk-ant-api01": "a key of Claude Enterprise or of the Compliance API",
    "sk-ant-api": "an ordinary API key (sk-ant-api03...), which the Admin API accepts only if it"
    " belongs to a person or a service account and to no workspace",
}
OTHER = "a key of an unknown kind"


def certainly_wrong(text: str) -> str | None:
    """What is wrong with a text in place of a key, if its format shows it."""
    for pattern, sentence in _CERTAINLY_WRONG.items():
        if re.fullmatch(pattern, text, re.IGNORECASE | re.DOTALL):
            return sentence
    return None


def kind_of(secret: str) -> str:
    """The kind of a credential, by its format."""
    return next((kind for start, kind in _KINDS.items() if secret.startswith(start)), OTHER)
