"""MariaDB and MySQL: a pool of threads, each with a connection of its own.

Read `connection` for what a connection is set to, `worker` for how a unit of work is run, run
again or given up, `migrate` for how a database grows up, `snapshot` for how all of it is read.
"""

from bookstore.kit.database.mysql.connection import Place
from bookstore.kit.database.mysql.database import MysqlDatabase
from bookstore.kit.database.mysql.migrate import migrate
from bookstore.kit.database.mysql.snapshot import Column, Snapshot, Table, snapshots

__all__ = ["Column", "MysqlDatabase", "Place", "Snapshot", "Table", "migrate", "snapshots"]
