// Sends an event signed as GitHub signs it, to try the route. Node 18 or newer.
// Needs API_URL and WEBHOOK_SECRET.
import { createHmac, randomUUID } from 'node:crypto';

const { API_URL, WEBHOOK_SECRET } = process.env;

// The gate takes each event once: an id makes it another one.
const body = JSON.stringify({ action: 'ping', id: randomUUID() });
const signature = createHmac('sha256', WEBHOOK_SECRET).update(body).digest('hex');
const answer = await fetch(`${API_URL}/hooks/github`, {
  method: 'POST',
  headers: {
    'Content-Type': 'application/json',
    'X-GitHub-Event': 'ping',
    'X-Hub-Signature-256': `sha256=${signature}`,
  },
  body,
  redirect: 'error',
  signal: AbortSignal.timeout(30_000),
});
const text = await answer.text();
if (!answer.ok) throw new Error(`${answer.status} ${text}`);
console.log(text);
