#!/bin/bash
# PostgreSQL as one of two: the PRIMARY, or a standby that copies it at the first start and follows it from then on.
set -eu

primary() { [ "$SELF" = "$PRIMARY" ]; }
empty() { [ ! -s "$PGDATA/PG_VERSION" ]; }

if ! primary && empty; then
    install -d -o postgres -g postgres -m 0700 "$PGDATA"
    PGPASSWORD=$REPLICATION_PASSWORD gosu postgres pg_basebackup \
        --dbname "host=$PRIMARY user=replication application_name=standby connect_timeout=10" \
        --pgdata "$PGDATA" --wal-method stream --checkpoint fast --write-recovery-conf --slot standby
elif ! primary && [ ! -e "$PGDATA/standby.signal" ]; then
    echo "The data of $SELF are a primary's, but POSTGRES_PRIMARY is $PRIMARY. Two that take writes would tear the data" >&2
    echo "apart: name the right one, or remove the volume of $SELF so that it becomes a copy." >&2
    sleep 10
    exit 1
fi
exec docker-entrypoint.sh "$@"
