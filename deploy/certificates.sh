#!/bin/sh
# Makes an authority and certificates for a trial of deploy/production.yml: certificates.sh FOLDER [NAME OR ADDRESS ...]
#
# The names are those that people and other apps reach this machine by; localhost is always one. What is there already
# stays, so that a certificate that is deleted is made anew by the same authority. Needs openssl; where there is none,
# run it in the image (docs/deploying.md).
set -eu

folder=${1:?say which folder to write to: certificates.sh FOLDER [NAME OR ADDRESS ...]}
shift
days=${DAYS:-90}
umask 077
mkdir -p "$folder"
cd "$folder"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

quietly() { "$@" 2>"$work/said" || { cat "$work/said" >&2; exit 1; }; }

# san NAME OR ADDRESS ...: as a certificate lists them
san() {
    list=
    for each in "$@"; do
        case $each in
            *:*) list=$list,IP:$each ;;
            *[!0-9.]*) list=$list,DNS:$each ;;
            *) list=$list,IP:$each ;;
        esac
    done
    echo "${list#,}"
}

# certificate FILE NAME OR ADDRESS ...
certificate() {
    file=$1
    shift
    [ ! -s "$file.crt" ] || return 0
    {
        echo "subjectAltName = $(san "$@")"
        echo 'basicConstraints = critical, CA:FALSE'
        echo 'keyUsage = critical, digitalSignature'
        echo 'extendedKeyUsage = serverAuth'
        echo 'subjectKeyIdentifier = hash'
        echo 'authorityKeyIdentifier = keyid'
    } >"$work/extensions"
    quietly openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=$1" \
        -keyout "$file.key" -out "$work/request"
    quietly openssl x509 -req -in "$work/request" -CA ca.crt -CAkey ca.key -CAcreateserial -CAserial "$work/serial" \
        -days "$days" -extfile "$work/extensions" -out "$file.crt"
    echo "made $folder/$file.crt for $*"
}

if [ ! -s ca.crt ]; then
    {
        echo '[req]'
        echo 'distinguished_name = name'
        echo '[name]'
        echo '[authority]'
        echo 'basicConstraints = critical, CA:TRUE'
        echo 'keyUsage = critical, keyCertSign, cRLSign'
        echo 'subjectKeyIdentifier = hash'
    } >"$work/openssl.cnf"
    quietly openssl req -x509 -config "$work/openssl.cnf" -extensions authority -newkey ec \
        -pkeyopt ec_paramgen_curve:P-256 -nodes -days 3650 -subj '/CN=Estafet trial authority' \
        -keyout ca.key -out ca.crt
    echo "made $folder/ca.crt; keep ca.key where no service can read it"
fi
certificate proxy "$@" proxy localhost 127.0.0.1
certificate rabbitmq rabbitmq rabbitmq-2 rabbitmq-3 "$@" localhost 127.0.0.1
certificate postgres postgres postgres-standby localhost 127.0.0.1
# What is no secret may be read by everybody.
chmod 755 .
chmod 644 ./*.crt
