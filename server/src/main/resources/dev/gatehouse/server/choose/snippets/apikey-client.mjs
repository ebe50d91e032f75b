// Calls the API with a key. Node 18 or newer; never in a browser, which would show the key.
// Needs API_URL and API_KEY.
const { API_URL, API_KEY } = process.env;

const answer = await fetch(`${API_URL}/orders`, {
  headers: { 'X-API-Key': API_KEY },
  redirect: 'error', // a redirect would take the key along
  signal: AbortSignal.timeout(30_000),
});
const text = await answer.text();
if (!answer.ok) throw new Error(`${answer.status} ${text}`);
console.log(text);
