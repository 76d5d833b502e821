#!/usr/bin/env node
// JsSIP in headless Chromium, as a phone that speaks one tone. It obeys lines on stdin, `dial USER`, `hold`, `unhold`,
// `digit D info|rtp`, `hangup`, `leave`, and prints a line of JSON for each event.
// browser_phone.js PAGE_ORIGIN WS_URL USER PASSWORD TONE_HERTZ
'use strict';

const path = require('path');
const readline = require('readline');
const {chromium} = require('playwright-core');
const {commonJs} = require('./common_js');

const [origin, url, user, password, tone] = process.argv.slice(2);

// In the page.
function start({url, user, password, tone}) {
  const say = (event, more = {}) => window.say({event, ...more});
  const audio = new AudioContext();
  const voice = audio.createOscillator();
  voice.frequency.value = tone;
  const microphone = audio.createMediaStreamDestination();
  voice.connect(microphone);
  voice.start();
  const ear = audio.createAnalyser();
  ear.fftSize = 8192;
  const options = {mediaStream: microphone.stream, pcConfig: {iceServers: []}};
  const phone = new JsSIP.UA({
    sockets: [new JsSIP.WebSocketInterface(url)], uri: `sip:${user}@127.0.0.1`, password, register_expires: 300,
    session_timers: false,
  });
  let call;

  // What is heard, twice a second: the loudest frequency, or 0 in silence.
  const listen = () => {
    const bins = new Float32Array(ear.frequencyBinCount);
    ear.getFloatFrequencyData(bins);
    const top = bins.indexOf(Math.max(...bins));
    const loud = bins[top] > -50;
    say('heard', {hertz: loud ? Math.round(top * audio.sampleRate / ear.fftSize) : 0});
  };
  const timer = setInterval(() => call && listen(), 500);

  const attach = (connection) => {
    connection.addEventListener('track', ({streams, track}) => {
      const stream = streams[0] || new MediaStream([track]);
      const speaker = new Audio();  // without one, Chromium decodes nothing
      speaker.srcObject = stream;
      speaker.muted = true;
      speaker.play();
      audio.createMediaStreamSource(stream).connect(ear);
    });
  };
  phone.on('newRTCSession', ({session, originator}) => {
    call = session;
    say('call', {from: originator});
    session.on('peerconnection', ({peerconnection}) => attach(peerconnection));
    if (session.connection) attach(session.connection);
    session.on('progress', () => say('progress'));
    session.on('confirmed', () => say('confirmed'));
    for (const name of ['hold', 'unhold']) session.on(name, ({originator: by}) => say(name, {by}));
    session.on('ended', ({cause}) => { call = null; say('ended', {cause}); });
    session.on('failed', ({cause}) => { call = null; say('failed', {cause}); });
    if (originator === 'remote') session.answer(options);
  });
  for (const name of ['connected', 'disconnected', 'registered', 'unregistered'])
    phone.on(name, () => say(name));
  phone.on('registrationFailed', ({cause}) => say('registrationFailed', {cause}));
  window.obey = ([verb, what, how]) => {
    if (verb === 'dial') phone.call(`sip:${what}@127.0.0.1`, options);
    if (verb === 'hold') call.hold();
    if (verb === 'unhold') call.unhold();
    if (verb === 'digit')
      call.sendDTMF(what, {transportType: how === 'rtp' ? 'RFC2833' : 'INFO', duration: 120});
    if (verb === 'hangup') call.terminate();
    if (verb === 'leave') { clearInterval(timer); phone.stop(); }
  };
  phone.start();
}

async function main() {
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM || '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-dev-shm-usage',
      '--autoplay-policy=no-user-gesture-required', '--disable-features=WebRtcHideLocalIpsWithMdns'],
  });
  const page = await (await browser.newContext()).newPage();
  page.on('pageerror', (error) => console.log(JSON.stringify({event: 'error', text: String(error)})));
  page.on('console', (line) => console.error(line.text()));
  await page.exposeFunction('say', (line) => console.log(JSON.stringify(line)));
  await page.goto(origin + '/healthz');
  await page.addScriptTag({content: commonJs('JsSIP', require.resolve('jssip'))});
  await page.evaluate(start, {url, user, password, tone: Number(tone)});
  for await (const line of readline.createInterface({input: process.stdin})) {
    await page.evaluate((words) => window.obey(words), line.split(' '));
  }
  await browser.close();
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
