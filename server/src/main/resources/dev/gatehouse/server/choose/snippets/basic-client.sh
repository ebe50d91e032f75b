#!/bin/sh
# Calls the API with a name and a password. Needs API_URL, API_USER and API_PASSWORD.
set -eu
# By standard input: other processes can read the arguments of a command.
printf 'Authorization: Basic %s\n' \
  "$(printf %s "$API_USER:$API_PASSWORD" | base64 | tr -d '\n')" |
  curl -sS --fail-with-body --max-time 30 -H @- "$API_URL/orders"
