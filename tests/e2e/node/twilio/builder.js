// Every verb, noun and attribute that the builder of twilio (npm) knows, read by `sotto lint`: what it can say is understood,
// and each malformed value has the vendor's own number. The list is the builder's own, so that a new one is not forgotten.
'use strict';

const assert = require('assert');
const { execFileSync } = require('child_process');
const fs = require('fs');
const os = require('os');
const path = require('path');
const twilio = require('twilio');

const URL = 'https://app.example.com/x';
const WSS = 'wss://app.example.com/x';

// The attributes by element, as the builder's declarations have them.
function declared() {
  const file = path.join(path.dirname(require.resolve('twilio')), 'lib/twiml/VoiceResponse.d.ts');
  const located = fs.existsSync(file) ? file : path.join(path.dirname(require.resolve('twilio')), 'twiml/VoiceResponse.d.ts');
  const text = fs.readFileSync(located, 'utf8');
  const out = {};
  for (const [, name, body] of text.matchAll(/export interface (\w+)Attributes \{([\s\S]*?)\n {4}\}/g)) {
    out[name] = out[name] || new Set();
    for (const [, attribute] of body.matchAll(/^\s+"?([\w:-]+)"?\?: /gm)) out[name].add(attribute);
  }
  return out;
}

const response = () => new twilio.twiml.VoiceResponse();
const dial = (noun) => (a) => { const r = response(); noun(r.dial(), a); return r; };
const verb = (make) => (a) => { const r = response(); make(r, a); return r; };
const ssml = (make) => verb((r, a) => make(r.say({ voice: 'Polly.Joanna' }, ' '), a));

// How each element is built with some attributes.
const BUILD = {
  Connect: verb((r, a) => r.connect(a).stream({ url: WSS })),
  Dial: verb((r, a) => r.dial(a, '+14155551212')),
  Enqueue: verb((r, a) => r.enqueue(a, 'support')),
  Gather: verb((r, a) => { const g = r.gather(a); g.say('x'); g.pause(); g.play(URL); }),
  Pause: verb((r, a) => r.pause(a)),
  Play: verb((r, a) => (a.digits === undefined ? r.play(a, URL) : r.play(a))),
  Queue: dial((d, a) => d.queue(a, 'support')),
  Record: verb((r, a) => r.record(a)),
  Redirect: verb((r, a) => r.redirect(a, URL)),
  Reject: verb((r, a) => r.reject(a)),
  Say: verb((r, a) => r.say(a, 'x')),
  Start: verb((r, a) => r.start(a).stream({ url: WSS })),
  Refer: verb((r, a) => r.refer(a).sip('sip:a@example.com')),
  Stream: verb((r, a) => r.start().stream({ url: WSS, ...a })),
  Recording: verb((r, a) => r.start().recording(a)),
  Client: dial((d, a) => { const c = d.client(a); c.identity('alice'); c.parameter({ name: 'n', value: 'v' }); }),
  Conference: dial((d, a) => d.conference(a, 'room')),
  Number: dial((d, a) => d.number(a, '+14155551212')),
  Sip: dial((d, a) => d.sip(a, 'sip:a@example.com')),
  Application: dial((d, a) => d.application(a).applicationSid('AP' + '0'.repeat(32))),
  SipUri: dial((d, a) => d.sip({}).uri(a, 'sip:a@example.com')),
  Header: dial((d, a) => { const s = d.sip({}); s.uri({}, 'sip:a@example.com'); s.headers().header({ name: 'X-N', ...a }); }),
  Parameter: verb((r, a) => r.start().stream({ url: WSS }).parameter({ name: 'n', ...a })),
  SsmlBreak: ssml((s, a) => s.break(a)),
  SsmlEmphasis: ssml((s, a) => s.emphasis(a, 'x')),
  SsmlLang: ssml((s, a) => s.lang(a, 'x')),
  SsmlPhoneme: ssml((s, a) => s.phoneme(a, 'x')),
  SsmlProsody: ssml((s, a) => s.prosody(a, 'x')),
  SsmlSayAs: ssml((s, a) => s.sayAs(a, 'x')),
  SsmlSub: ssml((s, a) => s.sub(a, 'x')),
  SsmlW: ssml((s, a) => s.w(a, 'x')),
};

