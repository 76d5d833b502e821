// A screening app for load: 1 accepts. Its counts are at /counts; it prints `listening` and its port.
'use strict';

const http = require('http');

const dial = `<Response><Dial answerOnBridge="true" action="/done"><Number url="/screen">${process.env.AGENT}</Number></Dial></Response>`;
const documents = {
  '/voice': dial,
  '/screen': '<Response><Gather numDigits="1" action="/accept" timeout="5"><Say>A call. Press one.</Say></Gather><Hangup/></Response>',
  '/accept': '<Response/>',
  '/done': '<Response><Hangup/></Response>',
};
const counts = { '/voice': 0, '/screen': 0, '/accept': 0, '/done': 0, '/status': 0, bridged: 0 };

const app = http.createServer((request, reply) => {
  let body = '';
  request.on('data', (piece) => { body += piece; });
  request.on('end', () => {
    if (request.url === '/counts') return reply.end(JSON.stringify(counts));
    counts[request.url] += 1;
    if (body.includes('DialBridged=true')) counts.bridged += 1;
    reply.writeHead(200, { 'Content-Type': 'text/xml' });
    return reply.end(documents[request.url] || '');
  });
});
app.listen(0, '127.0.0.1', () => console.log(`listening ${app.address().port}`));
