// twilio (npm), unchanged but for its base URL, at every resource of the voice API; the TwiML of its builder runs a call; and
// its validator judges every webhook. SOTTO_HTTP is the server, PHONE a SIP address that answers.
'use strict';

const assert = require('assert');
const http = require('http');
const twilio = require('twilio');

const SID = process.env.TWILIO_SID;
const TOKEN = process.env.TWILIO_TOKEN;
const client = twilio(SID, TOKEN);
client.api.baseUrl = process.env.SOTTO_HTTP;

const requests = [];
let base = '';

function document(path) {
  const response = new twilio.twiml.VoiceResponse();
  if (path.startsWith('/voice')) {
    const gather = response.gather({ numDigits: 1, action: '/gathered', timeout: 2, actionOnEmptyResult: true });
    gather.say({ voice: 'Polly.Joanna' }, 'Grüße & press a key');
    return response.toString();
  }
  if (path.startsWith('/gathered')) {
    const dial = response.dial({ action: '/dialled' });
    dial.conference({ statusCallback: base + '/room', statusCallbackEvent: 'start end join leave', waitUrl: '' }, 'My Room');
    return response.toString();
  }
  return response.toString();
}

const app = http.createServer((request, reply) => {
  let body = '';
  request.on('data', (piece) => { body += piece; });
  request.on('end', () => {
    const form = Object.fromEntries(new URLSearchParams(body));
    const url = `http://${request.headers.host}${request.url}`;
    const genuine = twilio.validateRequest(TOKEN, request.headers['x-twilio-signature'], url, form);
    requests.push({ path: request.url, form, genuine });
    reply.writeHead(200, { 'Content-Type': 'text/xml' });
    reply.end(document(request.url));
  });
});

async function until(what, condition) {
  for (let i = 0; i < 300; i += 1) {
    const value = await condition();
    if (value) return value;
    await new Promise((done) => { setTimeout(done, 50); });
  }
  throw new Error(`waited too long for ${what}`);
}

async function refused(promise, status, code) {
  await assert.rejects(promise, (error) => {
    assert.strictEqual(error.status, status, error.message);
    assert.strictEqual(error.code, code, error.message);
    return true;
  });
}

async function accounts() {
  const own = await client.api.v2010.accounts(SID).fetch();
  assert.strictEqual(own.sid, SID);
  const sub = await client.api.v2010.accounts.create({ friendlyName: 'sub' });
  assert.strictEqual(sub.ownerAccountSid, SID);
  assert.strictEqual((await client.api.v2010.accounts.list()).length, 2);
  const key = await client.newKeys.create({ friendlyName: 'k' });
  const other = twilio(key.sid, key.secret, { accountSid: SID });
  other.api.baseUrl = process.env.SOTTO_HTTP;
  assert.strictEqual((await other.keys.list()).length, 1);
  assert.ok(await client.keys(key.sid).remove());
  await refused(other.keys.list(), 401, 20003);
  assert.strictEqual((await client.balance.fetch()).currency, 'USD');
}

async function numbers() {
  const local = await client.availablePhoneNumbers('US').local.list({ areaCode: 202 });
  const bought = await client.incomingPhoneNumbers.create({ phoneNumber: local[0].phoneNumber, voiceUrl: base + '/voice' });
  assert.strictEqual(bought.voiceUrl, base + '/voice');
  assert.strictEqual(bought.capabilities.voice, true);
  const changed = await client.incomingPhoneNumbers(bought.sid).update({ friendlyName: 'advert' });
  assert.strictEqual(changed.friendlyName, 'advert');
  assert.strictEqual((await client.incomingPhoneNumbers.list({ friendlyName: 'advert' })).length, 1);
  await refused(client.incomingPhoneNumbers.create({ phoneNumber: local[0].phoneNumber }), 400, 21422);
  assert.ok(await client.incomingPhoneNumbers(bought.sid).remove());
  await refused(client.incomingPhoneNumbers(bought.sid).fetch(), 404, 20404);
}

