//! Jobs that may add further jobs, on a bounded number of threads.
//!
//! The threads live only as long as one call: a prover that was opened before a fork has none to lose, and
//! starting one costs some 30 microseconds.

use std::{
    collections::VecDeque,
    sync::{Condvar, Mutex, PoisonError},
    thread,
};

type Job<'env> = Box<dyn FnOnce(&Queue<'env>) + Send + 'env>;

pub struct Queue<'env> {
    state: Mutex<State<'env>>,
    changed: Condvar,
}

struct State<'env> {
    waiting: VecDeque<Job<'env>>,
    running: usize,
}

impl<'env> Queue<'env> {
    /// Adds a job; jobs start in the order in which they were added.
    pub fn add(&self, job: impl FnOnce(&Queue<'env>) + Send + 'env) {
        self.lock().waiting.push_back(Box::new(job));
        self.changed.notify_one();
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State<'env>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Runs jobs until none is waiting and none runs that could add one.
    fn work(&self) {
        let mut state = self.lock();
        loop {
            if let Some(job) = state.waiting.pop_front() {
                state.running += 1;
                drop(state);
                let done = JobGuard(self);
                job(self);
                drop(done);
                state = self.lock();
            } else if state.running == 0 {
                return;
            } else {
                state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
            }
        }
    }
}

/// Counts a job as ended even when it panics, so that the other threads end too.
struct JobGuard<'q, 'env>(&'q Queue<'env>);

impl Drop for JobGuard<'_, '_> {
    fn drop(&mut self) {
        self.0.lock().running -= 1;
        self.0.changed.notify_all();
    }
}

/// Runs what `start` adds, and what that adds, on `threads` threads, the caller's among them.
pub fn run<'env>(threads: usize, start: impl FnOnce(&Queue<'env>)) {
    let queue = Queue { state: Mutex::new(State { waiting: VecDeque::new(), running: 0 }), changed: Condvar::new() };
    start(&queue);
    if threads <= 1 {
        return queue.work();
    }
    thread::scope(|scope| {
        (1..threads).for_each(|_| {
            scope.spawn(|| queue.work());
        });
        queue.work();
    });
}
