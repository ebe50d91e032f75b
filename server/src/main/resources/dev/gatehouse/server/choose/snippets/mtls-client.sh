#!/bin/sh
# Calls the API with a client certificate. Needs API_URL, and the files CLIENT_CERT and CLIENT_KEY.
set -eu
curl -sS --fail-with-body --max-time 30 --cert "$CLIENT_CERT" --key "$CLIENT_KEY" "$API_URL/orders"
