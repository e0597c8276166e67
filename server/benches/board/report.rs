//! The table.

use std::{
    fs,
    io::{self, Write as _},
    path::Path,
    time::Duration,
};

use crate::{
    Failure,
    load::{Case, Outcome},
    process::Server,
};

/// What all of it showed.
#[derive(Default)]
pub(crate) struct Report {
    /// Moves a second over HTTP, nobody watching.
    pub(crate) moves_a_second: f64,
    /// How long moving 500 tasks took, shortest first.
    pub(crate) bulk: Vec<Duration>,
    /// Each case.
    pub(crate) cases: Vec<(Case, Outcome)>,
}

/// Says what goes on, where it does not get into the table.
pub(crate) fn progress(what: &str) {
    // Nobody is left to tell when standard error is closed.
    let _ = writeln!(io::stderr(), "    {what}");
}

impl Report {
    /// Prints it.
    pub(crate) fn print(&self, server: &Server) -> Result<(), Failure> {
        let mut out = io::stdout().lock();
        let cores = std::thread::available_parallelism()?;
        writeln!(out, "\n{}, {cores} cores shared with the load generator\n", server.describe())?;
        writeln!(out, "HTTP moves a second, one board, nobody watching: {:.0}\n", self.moves_a_second)?;
        if let (Some(middle), Some(longest)) = (self.bulk.get(self.bulk.len() / 2), self.bulk.last()) {
            writeln!(out, "500 tasks moved by one request: p50 {middle:.0?}, longest {longest:.0?}\n")?;
        }
        writeln!(
            out,
            "{:<28} {:>8} {:>8} {:>8} {:>11} {:>5} {:>6} {:>6} {:>13} {:>11}",
            "write due → frame read",
            "p50 ms",
            "p99 ms",
            "max ms",
            "deliveries",
            "lost",
            "twice",
            "ended",
            "CPU s/million",
            "KiB/socket"
        )?;
        for (case, outcome) in &self.cases {
            writeln!(
                out,
                "{:<28} {:>8.1} {:>8.1} {:>8.1} {:>11} {:>5} {:>6} {:>6} {:>13.1} {:>11.1}",
                format!("{} members, {} moves/s", case.members, case.rate),
                outcome.millis(0.5),
                outcome.millis(0.99),
                outcome.millis(1.0),
                outcome.latencies.len(),
                outcome.lost,
                outcome.twice,
                outcome.ended,
                outcome.cpu_seconds * 1e6 / (outcome.latencies.len().max(1)) as f64,
                outcome.socket_kib,
            )?;
        }
        writeln!(out, "\n{}", assets(&server.site().join("pkg")))?;
        Ok(())
    }
}

impl Outcome {
    /// A quantile of the latencies, in milliseconds; not a number when nothing came.
    fn millis(&self, quantile: f64) -> f64 {
        let last = self.latencies.len().saturating_sub(1) as f64;
        self.latencies.get((last * quantile).round() as usize).map_or(f64::NAN, |micros| f64::from(*micros) / 1000.0)
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
