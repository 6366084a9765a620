//! The pages as a browser gets them: the real binary on its samples, with the headers that keep a page still.

use crate::support::{Served, request_whole};

const BROWSER: (&str, &str) = ("accept", "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8");

fn page(served: &Served, path: &str, headers: &[(&str, &str)]) -> (u16, String, String) {
    let (status, head, body) = request_whole("GET", &format!("http://{}{path}", served.address), headers);
    (status, head, String::from_utf8_lossy(&body).into_owned())
}

#[test]
fn pages_are_html_errors_are_pages_and_the_api_stays_json() {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("daemon.toml"), "").expect("written");
    let served = Served::start(folder.path(), &["--demo"]);
    let answer = served.wait("/api/v1/cheapest?gpu=rtx-4090", |answer| answer["items"][0]["provider"] == "vastai");
    let price = answer["items"][0]["price_usd_per_gpu_hour"].as_str().expect("a price").to_owned();
    for path in [
        "/",
        "/simulate",
        "/simulate?limit=60",
        "/providers",
        "/providers/vastai",
        "/providers/modal",
        "/gpus/rtx-4090",
        "/gpus/rtx-4090?since=24h",
        "/compare",
        "/compare?gpus=l4,rtx-3090",
        "/guides/image-generation",
        "/guides/image-generation?workload=sdxl&usage=batch",
        "/about",
    ] {
        for (prefix, lang) in [("", "en"), ("/fr", "fr")] {
            let (status, head, body) = page(&served, &format!("{prefix}{path}"), &[BROWSER]);
            assert_eq!(status, 200, "{prefix}{path} {body}");
            assert!(
                head.contains("content-type: text/html; charset=utf-8") && head.contains(&format!("content-language: {lang}")),
                "{head}"
            );
            assert!(head.contains("content-security-policy: default-src 'none'; style-src 'self'") && !head.contains("unsafe"), "{head}");
            assert!(!head.contains("set-cookie") && head.contains("x-content-type-options: nosniff"), "{head}");
            assert!(body.contains("class=\"banner\""), "sample data says so: {prefix}{path}");
            // The only addresses of others are links; what a page loads is its own.
            for loaded in body.split("src=\"").skip(1).chain(body.split("<link rel=\"stylesheet\" href=\"").skip(1)) {
                assert!(loaded.starts_with("/static/"), "{loaded:.80}");
            }
            let (_, _, small) =
                request_whole("GET", &format!("http://{}{prefix}{path}", served.address), &[BROWSER, ("accept-encoding", "gzip")]);
            assert!(small.len() < 100_000, "{prefix}{path} has {} bytes", small.len());
        }
    }
    let (_, _, home) = page(&served, "/?gpu=rtx-4090", &[BROWSER]);
    assert!(home.contains(&format!("<data value=\"{price}\">")), "the API's price {price} is the page's");
    let (_, _, compared) = page(&served, "/compare?a=rtx-4090&b=rtx-5090", &[BROWSER]);
    assert!(compared.contains("/api/v1/compare?gpus=rtx-4090,rtx-5090\""), "{compared}");
    assert!(compared.contains(&format!("<data value=\"{price}\">")), "the API's price {price} is the page's");
    let (_, _, guide) = page(&served, "/guides/image-generation?usage=batch", &[BROWSER]);
    assert!(guide.contains("/api/v1/guides/image-generation?usage=batch\""), "{guide}");
    assert!(guide.contains(&format!("<data value=\"{price}\">")), "the API's price {price} is the page's");
    check_errors(&served);
    check_form_errors(&served);
    check_addresses(&served, &home);
}

