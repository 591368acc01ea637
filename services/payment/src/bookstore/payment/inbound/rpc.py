"""The gRPC API, for other services."""

from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from google.protobuf.timestamp_pb2 import Timestamp

from bookstore.contracts.proto.common.v1.money_pb2 import Money as MoneyMessage
from bookstore.contracts.proto.payment.v1 import payment_pb2 as pb
from bookstore.contracts.proto.payment.v1.payment_pb2_grpc import PaymentServiceServicer
from bookstore.kit.caller import Caller, Role
from bookstore.kit.errors import FieldError, InvalidError
from bookstore.kit.money import Money
from bookstore.kit.rpc import part_of
from bookstore.payment.application.find_payments import FindPayments
from bookstore.payment.application.ports import PaymentQuery
from bookstore.payment.application.settle_outside import SettleOutside
from bookstore.payment.domain.payment import OrderId, Payment, PaymentId, Status, UserId

_SORTS = ("created_at", "amount")
_STATUS = {status: pb.PaymentStatus.Value(f"PAYMENT_STATUS_{status.name}") for status in Status}

# Services ask for whomever they name, and have made sure that they may.
_STAFF = Caller(roles=frozenset({Role.MANAGE}))


@dataclass(frozen=True, slots=True)
class PaymentService(PaymentServiceServicer):
    """Answers for payment.v1.PaymentService."""

    find: FindPayments
    settle: SettleOutside

    async def FindAllPayments(
        self, request: pb.FindAllPaymentsRequest, _context: object
    ) -> pb.FindAllPaymentsResponse:
        page = await self.find.page(_STAFF, _query(request))
        return pb.FindAllPaymentsResponse(
            total=page.total,
            items=[_payment(payment) for payment in page.items],
            next_cursor=page.next_cursor,
        )

    async def FindPayment(
        self, request: pb.FindPaymentRequest, _context: object
    ) -> pb.FindPaymentResponse:
        caller = _STAFF
        if request.HasField("user_id"):
            caller = Caller(id=_uuid("user_id", request.user_id))
        payment = await self.find.get(caller, PaymentId(_uuid("id", request.id)))
        return pb.FindPaymentResponse(payment=_payment(payment))

    async def SettleOutside(
        self, request: pb.SettleOutsideRequest, _context: object
    ) -> pb.SettleOutsideResponse:
        payment = await self.settle(OrderId(_uuid("order_id", request.order_id)))
        return pb.SettleOutsideResponse(payment=_payment(payment))


def _query(request: pb.FindAllPaymentsRequest) -> PaymentQuery:
    part, created = part_of(request.page, _SORTS, has_cursors=True), request.created
    return PaymentQuery(
        user_id=UserId(_uuid("user_id", request.user_id)) if request.HasField("user_id") else None,
        order_id=(
            OrderId(_uuid("order_id", request.order_id)) if request.HasField("order_id") else None
        ),
        created_from=created.since.ToDatetime(UTC) if created.HasField("since") else None,
        created_to=created.until.ToDatetime(UTC) if created.HasField("until") else None,
        sort=part.sort,
        descending=part.descending,
        limit=part.limit,
        offset=part.offset,
        cursor=part.cursor,
    )


def _payment(payment: Payment) -> pb.Payment:
    taken = payment.payment_date
    return pb.Payment(
        id=str(payment.id),
        order_id=str(payment.order_id),
        user_id=str(payment.user_id),
        payment_type=pb.PAYMENT_TYPE_CARD,
        status=_STATUS[payment.status],
        amount=_money(payment.amount),
        captured_amount=_money(payment.captured),
        refunded_amount=_money(payment.refunded),
        settled_amount=_money(payment.settled),
        reason=payment.reason,
        payment_date=None if taken is None else _timestamp(taken),
        created_at=_timestamp(payment.created_at),
        updated_at=_timestamp(payment.updated_at),
        version=payment.version,
        card_token=payment.card_token,
    )


def _money(money: Money) -> MoneyMessage:
    return MoneyMessage(amount=money.amount, currency=money.currency)


def _timestamp(moment: datetime) -> Timestamp:
    stamp = Timestamp()
    stamp.FromDatetime(moment)
    return stamp


def _uuid(name: str, text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise _invalid(name, f"{text!r} is no UUID") from error


def _invalid(pointer: str, message: str) -> InvalidError:
    return InvalidError(message, FieldError(pointer=pointer, code="invalid", message=message))
