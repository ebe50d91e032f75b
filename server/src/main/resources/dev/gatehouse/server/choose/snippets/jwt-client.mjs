// Signs in, calls the API with the access token, renews it when it is refused, and signs out.
// Node 18 or newer, and browsers; there, keep the tokens in a variable and never in localStorage.
// Needs API_URL, API_USER and API_PASSWORD.
const { API_URL, API_USER, API_PASSWORD } = process.env;
let tokens;
let renewing;

async function send(path, options) {
  const limits = { redirect: 'error', signal: AbortSignal.timeout(30_000) };
  return fetch(API_URL + path, { ...limits, ...options });
}

async function post(path, body) {
  const headers = { 'Content-Type': 'application/json' };
  const answer = await send(path, { method: 'POST', headers, body: JSON.stringify(body) });
  if (answer.status === 401 && path === '/api/auth/refresh') return signIn(); // it is over
  if (!answer.ok) throw new Error(`${answer.status} ${await answer.text()}`);
  return answer.status === 204 ? undefined : answer.json();
}

const signIn = () => post('/api/auth/login', { username: API_USER, password: API_PASSWORD });

// A refresh token is good for one use: whoever comes meanwhile waits for the same answer.
async function renew(refused) {
  if (tokens.accessToken !== refused) return; // somebody did
  renewing ??= post('/api/auth/refresh', { refreshToken: tokens.refreshToken })
    .then((pair) => { tokens = pair; })
    .finally(() => { renewing = undefined; });
  await renewing;
}

async function call(path) {
  for (let tries = 1; ; tries++) {
    const token = tokens.accessToken;
    const answer = await send(path, { headers: { Authorization: `Bearer ${token}` } });
    const text = await answer.text();
    if (answer.ok) return text;
    if (answer.status !== 401 || tries === 2) throw new Error(`${answer.status} ${text}`);
    await renew(token); // ended, or revoked: once more with a new one
  }
}

tokens = await signIn();
console.log(await call('/orders'));
console.log(await call('/orders?page=2'));
await post('/api/auth/logout', { refreshToken: tokens.refreshToken });
