// Points programs that know Vonage's host names alone (nexmo-cli, @vonage/cli, recordings of @vonage/server-sdk 3) at a
// Sotto server, without a change to them:
//
//   NODE_OPTIONS="--require /path/to/point-at-sotto.cjs" SOTTO_URL=http://127.0.0.1:8080 nexmo app:list
//
// Requests to api.nexmo.com, rest.nexmo.com, api-*.vonage.com and their like go to SOTTO_URL; all others pass.
'use strict';

const http = require('node:http');
const https = require('node:https');

const target = new URL(process.env.SOTTO_URL || 'http://127.0.0.1:8080');
const theirs = /^(api|rest|api-[a-z0-9-]+)\.(nexmo|vonage)\.com$/;

function optionsOf(first, second) {
  if (typeof first === 'string') first = new URL(first);
  if (first instanceof URL) {
    const {hostname, port, pathname, search, protocol, username, password} = first;
    first = {hostname, port, path: pathname + search, protocol};
    if (username) first.auth = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  }
  return {...first, ...(typeof second === 'object' ? second : {})};
}

function redirect(module, method, scheme) {
  const original = module[method];
  module[method] = function (first, second, third) {
    const options = optionsOf(first, second);
    const host = options.hostname || (options.host || '').split(':')[0];
    if (!theirs.test(host)) return original.apply(this, arguments);
    const callback = [first, second, third].find((each) => typeof each === 'function');
    const headers = {...options.headers, Host: host};
    const moved = {...options, headers, protocol: target.protocol, host: target.hostname, hostname: target.hostname,
      port: target.port || (target.protocol === 'https:' ? 443 : 80)};
    if (target.protocol !== scheme) delete moved.agent;
    const go = target.protocol === 'https:' ? originals.https : originals.http;
    return go[method].call(this, moved, callback);
  };
}

const originals = {
  http: {request: http.request, get: http.get},
  https: {request: https.request, get: https.get},
};
for (const method of ['request', 'get']) {
  redirect(http, method, 'http:');
  redirect(https, method, 'https:');
}

if (globalThis.fetch) {
  const original = globalThis.fetch;
  globalThis.fetch = function (input, init) {
    const url = new URL(typeof input === 'object' && 'url' in input ? input.url : input);
    if (!theirs.test(url.hostname)) return original(input, init);
    url.protocol = target.protocol;
    url.host = target.host;
    return original(typeof input === 'object' && 'url' in input ? new Request(url, input) : url, init);
  };
}
