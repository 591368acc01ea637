#!/bin/sh
# Tells whether it answers over TCP, as the official image's script of this name does.
MYSQL_PWD=$(cat "$MARIADB_ROOT_PASSWORD_FILE") exec mariadb --host=127.0.0.1 --user=root --execute='DO 1'
