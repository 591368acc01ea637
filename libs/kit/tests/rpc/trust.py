"""A token that every server of these tests believes, and no other."""

from bookstore.kit.errors import ForbiddenError


async def token() -> str:
    return "good"


async def check(shown: str) -> None:
    if shown != "good":
        raise ForbiddenError("this is no service's token")