fn check_errors(served: &Served) {
    for (path, status, words) in [
        ("/nothing", 404, "Not found"),
        ("/fr/nothing", 404, "Introuvable"),
        ("/gpus/rtx4900", 404, "did you mean `rtx-4090`?"),
        ("/gpus/h100", 404, "a family of several cards; write one of `h100-"),
        ("/gpus/nope-nope-nope", 404, "the page of prices lists those that are on sale: <a href=\"/\">"),
        ("/fr/gpus/rtx-4090?time_zone=Foo", 400, "n’est pas un fuseau horaire"),
        ("/fr/?vat_percent=500", 400, "<a href=\"/api/v1/cheapest?vat_percent=500\">JSON</a>"),
        ("/providers/nope-nope-nope", 404, "/providers lists them"),
        ("/providers/vastia", 404, "did you mean `vastai`?"),
        ("/?gpu=rtx4900", 400, "did you mean `rtx-4090`?"),
        ("/fr/simulate?preset=mornings", 400, "Une valeur est inutilisable"),
        ("/?sort=colour", 400, "one of `price`"),
        ("/gpus/rtx-4090?since=3d", 400, "one of `24h`"),
        ("/%ff", 404, "Not found"),
        ("/guides/image-generatoin", 404, "did you mean `image-generation`?"),
        ("/guides/image-generation?usage=fast", 400, "it is `interactive` or `batch`"),
        ("/guides/image-generation?workload=flux-devv", 400, "did you mean `flux1_dev`"),
        ("/compare?gpus=rtx-4090,rtx-5090,l4", 400, "are 3: leave out all but two"),
        ("/fr/compare?a=rtx-4090&b=rtx-4090", 400, "«\u{a0}rtx-4090\u{a0}» est donné deux fois"),
        ("/compare?a=rtx-4090", 400, "is one: name another beside it"),
        ("/compare?a=rtx-4090&b=rtx5900", 400, "did you mean `rtx-5090`?"),
    ] {
        let (given, head, body) = page(served, path, &[BROWSER]);
        assert_eq!(given, status, "{path} {body}");
        assert!(head.contains("text/html") && head.contains("content-security-policy"), "{path} {head}");
        assert!(body.contains(words), "{path} {body}");
        // Who takes no page gets the document of every error.
        let (given, head, body) = page(served, path, &[("accept", "application/json")]);
        assert!(given == status && head.contains("application/problem+json"), "{path} {head} {body}");
    }
    for path in ["/api/v1/gpus/rtx4090", "/api/v1/nothing", "/api/v1/cheapest?gpu=rtx4900"] {
        let (_, head, body) = page(served, path, &[BROWSER]);
        assert!(head.contains("application/problem+json") && body.starts_with('{'), "{path} {head} {body}");
    }
}

/// A field of the page's form is named as the form has it.
fn check_form_errors(served: &Served) {
    for (path, parameter, value) in [
        ("/compare?a=rtx-4090&b=rtx5900", "b", "rtx5900"),
        ("/compare?a=rtx5900&b=rtx-4090", "a", "rtx5900"),
        ("/compare?a=rtx-4090&b=rtx-4090", "b", "rtx-4090"),
        ("/compare?a=rtx-4090", "b", ""),
        ("/compare?b=rtx-4090", "a", ""),
        ("/compare?gpus=rtx-4090", "gpus", "rtx-4090"),
    ] {
        let (status, _, body) = page(served, path, &[("accept", "application/json")]);
        let problem: serde_json::Value = serde_json::from_str(&body).expect("a document");
        assert_eq!((status, &problem["parameter"], &problem["value"]), (400, &parameter.into(), &value.into()), "{path}");
    }
}

fn check_addresses(served: &Served, home: &str) {
    // An address that looks like another host's does not make a link to it.
    for path in ["//elsewhere.example.com/x", "/fr//elsewhere.example.com"] {
        let (status, _, body) = page(served, path, &[BROWSER]);
        assert!(status == 404 && !body.contains("href=\"//"), "{path} {body}");
    }
    // A form's empty fields do not stay in the address.
    let (status, head, _) = page(served, "/fr/?gpu=&market=spot&currency=", &[BROWSER]);
    assert!(status == 303 && head.contains("location: /fr/?market=spot\r\n"), "{status} {head}");
    let (status, head, _) = page(served, "/fr", &[BROWSER]);
    assert!(status == 303 && head.contains("location: /fr/\r\n"), "{status} {head}");
    // A card's name in another spelling leads to its page, in the same language.
    let (status, head, _) = page(served, "/fr/gpus/RTX-4090?since=7d", &[BROWSER]);
    assert!(status == 303 && head.contains("location: /fr/gpus/rtx-4090?since=7d\r\n"), "{status} {head}");
    for (path, to) in [("/guides", "/guides/image-generation"), ("/fr/guides", "/fr/guides/image-generation")] {
        let (status, head, _) = page(served, path, &[BROWSER]);
        assert!(status == 303 && head.contains(&format!("location: {to}\r\n")), "{status} {head}");
    }
    let style = home.split("<link rel=\"stylesheet\" href=\"").nth(1).and_then(|rest| rest.split('"').next()).expect("a style sheet");
    let (status, head, body) = page(served, style, &[]);
    assert!(status == 200 && head.contains("text/css") && head.contains("immutable") && body.contains("prefers-color-scheme"), "{head}");
    assert_eq!(page(served, "/static/icon.svg", &[]).0, 200);
    assert_eq!(page(served, "/favicon.ico", &[]).0, 303);
    // Every address of this site that the first page names is there.
    let mut own: Vec<&str> =
        home.split("href=\"").skip(1).filter_map(|rest| rest.split('"').next()).filter(|href| href.starts_with('/')).collect();
    own.sort_unstable();
    own.dedup();
    assert!(own.len() > 10, "{own:?}");
    for href in own {
        let (status, _, body) = page(served, &href.replace("&#38;", "&"), &[BROWSER]);
        assert!(status == 200, "{href} {status} {body:.200}");
    }
}

