//! From the schedule to a committed part: who is due, one part once, judged against its own past. Only [`client`] opens a
//! connection to a provider.

pub mod accept;
pub mod archive;
pub mod client;
pub mod due;
pub mod normalise;
pub mod record;
pub mod reparse;
pub mod replay;
pub mod run;
pub mod schedule;

/// The disk takes nothing more, of whomever.
pub(crate) fn takes_nothing(error: &std::io::Error) -> bool {
    use std::io::ErrorKind;
    matches!(error.kind(), ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::ReadOnlyFilesystem)
}

#[cfg(test)]
mod tests {
    #[cfg(target_os = "linux")]
    #[test]
    fn a_full_disk_is_told_from_what_is_one_file_s_trouble() {
        let full = std::fs::write("/dev/full", b"x").expect_err("it never takes anything");
        assert!(super::takes_nothing(&full), "{full}");
        let missing = std::fs::write("/nowhere/at/all", b"x").expect_err("there is no such folder");
        assert!(!super::takes_nothing(&missing), "{missing}");
    }
}
