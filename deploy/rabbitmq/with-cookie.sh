#!/bin/sh
# Lays the cluster's shared secret where Erlang looks for it; then the image's own program takes over.
set -eu

rm -f /var/lib/rabbitmq/.erlang.cookie
(umask 377; printf %s "$ERLANG_COOKIE" >/var/lib/rabbitmq/.erlang.cookie)
chown rabbitmq:rabbitmq /var/lib/rabbitmq/.erlang.cookie
unset ERLANG_COOKIE
exec docker-entrypoint.sh "$@"
