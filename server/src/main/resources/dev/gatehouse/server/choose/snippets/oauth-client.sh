#!/bin/sh
# Gets an access token from an issuer, and calls the API with it (RFC 6749 §4.4).
# Needs API_URL, and of the issuer TOKEN_URL, CLIENT_ID and CLIENT_SECRET.
set -eu
# Secrets go by standard input: other processes can read the arguments of a command. Id and secret
# are percent-encoded before (RFC 6749 §2.3.1), where they hold more than letters, digits, - . _ ~
token=$(printf 'Authorization: Basic %s\n' \
  "$(printf %s "$CLIENT_ID:$CLIENT_SECRET" | base64 | tr -d '\n')" |
  curl -sS --fail-with-body --max-time 30 -H @- -d grant_type=client_credentials \
    -d scope=orders.read "$TOKEN_URL" |
  sed 's/.*"access_token" *: *"\([^"]*\)".*/\1/')

# Good for expires_in seconds; after that, and when the API says 401, ask for another.
printf 'Authorization: Bearer %s\n' "$token" |
  curl -sS --fail-with-body --max-time 30 -H @- "$API_URL/orders"
