"""Seeds bugs on purpose and says which tests catch them: `make mutants`.

Each mutant is one edit in a copy of the tree, and the suite that has to notice. A mutant that
survives is a hole in the tests, and the exit code is 1.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.progress import track
from rich.table import Table

ROOT = Path(__file__).parents[1]
_FAILED = 1  # pytest's word for "a test failed"; anything else is no verdict
SOURCES = [*ROOT.glob("*/*/src")]


@dataclass(frozen=True, slots=True)
class Mutant:
    """A bug: what somebody might do wrong, where, and which tests must fail."""

    bug: str
    file: str
    old: str
    new: str
    tests: str


def _in(package: str, path: str) -> str:
    folder = "libs" if package in {"kit", "saga"} else "services"
    return f"{folder}/{package}/src/bookstore/{package}/{path}"


MUTANTS = (
    Mutant(
        "answer before the commit",
        _in("kit", "database/sqlite.py"),
        '            connection.execute("COMMIT")\n',
        '            connection.execute("ROLLBACK")\n',
        "libs/kit/tests/test_database.py",
    ),
    Mutant(
        "one unit's failure rolls nothing back",
        _in("kit", "database/sqlite.py"),
        'connection.execute("ROLLBACK TO unit")',
        "pass",
        "libs/kit/tests/test_database.py",
    ),
    Mutant(
        "skip the audience check",
        _in("kit", "auth/claims.py"),
        'if not self._is_for_us(claims.get("aud")):',
        "if False:",
        "libs/kit/tests/auth",
    ),
    Mutant(
        "let any role in",
        _in("kit", "caller.py"),
        "return not self.roles.isdisjoint(roles)",
        "return True",
        "libs/kit/tests/test_pure.py",
    ),
    Mutant(
        "take card numbers",
        _in("kit", "cards.py"),
        'in "23456"',
        'in "78"',
        "libs/kit/tests/test_pure.py",
    ),
    Mutant(
        "sell one copy more than there is",
        _in("inventory", "domain/allocation.py"),
        "if line.quantity > available:",
        "if line.quantity > available + 1:",
        "services/inventory/tests",
    ),
    Mutant(
        "refuse the last copy",
        _in("inventory", "domain/allocation.py"),
        "if line.quantity > available:",
        "if line.quantity >= available:",
        "services/inventory/tests",
    ),
    Mutant(
        "pay back more than was taken",
        _in("payment", "outbound/sql_refunds.py"),
        'PAYMENT.c.refunded_amount + _ON_ITS_WAY + bindparam("amount")',
        'bindparam("amount")',
        "services/payment/tests",
    ),
    Mutant(
        "swallow a declined refund",
        _in("payment", "application/return_payment.py"),
        "if refund is not None and refund.status is RefundStatus.DECLINED:",
        "if False:",
        "services/payment/tests",
    ),
    Mutant(
        "believe a decline that was only heard of",
        _in("payment", "application/void_payment.py"),
        "if payment.is_over:",
        "if payment.is_over or payment.has_failed:",
        "services/payment/tests",
    ),
    Mutant(
        "believe a forged webhook",
        _in("payment", "inbound/signature.py"),
        'if not hmac.compare_digest(found["v1"], _digest(secret, found["t"], body)):',
        "if False:",
        "services/payment/tests",
    ),
    Mutant(
        "show an order to everybody",
        _in("order", "application/find_orders.py"),
        "if not caller.is_staff and not caller.owns(order.user_id):",
        "if False:",
        "services/order/tests",
    ),
    Mutant(
        "forget the answer that was promised",
        _in("order", "application/advance_order.py"),
        "        store.purchases.end(order.id, Ending(order=order))\n",
        "",
        "services/order/tests",
    ),
    Mutant(
        "a key answers for any body",
        _in("order", "application/place_order.py"),
        "    if command.fingerprint != fingerprint:",
        "    if False:",
        "services/order/tests",
    ),
    Mutant(
        "do a task again that was answered",
        _in("saga", "inbox.py"),
        "            return _superseded(task)\n        return kept\n",
        "            return _superseded(task)\n        return None\n",
        "libs/saga/tests",
    ),
    Mutant(
        "leave no tombstone",
        _in("saga", "inbox.py"),
        "            inbox.keep(task.do_key, _tombstone(task))\n",
        "            pass\n",
        "libs/saga/tests",
    ),
    Mutant(
        "undo all but the step that failed",
        _in("saga", "progress.py"),
        "self._stand_at(self.undo_from(self.index))",
        "self._stand_at(self.undo_from(self.index - 1))",
        "libs/saga/tests",
    ),
    Mutant(
        "turn round after the pivot",
        _in("saga", "decide.py"),
        "return progress.index <= progress.saga.pivot",
        "return True",
        "libs/saga/tests",
    ),
    Mutant(
        "leave a user half made on Keycloak",
        _in("identity", "outbound/keycloak/provider.py"),
        "await asyncio.shield(self._discard(user_id))",
        "pass",
        "services/identity/tests/test_keycloak.py",
    ),
    Mutant(
        "count an attempt that Keycloak never judged",
        _in("identity", "outbound/keycloak/provider.py"),
        "await self._attempts(lambda attempts: attempts.take_back(number))",
        "pass",
        "services/identity/tests/test_keycloak.py",
    ),
    Mutant(
        "let the last two administrators leave together",
        _in("identity", "outbound/keycloak/users.py"),
        "if account.administers and not await self.administrators():",
        "if False:",
        "services/identity/tests/test_keycloak.py",
    ),
    Mutant(
        "leave what is within Keycloak's default role",
        _in("identity", "outbound/keycloak/roles.py"),
        "(role.composite and within) or",
        "",
        "services/identity/tests/test_provider.py",
    ),
)


def caught(mutant: Mutant, copy: Path) -> bool:
    """Plant the bug in the copy, run its suite there, and take the bug out again."""
    file = copy / mutant.file
    sound = file.read_text()
    if sound.count(mutant.old) < 1:
        sys.exit(f"{mutant.file} does not hold what the mutant “{mutant.bug}” replaces: mend it")
    file.write_text(sound.replace(mutant.old, mutant.new))
    try:
        return run(mutant.tests, copy) == _FAILED
    except subprocess.TimeoutExpired:
        return True
    finally:
        file.write_text(sound)


def run(tests: str, copy: Path) -> int:
    """Run a suite on the copy's sources; return pytest's exit code."""
    path = os.pathsep.join(str(copy / source.relative_to(ROOT)) for source in SOURCES)
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-x", "-q", tests],
        cwd=copy,
        env=os.environ | {"PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        check=False,
        timeout=300,
    )
    return done.returncode


def main() -> None:
    """Try every mutant, and print the table."""
    table = Table("bug", "where", "caught")
    survivors = 0
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "bookstore"
        left_out = shutil.ignore_patterns(
            ".git", ".venv", ".make", "node_modules", "bookstore-data"
        )
        shutil.copytree(ROOT, copy, ignore=left_out)
        for tests in track(sorted({mutant.tests for mutant in MUTANTS}), "without a bug"):
            if run(tests, copy) != 0:
                sys.exit(f"{tests} fails without any bug: mend that first")
        for mutant in track(MUTANTS, "trying mutants"):
            is_caught = caught(mutant, copy)
            survivors += not is_caught
            table.add_row(mutant.bug, mutant.file, "yes" if is_caught else "[red]NO[/red]")
    Console().print(table)
    sys.exit(1 if survivors else 0)


if __name__ == "__main__":
    main()
