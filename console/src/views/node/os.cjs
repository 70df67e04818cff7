// What the library of expressions takes of Node's `os`.
module.exports = { EOL: "\n", default: { EOL: "\n" } };
