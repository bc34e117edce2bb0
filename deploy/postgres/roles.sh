#!/bin/sh
# A role and a database per service; none can connect to another's. Run once, when the server's data is made.
set -eu

role_and_database() {
    psql --username "${POSTGRES_USER:-postgres}" --dbname postgres --set ON_ERROR_STOP=1 --quiet \
        --set service="$1" --set password="$2" <<'SQL'
CREATE ROLE :"service" LOGIN PASSWORD :'password';
CREATE DATABASE :"service" OWNER :"service";
REVOKE ALL ON DATABASE :"service" FROM PUBLIC;
SQL
}

# Nor to those that come with the server, where they could look at each other and leave things.
psql --username "${POSTGRES_USER:-postgres}" --dbname postgres --set ON_ERROR_STOP=1 --quiet <<'SQL'
REVOKE ALL ON DATABASE postgres, template1 FROM PUBLIC;
SQL

role_and_database tickets "$TICKETS_PASSWORD"
role_and_database routing "$ROUTING_PASSWORD"
role_and_database notify "$NOTIFY_PASSWORD"
