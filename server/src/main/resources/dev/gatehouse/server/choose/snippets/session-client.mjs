// Signs in, reads, changes something, signs out. Node 20 or newer.
// In a page of the gate's own origin the browser keeps the cookie and says where the page is from:
// there, leave out the lines about cookie and csrfToken.
// Needs API_URL, API_USER and API_PASSWORD.
const { API_URL, API_USER, API_PASSWORD } = process.env;
let cookie = '';

async function call(method, path, body, more = {}) {
  const answer = await fetch(API_URL + path, {
    method,
    headers: { 'Content-Type': 'application/json', cookie, ...more },
    body: body && JSON.stringify(body),
    redirect: 'error',
    signal: AbortSignal.timeout(30_000),
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${answer.status} ${text}`);
  for (const set of answer.headers.getSetCookie()) cookie = set.split(';')[0];
  return text;
}

await call('POST', '/login', { username: API_USER, password: API_PASSWORD });
console.log(await call('GET', '/orders'));
const { csrfToken } = JSON.parse(await call('GET', '/csrf'));
console.log(await call('POST', '/orders', { item: 'tea' }, { 'X-CSRF-Token': csrfToken }));
await call('POST', '/logout', {});
