"""The sweeper of a world."""

from bookstore.payment.application.pay_back import PayBack
from bookstore.payment.application.sweep import Sweep
from bookstore.payment.application.void_payment import VoidPayment
from services.payment.tests.world import World


def sweep_of(world: World) -> Sweep:
    pay_back = PayBack(world.transact, world.network, world.clock)
    return Sweep(
        transact=world.transact,
        pay_back=pay_back,
        void=VoidPayment(world.transact, world.network, pay_back, world.clock),
        orders=world.orders,
        clock=world.clock,
    )