// What is not there: each says so, with this number, and the document goes on.
const REFUSED = {
  Sms: [verb((r, a) => r.sms(a, 'x')), 12200],
  Pay: [verb((r, a) => r.pay(a)), 12200],
  Prompt: [verb((r, a) => r.prompt(a)), 12200],
  Siprec: [verb((r, a) => r.start().siprec(a)), 12200],
  Transcription: [verb((r, a) => r.start().transcription(a)), 12200],
  WhatsApp: [dial((d, a) => d.whatsApp(a, '+14155551212')), 13224],
  Task: [verb((r, a) => r.enqueue({ workflowSid: 'WW1' }).task(a, '{}')), 12200],
  Room: [verb((r, a) => r.connect().room(a, 'x')), 12200],
  VirtualAgent: [verb((r, a) => r.connect().virtualAgent(a)), 12200],
  Conversation: [verb((r, a) => r.connect().conversation(a)), 12200],
  ConversationRelay: [verb((r, a) => r.connect().conversationRelay(a)), 12200],
  AiSession: [verb((r, a) => r.connect().aiSession(a)), 12200],
  ConversationRelaySession: [verb((r, a) => r.connect().conversationRelaySession(a)), 12200],
  Config: [verb((r, a) => r.connect().virtualAgent({}).config(a)), 12200],
  Language: [verb((r, a) => r.connect().conversationRelay({}).language(a)), 12200],
};

// A right value of each attribute.
function right(element, name) {
  const exact = {
    'Play.digits': '1w#', 'Enqueue.maxQueueSize': 10, 'Gather.input': ['dtmf', 'speech'], 'Gather.speechTimeout': 'auto',
    'Gather.language': 'de-DE', 'Gather.finishOnKey': '*', 'Record.finishOnKey': '*', 'Header.name': 'X-N', 'Say.voice': 'Polly.Amy', 'Say.language': 'en-GB', 'Record.timeout': 9,
    'Conference.coach': 'CA' + '0'.repeat(32), 'Conference.beep': 'onEnter', 'Conference.record': 'record-from-start',
    'Conference.statusCallbackEvent': ['start', 'end', 'join', 'leave', 'mute', 'hold', 'modify', 'speaker', 'announcement'],
    'Dial.record': 'record-from-answer-dual', 'Dial.ringTone': 'de', 'Dial.recordingTrack': 'inbound', 'Dial.callerId': '+14155550100',
    'Dial.recordingStatusCallbackEvent': ['in-progress', 'completed', 'absent'], 'Reject.reason': 'busy', 'Stream.url': WSS,
    'Recording.track': 'inbound', 'Recording.channels': 'mono', 'Stream.track': 'both_tracks', 'SsmlBreak.time': '1s',
    'SsmlBreak.strength': 'weak', 'SsmlEmphasis.level': 'strong', 'SsmlLang.xml:lang': 'fr-FR', 'SsmlProsody.rate': 'fast',
    'SsmlProsody.volume': 'loud', 'SsmlProsody.pitch': 'high', 'SsmlSayAs.interpret-as': 'digits', 'SsmlPhoneme.alphabet': 'ipa',
    'Number.machineDetection': 'DetectMessageEnd', 'Sip.machineDetection': 'Enable', 'Enqueue.workflowSid': undefined,
    'Number.sendDigits': 'ww1', 'Sip.username': undefined, 'Sip.password': undefined, 'SipUri.username': undefined,
    'SipUri.password': undefined, 'Record.transcribe': false, 'Record.transcribeCallback': undefined, 'SsmlSayAs.role': 'date',
    'SipUri.priority': 1, 'SipUri.weight': 2,
  }; // undefined: not on its own, or refused; see below
  if (`${element}.${name}` in exact) return exact[`${element}.${name}`];
  if (/Threshold|SilenceTimeout/.test(name)) return 2000;
  if (/machineDetectionTimeout|numDigits|[tT]imeout|length|loop|maxLength|timeLimit|maxSpeechTime|maxParticipants/.test(name)) return 5;
  if (/[mM]ethod$/.test(name)) return 'GET';
  if (/Event$/.test(name)) return ['completed'];
  if (/trim/.test(name)) return 'trim-silence';
  if (/[uU]rl$|[cC]allback$|^action$/.test(name)) return URL;
  const flags = /answerOnBridge|hangupOnStar|sequential|actionOnEmptyResult|bargeIn|debug|enhanced|profanityFilter|playBeep|muted|ConferenceOn|copyParentTo/;
  return flags.test(name) ? true : 'x';
}

