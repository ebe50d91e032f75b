// Signs requests as the gate's documents say, with nothing but Node's own crypto, and sends them.
// Input: JSON { base, keyId, secret }.
import assert from 'node:assert/strict';
import { createHash, createHmac, randomBytes } from 'node:crypto';
import { text } from 'node:stream/consumers';

const { base, keyId, secret } = JSON.parse(await text(process.stdin));

function signed(method, target, { body, nonce, key = secret, skew = 0 } = {}) {
  const time = String(Math.floor(Date.now() / 1000) + skew);
  const hash = body ? createHash('sha256').update(body).digest('hex') : '';
  const lines = [method, target, time, hash];
  if (nonce) lines.push(nonce);
  const headers = {
    'X-Key-Id': keyId,
    'X-Timestamp': time,
    'X-Signature': createHmac('sha256', key).update(lines.join('\n')).digest('hex'),
  };
  if (nonce) headers['X-Nonce'] = nonce;
  return { method, headers, body };
}

async function send(target, init) {
  const answer = await fetch(base + target, init);
  return { status: answer.status, fields: answer.headers, body: await answer.json() };
}

const nonce = () => randomBytes(16).toString('hex');

let answer = await send('/signed?b=2&a=%20', signed('GET', '/signed?b=2&a=%20', { nonce: nonce() }));
assert.equal(answer.status, 200);
assert.equal(answer.body.target, '/signed?b=2&a=%20');
assert.equal(answer.body.fields['x-auth-method'], 'hmac');
assert.equal(answer.body.fields['x-auth-credential'], keyId);
for (const gone of ['x-signature', 'x-key-id', 'x-timestamp', 'x-nonce']) {
  assert.equal(answer.body.fields[gone], undefined, gone);
}

const body = JSON.stringify({ item: 'tea', big: 12345 }) + '\n';
answer = await send('/signed', signed('POST', '/signed', { body, nonce: nonce() }));
assert.equal(answer.status, 200);
assert.equal(answer.body.length, body.length);

for (const type of ['text/plain', 'application/octet-stream', 'application/x-www-form-urlencoded']) {
  const init = signed('POST', '/signed', { body: 'a=1&b=2', nonce: nonce() });
  init.headers['Content-Type'] = type;
  assert.equal((await send('/signed', init)).status, 200, type);
}

const refused = async (code, target, init) => {
  const { status, fields, body } = await send(target, init);
  assert.deepEqual([status, body.code], [401, code]);
  assert.match(fields.get('www-authenticate'), /^Signature realm="/);
};
await refused('INVALID_SIGNATURE', '/signed?a=2', signed('GET', '/signed?a=1'));
await refused('INVALID_SIGNATURE', '/signed', { ...signed('POST', '/signed', { body }), body: body + ' ' });
await refused('INVALID_SIGNATURE', '/signed', signed('GET', '/signed', { key: 'x'.repeat(43) }));
await refused('REQUEST_EXPIRED', '/signed', signed('GET', '/signed', { skew: -400 }));
await refused('REQUEST_EXPIRED', '/signed', signed('GET', '/signed', { skew: 400 }));
const once = signed('GET', '/signed', { nonce: nonce() });
assert.equal((await send('/signed', once)).status, 200);
await refused('REPLAYED', '/signed', once);
