"""/api/v1/payments/webhooks: what the card network tells us."""

from dataclasses import dataclass

from bookstore.contracts.openapi import payment as api
from bookstore.kit.caller import Caller
from bookstore.kit.clock import Clock
from bookstore.kit.http import Reply
from bookstore.kit.http.card_numbers import check_document
from bookstore.kit.http.document import DocumentReader, parse
from bookstore.kit.money import Money
from bookstore.payment.application.hear_event import Effect, Event, HearEvent
from bookstore.payment.domain.payment import PaymentId
from bookstore.payment.inbound.signature import check

_READER = DocumentReader(api.WebhookEvent)
_OK, _ACCEPTED = 200, 202


@dataclass(frozen=True, slots=True)
class WebhooksController(api.WebhooksApi):
    """Answers for the webhooks of the contract; nothing is read before its signature is good."""

    hear: HearEvent
    secret: str
    clock: Clock

    async def receive_webhook(
        self, _caller: Caller, header: api.ReceiveWebhookHeader, body: bytes, /
    ) -> Reply[api.WebhookReceipt]:
        check(self.secret, header.webhook_signature, body, self.clock.now())
        parsed = parse(body)
        check_document(parsed)
        document = _READER.read(parsed)
        assert isinstance(document, api.WebhookEvent)  # noqa: S101 — for the type checker
        effect = await self.hear(
            Event(
                id=document.id,
                type=document.type,
                payment_id=PaymentId(document.payment_id),
                amount=Money(document.amount.amount, document.amount.currency),
            )
        )
        receipt = api.WebhookReceipt(id=document.id, effect=api.WebhookEffect(effect))
        return Reply(_ACCEPTED if effect is Effect.LEFT else _OK, receipt)
