//! The memory of a process, as the kernel reports it.

/// Reads the peak resident memory from the text of `/proc/<pid>/status`.
pub(crate) fn peak_rss_kib(status: &str) -> Option<u64> {
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix(" kB")?.parse().ok()
}

/// Converts KiB to MiB, in which Lambda counts memory.
#[cfg(feature = "functions")]
pub(crate) fn in_mib(kib: u64) -> f64 {
    // Exact for any process: a `u32` of KiB is 4 TiB.
    f64::from(u32::try_from(kib).unwrap_or(u32::MAX)) / 1024.0
}

#[cfg(test)]
mod tests {
    use super::peak_rss_kib;

    #[test]
    fn the_peak_of_memory_is_read_from_the_kernels_status() {
        let status =
            "Name:\tupload\nVmPeak:\t  99999 kB\nVmHWM:\t   12345 kB\nVmRSS:\t   11111 kB\n";
        assert_eq!(peak_rss_kib(status), Some(12345));
        assert_eq!(peak_rss_kib("Name:\tupload\n"), None);
    }
}
