// Calls whose apps are at http and https addresses, with and without a port. This process is the proxy that leads to all of
// them, and hands each webhook, with the URL as its app sees it, to the vendor's validator.
'use strict';

const assert = require('assert');
const fs = require('fs');
const http = require('http');
const tls = require('tls');
const twilio = require('twilio');

const { TWILIO_SID: SID, TWILIO_TOKEN: TOKEN, SOTTO_HTTP, PHONE, FROM, PROXY, CERTIFICATE, KEY } = process.env;
const client = twilio(SID, TOKEN);
client.api.baseUrl = SOTTO_HTTP;

const BASES = ['http://app.example.com', 'http://app.example.com:8080', 'https://app.example.com', 'https://app.example.com:8443'];
const requests = [];

function document(path) {
  const response = new twilio.twiml.VoiceResponse();
  if (path.startsWith('/voice')) {
    response.gather({ timeout: 1, actionOnEmptyResult: true, action: '/gathered?a=1&b=%20', method: 'GET' });
  } else if (path.startsWith('/gathered')) {
    response.dial({ action: '/over' }).conference({ waitUrl: '/wait', statusCallback: '/room', record: 'record-from-start',
      recordingStatusCallback: '/recording', statusCallbackEvent: 'start end join leave' }, `room ${requests.length}`);
  }
  return response.toString();
}

// `base` is how the request was addressed.
function judge(base, request, reply) {
  let body = '';
  request.on('data', (piece) => { body += piece; });
  request.on('end', () => {
    const path = request.url.replace(/^https?:\/\/[^/]+/, '');
    const form = Object.fromEntries(new URLSearchParams(body));
    const genuine = twilio.validateRequest(TOKEN, request.headers['x-twilio-signature'], base + path, form);
    // With another query or another body it is not.
    const forged = twilio.validateRequest(TOKEN, request.headers['x-twilio-signature'], base + path, { ...form, To: '+1' });
    requests.push({ base, path, genuine, forged: forged && request.method === 'POST', method: request.method });
    reply.writeHead(200, { 'Content-Type': 'text/xml' });
    reply.end(document(path));
  });
}

const proxy = http.createServer((request, reply) => judge(`http://${request.headers.host}`, request, reply));
const secure = http.createServer((request, reply) => judge(`https://${request.headers.host}`, request, reply));
const context = { cert: fs.readFileSync(CERTIFICATE), key: fs.readFileSync(KEY) };
proxy.on('connect', (request, socket) => {
  socket.write('HTTP/1.1 200 Connection Established\r\n\r\n');
  secure.emit('connection', new tls.TLSSocket(socket, { isServer: true, ...context }));
});

async function until(what, condition) {
  for (let i = 0; i < 300; i += 1) {
    const value = await condition();
    if (value) return value;
    await new Promise((done) => { setTimeout(done, 50); });
  }
  throw new Error(`waited too long for ${what}: ${JSON.stringify(requests)}`);
}

async function call(base) {
  const made = await client.calls.create({ to: PHONE, from: FROM, url: `${base}/voice?campaign=spring%20sale&x=%C3%BC#rc=1`,
    statusCallback: `${base}/status`, statusCallbackEvent: ['initiated', 'ringing', 'answered', 'completed'] });
  const seen = (path) => requests.some((each) => each.base === base && each.path.startsWith(path));
  await until(`${base} to be in its room`, () => seen('/room') && seen('/wait'));
  await client.calls(made.sid).update({ status: 'completed' });
  await until(`the last webhook of ${base}`, () => seen('/over') && requests.filter(
    (each) => each.base === base && each.path === '/status').length === 4);
  for (const path of ['/voice', '/gathered', '/wait', '/room', '/over']) assert.ok(seen(path), `${base}${path}`);
}

async function main() {
  await new Promise((done) => { proxy.listen(Number(PROXY), '127.0.0.1', done); });
  await Promise.all(BASES.map(call));
  for (const each of requests) {
    assert.ok(each.genuine, `not signed as the validator wants it: ${JSON.stringify(each)}`);
    assert.ok(!each.forged, `the validator takes anything: ${JSON.stringify(each)}`);
  }
  const methods = new Set(requests.map((each) => each.method));
  assert.deepStrictEqual([...methods].sort(), ['GET', 'POST']);
  console.log(`${requests.length} webhooks of ${BASES.length} addresses were genuine`);
}

main().then(() => process.exit(0), (error) => { console.error(error); process.exit(1); });
