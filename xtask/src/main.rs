//! Generates the JavaScript that starts the page's WASM.
//!
//! It uses the library of `wasm-bindgen-cli`, which alone compiles in half the time. As a workspace member it has the
//! wasm-bindgen version of `Cargo.lock`, which must match that of the page exactly.

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
