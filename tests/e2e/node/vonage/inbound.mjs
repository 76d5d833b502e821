// Inbound calls as tutorials handle them: a message, a forward, hold until an agent is free (by /agentfree, which
// calls the API inside its own request), and adverts' numbers whose calls are counted and proxied.
import express from 'express';
import {Vonage} from '@vonage/server-sdk';
import {Auth} from '@vonage/auth';

const app = express();
app.use(express.json());
const vonage = new Vonage(new Auth({
  apiKey: process.env.API_KEY, apiSecret: process.env.API_SECRET,
  applicationId: process.env.APPLICATION_ID, privateKey: process.env.PRIVATE_KEY,
}), {apiHost: process.env.SOTTO_HTTP, restHost: process.env.SOTTO_HTTP});
const agent = process.env.AGENT;
const uuids = [];
const tracked = [];

app.get('/message', (req, res) => res.json([{action: 'talk', text: 'Thank you for calling. We are closed.'}]));
app.get('/forward', (req, res) => res.json([
  {action: 'talk', text: 'We forward your call'},
  {action: 'connect', from: req.query.to, endpoint: [{type: 'phone', number: agent}]}]));
app.get('/hold', (req, res) => {
  uuids.push(req.query.uuid);
  res.json([{action: 'talk', text: 'All agents are busy'},
    {action: 'stream', streamUrl: [`${process.env.PUBLIC_URL}/music.mp3`], loop: 0}]);
});
app.get('/ncco', (req, res) => res.json([
  {action: 'talk', text: 'Now connecting you'},
  {action: 'connect', from: '12025550101', endpoint: [{type: 'phone', number: agent}]}]));
app.get('/agentfree', async (req, res) => {
  await vonage.voice.transferCallWithURL(uuids[uuids.length - 1], `${process.env.PUBLIC_URL}/ncco`);
  res.send('Agent available');
});
app.get('/track-call', (req, res) => {
  tracked.push({number: req.query.to, caller: req.query.from});
  res.json([{action: 'connect', from: req.query.from, endpoint: [{type: 'phone', number: agent}]}]);
});
app.get('/tracked-calls', (req, res) => res.json(tracked));
app.get('/uuids', (req, res) => res.json(uuids));
app.post('/event', (req, res) => res.type('html').send('200'));
app.use(express.static(process.env.STATIC));
app.listen(Number(process.env.PORT), '127.0.0.1', () => console.log('listening'));
