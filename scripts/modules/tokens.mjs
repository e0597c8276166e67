// Rust source as a list of tokens: enough of the language to read paths and declarations, without types or macros.

/// Comments, strings and lifetimes are left out, a string becomes one `"`. Each token knows its line.
export function tokenize(source) {
  const tokens = [];
  let line = 1;
  let at = 0;
  const skipTo = (end) => {
    for (; at < end; at++) if (source[at] === "\n") line++;
  };
  const match = (pattern) => {
    pattern.lastIndex = at;
    return pattern.exec(source)?.[0];
  };
  while (at < source.length) {
    const space = match(/\s+|\/\/[^\n]*/y);
    if (space) {
      skipTo(at + space.length);
      continue;
    }
    if (source.startsWith("/*", at)) {
      skipTo(endOfBlockComment(source, at));
      continue;
    }
    const start = line;
    const raw = match(/(?:b|c)?r(#*)"/y);
    if (raw) {
      const close = `"${"#".repeat(raw.split("#").length - 1)}`;
      const end = source.indexOf(close, at + raw.length);
      skipTo(end < 0 ? source.length : end + close.length);
      tokens.push({ text: '"', line: start });
      continue;
    }
    const text = match(/[bc]?"(?:[^"\\]|\\[^])*"/y) ?? match(/b?'(?:[^'\\\n]|\\(?:u\{[^}]*\}|x..|.))'/y);
    if (text) {
      skipTo(at + text.length);
      tokens.push({ text: '"', line: start });
      continue;
    }
    const lifetime = match(/'[\p{ID_Start}_]\p{ID_Continue}*/uy);
    if (lifetime) {
      at += lifetime.length;
      continue;
    }
    const token = match(/(?:r#)?[\p{ID_Start}_]\p{ID_Continue}*|::|=>|->|[0-9][\w.]*|[^]/uy);
    at += token.length;
    tokens.push({ text: token.replace(/^r#/, ""), line: start });
  }
  return tokens;
}

/// Block comments nest.
function endOfBlockComment(source, start) {
  let depth = 0;
  for (let at = start; at < source.length; at++) {
    if (source.startsWith("/*", at)) {
      depth++;
      at++;
    } else if (source.startsWith("*/", at)) {
      at++;
      if (--depth === 0) return at + 1;
    }
  }
  return source.length;
}

export const isName = (text) => /^[\p{ID_Start}_]\p{ID_Continue}*$/u.test(text ?? "");
