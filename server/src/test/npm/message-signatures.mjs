// Signs requests by RFC 9421 with packages that are not ours, sends them to a running gate, and
// prints what came back: a JSON list of { name, status, code, body }.
//
// Argument: the gate's address. Standard input: the keys, in JSON.
import http2 from 'node:http2'
import https from 'node:https'
import { constants, createHash, createPrivateKey, randomUUID, sign, webcrypto } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { appendSignature, createSignature, webcrypto as signing } from 'http-message-sig'
import { createSigner, httpbis } from 'http-message-signatures'
import { parseDictionary } from 'structured-headers'

const gate = process.argv[2]
const keys = JSON.parse(readFileSync(0, 'utf8'))
const results = []

const digest = (body, algorithm) =>
  `${algorithm}=:${createHash(algorithm.replace('-', '')).update(body).digest('base64')}:`

// By HTTP/1.1; a body without a length goes in chunks.
function send(name, { method, url, headers }, body, chunked) {
  return new Promise((resolve, reject) => {
    const request = https.request(url, { method, headers }, (response) => {
      let text = ''
      response.on('data', (piece) => (text += piece))
      response.on('end', () => {
        results.push(told(name, response.statusCode, text))
        resolve(response.headers)
      })
      response.on('error', reject)
    })
    request.on('error', reject)
    if (body !== undefined && !chunked) {
      request.setHeader('Content-Length', Buffer.byteLength(body))
      request.end(body)
    } else if (body !== undefined) {
      for (const piece of body.match(/.{1,7}/gs)) {
        request.write(piece)
      }
      request.end()
    } else {
      request.end()
    }
  })
}

function sendByHttp2(name, { method, url, headers }, body) {
  return new Promise((resolve, reject) => {
    const { pathname, search } = new URL(url)
    const session = http2.connect(gate)
    session.on('error', reject)
    const stream = session.request({
      ':method': method,
      ':path': pathname + search,
      ...Object.fromEntries(Object.entries(headers).map(([k, v]) => [k.toLowerCase(), v])),
    })
    let status = 0
    let text = ''
    stream.on('response', (answered) => (status = answered[':status']))
    stream.on('data', (piece) => (text += piece))
    stream.on('end', () => {
      results.push(told(name, status, text))
      session.close()
      resolve()
    })
    stream.on('error', reject)
    stream.end(body)
  })
}

function told(name, status, text) {
  let code = ''
  try {
    code = JSON.parse(text).code ?? ''
  } catch {
    // what the upstream says
  }
  return { name, status, code, body: status === 200 ? text : '' }
}

// The package of Daniel Hensby. Its own RSA signer takes the longest salt there is, where RFC 9421
// (3.3.1) has 64 bytes: it gets one that does.
function firstSigner(key) {
  if (key.algorithm !== 'rsa-pss-sha512') {
    const material = key.secret ?? createPrivateKey(key.privateKey)
    return createSigner(material, key.algorithm, key.keyId)
  }
  const pss = { key: key.privateKey, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 64 }
  return { id: key.keyId, alg: key.algorithm, sign: async (data) => sign('sha512', data, pss) }
}

function byFirst(key, request, fields) {
  return httpbis.signMessage(
    {
      key: firstSigner(key),
      fields,
      params: ['created', 'keyid', 'alg', 'nonce', 'expires'],
      paramValues: { nonce: randomUUID() },
    },
    request,
  )
}

// The package of Cloudflare.
async function bySecond(key, request, components, parameters = {}, label = 'sig1') {
  const fields = await createSignature(new Request(request.url, withoutBody(request)), {
    label,
    components,
    parameters: {
      created: Math.floor(Date.now() / 1000),
      keyid: key.keyId,
      nonce: randomUUID(),
      ...parameters,
    },
    signer: await signer(key),
  })
  const headers = appendSignature(new Headers(request.headers), fields)
  return { ...request, headers: Object.fromEntries(headers) }
}

const withoutBody = ({ method, headers }) => ({ method, headers })

async function signer(key) {
  if (key.algorithm === 'ed25519') {
    return signing.signer(
      await webcrypto.subtle.importKey('pkcs8', der(key), 'Ed25519', true, ['sign']),
    )
  }
  return {
    algorithm: key.algorithm,
    sign: (data) =>
      sign('sha256', data, {
        key: createPrivateKey(key.privateKey),
        dsaEncoding: 'ieee-p1363',
      }),
  }
}

const der = (key) => createPrivateKey(key.privateKey).export({ type: 'pkcs8', format: 'der' })

const body = '{"article": "book", "pieces": 2}'
const covered = ['@method', '@target-uri', 'content-digest']

for (const key of keys) {
  const get = { method: 'GET', url: `${gate}/orders?id=7&q=a%20b`, headers: {} }
  const post = (algorithm) => ({
    method: 'POST',
    url: `${gate}/orders?id=7`,
    headers: { 'Content-Type': 'application/json', 'Content-Digest': digest(body, algorithm) },
  })
  const name = `first ${key.algorithm}`
  await send(`${name} get`, await byFirst(key, get, ['@method', '@target-uri']))
  await send(`${name} post`, await byFirst(key, post('sha-512'), covered), body)
  await send(`${name} chunked`, await byFirst(key, post('sha-256'), covered), body, true)
  await sendByHttp2(`${name} http2`, await byFirst(key, post('sha-256'), covered), body)
  await sendByHttp2(`${name} http2 get`, await byFirst(key, get, ['@method', '@target-uri']))

  const once = await byFirst(key, post('sha-256'), [...covered, 'content-type'])
  await send(`${name} once`, once, body)
  await send(`${name} replayed`, once, body)
  const changed = body.replace('2', '9')
  await send(`${name} changed`, await byFirst(key, post('sha-256'), covered), changed)
  await send(`${name} changed chunked`, await byFirst(key, post('sha-256'), covered), changed, true)
  await sendByHttp2(`${name} changed http2`, await byFirst(key, post('sha-256'), covered), changed)
  await send(`${name} emptied`, await byFirst(key, post('sha-256'), covered), '')
  const other = { ...(await byFirst(key, get, ['@method', '@target-uri'])) }
  await send(`${name} other target`, { ...other, url: `${gate}/orders?id=8&q=a%20b` })
  await send(`${name} uncovered`, await byFirst(key, post('sha-256'), ['@method', '@target-uri']), body)

  if (key.algorithm === 'ed25519' || key.algorithm === 'ecdsa-p256-sha256') {
    const second = `second ${key.algorithm}`
    const parts = ['@method', '@target-uri', '@authority', '@path', '@query', '@scheme']
    await send(`${second} get`, await bySecond(key, get, parts))
    await send(`${second} post`, await bySecond(key, post('sha-256'), covered), body)
    await send(`${second} changed`, await bySecond(key, post('sha-256'), covered), changed)

    // As the challenge asks for it.
    const asked = await send(`${second} unsigned`, post('sha-256'), body)
    const [[label, [items, parameters]]] = parseDictionary(asked['accept-signature'])
    const answer = await bySecond(
      key,
      post('sha-256'),
      items.map(([component]) => component),
      { nonce: parameters.get('nonce') },
      label,
    )
    await send(`${second} asked`, answer, body)
  }
}

console.log(JSON.stringify(results))
