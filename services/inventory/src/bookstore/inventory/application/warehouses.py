"""What can be done with warehouses; each method is one use case and one transaction."""

from dataclasses import dataclass, replace

from bookstore.inventory.application.ports import Inventory
from bookstore.inventory.domain.stock import WarehouseId
from bookstore.inventory.domain.warehouse import Description, Warehouse
from bookstore.kit.clock import Clock
from bookstore.kit.precondition import Precondition
from bookstore.kit.transaction import Transact


@dataclass(frozen=True, slots=True)
class KeepWarehouses:
    """Adds, changes and removes warehouses."""

    transact: Transact[Inventory]
    clock: Clock

    async def add(self, description: Description) -> Warehouse:
        """Have another warehouse."""
        now = self.clock.now()
        return await self.transact(lambda inventory: inventory.warehouses.add(description, now))

    async def change(
        self, warehouse_id: WarehouseId, description: Description, seen: Precondition
    ) -> Warehouse:
        """Describe a warehouse anew.

        Raises WarehouseNotFoundError, VersionRequiredError or VersionMismatchError.
        """

        def change(inventory: Inventory) -> Warehouse:
            before = inventory.warehouses.get(warehouse_id)
            seen.check(before.version)
            after = replace(
                before,
                description=description,
                updated_at=self.clock.now(),
                version=before.version + 1,
            )
            inventory.warehouses.update(after)
            return after

        return await self.transact(change)

    async def remove(self, warehouse_id: WarehouseId) -> None:
        """Give a warehouse up; raises WarehouseNotFoundError or WarehouseInUseError."""
        await self.transact(lambda inventory: inventory.warehouses.remove(warehouse_id))
