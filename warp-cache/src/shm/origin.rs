//! Where and since when a region's words mean anything: one boot of one machine, with one clock and
//! one numbering of processes.

use std::fs;

/// A boot, and the namespaces of time and of process numbers. Regions of different origin are
/// strangers: deadlines and process words of the one mean nothing in the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Origin {
    pub(super) boot: u128,
    pub(super) time: u64,
    pub(super) processes: u64,
}

impl Origin {
    /// This process's origin; 0 for what the system does not say. Read anew each time, since a
    /// forked child may have moved to other namespaces.
    pub(super) fn here() -> Origin {
        Origin { boot: boot(), time: namespace("time"), processes: namespace("pid") }
    }
}

/// A number that each start of the machine draws.
fn boot() -> u128 {
    let text = if cfg!(target_vendor = "apple") {
        let sysctl = std::process::Command::new("/usr/sbin/sysctl")
            .args(["-n", "kern.bootsessionuuid"])
            .output();
        sysctl.ok().and_then(|output| String::from_utf8(output.stdout).ok())
    } else {
        fs::read_to_string("/proc/sys/kernel/random/boot_id").ok()
    };
    let digits: String = text.unwrap_or_default().chars().filter(char::is_ascii_hexdigit).collect();
    u128::from_str_radix(&digits, 16).unwrap_or(0)
}

/// The number in a link such as `pid:[4026531836]`.
fn namespace(name: &str) -> u64 {
    let link = fs::read_link(format!("/proc/self/ns/{name}")).unwrap_or_default();
    let text = link.to_string_lossy();
    let digits = text.split_once('[').and_then(|(_, rest)| rest.strip_suffix(']'));
    digits.and_then(|digits| digits.parse().ok()).unwrap_or(0)
}
