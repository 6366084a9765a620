//! Clients that do not end what they began, a service that is full, a second writer that cannot see the first, a database that cannot be written.

use std::process::Output;

use crate::support::gpurate;

fn text(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

#[test]
fn the_password_of_an_address_is_in_no_message_and_no_listing() {
    let folder = tempfile::tempdir().expect("a folder");
    let run = |text: &str, arguments: &[&str]| {
        std::fs::write(folder.path().join("daemon.toml"), text).expect("written");
        gpurate(folder.path()).args(arguments).output().expect("it runs")
    };
    let output = run("[transport]\nvia = \"http://user:SECRET@host/p?key=SECRET\"\n", &["serve"]);
    assert_eq!(output.status.code(), Some(2), "{}", text(&output));
    assert!(text(&output).contains("http://***@host/p?***") && !text(&output).contains("SECRET"), "{}", text(&output));
    let output = run("[transport]\nvia = \"http://user:SECRET@host:9000\"\n", &["config", "show"]);
    assert!(output.status.success(), "{}", text(&output));
    assert!(text(&output).contains("http://***@host:9000") && !text(&output).contains("SECRET"), "{}", text(&output));
}
