// A call whisper by conference, as a tutorial has it: the agent is called from inside the answer handler, the caller
// waits with music until he is there, and the agent alone hears what the call is about.
const express = require('express');
const Nexmo = require('nexmo');

const app = express();
app.use(express.json());

const [host, port] = process.env.SOTTO_HTTP.replace('http://', '').split(':');
const nexmo = new Nexmo({
  apiKey: process.env.API_KEY,
  apiSecret: process.env.API_SECRET,
  applicationId: process.env.APPLICATION_ID,
  privateKey: process.env.PRIVATE_KEY,
}, {apiHost: host, restHost: host, port: Number(port)});

// For each number its topic, and who takes its calls.
const numbers = JSON.parse(process.env.NUMBERS);
const whisper = (number) => [{action: 'talk', text: `Incoming call regarding ${numbers[number].topic}`}];
let conferenceId = 0;

app.get('/answer_inbound', (req, res) => {
  const id = ++conferenceId;
  nexmo.calls.create({
    to: [{type: 'phone', number: numbers[req.query.to].agent}],
    from: {type: 'phone', number: req.query.to},
    answer_url: [`${process.env.PUBLIC_URL}/answer_outbound?conference_id=${id}`],
  }, (error, result) => {
    if (error) return console.error(error);
    res.json([
      {action: 'talk', text: 'Please wait while we connect you'},
      {action: 'conversation', name: `conversation-${id}`, startOnEnter: 'false',
        musicOnHoldUrl: [`${process.env.PUBLIC_URL}/music.mp3`]},
    ]);
  });
});

app.get('/answer_outbound', (req, res) => {
  res.json([...whisper(req.query.from), {action: 'conversation', name: `conversation-${req.query.conference_id}`}]);
});

const whispers = [];
app.get('/answer', (req, res) => {
  res.json([
    {action: 'talk', text: 'Thank you for calling'},
    {action: 'connect', from: req.query.to, endpoint: [{type: 'phone', number: numbers[req.query.to].agent,
      onAnswer: {url: `${process.env.PUBLIC_URL}/on-answer`}}]},
  ]);
});

app.get('/on-answer', (req, res) => {
  whispers.push(req.query);
  res.json(whisper(req.query.from));
});

// The first tutorial has no route for events, the second's never answers: neither may matter.
app.post('/silent-event', () => {});
app.get('/seen', (req, res) => res.json({whispers}));
app.use(express.static(process.env.STATIC));

app.listen(Number(process.env.PORT), '127.0.0.1', () => console.log('listening'));
