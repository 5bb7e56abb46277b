// Runs every voice method of the official Node SDK, and prints what each gave as one JSON document.
'use strict';
const sdk = require('messagebird');
const { callflows, calls, recordings, transcriptions, voice } = sdk.initClient(process.env.KEY);
const webhooks = voice.webhooks;

const asked = (method, ...args) =>
  new Promise((resolve) =>
    method(...args, (error, data) =>
      resolve(error ? { status: error.statusCode, errors: error.errors } : data)));

const until = async (ready, method, ...args) => {
  for (let tries = 0; tries < 600; tries++) {
    const answer = await asked(method, ...args);
    if (ready(answer.data[0])) return answer;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error('it did not happen in time');
};

const hangup = { steps: [{ action: 'hangup' }] };
const message = {
  steps: [{ action: 'record', options: { timeout: 2 } }],
};
const waiting = { steps: [{ action: 'pause', options: { length: 3600 } }] };
const nobody = '00000000-0000-4000-8000-000000000000';
const found = {};

async function flows() {
  const made = [];
  for (let number = 0; number < 7; number++) {
    made.push(await asked(callflows.create, { title: `${number}`, ...hangup }));
  }
  const id = made[0].data[0].id;
  found.flowCreate = made[0];
  found.flowRead = await asked(callflows.read, id);
  found.flowUpdate = await asked(callflows.update, id, { title: 'changed', ...hangup });
  found.flowPages = [];
  for (const page of [1, 2, 3]) {
    found.flowPages.push(await asked(callflows.list, page, 3));
  }
  found.flowList = await asked(callflows.list);
  found.flowDelete = await asked(callflows.delete, id);
  found.flowGone = await asked(callflows.read, id);
}

async function callsAndFiles() {
  const start = { source: '31201234567', destination: '31612345678' };
  const made = await asked(calls.create, { ...start, callFlow: message });
  const call = made.data[0].id;
  found.callCreate = made;
  found.callRead = await until((one) => one.status === 'ended', calls.read, call);
  const running = await asked(calls.create, { ...start, callFlow: waiting });
  found.callDelete = await asked(calls.delete, running.data[0].id);
  found.callHungUp = await asked(calls.read, running.data[0].id);
  found.callList = await asked(calls.list);

  // The SDK knows no legs; the id of the leg is taken from outside.
  const leg = await legOf(call);
  found.recordingList = await asked(recordings.list, call, leg);
  found.recordingPage = await asked(recordings.list, call, leg, 1, 0);
  const recording = found.recordingList.data[0].id;
  found.recordingRead = await asked(recordings.read, call, leg, recording);
  found.recordingDownload = (await asked(recordings.download, call, leg, recording)).slice(0, 4);

  const order = await asked(transcriptions.create, call, leg, recording, 'en-US');
  const text = order.data[0].id;
  found.transcriptionCreate = order;
  found.transcriptionRead = await until(
    (one) => one.status === 'done', transcriptions.read, call, leg, recording, text);
  found.transcriptionList = await asked(transcriptions.list, call, leg, recording);
  found.transcriptionDownload = await asked(
    transcriptions.download, call, leg, recording, text);
  found.recordingDelete = await asked(recordings.delete, call, leg, recording);
  found.recordingGone = await asked(recordings.read, call, leg, recording);
}

async function legOf(call) {
  const headers = { Authorization: `AccessKey ${process.env.KEY}` };
  const answer = await fetch(`${process.env.EMULATOR}/calls/${call}/legs`, { headers });
  return (await answer.json()).data[0].id;
}

async function hooks() {
  const made = [];
  for (let number = 0; number < 5; number++) {
    made.push(await asked(webhooks.create, { url: `http://127.0.0.1:1/${number}`, token: 't' }));
  }
  const id = made[0].data[0].id;
  found.webhookCreate = made[0];
  found.webhookRead = await asked(webhooks.read, id);
  found.webhookUpdate = await asked(webhooks.update, id, { token: 'u' });
  found.webhookPages = [];
  for (const page of [1, 2, 3]) {
    found.webhookPages.push(await asked(webhooks.list, 2, page));
  }
  found.webhookList = await asked(webhooks.list);
  found.webhookDelete = await asked(webhooks.delete, id);
  found.webhookGone = await asked(webhooks.read, id);
}

async function refusals() {
  const wrong = sdk.initClient('wrong');
  found.wrongKey = await asked(wrong.calls.list);
  found.unknownCall = await asked(calls.read, nobody);
  found.unknownAudio = await asked(recordings.download, nobody, nobody, nobody);
  found.unknownText = await asked(transcriptions.download, nobody, nobody, nobody, nobody);
  found.noFlow = await asked(calls.create, { source: '3120', destination: '3161' });
}

flows()
  .then(callsAndFiles)
  .then(hooks)
  .then(refusals)
  .then(() => console.log(JSON.stringify(found)));
