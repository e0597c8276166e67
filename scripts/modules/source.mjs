// What a Rust file declares and which paths it uses.

import { isName, tokenize } from "./tokens.mjs";

// Their names are those of types, of which there is one each in the workspace.
const TYPES = new Set(["struct", "enum", "trait", "union", "type"]);
const ITEMS = new Set([...TYPES, "fn", "const", "static"]);

/// A module and the inline modules in it: `{ name, test, line, children, files, items, types, imports, uses }`.
///
/// `files` are the `mod x;` whose text is elsewhere, `imports` what `use` brings in (`{ name, path, line }`, the name
/// is `*` for all), `uses` the paths in code.
export function parse(source) {
  const tokens = tokenize(source);
  let at = 0;
  const text = (offset = 0) => tokens[at + offset]?.text;
  const line = () => tokens[at]?.line;

  return moduleBody(newModule("", false, 1), false);

  function newModule(name, test, line) {
    return { name, test, line, children: [], files: [], items: new Set(), types: [], imports: [], uses: [] };
  }

  function moduleBody(module, braced) {
    let depth = 0;
    let attributes = "";
    let visible = false;
    while (at < tokens.length) {
      const token = text();
      if (token === "#" && (text(1) === "[" || (text(1) === "!" && text(2) === "["))) {
        attributes += attribute();
        continue;
      }
      if (token === "pub") {
        at++;
        visible = true;
        if (text() === "(") skipGroup("(", ")");
        continue;
      }
      if (token === "mod" && isName(text(1))) {
        const declared = { name: text(1), test: /cfg\(test\)/.test(attributes), line: line() };
        at += 2;
        if (text() === ";") {
          at++;
          // Deeper it is a part of a macro.
          if (depth === 0) module.files.push(declared);
        } else if (text() === "{") {
          at++;
          const child = newModule(declared.name, declared.test, declared.line);
          module.children.push(child);
          moduleBody(child, true);
        }
      } else if (token === "use") {
        at++;
        useTree([], module.imports);
      } else if (token === "macro_rules" && text(1) === "!") {
        if (depth === 0) module.items.add(text(2));
        at += 3;
      } else if (ITEMS.has(token) && isName(text(1)) && !(token === "const" && ITEMS.has(text(1))) && depth === 0) {
        const name = text(1) === "mut" ? text(2) : text(1);
        module.items.add(name);
        if (TYPES.has(token) && !attributes.includes("cfg(test)")) module.types.push({ name, line: line(), visible });
        at += 2;
      } else if (token === "{") {
        depth++;
        at++;
      } else if (token === "}") {
        at++;
        if (depth === 0 && braced) return module;
        depth = Math.max(0, depth - 1);
      } else if (isName(token) || token === "::") {
        path(module);
      } else {
        at++;
      }
      attributes = "";
      visible = false;
    }
    return module;
  }

  function attribute() {
    const start = at;
    while (text() !== "[") at++;
    skipGroup("[", "]");
    return tokens.slice(start, at).map((token) => token.text).join("");
  }

  function skipGroup(open, close) {
    let depth = 0;
    do {
      if (text() === open) depth++;
      if (text() === close) depth--;
      at++;
    } while (depth > 0 && at < tokens.length);
  }

  function useTree(prefix, imports) {
    const path = [...prefix];
    if (text() === "::") at++;
    for (;;) {
      if (text() === "{") {
        at++;
        while (at < tokens.length && text() !== "}") {
          useTree(path, imports);
          if (text() === ",") at++;
        }
        at++;
        return;
      }
      if (text() === "*") {
        imports.push({ name: "*", path, line: line() });
        at++;
        return;
      }
      path.push(text());
      const here = line();
      at++;
      if (text() === "::") {
        at++;
        continue;
      }
      if (path.at(-1) === "self") path.pop();
      let name = path.at(-1);
      if (text() === "as") {
        name = text(1);
        at += 2;
      }
      imports.push({ name, path, line: here });
      return;
    }
  }

  function path(module) {
    const names = [];
    const start = line();
    if (text() === "::") at++;
    while (isName(text())) {
      names.push(text());
      at++;
      if (text() !== "::" || !isName(text(1))) break;
      at++;
    }
    if (names.length > 1) module.uses.push({ path: names, line: start });
    if (names.length === 0) at++;
  }
}
