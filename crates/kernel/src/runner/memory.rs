//! How much memory the process that runs the cells may take, and how much it takes.

use std::env;
use std::fs;

/// Overrides the share: a percentage of the machine's memory (`60%`), or a size (`8GB`, `500MB`).
pub const LIMIT: &str = "STREAMROOT_MEMORY";

/// The share, unless told otherwise.
const SHARE: u64 = 75;

/// How many bytes a process may take, where that can be told: a share of what the machine has, or of what its container
/// is given.
pub fn limit() -> Option<u64> {
    limit_of(env::var(LIMIT).ok().as_deref(), available()?)
}

fn limit_of(setting: Option<&str>, all: u64) -> Option<u64> {
    let setting = setting.unwrap_or_default().trim();
    let number = |text: &str| text.trim().parse::<f64>().ok().filter(|number| *number > 0.0);
    let unit =
        |unit: &str, bytes: f64| setting.strip_suffix(unit).and_then(number).map(|number| (number * bytes) as u64);
    unit("%", all as f64 / 100.0).or_else(|| unit("GB", 1e9)).or_else(|| unit("MB", 1e6)).or(Some(all / 100 * SHARE))
}

/// The memory of the machine or of the container, in bytes.
fn available() -> Option<u64> {
    // SAFETY: plain calls of the system.
    let (pages, page) = unsafe { (libc::sysconf(libc::_SC_PHYS_PAGES), libc::sysconf(libc::_SC_PAGESIZE)) };
    let machine = u64::try_from(pages).ok()? * u64::try_from(page).ok()?;
    let containers = ["/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"];
    let container = containers.iter().find_map(|file| fs::read_to_string(file).ok()?.trim().parse().ok());
    Some(container.unwrap_or(u64::MAX).min(machine))
}

/// The memory that is a process' own, in bytes: not what it has mapped of files, which the system takes back at need.
#[cfg(not(target_vendor = "apple"))]
pub fn taken(process: u32) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let of = |name| field(&status, name).unwrap_or(0);
    Some(of("RssAnon:") + of("RssShmem:") + of("VmSwap:"))
}

/// The memory that is a process' own, in bytes, as the system's activity monitor has it.
#[cfg(target_vendor = "apple")]
pub fn taken(process: u32) -> Option<u64> {
    // SAFETY: the system writes a structure of this version into one.
    unsafe {
        let mut usage: libc::rusage_info_v0 = std::mem::zeroed();
        let done = libc::proc_pid_rusage(process.cast_signed(), libc::RUSAGE_INFO_V0, (&raw mut usage).cast());
        (done == 0).then_some(usage.ri_phys_footprint)
    }
}

/// A number of kB in a file of Linux's, in bytes.
#[cfg(not(target_vendor = "apple"))]
fn field(text: &str, name: &str) -> Option<u64> {
    let line = text.lines().find_map(|line| line.strip_prefix(name))?;
    line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok().map(|kilobytes| kilobytes * 1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_is_a_share_or_a_size() {
        assert_eq!(limit_of(None, 1000), Some(750));
        assert_eq!(limit_of(Some("50%"), 1000), Some(500));
        assert_eq!(limit_of(Some("1.5 GB"), 1000), Some(1_500_000_000));
        assert_eq!(limit_of(Some("200MB"), 1000), Some(200_000_000));
        assert_eq!(limit_of(Some("much"), 1000), Some(750));
        assert_eq!(limit_of(Some("-5%"), 1000), Some(750));
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn memory_that_is_written_to_is_taken() {
        let before = taken(std::process::id()).unwrap();
        let block = vec![1_u8; 100 << 20];
        let after = taken(std::process::id()).unwrap();
        assert!(after >= before + (90 << 20), "{before} then {after}, {}", block.len());
        assert!(limit().unwrap() > after);
    }
}
