// Gets an access token from an issuer, and calls the API with it (RFC 6749 §4.4). Node 18.
// Needs API_URL, and of the issuer TOKEN_URL, CLIENT_ID and CLIENT_SECRET.
const { API_URL, TOKEN_URL, CLIENT_ID, CLIENT_SECRET } = process.env;
const limits = () => ({ redirect: 'error', signal: AbortSignal.timeout(30_000) });

async function newToken() {
  // Encoded as in a form, before they are joined (RFC 6749 §2.3.1).
  const pair = [CLIENT_ID, CLIENT_SECRET].map(encodeURIComponent).join(':');
  const answer = await fetch(TOKEN_URL, {
    method: 'POST',
    headers: { Authorization: `Basic ${Buffer.from(pair).toString('base64')}` },
    body: new URLSearchParams({ grant_type: 'client_credentials', scope: 'orders.read' }),
    ...limits(),
  });
  if (!answer.ok) throw new Error(`${answer.status} ${await answer.text()}`);
  return (await answer.json()).access_token;
}

let token = await newToken();
async function call(path) {
  for (let tries = 1; ; tries++) {
    const headers = { Authorization: `Bearer ${token}` };
    const answer = await fetch(API_URL + path, { headers, ...limits() });
    const text = await answer.text();
    if (answer.ok) return text;
    if (answer.status !== 401 || tries === 2) throw new Error(`${answer.status} ${text}`);
    token = await newToken(); // it ended: once more with another
  }
}
console.log(await call('/orders'));