#[test]
fn answers_are_tables_with_the_figures_of_the_answer() {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("daemon.toml"), "").expect("written");
    let served = Served::start(folder.path(), &["--demo"]);
    served.wait("/api/v1/cheapest?gpu=rtx-4090", |answer| answer["items"][0]["provider"] == "vastai");
    let table = |path: &str| {
        let (status, head, body) = page(&served, path, &[]);
        assert!(status == 200 && head.contains("content-type: text/csv"), "{path}: {status} {body}");
        let mut reader = csv::Reader::from_reader(body.as_bytes());
        let columns = reader.headers().expect("a header").clone();
        let rows: Vec<csv::StringRecord> = reader.records().map(|row| row.expect("a row")).collect();
        let cell = move |row: usize, name: &str| {
            let column = columns.iter().position(|column| column == name).unwrap_or_else(|| panic!("no column {name}: {columns:?}"));
            rows.get(row).map(|row| row[column].to_owned())
        };
        (body.lines().count() - 1, cell)
    };
    let (_, answer) = served.get("/api/v1/cheapest?limit=5");
    let (lines, cheapest) = table("/api/v1/csv/cheapest?limit=5");
    assert_eq!(lines, 5);
    for row in 0..5 {
        let item = &answer["items"][row];
        for name in ["gpu_group", "provider", "price_usd_per_gpu_hour", "median_usd_per_gpu_hour"] {
            assert_eq!(cheapest(row, name).as_deref(), item[name].as_str(), "{name}");
        }
        assert_eq!(cheapest(row, "floor.usd_per_gpu_hour").as_deref(), item["floor"]["usd_per_gpu_hour"].as_str());
        assert_eq!(cheapest(row, "sample").as_deref(), Some("true"));
    }
    let (_, compared) = served.get("/api/v1/compare?gpus=rtx-5090,rtx-4090");
    let (lines, rows) = table("/api/v1/csv/compare?gpus=rtx-5090,rtx-4090");
    assert_eq!(lines, compared["workloads"].as_array().map_or(0, |workloads| workloads.len() * 2));
    assert_eq!(
        (rows(1, "on.gpu").as_deref(), rows(1, "workload").as_deref()),
        (Some("rtx-4090"), compared["workloads"][0]["workload"].as_str())
    );
    for path in [
        "offers?limit=3",
        "gpus",
        "providers",
        "collections",
        "workloads",
        "changes",
        "history?gpu=rtx-4090",
        "simulate?preset=evenings&limit=3",
        "busy-share/rtx-5090/rtx-4090?preset=evenings",
        "guides/image-generation",
    ] {
        let (lines, _) = table(&format!("/api/v1/csv/{path}"));
        assert!(lines > 0 || path == "changes", "{path} has rows");
    }
    let (status, problem) = served.get("/api/v1/csv/compare?gpus=rtx-5090");
    assert_eq!((status, problem["parameter"].as_str()), (400, Some("gpus")), "an error is the answer's own: {problem}");
    assert_eq!(served.get("/api/v1/csv/nothing").0, 404);
}
