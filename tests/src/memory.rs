//! How much memory finished programs had.

/// Returns the largest resident size, in bytes, of all programs that this test started and that have ended.
pub fn peak_memory_of_children() -> u64 {
    // SAFETY: a rusage is plain numbers, for which zeros are valid, and getrusage writes nothing else.
    let usage = unsafe {
        let mut usage: libc::rusage = std::mem::zeroed();
        assert_eq!(libc::getrusage(libc::RUSAGE_CHILDREN, &raw mut usage), 0, "the children can be asked about");
        usage
    };
    // Linux counts in KiB.
    u64::try_from(usage.ru_maxrss).unwrap_or_default() * 1024
}
