"""MariaDB and MySQL: a pool of threads, each with a connection of its own.

Read `connection` for what a connection is set to, `worker` for how a unit of work is run, run
again or given up, `migrate` for how a database grows up.
"""

from bookstore.kit.database.mysql.connection import Place
from bookstore.kit.database.mysql.database import MysqlDatabase
from bookstore.kit.database.mysql.migrate import migrate

__all__ = ["MysqlDatabase", "Place", "migrate"]
