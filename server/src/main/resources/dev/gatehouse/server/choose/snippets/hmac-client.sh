#!/bin/sh
# Signs a request. Needs API_URL, HMAC_KEY_ID and HMAC_SECRET.
set -eu
target='/orders?source=till' # as it goes over the wire, query included
body='{"item":"tea"}'

hex() { sed 's/.* //'; }
time=$(date +%s)
nonce=$(openssl rand -hex 16)
hash=$(printf %s "$body" | openssl dgst -sha256 | hex) # empty when there is no body
# openssl takes the secret as an argument, which other users of this machine may see: where there
# are any, sign in another language.
signature=$(printf 'POST\n%s\n%s\n%s\n%s' "$target" "$time" "$hash" "$nonce" |
  openssl dgst -sha256 -hmac "$HMAC_SECRET" | hex)

curl -sS --fail-with-body --max-time 30 --path-as-is -H 'Content-Type: application/json' \
  -H "X-Key-Id: $HMAC_KEY_ID" -H "X-Timestamp: $time" -H "X-Nonce: $nonce" \
  -H "X-Signature: $signature" --data-binary "$body" "$API_URL$target"
