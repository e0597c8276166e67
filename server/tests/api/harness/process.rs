//! Child processes that die with the tests.

use std::{
    net::TcpListener,
    process::{Command, Stdio},
    sync::{Mutex, mpsc},
    thread,
};

/// A port of this machine that nobody listens on.
pub(crate) fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").and_then(|socket| socket.local_addr()).expect("a free port").port()
}

/// A command that the kernel kills when the thread that started it ends.
pub(crate) fn bound(program: &str, user: Option<&str>) -> Command {
    let mut command = Command::new("setpriv");
    command.args(["--pdeathsig", "KILL"]);
    if let Some(user) = user {
        command.args(["--reuid", user, "--regid", user, "--clear-groups"]);
    }
    command.arg(program).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command
}

/// A child that runs until it is killed, or the tests end.
#[derive(Debug)]
pub(crate) struct Child {
    id: u32,
    ended: Mutex<mpsc::Receiver<()>>,
}

impl Child {
    /// Starts it from a thread that lives as long as it does: the kernel kills a bound child with
    /// the thread that started it, and a test's own thread ends with the test.
    pub(crate) fn start(mut command: Command) -> Self {
        let (started, start) = mpsc::channel();
        let (end, ended) = mpsc::channel();
        thread::spawn(move || {
            let mut child = command.spawn().expect("setpriv and the program are installed");
            started.send(child.id()).expect("somebody waits for the id");
            child.wait().expect("a child of this thread");
            // Nobody has to wait for the end.
            let _ = end.send(());
        });
        Self { id: start.recv().expect("the child started"), ended: Mutex::new(ended) }
    }

    /// Its process id.
    pub(crate) fn id(&self) -> u32 {
        self.id
    }

    /// Sends it a signal, such as `KILL`, `STOP` or `CONT`.
    pub(crate) fn signal(&self, signal: &str) {
        let status = Command::new("kill").args([&format!("-{signal}"), &self.id.to_string()]).status();
        assert!(status.expect("kill is installed").success(), "no process {} to send {signal}", self.id);
    }

    /// Kills it, and returns when it is gone.
    pub(crate) fn kill(self) {
        self.signal("KILL");
        let ended = self.ended.into_inner().expect("nobody panicked with it");
        ended.recv().expect("its thread waits for it");
    }
}
