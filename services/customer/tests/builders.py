"""Things to test with: each builder makes a valid one, and takes what the test is about."""

from datetime import UTC, datetime
from uuid import UUID

from bookstore.customer.domain.customer import Customer, CustomerId, Details
from bookstore.customer.domain.purchase import (
    Address,
    Item,
    Order,
    OrderStatus,
    Payment,
    PaymentStatus,
)
from bookstore.kit.caller import Caller, Role
from bookstore.kit.money import Money

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
ADA, BOB, EVE = (CustomerId(UUID(int=n)) for n in (1, 2, 3))
STAFF = UUID(int=9)

ADAS = Caller(id=ADA, roles=frozenset({Role.PROFILE, Role.ORDER, Role.VIEW}))
BOBS = Caller(id=BOB, roles=ADAS.roles)
STAFFS = Caller(id=STAFF, roles=frozenset({Role.MANAGE}))

ADDRESS = Address(
    name="Ada",
    line1="12 St James's Square",
    line2=None,
    city="London",
    region=None,
    postal_code="SW1Y 4JH",
    country="GB",
)


def usd(amount: int) -> Money:
    return Money(amount, "USD")


def some_details(email: str = "ada@example.org", phone: str | None = None) -> Details:
    return Details(email=email, first_name="Ada", last_name="Lovelace", phone=phone)


def a_customer(
    customer_id: CustomerId = ADA, email: str = "ada@example.org", phone: str | None = None
) -> Customer:
    return Customer(
        id=customer_id,
        details=some_details(email, phone),
        roles=(Role.PROFILE, Role.ORDER, Role.VIEW),
        created_at=NOON,
        updated_at=NOON,
        version=1,
    )


def an_order(
    number: int = 1,
    of: UUID = ADA,
    status: OrderStatus = OrderStatus.COMPLETED,
    address: Address | None = ADDRESS,
) -> Order:
    line = Item(
        book_id=7, title="Clean Code", quantity=2, unit_price=usd(1999), line_total=usd(3998)
    )
    return Order(
        id=UUID(int=100 + number),
        number=f"2026-{number:06}",
        user_id=of,
        status=status,
        items=(line,),
        total_price=usd(3998),
        reason=None,
        shipping_address=address,
        created_at=NOON,
        updated_at=NOON,
    )


def a_payment(number: int = 1, of: UUID = ADA) -> Payment:
    return Payment(
        id=UUID(int=200 + number),
        order_id=UUID(int=100 + number),
        user_id=of,
        card_token="tok_…visa",
        status=PaymentStatus.CAPTURED,
        amount=usd(3998),
        captured_amount=usd(3998),
        refunded_amount=usd(0),
        settled_amount=usd(0),
        reason=None,
        payment_date=NOON,
        created_at=NOON,
        updated_at=NOON,
        version=3,
    )
