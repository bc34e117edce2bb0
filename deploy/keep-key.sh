#!/bin/sh
# Starts a server that must not run as root with a private key that only root can read: keep-key.sh USER NAME COMMAND ...
# The key and its certificate are laid into memory, for that user alone; then the image's own program takes over.
set -eu

user=$1 name=$2
shift 2
for file in "$name.crt" "$name.key"; do
    install -o "$user" -g "$user" -m 0400 "/certificates/$file" "/keys/$file"
done
exec docker-entrypoint.sh "$@"
