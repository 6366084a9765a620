//! What a person does on the pages. Each has a browser and a daemon of its own; those that need no failing provider run a
//! second time with script switched off.

use gpurate_browser::daemon::{Daemon, Upstream};
use gpurate_browser::tab::{Scheme, Tab, Width, in_browser};
use serde_json::Value;

/// Runs a scenario on samples.
async fn on_samples<F: Future<Output = ()> + Send + 'static>(scenario: impl FnOnce(Tab, std::sync::Arc<Daemon>) -> F) {
    let daemon = std::sync::Arc::new(Daemon::demo());
    let its = std::sync::Arc::clone(&daemon);
    in_browser(&daemon, move |tab| scenario(tab, its)).await;
}

/// Names of the cards in the table of prices.
async fn cards(tab: &Tab) -> Vec<String> {
    tab.each("table.rows > tbody > tr > th a", "e.textContent").await
}

/// Exact values of the figures of a selector, as pages carry them beside the rounded ones.
async fn exact(tab: &Tab, css: &str) -> Vec<String> {
    tab.each(&format!("{css} data"), "e.value").await
}

/// What the API has at a pointer of each item.
fn of_items(answer: &Value, pointer: &str) -> Vec<String> {
    let items = answer["items"].as_array().expect("a list");
    items.iter().map(|item| item.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned()).collect()
}

async fn filter(tab: &Tab, daemon: &Daemon) {
    tab.open("/").await;
    let all = cards(tab).await;
    tab.choose("form.filters select[name=vram_min_gib]", "24").await;
    tab.choose("form.filters select[name=continent]", "EU").await;
    tab.click("form.filters button").await;
    // What was left empty does not stay in the address.
    let address = tab.arrive(|address| address == "/?vram_min_gib=24&continent=EU").await;
    let (shown, wanted) = (cards(tab).await, daemon.json(&address.replace("/?", "/api/v1/cheapest?")));
    assert!(!shown.is_empty() && shown.len() < all.len(), "{shown:?}");
    let prices = tab.each("table.rows td.price > data:first-of-type", "e.value").await;
    assert_eq!(prices, of_items(&wanted, "/price_usd_per_gpu_hour"), "the API's figures");
    assert_eq!(tab.each("form.filters select[name=vram_min_gib]", "e.value").await, ["24"], "the form keeps what was chosen");
    tab.click_words("Without filters").await;
    tab.arrive(|address| address == "/").await;
    assert_eq!(cards(tab).await, all);
}

#[tokio::test]
async fn a_filter_narrows_the_table_and_stays_in_the_address() {
    on_samples(|tab, daemon| async move { filter(&tab, &daemon).await }).await;
}

async fn sort(tab: &Tab) {
    tab.open("/?vram_min_gib=16").await;
    let by_price = cards(tab).await;
    tab.click_words("Memory").await;
    tab.arrive(|address| address == "/?vram_min_gib=16&sort=memory").await;
    let memory = tab.each("td[data-label=Memory]", "parseFloat(e.textContent)").await;
    let memory: Vec<f64> = memory.iter().map(|text| text.parse().expect("a number")).collect();
    assert!(memory.windows(2).all(|pair| pair[0] >= pair[1]) && memory[0] > memory[memory.len() - 1], "{memory:?}");
    assert_eq!(tab.each("th[aria-sort=descending]", "e.textContent").await, ["Memory"]);
    tab.click_words("GPU").await;
    tab.arrive(|address| address == "/?vram_min_gib=16&sort=gpu").await;
    let (by_name, mut same) = (cards(tab).await, by_price.clone());
    assert_ne!(by_name, by_price);
    same.sort();
    let mut sorted = by_name.clone();
    sorted.sort();
    assert_eq!(sorted, same, "the same rows in another order");
    // Another filter keeps the order.
    tab.choose("form.filters select[name=market]", "spot").await;
    tab.click("form.filters button").await;
    tab.arrive(|address| address.contains("market=spot") && address.contains("sort=gpu")).await;
}

#[tokio::test]
async fn a_heading_sorts_by_its_column_and_keeps_the_filter() {
    on_samples(|tab, _| async move { sort(&tab).await }).await;
}

