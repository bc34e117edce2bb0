#!/bin/bash
# A standby: at its first start it copies the primary, from then on it follows it until it is promoted.
set -eu

if [ ! -s "$PGDATA/PG_VERSION" ]; then
    install -d -o postgres -g postgres -m 0700 "$PGDATA"
    PGPASSWORD=$REPLICATION_PASSWORD gosu postgres pg_basebackup \
        --dbname "host=$PRIMARY user=replication application_name=standby connect_timeout=10" \
        --pgdata "$PGDATA" --wal-method stream --checkpoint fast --write-recovery-conf --slot standby
fi
exec docker-entrypoint.sh "$@"
