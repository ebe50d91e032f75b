// An OpenID provider by the package oidc-provider, on a free port of 127.0.0.1.
//
// Arguments: files with its certificate and key. It prints `ready` and its issuer, takes lines
// `client ID SECRET REDIRECT_URI AUDIENCE` on standard input, of which the last holds, and ends
// with that input. Whoever names a login is that person; the password is whatever is typed.
import https from 'node:https'
import { generateKeyPairSync } from 'node:crypto'
import { readFileSync } from 'node:fs'
import readline from 'node:readline'
import Provider from 'oidc-provider'

const key = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ format: 'jwk' })

function provider(issuer, [id, secret, redirectUri, audience]) {
  return new Provider(issuer, {
    clients: [{
      client_id: id,
      client_secret: secret,
      redirect_uris: [redirectUri],
      grant_types: ['authorization_code', 'refresh_token', 'client_credentials'],
      response_types: ['code'],
      id_token_signed_response_alg: 'ES256',
    }],
    jwks: { keys: [{ ...key, use: 'sig', alg: 'ES256', kid: 'node' }] },
    cookies: { keys: ['a secret of these tests'] },
    scopes: ['openid', 'offline_access', 'email', 'profile', 'orders.read', 'orders.write'],
    claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name'] },
    // OpenID Connect Core §5.4: what scopes ask for stands in the UserInfo response.
    conformIdTokenClaims: true,
    findAccount: (_, account) => ({
      accountId: account,
      claims: () => ({
        sub: account,
        name: account,
        email: `${account}@node.example`,
        email_verified: !account.startsWith('unverified'),
      }),
    }),
    pkce: { required: () => true },
    features: {
      devInteractions: { enabled: true },
      clientCredentials: { enabled: true },
      introspection: { enabled: true },
      resourceIndicators: {
        enabled: true,
        defaultResource: (context) =>
          context.oidc.params.grant_type === 'client_credentials' ? audience : undefined,
        getResourceServerInfo: () => ({
          scope: 'orders.read orders.write',
          audience,
          accessTokenFormat: 'jwt',
          jwt: { sign: { alg: 'ES256' } },
        }),
      },
    },
  })
}

let handle = (_, response) => response.writeHead(503).end()
const server = https.createServer(
  { cert: readFileSync(process.argv[2]), key: readFileSync(process.argv[3]) },
  (request, response) => handle(request, response))
server.listen(0, '127.0.0.1', () => {
  const issuer = `https://127.0.0.1:${server.address().port}`
  const lines = readline.createInterface({ input: process.stdin })
  lines.on('line', (line) => {
    handle = provider(issuer, line.split(' ').slice(1)).callback()
    console.log('registered')
  })
  lines.on('close', () => process.exit(0)) // with whoever started it
  console.log(`ready ${issuer}`)
})
