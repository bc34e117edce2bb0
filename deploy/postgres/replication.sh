#!/bin/sh
# The role that the standby copies with, and the place where the primary keeps what the standby has not read yet. Run
# once, when the primary's data is made; docs/runbooks/promote-standby.md says how to do it to a server that has data.
set -eu

psql --username "${POSTGRES_USER:-postgres}" --dbname postgres --set ON_ERROR_STOP=1 --quiet \
    --set password="$REPLICATION_PASSWORD" <<'SQL'
CREATE ROLE replication LOGIN REPLICATION PASSWORD :'password';
SELECT pg_create_physical_replication_slot('standby') \g /dev/null
SQL
