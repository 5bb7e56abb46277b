// Sends what the SDK sends to voice.messagebird.com to the emulator instead; the SDK is untouched.
'use strict';
const http = require('http');
const https = require('https');

const emulator = new URL(process.env.EMULATOR);
const request = https.request;

https.request = (options, ...rest) => {
  if (options.hostname !== 'voice.messagebird.com') {
    return request(options, ...rest);
  }
  const { hostname, port } = emulator;
  return http.request({ ...options, hostname, port, agent: false }, ...rest);
};
