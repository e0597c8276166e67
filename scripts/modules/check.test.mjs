// Faults that are planted into a small workspace, and what the check says of each.

import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { test } from "node:test";

import { faults } from "./check.mjs";
import { parse } from "./source.mjs";

const WALLS = [{ from: "server::store", not: ["server::http", "axum"], why: "It knows SQL." }];

/// A workspace without a fault.
const SOUND = {
  "engine/src/lib.rs": "pub mod board;\npub use board::Board;",
  "engine/src/board.rs": "pub struct Board;\nimpl Board {\n  pub fn new() -> Self { Self }\n}",
  "server/src/lib.rs": "pub mod http;\npub mod store;",
  "server/src/store.rs": "mod row;\npub use row::Row;\nuse engine::Board;\npub struct Store { row: Row, board: Board }",
  "server/src/store/row.rs": "use super::Store;\npub struct Row;\nimpl Row { fn of(_: &Store) {} }",
  "server/src/http.rs": "use crate::store::{self, Store};\nfn get() -> Store { store::Row; todo!() }",
};

/// What is said of the workspace with these files in the place of its own.
function said(changed, known = {}) {
  const root = mkdtempSync(join(tmpdir(), "modules-"));
  try {
    for (const [file, text] of Object.entries({ ...SOUND, ...changed })) {
      mkdirSync(dirname(join(root, file)), { recursive: true });
      writeFileSync(join(root, file), text);
    }
    const all = { files: [], folders: [], names: {}, ...known };
    return faults(root, { crates: ["engine", "server"], walls: WALLS, known: all });
  } finally {
    rmSync(root, { recursive: true });
  }
}

/// The sentences but for the numbers of circles: each is one of files and one of folders.
const matches = (sentences, ...patterns) => {
  assert.equal(sentences.length, patterns.length, sentences.join("\n"));
  sentences.forEach((sentence, index) => assert.match(sentence, patterns[index]));
};

test("a sound workspace has no fault, though parts and their module use each other", () => {
  assert.deepEqual(said({}), []);
});

test("a circle of two files is named with both lines", () => {
  const files = {
    "engine/src/lib.rs": "mod a;\nmod b;",
    "engine/src/a.rs": "use crate::b::Two;\npub struct One;",
    "engine/src/b.rs": "pub struct Two;\nfn f() { super::a::One; }",
    "server/src/store.rs": "pub struct Row; pub struct Store;",
  };
  const circle = /engine::a uses crate::b::Two \(engine\/src\/a.rs:1\), engine::b uses super::a::One \(engine\/src\/b.rs:2\)/;
  matches(said(files), circle, circle);
  assert.deepEqual(said(files, { files: [["engine::a", "engine::b"]], folders: [["engine::a", "engine::b"]] }), []);
});

test("a circle is found through a re-export, an alias, a nested import and a glob", () => {
  const back = (way) => ({
    "engine/src/lib.rs": "mod a;\nmod b;\npub use a::One;",
    "engine/src/a.rs": "use crate::b::Two;\npub struct One;",
    "engine/src/b.rs": `${way}\npub struct Two;`,
    "server/src/store.rs": "pub struct Row; pub struct Store;",
  });
  for (const way of [
    "use crate::One;",
    "use crate::a as first;\nfn f() { first::One; }",
    "use {crate::{a::{One}}};",
    "use super::a::*;",
    "fn f(one: crate::a::One) {}",
    "mod inner { use super::super::a::One; }",
  ]) {
    assert.equal(said(back(way)).length, 2, way);
  }
  for (const way of [
    "// use crate::a::One;",
    "/* use /* crate::a::One; */ crate::a::One; */",
    'const TEXT: &str = r#"use "crate::a::One";"#;',
    "/// See [`crate::a::One`].",
    "pub(in crate::a) const C: char = '\\'';",
    "#[cfg(test)]\nmod tests { use crate::a::One; }",
    "use crate::a;",
  ]) {
    assert.deepEqual(said(back(way)), [], way);
  }
});

