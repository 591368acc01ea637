"""The databases of the services: one each, and a user who may do nothing elsewhere."""

from collections.abc import Mapping
from contextlib import closing

import pymysql
from pymysql.constants import ER

_ROOT = "root"


def make_databases(port: int, administrator: str, passwords: Mapping[str, str]) -> dict[str, str]:
    """See that each named database is there, and return the URLs to reach them.

    `administrator` is the password that root has, or is given if it has none yet. Safe to repeat.
    """
    with closing(_connect(port, administrator)) as connection, connection.cursor() as cursor:
        for name, password in passwords.items():
            cursor.execute(f"CREATE DATABASE IF NOT EXISTS `{name}`")
            cursor.execute(f"CREATE USER IF NOT EXISTS '{name}'@'localhost'")
            cursor.execute(f"ALTER USER '{name}'@'localhost' IDENTIFIED BY %s", (password,))
            cursor.execute(f"GRANT ALL PRIVILEGES ON `{name}`.* TO '{name}'@'localhost'")
    return {
        name: f"mysql://{name}:{password}@127.0.0.1:{port}/{name}"
        for name, password in passwords.items()
    }


def _connect(port: int, password: str) -> "pymysql.connections.Connection[pymysql.cursors.Cursor]":
    try:
        return pymysql.connect(host="127.0.0.1", port=port, user=_ROOT, password=password)
    except pymysql.OperationalError as error:
        if error.args[0] != ER.ACCESS_DENIED_ERROR:
            raise
    connection = pymysql.connect(host="127.0.0.1", port=port, user=_ROOT)
    with connection.cursor() as cursor:
        cursor.execute("ALTER USER 'root'@'localhost' IDENTIFIED BY %s", (password,))
    return connection
