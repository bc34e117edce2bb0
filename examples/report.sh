#!/bin/sh
# Sends a report over HTTP and prints its code and secret. Needs curl alone; no account.
#
#     ESTAFET_URL=http://127.0.0.1:8000 ./report.sh ktp "KTP saya rusak."
#
# The key makes repeating harmless: curl does so when the service is busy, away for a moment or silent, and waits as long
# as Retry-After says. Give the same KEY to repeat it by hand.
set -eu

address=${ESTAFET_URL:-http://127.0.0.1:8000}
category=${1:?category, such as ktp: see $address/api/v1/services}
text=${2:?what happened}
key=${KEY:-$(cat /proc/sys/kernel/random/uuid 2>/dev/null || uuidgen)}

# A JSON string: backslash, quote and line break are all that a line of text may need.
quoted=$(printf '%s' "$text" | sed 's/[\\"]/\\&/g' | tr '\n\t' '  ')

curl --silent --show-error --fail-with-body --retry 5 --retry-connrefused --max-time 60 \
    --header 'Content-Type: application/json' --header "Idempotency-Key: $key" \
    --data-binary "{\"category\": \"$category\", \"text\": \"$quoted\"}" \
    "$address/api/v1/reports"
echo
