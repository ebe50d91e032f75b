// Calls the API with a name and a password. Node 18 or newer.
// Needs API_URL, API_USER and API_PASSWORD.
const { API_URL, API_USER, API_PASSWORD } = process.env;

const pair = Buffer.from(`${API_USER}:${API_PASSWORD}`, 'utf8').toString('base64');
const answer = await fetch(`${API_URL}/orders`, {
  headers: { Authorization: `Basic ${pair}` },
  redirect: 'error', // the password goes to this API alone
  signal: AbortSignal.timeout(30_000),
});
const text = await answer.text();
if (!answer.ok) throw new Error(`${answer.status} ${text}`);
console.log(text);
