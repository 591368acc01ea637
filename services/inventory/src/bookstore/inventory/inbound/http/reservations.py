"""/api/v1/reservations: what orders hold."""

from dataclasses import dataclass

from bookstore.contracts.openapi import inventory as api
from bookstore.inventory.application.look import Look
from bookstore.inventory.application.ports import ReservationSearch
from bookstore.inventory.domain.reservation import Reservation, Status
from bookstore.inventory.inbound.http.asked import part_of
from bookstore.kit.caller import Caller


@dataclass(frozen=True, slots=True)
class ReservationsController(api.ReservationsApi):
    """Shows staff for which orders copies are held."""

    look: Look

    async def list_reservations(
        self, _caller: Caller, query: api.ListReservationsQuery, /
    ) -> api.ReservationPage:
        search = ReservationSearch(
            order_id=query.order_id,
            book_id=query.book_id,
            status=None if query.status is None else Status(query.status),
        )
        page = await self.look.reservations(search, part_of(query))
        return api.ReservationPage(total=page.total, items=[_document(r) for r in page.items])


def _document(reservation: Reservation) -> api.Reservation:
    return api.Reservation(
        id=reservation.id,
        order_id=reservation.order_id,
        stock_id=reservation.stock_id,
        book_id=reservation.book_id,
        warehouse_id=reservation.warehouse_id,
        quantity=reservation.quantity,
        status=api.ReservationStatus(reservation.status),
        created_at=reservation.created_at,
        updated_at=reservation.updated_at,
    )
