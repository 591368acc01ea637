#!/bin/bash
# Tells whether a server in this container answers 200: answers.sh PORT PATH. Neither Envoy's image
# nor Keycloak's has a program that asks over HTTP.
exec 3<>"/dev/tcp/127.0.0.1/$1" || exit 1
printf 'GET %s HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n' "$2" >&3
read -r _ status _ <&3
[ "$status" = 200 ]
