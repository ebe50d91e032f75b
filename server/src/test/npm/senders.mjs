// Signs with packages that are not ours, sends to a running gate, and prints what came back:
// a JSON list of { name, status, code, fields }.
//
// Argument: the gate's address. Standard input: the secrets, in JSON.
import https from 'node:https'
import { createHash, createHmac } from 'node:crypto'
import { readFileSync } from 'node:fs'
import aws4 from 'aws4'
import Stripe from 'stripe'
import { sign as signForGitHub } from '@octokit/webhooks-methods'
import { Webhook } from 'standardwebhooks'

const gate = new URL(process.argv[2])
const secrets = JSON.parse(readFileSync(0, 'utf8'))
const results = []

function send(name, method, path, headers, body) {
  return new Promise((resolve, reject) => {
    const request = https.request(
      { hostname: gate.hostname, port: gate.port, method, path, headers },
      (response) => {
        let text = ''
        response.setEncoding('utf8')
        response.on('data', (part) => (text += part))
        response.on('end', () => {
          const answer = JSON.parse(text)
          results.push({
            name,
            status: response.statusCode,
            code: answer.code ?? '',
            detail: answer.detail ?? '',
            id: answer.id ?? '',
            target: answer.target ?? '',
            fields: answer.fields ?? {},
          })
          resolve()
        })
      })
    request.on('error', reject)
    request.end(body)
  })
}

// AWS Signature Version 4, by aws4.
function awsSigned(method, path, body, change = {}) {
  return aws4.sign(
    {
      hostname: gate.hostname,
      port: gate.port,
      method,
      path,
      body,
      headers: change.headers ?? {},
      service: change.service ?? secrets.aws.service,
      region: change.region ?? secrets.aws.region,
      signQuery: change.signQuery ?? false,
    },
    {
      accessKeyId: secrets.aws.keyId,
      secretAccessKey: change.secret ?? secrets.aws.secret,
      sessionToken: change.sessionToken,
    })
}

async function aws(name, method, path, body, change) {
  const signed = awsSigned(method, path, body, change)
  await send(`aws ${name}`, method, signed.path, signed.headers, signed.body)
  return signed
}

await aws('get', 'GET', '/orders')
await aws('query', 'GET', '/orders?b=2&a=1&since=2026-01-01T00:00:00Z&empty=')
await aws('encoded path', 'GET', '/orders/a%20b/caf%C3%A9/~x:y@z')
await aws('post', 'POST', '/orders', '{"a":1, "a":1.0, "b":12345678901234567890}')
await aws('put binary', 'PUT', '/orders/1', Buffer.from([0, 1, 2, 0xff, 0xfe]))
await aws('delete', 'DELETE', '/orders/1')
await aws('content hash', 'POST', '/orders', 'x=1', {
  headers: { 'X-Amz-Content-Sha256': sha256('x=1'), 'Content-Type': 'text/plain' },
})
await aws('invocation id', 'GET', '/orders', undefined, {
  headers: { 'amz-sdk-invocation-id': 'a b   c' },
})
const used = await aws('once', 'GET', '/orders?use=once')
await send('aws twice', 'GET', used.path, used.headers)
const moved = awsSigned('GET', '/orders?item=1')
await send('aws other query', 'GET', '/orders?item=2', moved.headers)
await send('aws other method', 'DELETE', moved.path, moved.headers)
const other = awsSigned('POST', '/orders?other', '{"a":1}')
await send('aws other body', 'POST', other.path, other.headers, '{"a":2}')
await aws('other secret', 'GET', '/orders?other=secret', undefined, { secret: 'x'.repeat(43) })
await aws('other region', 'GET', '/orders', undefined, { region: 'us-east-1' })
await aws('s3', 'PUT', '/orders', 'x', { service: 's3' })
await aws('session token', 'GET', '/orders', undefined, { sessionToken: 'a-token' })
await aws('presigned', 'GET', '/orders', undefined, { signQuery: true })
await aws('repeated sorted', 'GET', '/orders?a=1&a=2')
await aws('repeated unsorted', 'GET', '/orders?a=2&a=1')
// aws4 writes the query anew; these send it as somebody typed it.
for (const [name, path] of [
  ['raw query', '/orders?b=2&a=1&since=2026-01-01T00:00:00Z&at=/x?y'],
  ['plus', '/orders?q=a+b'],
]) {
  await send(`aws ${name}`, 'GET', path, awsSigned('GET', path).headers)
}

