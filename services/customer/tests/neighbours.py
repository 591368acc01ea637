"""The neighbours over gRPC: fake servicers that know little and write down what is asked."""

from typing import Any

from google.protobuf.timestamp_pb2 import Timestamp

from bookstore.contracts.proto.book.v1 import book_pb2, book_pb2_grpc
from bookstore.contracts.proto.common.v1.money_pb2 import Money
from bookstore.contracts.proto.order.v1 import order_pb2, order_pb2_grpc
from bookstore.contracts.proto.payment.v1 import payment_pb2, payment_pb2_grpc
from bookstore.contracts.proto.user.v1 import user_pb2, user_pb2_grpc
from bookstore.kit.errors import NotFoundError, VersionMismatchError
from services.customer.tests.builders import ADA, NOON, a_payment, an_order

STAMP = Timestamp(seconds=int(NOON.timestamp()))


class Users(user_pb2_grpc.UserServiceServicer):
    """Knows Ada, and writes down what is asked."""

    def __init__(self) -> None:
        self.asked: list[Any] = []
        self.user = user_pb2.User(
            id=str(ADA),
            email="ada@example.org",
            first_name="Ada",
            last_name="Lovelace",
            roles=[
                user_pb2.AUTH_ROLE_PROFILE,
                user_pb2.AUTH_ROLE_ORDER,
                user_pb2.AUTH_ROLE_VIEW,
            ],
            created_at=STAMP,
            updated_at=STAMP,
            version=1,
        )

    def know(self, request: Any) -> None:
        self.asked.append(request)
        if request.id != str(ADA):
            raise NotFoundError("who?", code="user-not-found")

    async def FindAllUsers(
        self, request: user_pb2.FindAllUsersRequest, _context: object
    ) -> user_pb2.FindAllUsersResponse:
        self.asked.append(request)
        return user_pb2.FindAllUsersResponse(total=7, items=[self.user])

    async def FindUser(
        self, request: user_pb2.FindUserRequest, _context: object
    ) -> user_pb2.FindUserResponse:
        self.know(request)
        return user_pb2.FindUserResponse(user=self.user)

    async def UpdateUser(
        self, request: user_pb2.UpdateUserRequest, _context: object
    ) -> user_pb2.UpdateUserResponse:
        self.know(request)
        if request.version != 1:
            raise VersionMismatchError("it changed meanwhile")
        user = user_pb2.User()
        user.CopyFrom(self.user)
        user.phone, user.version = request.phone, 2
        return user_pb2.UpdateUserResponse(user=user)

    async def DeleteUser(
        self, request: user_pb2.DeleteUserRequest, _context: object
    ) -> user_pb2.DeleteUserResponse:
        self.know(request)
        return user_pb2.DeleteUserResponse()


class OrderDesk(order_pb2_grpc.OrderServiceServicer):
    """Has one order of Ada's, and writes down what is asked."""

    def __init__(self) -> None:
        self.asked: list[Any] = []
        usd = Money(amount=3998, currency="USD")
        self.order = order_pb2.Order(
            id=str(an_order().id),
            number="2026-000001",
            user_id=str(ADA),
            status=order_pb2.ORDER_STATUS_COMPLETED,
            order_items=[
                order_pb2.OrderItem(
                    book_id=7,
                    title="Clean Code",
                    quantity=2,
                    unit_price=Money(amount=1999, currency="USD"),
                    line_total=usd,
                )
            ],
            total_price=usd,
            shipping_address=order_pb2.ShippingAddress(
                name="Ada",
                line1="12 St James's Square",
                city="London",
                postal_code="SW1Y 4JH",
                country="GB",
            ),
            created_at=STAMP,
            updated_at=STAMP,
        )

    async def FindAllOrders(
        self, request: order_pb2.FindAllOrdersRequest, _context: object
    ) -> order_pb2.FindAllOrdersResponse:
        self.asked.append(request)
        return order_pb2.FindAllOrdersResponse(total=9, items=[self.order], next_cursor="more")

    async def FindOrder(
        self, request: order_pb2.FindOrderRequest, _context: object
    ) -> order_pb2.FindOrderResponse:
        self.asked.append(request)
        return order_pb2.FindOrderResponse(order=self.order)

    async def FindOpenOrders(
        self, request: order_pb2.FindOpenOrdersRequest, _context: object
    ) -> order_pb2.FindOpenOrdersResponse:
        self.asked.append(request)
        return order_pb2.FindOpenOrdersResponse(total=3)

    async def FindOrderedBooks(self, *_: object) -> order_pb2.FindOrderedBooksResponse:
        raise AssertionError("nobody asks which books were ordered")


class PaymentDesk(payment_pb2_grpc.PaymentServiceServicer):
    """Has one payment of Ada's, and writes down what is asked."""

    def __init__(self) -> None:
        self.asked: list[Any] = []
        usd = Money(amount=3998, currency="USD")
        self.payment = payment_pb2.Payment(
            id=str(a_payment().id),
            order_id=str(an_order().id),
            user_id=str(ADA),
            payment_type=payment_pb2.PAYMENT_TYPE_CARD,
            card_token="tok_…visa",
            status=payment_pb2.PAYMENT_STATUS_CAPTURED,
            amount=usd,
            captured_amount=usd,
            refunded_amount=Money(amount=0, currency="USD"),
            settled_amount=Money(amount=0, currency="USD"),
            payment_date=STAMP,
            created_at=STAMP,
            updated_at=STAMP,
            version=3,
        )

    async def FindAllPayments(
        self, request: payment_pb2.FindAllPaymentsRequest, _context: object
    ) -> payment_pb2.FindAllPaymentsResponse:
        self.asked.append(request)
        return payment_pb2.FindAllPaymentsResponse(total=4, items=[self.payment])

    async def FindPayment(
        self, request: payment_pb2.FindPaymentRequest, _context: object
    ) -> payment_pb2.FindPaymentResponse:
        self.asked.append(request)
        return payment_pb2.FindPaymentResponse(payment=self.payment)


class Catalog(book_pb2_grpc.BookServiceServicer):
    """Sells every even book; book 4 is retired."""

    async def FindAllBooks(self, *_: object) -> book_pb2.FindAllBooksResponse:
        raise AssertionError("nobody asks for all books")

    async def FindBook(self, *_: object) -> book_pb2.FindBookResponse:
        raise AssertionError("nobody asks for one book")

    async def FindPrices(
        self, request: book_pb2.FindPricesRequest, _context: object
    ) -> book_pb2.FindPricesResponse:
        even = [book_id for book_id in request.book_ids if book_id % 2 == 0]
        items = [book_pb2.BookPrice(book_id=book_id, retired=book_id == 4) for book_id in even]
        return book_pb2.FindPricesResponse(items=items)
