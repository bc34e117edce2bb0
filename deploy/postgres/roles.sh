#!/bin/sh
# A role and a database per service; none can connect to another's. Run once, when the server's data is made.
set -eu
for service in tickets routing notify; do
    psql --username "${POSTGRES_USER:-postgres}" --dbname postgres --set ON_ERROR_STOP=1 --quiet \
        --set service="$service" --set password="$ESTAFET_DATABASE_PASSWORD" <<'SQL'
CREATE ROLE :"service" LOGIN PASSWORD :'password';
CREATE DATABASE :"service" OWNER :"service";
REVOKE ALL ON DATABASE :"service" FROM PUBLIC;
SQL
done
