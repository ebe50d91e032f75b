#!/bin/sh
# Sends an event signed as GitHub signs it, to try the route. Needs API_URL and WEBHOOK_SECRET.
set -eu
# The gate takes each event once: an id makes it another one.
body="{\"action\":\"ping\",\"id\":\"$(openssl rand -hex 16)\"}"
# openssl takes the secret as an argument, which other users of this machine may see: where there
# are any, use another language.
signature=$(printf %s "$body" | openssl dgst -sha256 -hmac "$WEBHOOK_SECRET" | sed 's/.* //')

curl -sS --fail-with-body --max-time 30 -H 'Content-Type: application/json' \
  -H 'X-GitHub-Event: ping' -H "X-Hub-Signature-256: sha256=$signature" \
  --data-binary "$body" "$API_URL/hooks/github"
