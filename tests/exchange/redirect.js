// Sends what the SDK sends to voice.messagebird.com to the exchange instead; the SDK is untouched.
'use strict';
const http = require('http');
const https = require('https');

const exchange = new URL(process.env.EXCHANGE);
const request = https.request;

https.request = (options, ...rest) => {
  if (options.hostname !== 'voice.messagebird.com') {
    return request(options, ...rest);
  }
  const { hostname, port } = exchange;
  return http.request({ ...options, hostname, port, agent: false }, ...rest);
};
