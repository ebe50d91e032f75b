#!/bin/sh
# Signs in, calls the API with the access token, renews it when it is refused, and signs out.
# Needs API_URL, API_USER and API_PASSWORD.
set -eu
# Secrets go by standard input: other processes can read the arguments of a command.
post() { curl -sS --fail-with-body --max-time 30 "$@"; }
member() { printf %s "$tokens" | sed "s/.*\"$1\":\"\([^\"]*\)\".*/\1/"; }

sign_in() {
  tokens=$(printf %s "$API_PASSWORD" |
    post --data-urlencode "username=$API_USER" --data-urlencode password@- \
      "$API_URL/api/auth/login")
}

# A refresh token is good for one use: the new pair takes the place of the old one.
renew() {
  tokens=$(member refreshToken |
    post --data-urlencode refreshToken@- "$API_URL/api/auth/refresh") || sign_in
}

get() {
  printf 'Authorization: Bearer %s\n' "$(member accessToken)" |
    curl -sS --max-time 30 -H @- -o "$answer" -w '%{http_code}' "$API_URL$1"
}

call() {
  status=$(get "$1")
  if [ "$status" = 401 ]; then # ended, or revoked: once more with a new one
    renew
    status=$(get "$1")
  fi
  cat "$answer"
  echo
  [ "$status" = 200 ]
}

answer=$(mktemp)
trap 'rm -f "$answer"' EXIT
sign_in
call /orders
call '/orders?page=2'
member refreshToken | post --data-urlencode refreshToken@- "$API_URL/api/auth/logout"
