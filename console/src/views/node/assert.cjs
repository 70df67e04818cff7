// The library of expressions asks Node's `assert` for one thing, and a browser has none.
module.exports = (holds, what) => {
  if (!holds) throw new Error(what ?? "an assertion does not hold");
};