test("folders may not use each other, though no file is in a circle", () => {
  const files = {
    "engine/src/lib.rs": "mod a;\nmod b;",
    "engine/src/a.rs": "mod one;\nmod two;",
    "engine/src/a/one.rs": "use crate::b::three::Three;\npub struct One;",
    "engine/src/a/two.rs": "pub struct Two;",
    "engine/src/b.rs": "mod three;\nmod four;",
    "engine/src/b/three.rs": "pub struct Three;",
    "engine/src/b/four.rs": "use crate::a::two::Two;",
    "server/src/store.rs": "pub struct Row; pub struct Store;",
  };
  matches(said(files), /engine::a uses crate::b::three::Three .*engine::b uses crate::a::two::Two/);
});

test("a longer circle says how many modules it ties together", () => {
  const files = {
    "engine/src/lib.rs": "mod a;\nmod b;\nmod c;",
    "engine/src/a.rs": "use crate::b::B;\npub struct A;",
    "engine/src/b.rs": "use crate::{a::A, c::C};\npub struct B;",
    "engine/src/c.rs": "use crate::a::A;\npub struct C;",
    "server/src/store.rs": "pub struct Row; pub struct Store;",
  };
  const circle = /^Import circle, one of those that tie 3 modules together: engine::a uses/;
  matches(said(files), circle, circle);
});

test("a use through a wall is named, of a module and of a crate", () => {
  matches(
    said({ "server/src/store/row.rs": "use axum::Json;\npub struct Row;" }),
    /^server\/src\/store\/row.rs:1: server::store must not use axum::Json. It knows SQL.$/,
  );
  const through = said({ "server/src/store/row.rs": "pub struct Row;\nfn f() { crate::http::get() }" });
  assert.ok(through.some((sentence) => /row.rs:2: server::store must not use crate::http::get/.test(sentence)), through.join("\n"));
  matches(said({ "server/src/store/row.rs": "use crate::http;\npub struct Row;" }), /row.rs:1: server::store must not use crate::http/);
  assert.deepEqual(said({ "server/src/http.rs": "use axum::Json;" }), [], "on the other side of the wall");
});

test("a visible type name is there once, a private one and one of tests as often as you like", () => {
  matches(
    said({ "server/src/store/row.rs": "pub struct Row;\n#[derive(Clone)]\npub(crate) enum Board { A }" }),
    /The type name Board is there 2 times \(engine\/src\/board.rs:1, server\/src\/store\/row.rs:3\)/,
  );
  const quiet = "pub struct Row;\nstruct Board;\n#[cfg(test)]\nmod tests { pub struct Store; }\ntrait T { type Store; }";
  assert.deepEqual(said({ "server/src/store/row.rs": quiet }), []);
});

test("what is mended has to leave the list of what is known", () => {
  matches(said({}, { names: { Gone: 2 } }), /The type name Gone is unique now/);
  matches(said({}, { folders: [["server::store", "server::http"]] }), /server::store is in no circle/, /server::http is in no circle/);
  const three = { "server/src/store/row.rs": "pub struct Row;\npub struct Board;" };
  assert.deepEqual(said(three, { names: { Board: 2 } }), []);
  matches(said(three, { names: { Board: 3 } }), /there 2 times only/);
});

test("a file is read as Rust: inline modules, lifetimes and macros", () => {
  const { children, imports, files, items } = parse(
    'mod elsewhere;\nuse std::{fmt, io as other};\nmod inner { pub fn f<\'a>(c: &\'a str) {} }\nmacro_rules! make { () => { mod no; } }',
  );
  assert.deepEqual(files.map(({ name }) => name), ["elsewhere"]);
  assert.deepEqual(imports.map(({ name }) => name), ["fmt", "other"]);
  assert.deepEqual([children.map(({ name }) => name), items.has("make")], [["inner"], true]);
});
