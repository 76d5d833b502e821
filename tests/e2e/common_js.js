// A browser's script of a package that is made for Node: its modules and those that they require, in one text that
// sets `window[name]`. No bundler is needed for packages that are plain CommonJS.
'use strict';

const fs = require('fs');
const {createRequire} = require('module');
const path = require('path');

function commonJs(name, entry) {
  const ids = new Map();
  const bodies = [];
  const add = (file) => {
    if (ids.has(file)) return ids.get(file);
    const id = bodies.length;
    ids.set(file, id);
    bodies.push('');
    const text = fs.readFileSync(file, 'utf8');
    const body = file.endsWith('.json') ? `module.exports = ${text}` : text.replace(
        /\brequire\((['"])([^'"]+)\1\)/g, (_, quote, wanted) => `require(${resolve(file, wanted, add)})`);
    bodies[id] = `function (module, exports, require) {\n${body}\n}`;
    return id;
  };
  const first = add(entry);
  return `(() => {
const bodies = [${bodies.join(',\n')}];
const made = [];
const process = {env: {}};
const load = (id) => {
  if (made[id]) return made[id].exports;
  const module = made[id] = {exports: {}};
  bodies[id](module, module.exports, load);
  return module.exports;
};
window[${JSON.stringify(name)}] = load(${first});
})();`;
}

// Packages before Node's own modules of the same name, and what a package names for browsers before what it names for Node.
function resolve(file, wanted, add) {
  const found = createRequire(file).resolve(wanted.startsWith('.') ? wanted : wanted + '/package.json');
  if (wanted.startsWith('.')) return add(found);
  const about = JSON.parse(fs.readFileSync(found, 'utf8'));
  const main = typeof about.browser === 'string' ? about.browser : about.main;
  return add(require.resolve(path.join(path.dirname(found), main)));
}

module.exports = {commonJs};
