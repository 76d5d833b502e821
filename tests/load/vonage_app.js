// The app of a load: whispers by a conference, the agent called from inside the answer handler; every webhook is
// answered after DELAY_MS. Counts what it sees: GET /stats.
const http = require('http');

const port = Number(process.env.PORT);
const delay = Number(process.env.DELAY_MS);
const api = new URL(process.env.SOTTO_HTTP);
const agent = new http.Agent({keepAlive: true, maxSockets: 64});
const own = `http://127.0.0.1:${port}`;
const stats = {answers: 0, whispers: 0, refused: 0, begun: 0, finals: 0, joins: 0, errors: {}, api_ms: [], event_ms: []};

function callAgent(room, number, done) {
  const body = JSON.stringify({to: [{type: 'phone', number: process.env.AGENT}], from: {type: 'phone', number},
    answer_url: [`${own}/answer_outbound?conference_id=${room}`]});
  const begun = process.hrtime.bigint();
  const request = http.request({host: api.hostname, port: api.port, path: '/v1/calls', method: 'POST', agent,
    headers: {'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(body),
      'Authorization': `Bearer ${process.env.TOKEN}`}}, (reply) => {
    reply.resume();
    reply.on('end', () => {
      if (reply.statusCode !== 201) ++stats.refused;
      stats.api_ms.push(Number(process.hrtime.bigint() - begun) / 1e6);
      done();
    });
  });
  request.on('error', () => {
    ++stats.refused;
    done();
  });
  request.end(body);
}

function onEvent(event) {
  if (event.status === 'started') ++stats.begun;
  if (event.conversation_uuid_to) ++stats.joins;
  if (event.reason) stats.errors[event.reason] = (stats.errors[event.reason] || 0) + 1;
  if (event.status === 'completed' || event.status === 'rejected') {
    ++stats.finals;
    // From the end, as the server tells it, until it is here: both clocks are this machine's.
    if (event.timestamp) stats.event_ms.push(Date.now() - Date.parse(event.timestamp));
  }
}

http.createServer((request, response) => {
  const reply = (value) => setTimeout(() => {
    const body = JSON.stringify(value);
    response.writeHead(200, {'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(body)});
    response.end(body);
  }, delay);
  const url = new URL(request.url, own);
  if (request.method === 'POST') {
    let body = '';
    request.on('data', (part) => { body += part; });
    request.on('end', () => {
      onEvent(JSON.parse(body));
      reply({});
    });
  } else if (url.pathname === '/answer_inbound') {
    const room = ++stats.answers;
    callAgent(room, url.searchParams.get('to'), () => reply([
      {action: 'conversation', name: `room-${room}`, startOnEnter: 'false', endOnExit: true}]));
  } else if (url.pathname === '/answer_outbound') {
    ++stats.whispers;
    reply([{action: 'talk', text: 'Incoming call regarding the summer offer'},
      {action: 'conversation', name: `room-${url.searchParams.get('conference_id')}`, endOnExit: true}]);
  } else {
    response.end(JSON.stringify(stats));
  }
}).listen({port, host: '127.0.0.1', backlog: 1024}, () => console.log('listening'));