async fn open_a_gpu(tab: &Tab, daemon: &Daemon) {
    tab.open("/").await;
    tab.click_words("RTX 4090").await;
    tab.arrive(|address| address == "/gpus/rtx-4090").await;
    assert_eq!(tab.text("h1").await, "RTX 4090");
    let gpu = &daemon.json("/api/v1/gpus/rtx-4090")["items"][0];
    let big = exact(tab, ".figures .big").await;
    let wanted = ["on_demand", "spot"].map(|market| gpu[market]["usd_per_gpu_hour"].as_str().expect("a price").to_owned());
    assert_eq!(big, wanted);
    tab.click_words("week").await;
    tab.arrive(|address| address == "/gpus/rtx-4090?since=7d").await;
    // Evidence leads to all that is known of an offer.
    tab.click(".figures a[href^='/api/v1/offers/']").await;
    tab.arrive(|address| address.starts_with("/api/v1/offers/")).await;
}

#[tokio::test]
async fn a_gpu_opens_from_the_table_with_the_figures_of_the_api() {
    on_samples(|tab, daemon| async move { open_a_gpu(&tab, &daemon).await }).await;
}

fn mark(name: &str, slug: &str) -> String {
    format!("td.pick input[name={name}][value={slug}]")
}

async fn marked(tab: &Tab) -> Vec<String> {
    tab.each("td.pick input:checked", "e.name + ' ' + e.value").await
}

async fn compare_two(tab: &Tab, daemon: &Daemon) {
    tab.open("/").await;
    assert_eq!(marked(tab).await.len(), 2, "the first two, where none was chosen");
    tab.click(&mark("a", "rtx-5090")).await;
    tab.click(&mark("b", "rtx-3090")).await;
    tab.click("form.pick button").await;
    // In the order of the rows; A stays the first.
    tab.arrive(|address| address.starts_with("/compare?") && address.contains("a=rtx-5090") && address.contains("b=rtx-3090")).await;
    assert_eq!(tab.text("h1").await, "RTX 5090 or RTX 3090");
    let wanted = daemon.json("/api/v1/compare?gpus=rtx-5090,rtx-3090");
    let shown = exact(tab, "table.facts").await;
    for gpu in wanted["gpus"].as_array().expect("two") {
        let price = gpu["on_demand"]["usd_per_gpu_hour"].as_str().expect("a price");
        assert!(shown.iter().any(|value| value == price), "{price} of {}: {shown:?}", gpu["slug"]);
    }
    for words in ["419 TFLOPS", "142 TFLOPS", "1,792\u{a0}GB/s", "GDDR6X"] {
        assert!(tab.text("table.facts").await.replace('\u{a0}', " ").contains(&words.replace('\u{a0}', " ")), "{words}");
    }
    // From there to any other two.
    tab.choose("form.filters select[name=b]", "l4").await;
    tab.click("form.filters button").await;
    tab.arrive(|address| address == "/compare?a=rtx-5090&b=l4").await;
}

#[tokio::test]
async fn two_cards_are_marked_in_the_table_and_compared() {
    on_samples(|tab, daemon| async move { compare_two(&tab, &daemon).await }).await;
}

async fn try_a_third(tab: &Tab) {
    tab.open("/").await;
    for (name, slug) in [("a", "rtx-5090"), ("b", "rtx-3090"), ("a", "rtx-4090")] {
        tab.click(&mark(name, slug)).await;
        assert_eq!(marked(tab).await.len(), 2, "{slug} takes the place of another");
    }
    let mut now = marked(tab).await;
    now.sort();
    assert_eq!(now, ["a rtx-4090", "b rtx-3090"]);
    // Nor can one card be both.
    assert!(!tab.find(&mark("b", "rtx-4090")).await.is_displayed().await.expect("an answer"));
    assert!(tab.find(&mark("b", "rtx-4090")).await.click().await.is_err(), "what is hidden cannot be clicked");
    tab.click("form.pick button").await;
    tab.arrive(|address| address.starts_with("/compare?") && address.contains("a=rtx-4090") && address.contains("b=rtx-3090")).await;
    // An address by hand is told why.
    tab.open_error("/compare?gpus=rtx-5090,rtx-4090,rtx-3090", 400).await;
    let words = tab.text("main").await;
    assert!(words.contains("are 3: leave out all but two"), "{words}");
    tab.open_error("/compare?a=rtx-4090&b=rtx-4090", 400).await;
    assert!(tab.text("main").await.contains("`rtx-4090` is given twice"));
}

