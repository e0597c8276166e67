//! The table of results.

use std::{
    fmt::Display,
    fs,
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use crate::{
    Failure,
    choice::{Case, Topology},
    load::Outcome,
    progress::progress,
    stack,
};

/// The results of a case. Unmeasured ones are absent.
#[derive(Default)]
pub(crate) struct Row {
    /// p50, p99 and maximum, in milliseconds.
    pub(crate) millis: Option<[f64; 3]>,
    /// Lost and repeated frames.
    pub(crate) wrong: Option<[u64; 2]>,
    /// The server's CPU seconds per million deliveries.
    pub(crate) cpu_per_million: Option<f64>,
    /// The server's memory per socket, in KiB.
    pub(crate) socket_kib: Option<f64>,
    /// Further remarks.
    pub(crate) note: String,
}

impl Row {
    /// The results of a phase.
    pub(crate) fn of(outcome: &Outcome) -> Self {
        let ended = match outcome.ended {
            0 => String::new(),
            ended => format!("{ended} sockets ended"),
        };
        Self {
            millis: Some([0.5, 0.99, 1.0].map(|quantile| outcome.millis(quantile))),
            wrong: Some([outcome.lost, outcome.twice]),
            cpu_per_million: Some(outcome.cpu_per_million()),
            socket_kib: None,
            note: ended,
        }
    }

    /// The durations of requests, from sorted microseconds.
    pub(crate) fn timed(took: &[u32]) -> Self {
        let last = took.len().saturating_sub(1) as f64;
        let millis = |quantile: f64| took.get((last * quantile).round() as usize).map(|took| f64::from(*took) / 1000.0);
        Self { millis: Some([0.5, 0.99, 1.0].map(|quantile| millis(quantile).unwrap_or(f64::NAN))), ..Self::default() }
    }
}

/// All results.
#[derive(Default)]
pub(crate) struct Report(Vec<String>);

/// A whole number in groups of three digits.
pub(crate) fn grouped(number: f64) -> String {
    let digits = format!("{number:.0}");
    let groups: Vec<&str> =
        digits.as_bytes().rchunks(3).rev().map(|group| std::str::from_utf8(group).unwrap_or_default()).collect();
    groups.join(" ")
}

impl Report {
    /// Adds the results of a case.
    pub(crate) fn add(&mut self, on: Topology, case: Case, row: Row) {
        let or_dash = |text: Option<String>| text.unwrap_or_else(|| "–".into());
        let millis = row.millis.map(|[p50, p99, max]| format!("{p50:.1} / {p99:.1} / {max:.0}"));
        let wrong = row.wrong.map(|[lost, twice]| format!("{lost}, {twice}"));
        self.line(&[
            &case,
            &on,
            &or_dash(millis),
            &or_dash(wrong),
            &or_dash(row.cpu_per_million.map(|cpu| format!("{cpu:.1}"))),
            &or_dash(row.socket_kib.map(|kib| format!("{kib:.1}"))),
            &row.note,
        ]);
    }

    /// Adds the reason why a case failed.
    pub(crate) fn failed(&mut self, on: Topology, case: Case, error: &dyn std::error::Error) {
        self.line(&[&case, &on, &"–", &"–", &"–", &"–", &format!("failed: {error}")]);
    }

    fn line(&mut self, cells: &[&dyn Display]) {
        let cells: Vec<String> = cells.iter().map(ToString::to_string).collect();
        let line = format!("| {} |", cells.join(" | "));
        progress(&line);
        self.0.push(line);
    }

    /// Prints it.
    pub(crate) fn print(&self) -> Result<(), Failure> {
        let mut out = io::stdout().lock();
        let cores = std::thread::available_parallelism()?;
        writeln!(out, "\n{}, {cores} cores shared with the load generator.", stack::binary().display())?;
        writeln!(out, "Times run from the moment a write was due until its frame was read at every member.\n")?;
        writeln!(
            out,
            "| case | on | p50 / p99 / max ms | lost, twice | server CPU s per million deliveries | KiB a socket | |"
        )?;
        writeln!(out, "| --- | --- | --- | --- | --- | --- | --- |")?;
        for line in &self.0 {
            writeln!(out, "{line}")?;
        }
        writeln!(out, "\n{}", assets(&site().join("pkg")))?;
        Ok(())
    }
}

/// The page's assets: `LOCKSTEP_SITE`, or the build's output folder.
fn site() -> PathBuf {
    match std::env::var_os("LOCKSTEP_SITE") {
        Some(site) => site.into(),
        None => stack::binary().ancestors().nth(2).unwrap_or(Path::new("target")).join("site"),
    }
}

/// The sizes of what a page loads, as the release compressed it.
fn assets(pkg: &Path) -> String {
    let kib = |extension: &str| {
        let file = pkg.join(format!("lockstep.{extension}.br"));
        fs::metadata(&file).map(|file| file.len() as f64 / 1024.0).map_err(|_| file)
    };
    match (kib("wasm"), kib("js"), kib("css")) {
        (Ok(wasm), Ok(js), Ok(css)) => {
            format!("Page assets after brotli: {:.0} KiB (WASM {wasm:.0}, JS {js:.0}, CSS {css:.0})", wasm + js + css)
        }
        (Err(file), ..) | (_, Err(file), _) | (.., Err(file)) => {
            format!("Page assets: there is no {}; build them with `make build`", file.display())
        }
    }
}
