//! Threads that stand back for the window's.

/// Nice value of a thread that stands back: a tenth of the share of one that does not.
#[cfg(target_os = "linux")]
const NICE: i32 = 10;

/// From here on this thread stands back for those that draw. Where the processor draws it can use all cores for that,
/// and a slider that is dragged is to move at once, its figures a moment later.
///
/// On Linux alone, where drawing by the processor is usual and priorities are a thread's own; it cannot be undone.
pub fn stand_back() {
    #[cfg(target_os = "linux")]
    // Linux takes "this process" for this thread. Where it is refused, nothing changes.
    rustix::process::setpriority_process(None, NICE).ok();
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn only_the_thread_that_asks_stands_back() {
        let before = rustix::process::getpriority_process(None).unwrap();
        let ask = || {
            stand_back();
            rustix::process::getpriority_process(None).unwrap()
        };
        let own = std::thread::scope(|scope| scope.spawn(ask).join().unwrap());
        assert_eq!(own, before.max(NICE));
        assert_eq!(rustix::process::getpriority_process(None).unwrap(), before);
    }
}