// A malformed value of each attribute that has a rule, and the number of its warning (!: of an error).
const BAD = {
  Connect: { method: 12200 },
  Dial: { method: 13210, timeout: 13212, hangupOnStar: 13213, callerId: ['a b', 13214], timeLimit: 13216, record: 13217,
    sequential: 13218, answerOnBridge: 13219, ringTone: 13220, recordingStatusCallbackMethod: 13256, referMethod: 13210,
    recordingStatusCallbackEvent: 13256, recordingTrack: 13217, trim: 13699 },
  Enqueue: { method: 12200, waitUrlMethod: 12200, maxQueueSize: 12200, workflowSid: 12200 },
  Gather: { finishOnKey: ['12', 13310], method: 13312, timeout: 13313, numDigits: 13314, input: 13326, speechTimeout: 13327,
    maxSpeechTime: 13328, partialResultCallbackMethod: 13329, hints: ['x'.repeat(101), 13330], language: ['1', 13331], bargeIn: 13332,
    profanityFilter: 13333, actionOnEmptyResult: 13338 },
  Pause: { length: 13910 },
  Play: { loop: 13410, digits: ['q', 13430] },
  Queue: { method: 12200 },
  Record: { method: 13610, timeout: 13611, maxLength: 13612, finishOnKey: ['q', 13613], transcribe: 13614, playBeep: 13616,
    trim: 13699, recordingStatusCallbackEvent: 13256, recordingStatusCallbackMethod: 13256, transcribeCallback: 13614 },
  Redirect: { method: 13710 },
  Reject: { reason: 13810 },
  Say: { loop: 13510, voice: 13511, language: ['!', 13512] },
  Refer: { method: 12200 },
  Stream: { track: 31941, statusCallbackMethod: 12200, url: ['http://x', 31922] },
  Recording: { channels: 12200, track: 12200, trim: 13699, recordingStatusCallbackEvent: 13256, recordingStatusCallbackMethod: 13256 },
  Client: { method: 12200, statusCallbackEvent: 12200, statusCallbackMethod: 12200 },
  Conference: { muted: 13230, endConferenceOnExit: 13231, startConferenceOnEnter: 13232, waitMethod: 13234, beep: 13235,
    maxParticipants: 13237, trim: 13239, coach: [' ?', 13240], participantLabel: ['a/b', 16023], record: 13217,
    recordingStatusCallbackEvent: 13256, recordingStatusCallbackMethod: 13256, statusCallbackEvent: 12200, statusCallbackMethod: 12200 },
  Number: { method: 13221, sendDigits: ['q', 13222], machineDetection: 12200, machineDetectionTimeout: 12200, statusCallbackEvent: 12200,
    machineDetectionSpeechThreshold: 12200, machineDetectionSpeechEndThreshold: 12200, machineDetectionSilenceTimeout: 12200,
    statusCallbackMethod: 12200, amdStatusCallbackMethod: 12200 },
  Sip: { method: 13241, username: 13249, password: 13249, machineDetection: 12200, machineDetectionTimeout: 12200,
    machineDetectionSpeechThreshold: 12200, machineDetectionSpeechEndThreshold: 12200, machineDetectionSilenceTimeout: 12200,
    statusCallbackEvent: 12200, statusCallbackMethod: 12200, amdStatusCallbackMethod: 12200 },
  Application: { method: 12200, statusCallbackEvent: 12200, statusCallbackMethod: 12200, copyParentTo: 12200,
    customerId: ['x'.repeat(257), 12200] },
  SipUri: { username: 13249, password: 13249, priority: 12200, weight: 12200 },
  Header: { name: ['Via', 13252] },
  Parameter: { value: ['x'.repeat(500), 12200] },
};
// Any text, or understood and not used; a URL is judged when it is fetched.
const FREE = /[uU]rl$|[cC]allback$|^action$|^name$|^value$|recordingConfigurationId|connectorName|audioFormat|sampleRate|byoc|events|passports|speechModel|debug|enhanced|jitterBufferSize|region|reservationSid|postWorkActivitySid/;

