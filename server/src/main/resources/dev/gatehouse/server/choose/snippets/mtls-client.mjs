// Calls the API with a client certificate. Node; its fetch can't show one, its https can.
// Needs API_URL, and the files CLIENT_CERT and CLIENT_KEY.
import { readFileSync } from 'node:fs';
import { get } from 'node:https';

const { API_URL, CLIENT_CERT, CLIENT_KEY } = process.env;

const credentials = {
  cert: readFileSync(CLIENT_CERT),
  key: readFileSync(CLIENT_KEY),
  timeout: 30_000,
};
get(`${API_URL}/orders`, credentials, async (answer) => {
  let text = '';
  for await (const chunk of answer.setEncoding('utf8')) text += chunk;
  if (answer.statusCode !== 200) throw new Error(`${answer.statusCode} ${text}`);
  console.log(text);
}).on('timeout', function () { this.destroy(new Error('no answer')); });
