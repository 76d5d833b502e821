// nexmo 2.9.1 and @vonage/server-sdk 3, unchanged, through everything they offer for voice. Prints one line for each
// step; what is not as it must be ends the process with an error.
import assert from 'node:assert';
import fs from 'node:fs';

import Nexmo from 'nexmo';
import {Vonage} from '@vonage/server-sdk';
import {Auth} from '@vonage/auth';
import {NCCOBuilder, Talk} from '@vonage/voice';

const url = process.env.SOTTO_HTTP;
const [host, port] = url.replace('http://', '').split(':');
const credentials = {apiKey: process.env.API_KEY, apiSecret: process.env.API_SECRET};
const agent = process.env.AGENT;
const events = process.env.EVENT_URL;

const step = (name) => console.log('ok', name);
const call = (object, method, ...args) => new Promise((resolve, reject) =>
  object[method](...args, (error, result) => (error ? reject(error) : resolve(result))));
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

async function until(what, condition) {
  for (let i = 0; i < 200; ++i) {
    const value = await condition();
    if (value) return value;
    await sleep(50);
  }
  throw new Error(`waited too long for ${what}`);
}

async function oldClient() {
  const options = {apiHost: host, restHost: host, port: Number(port)};
  const admin = new Nexmo(credentials, options);

  const created = await call(admin.applications, 'create', 'old', 'voice', `${events}/answer`, `${events}/event`, {});
  assert.match(created.keys.private_key, /BEGIN PRIVATE KEY/);
  assert.equal(created.voice.webhooks[0].http_method, 'GET'); // this client makes the first version's form of it
  const shown = await call(admin.applications, 'get', created.id);
  assert.equal(shown.name, 'old');
  assert.ok(!shown.keys.private_key);
  const list = await call(admin.applications, 'get', {page_size: 10});
  assert.ok(list._embedded.applications.some((each) => each.id === created.id));
  const updated = await call(admin.applications, 'update', created.id, 'renamed', 'voice', `${events}/answer`,
    `${events}/event`, {});
  assert.equal(updated.name, 'renamed');
  step('nexmo applications');

  const none = await call(admin.number, 'search', 'GB', {features: 'VOICE'});
  assert.deepEqual(none.numbers, []);
  const found = await call(admin.number, 'search', 'US', {features: 'VOICE'});
  const number = found.numbers[0].msisdn;
  assert.equal((await call(admin.number, 'buy', 'US', number))['error-code'], '200');
  await assert.rejects(call(admin.number, 'buy', 'US', number), (error) => error.statusCode === 420);
  await call(admin.number, 'update', 'US', number, {voiceCallbackType: 'app', voiceCallbackValue: created.id});
  const owned = await call(admin.number, 'get', {});
  assert.equal(owned.numbers.find((each) => each.msisdn === number).app_id, created.id);
  step('nexmo numbers');

  const nexmo = new Nexmo({...credentials, applicationId: created.id, privateKey: Buffer.from(created.keys.private_key)},
    options);
  const empty = await call(nexmo.calls, 'get', {status: 'machine'});
  assert.equal(empty.count, 0);
  const begun = await call(nexmo.calls, 'create', {
    to: [{type: 'phone', number: agent}], from: {type: 'phone', number},
    ncco: [{action: 'record', eventUrl: [`${events}/event`], format: 'wav'},
      {action: 'stream', streamUrl: [`${events}/tone.wav`], loop: 0}]});
  assert.equal(begun.status, 'started');
  assert.equal(begun.direction, 'outbound');
  await until('the answer', async () => (await call(nexmo.calls, 'get', begun.uuid)).status === 'answered');
  assert.equal((await call(nexmo.calls.talk, 'start', begun.uuid, {text: 'Hello', voice_name: 'Emma', loop: 0})).message,
    'Talk started');
  await call(nexmo.calls.talk, 'stop', begun.uuid);
  assert.equal((await call(nexmo.calls.stream, 'start', begun.uuid,
    {stream_url: [`${events}/tone.wav`], loop: 0})).message, 'Stream started');
  await call(nexmo.calls.stream, 'stop', begun.uuid);
  assert.equal((await call(nexmo.calls.dtmf, 'send', begun.uuid, {digits: '12'})).message, 'DTMF sent');
  for (const action of ['mute', 'unmute', 'earmuff', 'unearmuff']) {
    await call(nexmo.calls, 'update', begun.uuid, {action});
  }
  await call(nexmo.calls, 'update', begun.uuid, {action: 'transfer',
    destination: {type: 'ncco', ncco: [{action: 'talk', text: 'Transferred', loop: 0}]}});
  await sleep(300);
  await call(nexmo.calls, 'update', begun.uuid, {action: 'hangup'});
  const over = await until('the end', async () => {
    const now = await call(nexmo.calls, 'get', begun.uuid);
    return now.status === 'completed' && now;
  });
  assert.equal(over.price, '0.00000000');
  assert.match(over.start_time, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  await assert.rejects(call(nexmo.calls, 'update', begun.uuid, {action: 'hangup'}), (error) => error.statusCode === 400);
  await assert.rejects(call(nexmo.calls, 'get', '11111111-1111-4111-8111-111111111111'),
    (error) => error.statusCode === 404 && error.body.error_title === 'Not Found');
  step('nexmo calls');

  const recorded = await until('the record event', async () => {
    const seen = await (await fetch(`${events}/seen`)).json();
    return seen.find((each) => each.recording_url && each.conversation_uuid === begun.conversation_uuid);
  });
  const file = await call(nexmo.files, 'get', recorded.recording_url);
  assert.equal(file.subarray(0, 4).toString(), 'RIFF');
  await call(nexmo.files, 'save', recorded.recording_url, 'recording.wav');
  assert.equal(fs.statSync('recording.wav').size, recorded.size);
  step('nexmo recording');

  await call(admin.applications, 'delete', created.id);
  await call(admin.number, 'cancel', 'US', number);
  await assert.rejects(call(admin.number, 'cancel', 'US', number), (error) => error.statusCode === 420);
  await assert.rejects(call(admin.applications, 'get', created.id), (error) => error.statusCode === 404);
  step('nexmo delete and cancel');
}

async function newClient() {
  const base = {apiHost: url, restHost: url};
  const admin = new Vonage(new Auth(credentials), base);
  const webhooks = {answerUrl: {address: `${events}/answer`, httpMethod: 'GET'},
    eventUrl: {address: `${events}/event`, httpMethod: 'POST'}};
  const created = await admin.applications.createApplication({name: 'new', capabilities: {voice: {webhooks}}});
  assert.equal(created.name, 'new');
  assert.match(created.keys.privateKey, /BEGIN PRIVATE KEY/);
  assert.equal((await admin.applications.getApplication(created.id)).id, created.id);
  let listed = 0;
  for await (const each of admin.applications.listAllApplications()) listed += each.id === created.id ? 1 : 0;
  assert.equal(listed, 1);
  await admin.applications.updateApplication({...created, name: 'changed'});
  assert.equal((await admin.applications.getApplication(created.id)).name, 'changed');
  step('sdk applications');

  assert.equal((await admin.numbers.getAvailableNumbers({country: 'GB'})).count, 0);
  const found = await admin.numbers.getAvailableNumbers({country: 'US', features: ['VOICE']});
  const msisdn = found.numbers[0].msisdn;
  await admin.numbers.buyNumber({country: 'US', msisdn});
  await admin.numbers.updateNumber({country: 'US', msisdn, applicationId: created.id});
  const owned = await admin.numbers.getOwnedNumbers({applicationId: created.id});
  assert.equal(owned.numbers[0].msisdn, msisdn);
  step('sdk numbers');

  const vonage = new Vonage(new Auth({...credentials, applicationId: created.id, privateKey: created.keys.privateKey}), base);
  const ncco = new NCCOBuilder().addAction(new Talk('Hello from the builder', undefined, 0)).build();
  const begun = [];
  for (let i = 0; i < 2; ++i) {
    begun.push(await vonage.voice.createOutboundCall({to: [{type: 'phone', number: agent}],
      from: {type: 'phone', number: msisdn}, ncco, ringingTimer: 30, lengthTimer: 60}));
    const {uuid} = begun[i];
    await until('the answer', async () => (await vonage.voice.getCall(uuid)).status === 'answered');
    if (i === 0) {
      await vonage.voice.streamAudio(uuid, `${events}/tone.wav`, 1, 0.4);
      await vonage.voice.stopStreamAudio(uuid);
      await vonage.voice.playTTS(uuid, {text: 'Hi', level: -0.5, loop: 1});
      await vonage.voice.stopTTS(uuid);
      await vonage.voice.playDTMF(uuid, '1234');
      await vonage.voice.muteCall(uuid);
      await vonage.voice.unmuteCall(uuid);
      await vonage.voice.earmuffCall(uuid);
      await vonage.voice.unearmuffCall(uuid);
      await assert.rejects(vonage.voice.subscribeDTMF(uuid, `${events}/event`), /400/);
      await vonage.voice.transferCallWithURL(uuid, `${events}/again`);
    }
    await vonage.voice.hangupCall(uuid);
    await until('the end', async () => (await vonage.voice.getCall(uuid)).status === 'completed');
  }
  const all = [];
  for await (const each of vonage.voice.getAllCalls({page_size: 1})) all.push(each.uuid);
  assert.deepEqual(all, begun.map((each) => each.uuid));
  await assert.rejects(vonage.voice.getCall('11111111-1111-4111-8111-111111111111'), /404/);
  await assert.rejects(vonage.voice.createOutboundCall({to: [{type: 'phone', number: 'x'}], from: {type: 'phone', number: '1'}, ncco}), /400/);
  step('sdk calls');

  await admin.numbers.cancelNumber({country: 'US', msisdn});
  await admin.applications.deleteApplication(created.id);
  await assert.rejects(admin.applications.getApplication(created.id), /404/);
  const stranger = new Vonage(new Auth({apiKey: 'abcd1234', apiSecret: 'wrong'}), base);
  await assert.rejects(stranger.applications.getApplicationPage({}), /401/);
  step('sdk delete, cancel and refusal');
}

oldClient().then(newClient).then(() => process.exit(0), (error) => {
  console.error(error);
  process.exit(1);
});
