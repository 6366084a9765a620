//! An alert through the real binary: a price falls, the webhook fails once and is tried again, and a restart tells nothing
//! twice.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use crate::support::{Behaviour, Served, Server, config, gpurate, runpod, runpod_cards, runpod_list, vast};

/// A webhook that answers with the statuses in turn, the last one for ever; what was posted comes out.
fn webhook(statuses: &'static [u16]) -> (String, Receiver<serde_json::Value>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = format!("http://{}/hook/s3cret", listener.local_addr().expect("an address"));
    let (sender, receiver) = channel();
    std::thread::spawn(move || {
        for (turn, stream) in listener.incoming().enumerate() {
            let Ok(mut stream) = stream else { return };
            let (mut read, mut buffer) = (Vec::new(), [0; 4096]);
            let body = loop {
                let Ok(count @ 1..) = stream.read(&mut buffer) else { break None };
                read.extend_from_slice(&buffer[..count]);
                let text = String::from_utf8_lossy(&read).into_owned();
                let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
                assert!(head.starts_with("POST /hook/s3cret HTTP/1.1"), "{head}");
                let length = head.lines().find_map(|line| line.to_lowercase().strip_prefix("content-length: ")?.parse::<usize>().ok());
                if body.len() >= length.expect("a length") {
                    break serde_json::from_str(body).ok();
                }
            };
            let status = statuses[turn.min(statuses.len() - 1)];
            let _gone = write!(stream, "HTTP/1.1 {status} X\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
            if let Some(body) = body
                && sender.send(body).is_err()
            {
                return;
            }
        }
    });
    (address, receiver)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_price_that_falls_is_told_once_through_a_webhook_that_fails_at_first_and_through_a_restart() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = Server::start().await;
    server.set("api.runpod.io", Behaviour::json(runpod_list(1)));
    server.set("console.vast.ai", Behaviour::json(vast("0.61")));
    let (address, posted) = webhook(&[503, 200]);
    let (refused, never) = webhook(&[404]);
    let alerts = format!(
        r#"
[[alerts]]
name = "cheap 5090"
gpu = "rtx-5090"
at_most_usd_per_gpu_hour = "0.50"
webhook = "{address}"
allow_private = true

[[alerts]]
name = "B200 moves"
gpu = "b200"
change_percent = "5"
quiet_minutes = 0
webhook = "{refused}"
allow_private = true
"#
    );
    std::fs::write(folder.path().join("daemon.toml"), config(&server.via()) + &alerts).expect("written");
    let run = |arguments: &[&str]| gpurate(folder.path()).args(arguments).output().expect("it runs");
    let served = Served::start(folder.path(), &[]);
    served.wait("/api/v1/cheapest?gpu=rtx-4090", |answer| answer["items"][0]["providers"].as_i64() == Some(2));
    let mut cards = runpod_cards(1);
    cards.iter_mut().find(|card| card.1 == "RTX 5090").expect("there").3 = 49;
    cards.iter_mut().find(|card| card.1 == "B200").expect("there").3 = 600;
    // The price of before must have been seen.
    std::thread::sleep(Duration::from_secs(3));
    server.set("api.runpod.io", Behaviour::json(runpod(&cards)));
    assert!(run(&["collect", "runpod"]).status.success());
    let patience = Duration::from_secs(30);
    let (first, again) = (posted.recv_timeout(patience).expect("posted"), posted.recv_timeout(patience).expect("tried again"));
    assert_eq!(first, again, "what failed is sent again as it was");
    assert_eq!((first["gpu"].as_str(), first["usd_per_gpu_hour"].as_str()), (Some("rtx-5090"), Some("0.49")));
    assert_eq!((first["alert"].as_str(), first["sample"].as_bool()), (Some("cheap 5090"), Some(false)));
    let (status, offer) = served.get(first["evidence"].as_str().expect("a link"));
    assert_eq!(
        (status, offer["offer"]["price_usd_per_gpu_hour"].as_str().or(offer["price_usd_per_gpu_hour"].as_str())),
        (200, Some("0.49"))
    );
    let moved = never.recv_timeout(patience).expect("posted");
    assert_eq!((moved["before_usd_per_gpu_hour"].as_str(), moved["usd_per_gpu_hour"].as_str()), (Some("6.79"), Some("6")));
    let log = || served.lines.lock().expect("no panic holds it").join("\n");
    let until = std::time::Instant::now() + patience;
    while !(log().contains("cheap 5090: message delivered") && log().contains("B200 moves: message not delivered: 127.0.0.1 answered 404"))
    {
        assert!(std::time::Instant::now() < until, "{}", log());
        std::thread::sleep(Duration::from_millis(50));
    }
    assert!(never.try_recv().is_err(), "a 404 is not tried again");
    assert!(
        log().contains("alert cheap 5090: rtx-5090 on demand costs 0.49 USD per GPU-hour at runpod") && !log().contains("s3cret"),
        "{}",
        log()
    );
    assert!(served.end().success());

    let table = run(&["alerts"]);
    let text = String::from_utf8_lossy(&table.stdout).into_owned();
    assert!(text.contains("cheap 5090") && text.contains("at most 0.50") && text.contains("5 % off 6.00"), "{text}");
    let shown = String::from_utf8_lossy(&run(&["config", "show"]).stdout).into_owned();
    assert!(shown.contains("cheap 5090") && !shown.contains("s3cret"), "{shown}");
    let again = Served::start(folder.path(), &[]);
    again.wait("/api/v1/cheapest?gpu=rtx-5090", |answer| answer["items"][0]["price_usd_per_gpu_hour"].as_str() == Some("0.49"));
    assert!(posted.recv_timeout(Duration::from_secs(4)).is_err(), "what was told is not told again");
    assert!(run(&["alerts", "--send-test", "cheap 5090"]).status.success());
    let test = posted.recv_timeout(patience).expect("posted");
    assert!(test["sample"].as_bool() == Some(true) && test["text"].as_str().is_some_and(|text| text.starts_with("TEST")), "{test}");
    let unknown = run(&["alerts", "--send-test", "cheap 509"]);
    assert!(unknown.status.code() == Some(2) && String::from_utf8_lossy(&unknown.stderr).contains("did you mean `cheap 5090`?"));
}

#[test]
fn a_webhook_on_a_private_network_is_refused_unless_allowed_there() {
    let folder = tempfile::tempdir().expect("a folder");
    let (address, posted) = webhook(&[200]);
    let section = "[[alerts]]\nname = \"a\"\ngpu = \"l4\"\nchange_percent = \"5\"\n";
    let check = |lines: &str| {
        std::fs::write(folder.path().join("daemon.toml"), format!("{section}{lines}\n")).expect("written");
        let output =
            gpurate(folder.path()).args(["alerts", "--send-test", "a"]).env("HOOK", address.replace("127.0.0.1", "localhost")).output();
        let output = output.expect("it runs");
        (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
    };
    let (status, said) = check(&format!("webhook = \"{address}\""));
    assert!(status == Some(2) && said.contains("allow_private") && !said.contains("s3cret"), "{said}");
    let (status, said) = check("webhook_env = \"HOOK\"");
    assert!(status == Some(2) && said.contains("`https`") && !said.contains("s3cret"), "{said}");
    let (status, said) = check("webhook_env = \"NOT_SET\"");
    assert!(status == Some(2) && said.contains("NOT_SET"), "{said}");
    assert!(posted.try_recv().is_err(), "nothing was sent");
    assert_eq!(check("webhook_env = \"HOOK\"\nallow_private = true").0, Some(0));
    assert!(posted.recv_timeout(Duration::from_secs(10)).is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_that_its_webhook_did_not_take_is_sent_by_the_next_run_also_after_a_kill_and_then_no_more() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = Server::start().await;
    server.set("api.runpod.io", Behaviour::json(runpod_list(1)));
    let (address, posted) = webhook(&[503, 200]);
    let alert = format!(
        "[[alerts]]\nname = \"any 5090\"\ngpu = \"rtx-5090\"\nat_most_usd_per_gpu_hour = \"9\"\nwebhook = \"{address}\"\nallow_private = true\n"
    );
    std::fs::write(folder.path().join("daemon.toml"), config(&server.via()) + &alert).expect("written");
    let patience = Duration::from_secs(30);
    let killed = Served::start(folder.path(), &[]);
    let first = posted.recv_timeout(patience).expect("posted");
    drop(killed);
    let again = Served::start(folder.path(), &[]);
    assert_eq!(posted.recv_timeout(patience).expect("posted by the next run"), first);
    let until = std::time::Instant::now() + patience;
    while !again.lines.lock().expect("no panic holds it").iter().any(|line| line.contains("any 5090: message delivered")) {
        assert!(std::time::Instant::now() < until, "it was taken");
        std::thread::sleep(Duration::from_millis(50));
    }
    // What is kept after the delivery is written beside everything else.
    std::thread::sleep(Duration::from_millis(500));
    assert!(again.end().success());
    let last = Served::start(folder.path(), &[]);
    last.wait("/api/v1/cheapest?gpu=rtx-5090", |answer| answer["items"][0]["price_usd_per_gpu_hour"].is_string());
    assert!(posted.recv_timeout(Duration::from_secs(4)).is_err(), "what was taken is not sent again");
}
