// An app that remembers every event, and answers with what it is told to.
const express = require('express');

const app = express();
app.use(express.json());
const events = [];
app.post('/event', (req, res) => {
  events.push(req.body);
  res.sendStatus(200);
});
app.get('/answer', (req, res) => res.json([{action: 'talk', text: 'Hello'}]));
app.get('/again', (req, res) => res.json([{action: 'talk', text: 'Again', loop: 0}]));
app.get('/seen', (req, res) => res.json(events));
app.use(express.static(process.env.STATIC));
app.listen(Number(process.env.PORT), '127.0.0.1', () => console.log('listening'));
