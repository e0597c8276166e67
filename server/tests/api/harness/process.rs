//! Child processes that end with the tests.

use std::{
    net::TcpListener,
    ops::Range,
    process::{Command, Stdio},
    sync::{Mutex, mpsc},
    thread,
};

use super::PATIENCE;

/// Ports that the system gives only to those who name them. Of the others, a port that is free now may soon be another
/// test's listener, or one end of a connection: even one's own, which then answers with whatever it is sent.
const PORTS: Range<u16> = 12_000..32_000;

/// An unused port of this machine.
pub(crate) fn free_port() -> u16 {
    loop {
        let port = rand::random_range(PORTS);
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
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

/// A child that is killed when this is dropped, or the tests end.
#[derive(Debug)]
pub(crate) struct Child {
    id: u32,
    ended: Mutex<mpsc::Receiver<()>>,
}

impl Child {
    /// Starts it from a thread that lives as long as it does: the kernel kills the child with the thread that started
    /// it, and a test's thread ends with the test.
    pub(crate) fn start(mut command: Command) -> Self {
        let (started, start) = mpsc::channel();
        let (end, ended) = mpsc::channel();
        thread::spawn(move || {
            let mut child = command.spawn().expect("setpriv and the program are installed");
            started.send(child.id()).expect("somebody waits for the id");
            child.wait().expect("a child of this thread");
            // Nothing waits for its end.
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
        assert!(self.send(signal), "no process {} to send {signal}", self.id);
    }

    fn send(&self, signal: &str) -> bool {
        let status = Command::new("kill").args([&format!("-{signal}"), &self.id.to_string()]).status();
        status.expect("kill is installed").success()
    }

    /// Whether it is still running.
    pub(crate) fn is_running(&self) -> bool {
        let ended = self.ended.lock().expect("nobody panicked with it");
        matches!(ended.try_recv(), Err(mpsc::TryRecvError::Empty))
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        // It may end by itself just now.
        if self.is_running() && self.send("KILL") {
            let ended = self.ended.get_mut().expect("nobody panicked with it");
            ended.recv_timeout(PATIENCE).expect("who is killed ends");
        }
    }
}