async function stored() {
  const application = await client.applications.create({ friendlyName: 'app', voiceUrl: base + '/voice' });
  assert.strictEqual((await client.applications(application.sid).fetch()).voiceUrl, base + '/voice');
  await refused(client.applications(application.sid).update({ voiceUrl: 'nonsense' }), 400, 21402);
  const queue = await client.queues.create({ friendlyName: 'support', maxSize: 5 });
  assert.strictEqual(queue.currentSize, 0);
  assert.strictEqual((await client.queues(queue.sid).members.list()).length, 0);
  assert.strictEqual((await client.queues(queue.sid).update({ maxSize: 6 })).maxSize, 6);
  const renamed = await client.queues(queue.sid).update({ friendlyName: 'helpdesk' });
  assert.strictEqual(`${renamed.sid} ${renamed.friendlyName}`, `${queue.sid} helpdesk`);
  assert.ok(await client.queues(queue.sid).remove());
  const domain = await client.sip.domains.create({ domainName: 'd.sip.example.org' });
  const list = await client.sip.credentialLists.create({ friendlyName: 'l' });
  await client.sip.credentialLists(list.sid).credentials.create({ username: 'u', password: 'Passw0rdPassw0rd' });
  await refused(client.sip.credentialLists(list.sid).credentials.create({ username: 'u', password: 'x' }), 400, 21239);
  await client.sip.domains(domain.sid).auth.calls.credentialListMappings.create({ credentialListSid: list.sid });
  assert.strictEqual((await client.sip.domains(domain.sid).auth.calls.credentialListMappings.list()).length, 1);
  const access = await client.sip.ipAccessControlLists.create({ friendlyName: 'a' });
  await client.sip.ipAccessControlLists(access.sid).ipAddresses.create({ friendlyName: 'n', ipAddress: '192.0.2.1' });
  assert.strictEqual((await client.sip.ipAccessControlLists(access.sid).ipAddresses.list())[0].cidrPrefixLength, 32);
  const caller = await client.validationRequests.create({ phoneNumber: '+12025550188' });
  assert.strictEqual(caller.phoneNumber, '+12025550188');
  assert.strictEqual((await client.outgoingCallerIds.list()).length, 1);
}

async function call() {
  const statusCallbackEvent = ['initiated', 'ringing', 'answered', 'completed'];
  const made = await client.calls.create({ to: process.env.PHONE, from: '+12025550101', url: base + '/voice?campaign=spring%20sale',
    statusCallback: base + '/status', statusCallbackEvent });
  assert.strictEqual(made.status, 'queued');
  assert.strictEqual(made.startTime, null);
  const room = await until('the room', async () => (await client.conferences.list({ friendlyName: 'My Room' }))[0]);
  const participants = client.conferences('My Room').participants;
  assert.strictEqual((await participants.list())[0].callSid, made.sid);
  assert.strictEqual((await participants(made.sid).update({ muted: true })).muted, true);
  assert.strictEqual((await participants(made.sid).update({ hold: true })).hold, true);
  const recording = await client.calls(made.sid).recordings.create();
  assert.strictEqual((await client.calls(made.sid).recordings('Twilio.CURRENT').update({ status: 'paused' })).status, 'paused');
  await client.calls(made.sid).recordings(recording.sid).update({ status: 'stopped' });
  assert.strictEqual((await client.calls(made.sid).fetch()).status, 'in-progress');
  assert.ok(await participants(made.sid).remove());
  const ended = await until('the end', async () => {
    const fetched = await client.calls(made.sid).fetch();
    return fetched.status === 'completed' && fetched;
  });
  assert.ok(ended.endTime instanceof Date);
  await refused(client.calls(made.sid).update({ url: base + '/voice' }), 400, 21220);
  const past = await client.conferences(room.sid).fetch();
  assert.strictEqual(past.status, 'completed');
  assert.strictEqual(past.friendlyName, 'My Room');
  await until('the last status', async () => requests.filter((each) => each.path === '/status').length === 4);
  assert.strictEqual((await client.calls.list({ status: 'completed' })).length, 1);
  await refused(client.calls.create({ to: '+1', from: '+12025550101', url: base }), 400, 21211);
  await refused(client.calls.create({ to: process.env.PHONE, from: '+12025550101' }), 400, 21205);
  await refused(client.calls('CA' + '0'.repeat(32)).fetch(), 404, 20404);
}

async function paging() {
  for (let i = 0; i < 3; i += 1) await client.queues.create({ friendlyName: `q${i}` });
  assert.strictEqual((await client.queues.list({ pageSize: 1 })).length, 3);
  await refused(client.queues.page({ pageSize: 1001 }), 400, 20007);
}

async function main() {
  await new Promise((done) => { app.listen(0, '127.0.0.1', done); });
  base = `http://127.0.0.1:${app.address().port}`;
  await accounts();
  await numbers();
  await stored();
  await paging();
  await call();
  assert.ok(requests.length > 6);
  for (const each of requests) assert.ok(each.genuine, `${each.path}: not signed as the validator wants it`);
  app.close();
  console.log(`listening is over: ${requests.length} webhooks were genuine`);
}

main().then(() => process.exit(0), (error) => { console.error(error); process.exit(1); });
