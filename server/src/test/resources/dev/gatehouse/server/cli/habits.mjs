// Signs in the ways that tutorials teach, with nothing but fetch. Ends with 1 at the first answer
// that is not what they promise.
//
// node habits.mjs BASE_URL, with {"email", "password"} on standard input
import { strict as assert } from "node:assert";
import { readFileSync } from "node:fs";

const [base] = process.argv.slice(2);
const credentials = JSON.parse(readFileSync(0, "utf8"));

const post = (path, body, headers = {}) =>
  fetch(base + path, {
    method: "POST",
    headers: { "Content-Type": "application/json", ...headers },
    body: JSON.stringify(body),
  });
const orders = (headers) => fetch(`${base}/orders`, { headers });

// Tokens: sign in, send the access token, get another when it is used up, sign out.
let answer = await post("/api/auth/login", credentials);
assert.equal(answer.status, 200);
const { accessToken, refreshToken } = await answer.json();
const bearer = (token) => ({ Authorization: `Bearer ${token}` });
assert.equal((await orders(bearer(accessToken))).status, 200);

answer = await post("/api/auth/refresh", { refreshToken });
assert.equal(answer.status, 200);
const renewed = await answer.json();
assert.equal((await orders(bearer(renewed.accessToken))).status, 200);

assert.equal((await post("/api/auth/logout", { refreshToken: renewed.refreshToken })).status, 204);
answer = await orders(bearer(renewed.accessToken));
assert.equal(answer.status, 401);
assert.equal((await answer.json()).code, "INVALID_TOKEN");
assert.match(answer.headers.get("www-authenticate"), /Bearer .*error="invalid_token"/);

// A session: sign in, send the cookie, show the token to change something, sign out.
answer = await post("/login", credentials);
assert.equal(answer.status, 200);
const cookie = answer.headers.getSetCookie()[0].split(";")[0];
assert.equal((await orders({ Cookie: cookie })).status, 200);
assert.equal((await orders({ Cookie: cookie, "Sec-Fetch-Site": "cross-site" })).status, 200);

answer = await post("/orders", { item: "tea" }, { Cookie: cookie });
assert.equal(answer.status, 403);
assert.equal((await answer.json()).code, "CSRF");
answer = await fetch(`${base}/csrf`, { headers: { Cookie: cookie } });
const { csrfToken } = await answer.json();
answer = await post("/orders", { item: "tea" }, { Cookie: cookie, "X-CSRF-Token": csrfToken });
assert.equal(answer.status, 200);

assert.equal((await post("/logout", {}, { Cookie: cookie })).status, 200);
answer = await orders({ Cookie: cookie });
assert.equal(answer.status, 401);
assert.equal((await answer.json()).code, "NOT_AUTHENTICATED");

// And a wrong password is said to be one.
answer = await post("/login", { ...credentials, password: "another one altogether" });
assert.equal(answer.status, 401);
assert.equal((await answer.json()).code, "INVALID_CREDENTIALS");