#[tokio::test]
async fn a_third_card_cannot_be_marked_and_an_address_with_three_says_why() {
    on_samples(|tab, _| async move { try_a_third(&tab).await }).await;
}

/// The ranking of the page is that of the API, bills included.
async fn is_as_the_api_says(tab: &Tab, daemon: &Daemon) {
    let json = tab.each("footer a", "e.textContent === 'JSON' ? e.getAttribute('href') : ''").await;
    let json = json.iter().find(|href| !href.is_empty()).expect("a link to the same data");
    let wanted = daemon.json(json);
    let items = wanted["items"].as_array().expect("a list");
    let rows = "table.ranking > tbody > tr:not(.detail):not(.own)";
    let totals = tab.each(&format!("{rows} > td.price > data:first-of-type"), "e.value").await;
    assert!(totals.len() > 3, "{totals:?}");
    assert_eq!(totals, of_items(&wanted, "/total_high_usd")[..totals.len()], "{json}");
    let lines = tab.each("table.ranking > tbody > tr.detail:nth-child(2) table.bill > tbody td:nth-child(4) data", "e.value").await;
    let of_first = items[0]["lines"].as_array().expect("a bill");
    let of_first: Vec<&str> = of_first.iter().filter_map(|line| line["amount_usd"].as_str()).collect();
    assert_eq!(lines, of_first, "the bill of the first row");
    let sum = tab.each("table.ranking > tbody > tr.detail:nth-child(2) table.bill > tfoot data", "e.value").await;
    assert_eq!(sum, totals[..1]);
}

async fn simulate(tab: &Tab, daemon: &Daemon) {
    tab.open("/").await;
    tab.write("form.question input[name=images]", "90").await;
    tab.choose("form.question select[name=model]", "sdxl_base").await;
    tab.write("form.question input[name=evenings]", "2").await;
    tab.write("form.question input[name=hours]", "1.5").await;
    tab.choose("form.question select[name=presence]", "there").await;
    tab.click("form.question button").await;
    let address = tab.arrive(|address| address.starts_with("/simulate?")).await;
    assert!(address.contains("images=90&model=sdxl_base&evenings=2&hours=1.5"), "{address}");
    is_as_the_api_says(tab, daemon).await;
    let first = tab.text("table.ranking > tbody > tr:first-child > td.price").await;
    // The whole form: what was given stays, and more is added.
    assert_eq!(tab.each("form.plan input[name=images]", "e.value").await, ["90"]);
    tab.choose("form.plan select[name=market]", "on_demand,spot,serverless").await;
    tab.choose("form.plan select[name=hosts]", "any").await;
    tab.write("form.plan input[name=evenings]", "5").await;
    tab.click("form.plan button").await;
    tab.arrive(|address| address.contains("evenings=5") && address.contains("hosts=any")).await;
    is_as_the_api_says(tab, daemon).await;
    assert_ne!(tab.text("table.ranking > tbody > tr:first-child > td.price").await, first, "another plan, another total");
    // A bill unfolds without script.
    let bill = "table.ranking > tbody > tr.detail:nth-child(2)";
    assert!(!tab.find(&format!("{bill} table.bill")).await.is_displayed().await.expect("an answer"));
    tab.click(&format!("{bill} summary")).await;
    assert!(tab.find(&format!("{bill} table.bill")).await.is_displayed().await.expect("an answer"));
}

#[tokio::test]
async fn a_plan_given_in_the_forms_costs_what_the_api_says() {
    on_samples(|tab, daemon| async move { simulate(&tab, &daemon).await }).await;
}

