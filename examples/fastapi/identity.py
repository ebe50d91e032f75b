import os

import jwt
from fastapi import HTTPException, Request

GATE = os.environ.get("GATE_URL", "https://localhost:8443")
AUDIENCE = os.environ.get("AUDIENCE", "http://127.0.0.1:3000")  # the route's 'upstream'

# The key set is kept for 300 seconds: a revoked key is forgotten.
keys = jwt.PyJWKClient(GATE + "/.well-known/jwks.json", lifespan=300)


def caller(request: Request) -> dict:
    """The caller whom the gate's token names. Answers 401 when there is no token or a wrong one."""
    token = request.headers.get("gatehouse-identity", "")
    try:
        if jwt.get_unverified_header(token).get("typ") != "gatehouse-identity+jwt":
            raise jwt.InvalidTokenError("another type of token")
        claims = jwt.decode(
            token,
            keys.get_signing_key_from_jwt(token).key,
            algorithms=["ES256"],
            issuer="gatehouse",  # 'realm' in gatehouse.yaml
            audience=AUDIENCE,
            leeway=5,  # seconds by which the two clocks may differ
            options={"require": ["exp", "iss", "aud", "sub"]},
        )
    except jwt.PyJWTError:
        raise HTTPException(401, headers={"WWW-Authenticate": "Gatehouse"})
    return {
        "subject": claims["sub"],
        "method": claims["auth_method"],
        "scopes": claims.get("scope", "").split(),
        "credential": claims["credential"],
    }
