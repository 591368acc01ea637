#!/bin/sh
# Starts MariaDB as its official image does: new data have a root who has the password of the file.
set -eu
first=/tmp/first.sql
: >"$first"
if [ ! -d /var/lib/mysql/mysql ]; then
	mariadb-install-db --no-defaults --datadir=/var/lib/mysql --skip-test-db \
		--auth-root-authentication-method=normal >/dev/null
	password=$(cat "$MARIADB_ROOT_PASSWORD_FILE")
	cat >"$first" <<-SQL
		DROP USER IF EXISTS root@'127.0.0.1', root@'::1';
		ALTER USER root@localhost IDENTIFIED BY '$password';
		CREATE USER root@'%' IDENTIFIED BY '$password';
		GRANT ALL ON *.* TO root@'%' WITH GRANT OPTION;
	SQL
fi
exec mariadbd --datadir=/var/lib/mysql --socket=/run/mysqld/mysqld.sock --init-file="$first" "$@"
