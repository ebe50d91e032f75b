// Node's own clients show a certificate: kept connections, HTTP/2 and resumed sessions, before and
// after it is revoked.
import { readFileSync } from 'node:fs';
import https from 'node:https';
import http2 from 'node:http2';
import tls from 'node:tls';

const [base, ca, cert, key, adminBase, adminKey, id, maxVersion] = process.argv.slice(2);
const url = new URL(base);
const material = { ca: readFileSync(ca), cert: readFileSync(cert), key: readFileSync(key), maxVersion };

const agent = new https.Agent({ ...material, keepAlive: true, maxSockets: 1 });
const kept = () =>
  new Promise((resolve, reject) => {
    https
      .get(new URL('/orders', base), { agent }, (answer) => {
        const port = answer.socket.localPort;
        answer.resume();
        answer.on('end', () => resolve({ status: answer.statusCode, port }));
      })
      .on('error', reject);
  });

const session2 = http2.connect(base, material);
const multiplexed = () =>
  new Promise((resolve, reject) => {
    const stream = session2.request({ ':path': '/orders' });
    stream.on('response', (fields) => {
      stream.resume();
      stream.on('end', () => resolve(fields[':status']));
    });
    stream.on('error', reject);
    stream.end();
  });

// One request on a new connection, with that session to resume.
const single = (session) =>
  new Promise((resolve, reject) => {
    let ticket;
    let text = '';
    const socket = tls.connect(
      { ...material, host: 'localhost', port: url.port, servername: 'localhost', session },
      () => {
        socket.write('GET /orders HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n');
      });
    socket.on('session', (fresh) => { ticket = fresh; });
    socket.on('data', (chunk) => { text += chunk; });
    socket.on('end', () =>
      resolve({ status: Number(text.slice(9, 12)), reused: socket.isSessionReused(), ticket }));
    socket.on('error', reject);
  });

const check = (what, is, wanted) => {
  if (is !== wanted) {
    throw new Error(`${what}: ${is}, not ${wanted}`);
  }
};

const first = await kept();
check('kept', first.status, 200);
check('HTTP/2', await multiplexed(), 200);
const fresh = await single(undefined);
check('new', fresh.status, 200);
const resumed = await single(fresh.ticket);
check('resumed', resumed.reused, true);
check('resumed', resumed.status, 200);

const revoked = await fetch(`${adminBase}/admin/api/v1/certificates/${id}/revoke`, {
  method: 'POST',
  headers: { 'X-API-Key': adminKey },
  body: '{}',
});
check('revoke', revoked.status, 200);
const since = Date.now();

const last = await kept();
check('the kept connection', last.port, first.port);
check('kept, revoked', last.status, 401);
check('HTTP/2, revoked', await multiplexed(), 401);
const again = await single(resumed.ticket ?? fresh.ticket);
check('resumed after the revocation', again.reused, true);
check('resumed, revoked', again.status, 401);
check('within a second', Date.now() - since < 1000, true);
session2.close();
agent.destroy();
console.log('done');
