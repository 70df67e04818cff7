// What the library of expressions takes of Node's `util`, which a browser has under other names.
const inspect = (value) => String(value);
inspect.custom = Symbol.for("nodejs.util.inspect.custom");
module.exports = { inspect, TextDecoder: globalThis.TextDecoder, TextEncoder: globalThis.TextEncoder };
