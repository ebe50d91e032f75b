// Sends each request with GET and with HEAD, over HTTP/1.1 and over HTTP/2, and demands that the
// answers have the same status and the same fields, and that the one to HEAD has no body.
import assert from 'node:assert/strict';
import http2 from 'node:http2';
import https from 'node:https';
import { readFileSync } from 'node:fs';

const [base] = process.argv.slice(2);
const cases = JSON.parse(readFileSync(0, 'utf8'));

function byHttp1(agent, method, { path, fields }) {
  return new Promise((resolve, reject) => {
    const request = https.request(base + path, { agent, method, headers: fields }, (answer) => {
      let bytes = 0;
      answer.on('data', (piece) => (bytes += piece.length));
      answer.on('end', () => resolve({ status: answer.statusCode, fields: answer.headers, bytes }));
      answer.on('error', reject);
    });
    request.on('error', reject);
    request.end();
  });
}

function byHttp2(session, method, { path, fields }) {
  return new Promise((resolve, reject) => {
    const stream = session.request({ ':method': method, ':path': path, ...fields });
    let bytes = 0;
    let head;
    stream.on('response', (answer) => (head = answer));
    stream.on('data', (piece) => (bytes += piece.length));
    stream.on('error', reject);
    stream.on('close', () => {
      if (stream.rstCode !== 0) {
        reject(new Error(`${method} ${path} was reset with ${stream.rstCode}`));
      } else {
        const { ':status': status, ...rest } = head;
        resolve({ status, fields: rest, bytes });
      }
    });
    stream.end();
  });
}

// What differs between two answers to the same request.
function comparable(fields) {
  const { date, connection, 'keep-alive': keepAlive, 'set-cookie': cookies, ...rest } = fields;
  return {
    ...rest,
    'accept-signature': rest['accept-signature']?.replace(/nonce="\w+"/, ''),
    cookies: (cookies ?? []).map((cookie) => cookie.split('=')[0]),
  };
}

const agent = new https.Agent({ keepAlive: true });
const session = http2.connect(base);
session.on('goaway', (code) => assert.fail(`the connection ended with ${code}`));
for (const [version, ask] of [
  ['HTTP/1.1', (method, one) => byHttp1(agent, method, one)],
  ['HTTP/2', (method, one) => byHttp2(session, method, one)],
]) {
  for (const one of cases) {
    const what = `${version} ${one.path}`;
    const get = await ask('GET', one);
    const head = await ask('HEAD', one);
    assert.equal(get.status, one.status, what);
    assert.equal(head.status, one.status, what);
    assert.deepEqual(comparable(head.fields), comparable(get.fields), what);
    assert.equal(Number(head.fields['content-length']), get.bytes, what);
    assert.equal(head.bytes, 0, what);
  }
}
session.close();
agent.destroy();
console.log(`${cases.length} requests`);