function sha256(text) {
  return createHash('sha256').update(text).digest('hex')
}

// GitHub, by its own package.
const body = '{"zen": "Practicality beats purity.", "n": 1.0}'
const github = await signForGitHub(secrets.github, body)
const gitHubFields = {
  'X-Hub-Signature-256': github,
  'X-Hub-Signature': 'sha1=' + createHmac('sha1', secrets.github).update(body).digest('hex'),
  'X-GitHub-Event': 'ping',
  'X-GitHub-Delivery': '72d3162e-cc78-11e3-81ab-4c9367dc0958',
  'Content-Type': 'application/json',
}
await send('github sha1', 'POST', '/hooks/github',
  { 'X-Hub-Signature': gitHubFields['X-Hub-Signature'] }, body)
await send('github other body', 'POST', '/hooks/github', gitHubFields, body + ' ')
await send('github', 'POST', '/hooks/github', gitHubFields, body)
await send('github twice', 'POST', '/hooks/github',
  { ...gitHubFields, 'X-GitHub-Delivery': '00000000-cc78-11e3-81ab-4c9367dc0958' }, body)
await send('github elsewhere', 'POST', '/open', gitHubFields, body)

// Stripe, by its own package.
const event = '{"id": "evt_1", "object": "event"}'
const header = (timestamp, more = {}) =>
  Stripe.webhooks.generateTestHeaderString({
    payload: event, secret: secrets.stripe, timestamp, ...more })
const now = Math.floor(Date.now() / 1000)
await send('stripe v0', 'POST', '/hooks/stripe',
  { 'Stripe-Signature': header(now, { scheme: 'v0' }) }, event)
await send('stripe old', 'POST', '/hooks/stripe', { 'Stripe-Signature': header(now - 400) }, event)
await send('stripe', 'POST', '/hooks/stripe',
  { 'Stripe-Signature': header(now) + ',v0=' + '0'.repeat(64) }, event)
await send('stripe twice', 'POST', '/hooks/stripe', { 'Stripe-Signature': header(now) }, event)
await send('stripe rolled', 'POST', '/hooks/stripe', {
  'Stripe-Signature':
    header(now - 1, { secret: 'whsec_the-one-that-was-rolled-out' }) +
    header(now - 1).replace(/^t=\d+/, ''),
}, event)

// Slack sends no package that signs: the twin of what its documents verify, with Node's crypto.
const command = 'token=x&command=%2Fweather&text=94070'
const slack = (timestamp, version = 'v0') => ({
  'X-Slack-Request-Timestamp': String(timestamp),
  'X-Slack-Signature': `${version}=` +
    createHmac('sha256', secrets.slack).update(`${version}:${timestamp}:${command}`).digest('hex'),
  'Content-Type': 'application/x-www-form-urlencoded',
})
await send('slack v1', 'POST', '/hooks/slack', slack(now, 'v1'), command)
await send('slack old', 'POST', '/hooks/slack', slack(now - 400), command)
await send('slack', 'POST', '/hooks/slack', slack(now), command)
await send('slack twice', 'POST', '/hooks/slack', slack(now), command)

// Standard Webhooks, by the package of the specification.
const message = '{"type": "example.created"}'
const standard = (secret, date, id = 'msg_1') => ({
  'webhook-id': id,
  'webhook-timestamp': String(Math.floor(date.getTime() / 1000)),
  'webhook-signature': new Webhook(secret).sign(id, date, message),
})
const date = new Date()
await send('standard old', 'POST', '/hooks/standard',
  standard(secrets.standard, new Date(Date.now() - 400_000)), message)
await send('standard', 'POST', '/hooks/standard', standard(secrets.standard, date), message)
await send('standard twice', 'POST', '/hooks/standard', standard(secrets.standard, date), message)
const rotated = standard(secrets.standard, date, 'msg_2')
const foreign = new Webhook(Buffer.alloc(24, 7).toString('base64')).sign('msg_2', date, message)
await send('standard rotated', 'POST', '/hooks/standard', {
  ...rotated,
  'webhook-signature': `v1a,${Buffer.alloc(64).toString('base64')} ${foreign} ` +
    rotated['webhook-signature'],
}, message)
await send('standard none', 'POST', '/hooks/standard', {}, message)

console.log(JSON.stringify(results))