async fn french(tab: &Tab) {
    tab.open("/?vram_min_gib=24&sort=memory").await;
    let english = tab.each("table.rows data", "e.value").await;
    tab.click_words("Français").await;
    tab.arrive(|address| address == "/fr/?vram_min_gib=24&sort=memory").await;
    assert_eq!(tab.eval("document.documentElement.lang").await, "fr");
    assert_eq!(tab.each("table.rows data", "e.value").await, english, "the same exact figures");
    let shown = tab.each("table.rows data", "e.textContent").await;
    assert!(shown.len() > 20);
    for text in &shown {
        let digits: Vec<char> = text.trim_end_matches(['$', '€', '\u{a0}']).chars().collect();
        let is_french = digits.iter().all(|sign| sign.is_ascii_digit() || ",\u{202f}".contains(*sign)) && digits.contains(&',');
        assert!(is_french && text.ends_with("\u{a0}$"), "`{text}`");
    }
    // It stays French from page to page.
    tab.click_words("Deux GPU").await;
    tab.arrive(|address| address == "/fr/compare").await;
    let words = tab.text("table.facts").await;
    assert!(words.contains("104,8") && words.contains("Année de sortie"), "{words}");
    tab.click_words("English").await;
    tab.arrive(|address| address == "/compare").await;
    assert!(tab.text("table.facts").await.contains("104.8"));
}

#[tokio::test]
async fn french_keeps_page_and_query_and_writes_figures_its_way() {
    on_samples(|tab, _| async move { french(&tab).await }).await;
}

#[tokio::test]
async fn everything_works_with_script_switched_off() {
    on_samples(|tab, daemon| async move {
        tab.switch_script_off().await;
        tab.open_whole("data:text/html,<title>off</title><script>document.title='on'</script>").await;
        assert_eq!(tab.eval("document.title").await, "off", "script is off");
        filter(&tab, &daemon).await;
        sort(&tab).await;
        open_a_gpu(&tab, &daemon).await;
        compare_two(&tab, &daemon).await;
        try_a_third(&tab).await;
        simulate(&tab, &daemon).await;
        french(&tab).await;
    })
    .await;
}

#[tokio::test]
async fn a_provider_that_fails_says_why_and_its_last_good_price_stays() {
    let upstream = Upstream::start();
    let daemon = Daemon::of(&upstream);
    let address = daemon.address.clone();
    let before = daemon.json("/api/v1/gpus/rtx-4090");
    assert_eq!(before["items"][0]["on_demand"]["usd_per_gpu_hour"], "0.74", "the upstream's price");
    upstream.fail();
    let (_, said) = daemon.run(&["collect", "runpod"]);
    let is_failed = |answer: &Value| answer["items"][0]["parts"][0]["failures"].as_u64() > Some(0);
    let answer = daemon.wait("/api/v1/providers/runpod", is_failed);
    let why = answer["items"][0]["parts"][0]["last_error"].as_str().expect("a reason").to_owned();
    assert!(why.contains("500"), "{why}; {said}");
    in_browser(&daemon, move |tab| async move {
        for (prefix, failed, age) in [("", "part fails", " ago"), ("/fr", "partie échoue", "il y a ")] {
            tab.open(&format!("{prefix}/providers")).await;
            let row = "table.rows > tbody > tr:has(a[href$='/providers/runpod'])";
            assert!(tab.text(&format!("{row} td.state")).await.contains(failed), "{}", tab.text(row).await);
            tab.click(&format!("{row} a[href$='/providers/runpod']")).await;
            tab.arrive(|address| address == format!("{prefix}/providers/runpod")).await;
            let health = tab.text("main details:first-of-type").await;
            assert!(health.contains(&why) && health.contains(age), "reason and age: {health}");
            assert!(tab.each("main details:first-of-type tbody td.num", "e.textContent").await.contains(&"6".to_owned()), "{health}");
            for (width, scheme) in [(Width::Wide, Scheme::Light), (Width::Phone, Scheme::Dark)] {
                tab.be(width).await;
                tab.prefer(scheme).await;
                let name = format!("provider-failing-{}-{width:?}-{scheme:?}", if prefix.is_empty() { "en" } else { "fr" });
                tab.picture(&name.to_lowercase()).await;
                let wrong = [tab.sticking_out().await, tab.violations().await].concat();
                assert!(wrong.is_empty(), "{width:?} {scheme:?}: {wrong:#?}");
            }
            tab.be(Width::Wide).await;
            // The last good price stays where it was, with its age.
            tab.open(&format!("{prefix}/?gpu=rtx-4090")).await;
            assert_eq!(tab.each("td.price > data:first-of-type", "e.value").await, ["0.74"]);
            assert!(tab.text("table.rows > tbody > tr .age").await.contains(age));
        }
        assert_eq!(tab.address().await, "/fr/?gpu=rtx-4090", "at {address}");
    })
    .await;
}

