//! The runtime of the tests: tokio's, with a deadline. `#[tokio::test(crate = "crate::harness")]` finds it here.
//!
//! A test that never ends would keep the whole run from ending, without revealing which one it was.

use std::{cell::RefCell, io, thread, time::Duration};

use tokio::runtime;

/// Timeout of a test. The slowest takes a minute on a busy machine.
const DEADLINE: Duration = Duration::from_secs(180);
/// How long a test's blocking work may continue after its end.
const LEFTOVERS: Duration = Duration::from_secs(10);

thread_local! {
    /// What the test on this thread reports when it times out.
    static KNOWN: RefCell<Vec<Box<dyn Fn() -> String>>> = const { RefCell::new(Vec::new()) };
}

/// Registers a description of this test's state, for when it times out.
pub(crate) fn remember(describe: impl Fn() -> String + 'static) {
    KNOWN.with_borrow_mut(|known| known.push(Box::new(describe)));
}

/// Builds the runtime of one test.
pub(crate) struct Builder(runtime::Builder);

impl Builder {
    /// A runtime on the thread of the test.
    pub(crate) fn new_current_thread() -> Self {
        Self(runtime::Builder::new_current_thread())
    }

    /// A runtime with several threads.
    pub(crate) fn new_multi_thread() -> Self {
        Self(runtime::Builder::new_multi_thread())
    }

    pub(crate) fn worker_threads(mut self, count: usize) -> Self {
        self.0.worker_threads(count);
        self
    }

    pub(crate) fn enable_all(mut self) -> Self {
        self.0.enable_all();
        self
    }

    pub(crate) fn build(mut self) -> io::Result<Runtime> {
        self.0.build().map(|runtime| Runtime(Some(runtime)))
    }
}

/// Runs one test.
pub(crate) struct Runtime(Option<runtime::Runtime>);

impl Runtime {
    /// Runs it to its end, or to its deadline.
    pub(crate) fn block_on<F: Future>(self, test: F) -> F::Output {
        let runtime = self.0.as_ref().expect("it is there until it is dropped");
        let ended = runtime.block_on(async { tokio::time::timeout(DEADLINE, test).await });
        ended.unwrap_or_else(|_| {
            let known: Vec<_> = KNOWN.with_borrow(|known| known.iter().map(|describe| describe()).collect());
            let (thread, tasks) = (thread::current(), runtime.metrics().num_alive_tasks());
            let name = thread.name().unwrap_or("a test");
            panic!("{name} did not end within {DEADLINE:?}, with {tasks} tasks left\n{}", known.join("\n"));
        })
    }
}

impl Drop for Runtime {
    /// However the test ended, its blocking work must not delay the run.
    fn drop(&mut self) {
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_timeout(LEFTOVERS);
        }
    }
}
