"""All sagas a deployment knows, old versions too."""

from collections.abc import Iterator

from bookstore.saga.spec import Saga, SpecError


class UnknownSagaError(LookupError):
    """A saga, or a version of it, that is not registered."""


class Sagas:
    """Sagas by name and version; an old version stays as long as one of it may be open."""

    def __init__(self, *sagas: Saga) -> None:
        self._all: dict[tuple[str, int], Saga] = {}
        self._newest: dict[str, Saga] = {}
        for saga in sorted(sagas, key=lambda saga: saga.version):
            if (saga.name, saga.version) in self._all:
                raise SpecError(f"saga {saga.name} {saga.version} is registered twice")
            self._all[saga.name, saga.version] = saga
            self._newest[saga.name] = saga

    def __iter__(self) -> Iterator[Saga]:
        return iter(self._all.values())

    def get(self, name: str, version: int) -> Saga:
        """Return a saga; raises UnknownSagaError."""
        try:
            return self._all[name, version]
        except KeyError:
            raise UnknownSagaError(
                f"saga {name} version {version} is open but no longer registered"
            ) from None

    def newest(self, name: str) -> Saga:
        """Return the newest version of a saga; raises UnknownSagaError."""
        try:
            return self._newest[name]
        except KeyError:
            raise UnknownSagaError(f"there is no saga {name}") from None