// The numbers that lint gives, by the line of the document.
function lint(lines) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'builder'));
  const file = path.join(folder, 'document.xml');
  fs.writeFileSync(file, `<?xml version="1.0" encoding="UTF-8"?><Response>\n${lines.join('\n')}\n</Response>`);
  let out;
  try {
    out = execFileSync(process.env.SOTTO, ['lint', '--json', file], { encoding: 'utf8' });
  } catch (error) {
    out = error.stdout; // the document has errors
  }
  fs.rmSync(folder, { recursive: true });
  const found = lines.map(() => []);
  for (const problem of JSON.parse(out)) {
    assert.ok(problem.text.length > 10, `no explanation: ${JSON.stringify(problem)}`);
    found[Number(problem.place.replace('line ', '')) - 2].push(problem.code);
  }
  return found;
}

const inner = (made) => made.toString().replace(/^<\?xml[^>]*\?>/, '').replace(/^<Response>|<\/Response>$/g, '');

const wrong = [];

// In pieces, each below the longest document.
function judge(cases) {
  for (let i = 0; i < cases.length; i += 60) {
    const some = cases.slice(i, i + 60);
    const found = lint(some.map((each) => inner(each.made)));
    some.forEach((each, n) => {
      if (String(found[n]) !== String(each.codes)) {
        wrong.push(`${each.what}: found [${found[n]}], not [${each.codes}], in ${inner(each.made)}`);
      }
    });
  }
  return cases.length;
}

function understood(attributes) {
  const cases = [];
  for (const [element, build] of Object.entries(BUILD)) {
    const all = {};
    for (const name of attributes[element]) {
      const value = right(element, name);
      if (value === undefined) continue;
      cases.push({ what: `${element} ${name}`, made: build({ [name]: value }), codes: [] });
      if (`${element}.${name}` !== 'Play.digits') all[name] = value;
    }
    cases.push({ what: `${element} with everything`, made: build(all), codes: [] });
  }
  cases.push({ what: 'Sip with credentials', made: BUILD.Sip({ username: 'u', password: 'p' }), codes: [] });
  for (const make of [(r) => r.hangup(), (r) => r.leave(), (r) => r.stop().stream({ name: 'x' })]) {
    const r = response();
    make(r);
    cases.push({ what: 'plain', made: r, codes: inner(r).startsWith('<Leave') ? [12200] : [] });
  }
  return judge(cases);
}

function malformed(attributes) {
  const cases = [];
  for (const element of Object.keys(BUILD)) {
    for (const name of attributes[element]) {
      const rule = (BAD[element] || {})[name];
      if (rule === undefined) {
        assert.ok(FREE.test(name) || element.startsWith('Ssml') || element === 'Start' || element === 'Conference',
          `${element} ${name}: no malformed case`);
        continue;
      }
      const [value, code] = Array.isArray(rule) ? rule : ['nonsense', rule];
      cases.push({ what: `${element} ${name}`, made: BUILD[element]({ [name]: value }), codes: [code] });
    }
  }
  return judge(cases);
}

function refused() {
  return judge(Object.entries(REFUSED).map(([element, [build, code]]) => {
    const made = build({});
    const more = element === 'Room' || /<Connect>/.test(made.toString()) ? [code, 12200] : [code];
    return { what: element, made, codes: more };
  }));
}

const attributes = declared();
const known = new Set([...Object.keys(BUILD), ...Object.keys(REFUSED)]);
for (const element of Object.keys(attributes)) assert.ok(known.has(element), `${element}: not tried`);
const right_count = understood(attributes);
const bad_count = malformed(attributes);
const refused_count = refused();
assert.deepStrictEqual(wrong, []);
console.log(`${right_count} right, ${bad_count} malformed, ${refused_count} refused`);
