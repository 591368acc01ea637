"""Every method of our gRPC APIs, as the descriptors have them."""

import importlib
import pkgutil
from collections.abc import Iterator, Sequence
from typing import Any

import grpc
from google.protobuf.descriptor import MethodDescriptor
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass

import bookstore.contracts.proto as contracts

# Whose gRPC API a package of api/proto is, where it is not of the same name.
_SERVED_BY = {
    **dict.fromkeys(("author", "book", "category", "publisher"), "catalog"),
    "stock": "inventory",
    "user": "identity",
}


def methods() -> Iterator[tuple[str, MethodDescriptor]]:
    """Yield each, with the service that answers it."""
    for module in pkgutil.walk_packages(contracts.__path__, f"{contracts.__name__}."):
        if module.name.endswith("_pb2"):
            file = importlib.import_module(module.name).DESCRIPTOR
            name = file.package.partition(".")[0]
            for api in file.services_by_name.values():
                for method in api.methods:
                    yield _SERVED_BY.get(name, name), method


async def status(
    channel: grpc.aio.Channel,
    method: MethodDescriptor,
    *metadata: Any,
    request: Message | None = None,
) -> grpc.StatusCode:
    """Call it, with an empty message unless another is given; return what comes of it."""
    call = multicallable(channel, method)(
        request or GetMessageClass(method.input_type)(), metadata=metadata, timeout=10
    )
    code: grpc.StatusCode = await call.code()
    return code


def multicallable(channel: grpc.aio.Channel, method: MethodDescriptor) -> Any:
    """Return what calls it."""
    return channel.unary_unary(
        f"/{method.containing_service.full_name}/{method.name}",
        request_serializer=GetMessageClass(method.input_type).SerializeToString,
        response_deserializer=GetMessageClass(method.output_type).FromString,
    )


def bearing(token: str) -> Sequence[tuple[str, str]]:
    """Return the metadata that shows a token."""
    return (("authorization", f"Bearer {token}"),)
