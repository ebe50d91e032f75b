// Signs a request. Node 18 or newer.
// Needs API_URL, HMAC_KEY_ID and HMAC_SECRET.
import { createHash, createHmac, randomBytes } from 'node:crypto';

const { API_URL, HMAC_KEY_ID, HMAC_SECRET } = process.env;

// target: as it goes over the wire, query included; body: the very text that is sent, or ''.
function signed(method, target, body) {
  const time = String(Math.floor(Date.now() / 1000));
  const nonce = randomBytes(16).toString('hex');
  const hash = body ? createHash('sha256').update(body).digest('hex') : '';
  const text = [method, target, time, hash, nonce].join('\n');
  return {
    'X-Key-Id': HMAC_KEY_ID,
    'X-Timestamp': time,
    'X-Nonce': nonce,
    'X-Signature': createHmac('sha256', HMAC_SECRET).update(text).digest('hex'),
  };
}

const body = JSON.stringify({ item: 'tea' });
const answer = await fetch(`${API_URL}/orders?source=till`, {
  method: 'POST',
  headers: { 'Content-Type': 'application/json', ...signed('POST', '/orders?source=till', body) },
  body,
  redirect: 'error',
  signal: AbortSignal.timeout(30_000),
});
const text = await answer.text();
if (!answer.ok) throw new Error(`${answer.status} ${text}`);
console.log(text);
