import { createServer } from 'node:http';
import { caller } from './identity.mjs';

const server = createServer(async (request, response) => {
  try {
    const who = await caller(request.headers);
    response.writeHead(200, { 'Content-Type': 'application/json' });
    response.end(JSON.stringify({ orders: [], caller: who }));
  } catch {
    response.writeHead(401, { 'WWW-Authenticate': 'Gatehouse' }).end();
  }
});

server.listen(process.env.PORT ?? 3000, '127.0.0.1');
