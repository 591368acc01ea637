"""Signatures of webhooks: who sent a body, and when.

`t=<seconds since 1970>,v1=<hex HMAC-SHA256 of "t.body">`, with a secret that only the card
network and we know; good for 300 seconds, so that what was overheard is of no use later.
"""

import hashlib
import hmac
import re
from datetime import datetime

from bookstore.kit.errors import UnauthenticatedError, UnavailableError

GOOD_FOR = 300
AN_HOUR = 3600

_HEADER = re.compile(r"t=(?P<t>[0-9]{1,12}),v1=(?P<v1>[0-9a-f]{64})")


class WebhookSignatureError(UnauthenticatedError):
    """The webhook is not signed with our secret, or its time is over 300 seconds off ours."""

    code = "webhook-signature"
    challenge = "Webhook-Signature"


class WebhooksOffError(UnavailableError):
    """No secret is shared with the card network, so no webhook can be believed: set one."""

    code = "webhooks-off"


def sign(secret: str, body: bytes, now: datetime) -> str:
    """Return the header of a body that is sent now."""
    seconds = str(int(now.timestamp()))
    return f"t={seconds},v1={_digest(secret, seconds, body)}"


def check(secret: str, header: str | None, body: bytes, now: datetime) -> None:
    """Raise WebhookSignatureError unless the body was signed, and lately.

    Without a secret nothing is believed, and WebhooksOffError says why: the card network may send
    it again later.
    """
    if not secret:
        raise WebhooksOffError("webhooks are off: there is no WEBHOOK_SECRET", retry_after=AN_HOUR)
    found = _HEADER.fullmatch(header or "")
    if found is None:
        raise WebhookSignatureError("a webhook needs a signature: t=<seconds>,v1=<hex>")
    if not hmac.compare_digest(found["v1"], _digest(secret, found["t"], body)):
        raise WebhookSignatureError("the signature is not that of this body")
    age = now.timestamp() - int(found["t"])
    if age > GOOD_FOR:
        raise WebhookSignatureError(f"the signature is older than {GOOD_FOR} seconds")
    if age < -GOOD_FOR:
        raise WebhookSignatureError(f"the signature is more than {GOOD_FOR} seconds in the future")


def _digest(secret: str, seconds: str, body: bytes) -> str:
    return hmac.new(secret.encode(), seconds.encode() + b"." + body, hashlib.sha256).hexdigest()
