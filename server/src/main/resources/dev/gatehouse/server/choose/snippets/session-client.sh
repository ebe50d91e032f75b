#!/bin/sh
# Signs in, reads, changes something, signs out. Needs API_URL, API_USER and API_PASSWORD.
set -eu
cookies=$(mktemp) # readable for its owner alone
trap 'rm -f "$cookies"' EXIT
call() { curl -sS --fail-with-body --max-time 30 -b "$cookies" "$@"; }

# By standard input: other processes can read the arguments of a command.
printf %s "$API_PASSWORD" |
  call -c "$cookies" -o /dev/null --data-urlencode "username=$API_USER" \
    --data-urlencode password@- "$API_URL/login"
call "$API_URL/orders"
# A program says by this token that it means the change; a page of this origin needs none.
csrf=$(call "$API_URL/csrf" | sed 's/.*"csrfToken":"\([^"]*\)".*/\1/')
call -H "X-CSRF-Token: $csrf" -H 'Content-Type: application/json' -d '{"item":"tea"}' \
  "$API_URL/orders"
call -X POST -o /dev/null "$API_URL/logout"
