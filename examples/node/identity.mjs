import { createRemoteJWKSet, jwtVerify } from 'jose';

const gate = process.env.GATE_URL ?? 'https://localhost:8443';

const keys = createRemoteJWKSet(new URL('/.well-known/jwks.json', gate), {
  cacheMaxAge: 300_000, // milliseconds: a revoked key is forgotten
  cooldownDuration: 5_000, // for a key that is not in the set, the set is fetched again this often
});

/** The caller whom the gate's token names. Throws when there is no token or a wrong one. */
export async function caller(headers) {
  const { payload } = await jwtVerify(headers['gatehouse-identity'] ?? '', keys, {
    algorithms: ['ES256'],
    typ: 'gatehouse-identity+jwt',
    issuer: 'gatehouse', // 'realm' in gatehouse.yaml
    audience: process.env.AUDIENCE ?? 'http://127.0.0.1:3000', // the route's 'upstream'
    requiredClaims: ['exp'],
  });
  return {
    subject: payload.sub,
    method: payload.auth_method,
    scopes: payload.scope?.split(' ') ?? [],
    credential: payload.credential,
  };
}
