"""What `bookstore up` says once it serves: where, and how a newcomer buys a book."""

import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.markup import escape

from bookstore.cli.terminal import DEFAULT_URL

NAME: Final = "bookstore"
JSON = "-H 'Content-Type: application/json'"


@dataclass(frozen=True, slots=True, kw_only=True)
class Welcome:
    """What there is to say."""

    url: str
    data: str
    book_id: int
    search: str
    staff: tuple[str, str] | None = None  # e-mail and password, at the first start only

    def show(self, console: Console) -> None:
        """Say it; commands are whole lines, so that they can be copied."""
        console.print(
            f"The bookstore is open at [bold]{self.url}[/] (data in {escape(self.data)})",
            soft_wrap=True,
        )
        console.print(f"Documentation, to read and to try: [bold]{self.url}/docs[/]")
        if self.staff is not None:
            email, password = self.staff
            console.print(
                f"Staff account, shown only now: [bold]{escape(email)}[/], "
                f"password [bold]{escape(password)}[/]",
                soft_wrap=True,
            )
        demo = f"{_ourselves()} demo{_at(self.url)}"
        console.print(
            f"\nSign up, find a book, buy it (or watch: {escape(demo)}):\n", soft_wrap=True
        )
        for command in self.commands():
            console.print(f"  {command}\n", markup=False, soft_wrap=True)

    def commands(self) -> tuple[str, str, str]:
        """Return the three commands for a shell."""
        users = f"{self.url}/api/v1/users"
        account = '"email":"ann@example.com","password":"correct horse"'
        names = '"first_name":"Ann","last_name":"Reader"'
        lines = f'"order_items":[{{"book_id":{self.book_id},"quantity":1}}]'
        payment = '"payment_method":{"type":"card","token":"tok_visa"}'
        sign_up = (
            f"curl -s {users}/signup {JSON} -d '{{{account},{names}}}'; "
            f"TOKEN=$(curl -s {users}/signin {JSON} -d '{{{account}}}' "
            """| sed 's/.*"access_token":"\\([^"]*\\).*/\\1/')"""
        )
        find = f"curl -s '{self.url}/api/v1/books?title={self.search}&limit=5'"
        buy = (
            f'curl -si {self.url}/api/v1/orders -H "Authorization: Bearer $TOKEN" {JSON} '
            f"-H 'Idempotency-Key: my-first-order' -d '{{{lines},{payment}}}'"
        )
        return sign_up, find, buy


def _ourselves() -> str:
    """Return by which name this command can be called again."""
    called = sys.argv[0]
    is_known = shutil.which(NAME) == shutil.which(called)
    return NAME if is_known or Path(called).name != NAME else called


def _at(url: str) -> str:
    return "" if url == DEFAULT_URL else f" --url {url}"