#[tokio::test]
async fn who_prefers_the_dark_gets_dark_paper_and_light_ink() {
    on_samples(|tab, _| async move {
        // Lightness of a colour as the browser computed it, 0 to 255.
        let lightness = |css: &'static str, property: &'static str| {
            let tab = tab.clone();
            async move {
                let colour = tab.find(css).await.css_value(property).await.expect("a colour");
                let inside = colour.split(['(', ')']).nth(1).expect("rgb").to_owned();
                let parts: Vec<f64> = inside.split(',').take(3).map(|part| part.trim().parse().expect("a number")).collect();
                parts.iter().sum::<f64>() / 3.0
            }
        };
        for (scheme, dark) in [(Scheme::Light, false), (Scheme::Dark, true)] {
            tab.prefer(scheme).await;
            tab.open("/").await;
            let (paper, ink) = (lightness("html", "background-color").await, lightness("h1", "color").await);
            assert_eq!((paper < 60.0, ink > 200.0), (dark, dark), "{scheme:?}: paper {paper}, ink {ink}");
            assert!((paper - ink).abs() > 150.0, "{scheme:?}: paper {paper}, ink {ink}");
        }
    })
    .await;
}

#[tokio::test]
async fn the_keyboard_skips_to_the_content_first() {
    on_samples(|tab, _| async move {
        tab.open("/").await;
        tab.find("body").await.send_keys("\u{e004}").await.expect("the tabulator");
        assert_eq!(tab.eval("document.activeElement.getAttribute('href')").await, "#main");
        assert!(tab.eval("document.activeElement.getBoundingClientRect().left >= 0").await.as_bool().unwrap_or(false), "it is seen");
    })
    .await;
}

/// The watch of the others: it sees what it is there for.
#[tokio::test]
async fn a_bad_page_is_complained_of() {
    let daemon = Daemon::demo();
    in_browser(&daemon, |tab| async move {
        tab.be(Width::Phone).await;
        let bad = "<meta name=viewport content=width=device-width><body style='width:600px'><img src='http://127.0.0.2:9/x.png'><script>console.error('oh')</script><p style='color:%23eee'>pale";
        tab.open_whole(&format!("data:text/html,{bad}")).await;
        assert!(!tab.sticking_out().await.is_empty());
        let violations = tab.violations().await.join("\n");
        for rule in ["critical image-alt", "serious html-has-lang", "serious color-contrast"] {
            assert!(violations.contains(rule), "{violations}");
        }
        let colours = tab.violations_of_colours().await;
        assert!(colours.len() == 1 && colours[0].starts_with("serious color-contrast"), "{colours:?}");
        let complaints = tab.complaints().await.join("\n");
        assert!(complaints.contains("asked http://127.0.0.2:9/x.png") && complaints.contains("oh"), "{complaints}");
        tab.open("/about").await;
        // What the policy refuses is said on the console.
        tab.eval("document.body.append(Object.assign(document.createElement('img'), { src: 'http://127.0.0.2:9/y.png' })); 0").await;
        tab.eval("new Promise(done => document.addEventListener('securitypolicyviolation', done) || setTimeout(done, 2000)).then(() => 0)").await;
        let complaints = tab.complaints().await.join("\n");
        assert!(complaints.contains("Content Security Policy"), "{complaints}");
        tab.eval("document.cookie = 'a=b'").await;
        tab.open("/about").await;
        let complaints = tab.complaints().await.join("\n");
        assert!(complaints.contains("left a cookie"), "{complaints}");
        tab.cdp("Storage.clearCookies", serde_json::json!({})).await;
        tab.open("/about").await;
    })
    .await;
}
