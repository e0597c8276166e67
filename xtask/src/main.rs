//! Writes the JavaScript that a page needs to start its WASM.
//!
//! `wasm-bindgen-cli` does the same and takes twice as long to compile: this is its library alone. As a member of the
//! workspace it has the version that `Cargo.lock` compiles into the page, and it must have that very version.

use std::{env, path::PathBuf};

use anyhow::{Context as _, Result};
use wasm_bindgen_cli_support::Bindgen;

/// `xtask <module.wasm> <folder>`: writes `lockstep.js` and `lockstep_bg.wasm` into the folder.
fn main() -> Result<()> {
    let arguments: Vec<PathBuf> = env::args_os().skip(1).map(PathBuf::from).collect();
    let [module, folder] = arguments.as_slice() else {
        anyhow::bail!("usage: xtask <module.wasm> <folder>");
    };
    Bindgen::new()
        .input_path(module)
        .out_name("lockstep")
        .typescript(false)
        .web(true)
        .and_then(|bindgen| bindgen.generate(folder))
        .with_context(|| format!("no JavaScript for {}", module.display()))
}
