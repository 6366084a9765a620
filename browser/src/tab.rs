//! A real Chromium, driven over WebDriver as a person drives it: what is hidden or covered cannot be clicked.
//!
//! Chromium's own commands (CDP) do what WebDriver has no word for: no script, a phone's width, a dark scheme, pictures of
//! whole pages. Every test ends by looking at what the browser said and whom it asked.

use std::future::Future;
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use base64::Engine;
use fantoccini::elements::Element;
use fantoccini::wd::WebDriverCompatibleCommand;
use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};
use url::Url;

use crate::daemon::{Daemon, PATIENCE, said};

/// A tab of a browser of its own, at a daemon.
#[derive(Clone)]
pub struct Tab {
    client: Client,
    /// `127.0.0.1:PORT` of the daemon.
    address: String,
    /// What the browser may say: it reports a page of an error as a resource that failed.
    expected: Arc<Mutex<Vec<String>>>,
}

/// Runs a test in a browser: starts it, ends it whatever happens, and lets no complaint of it pass.
///
/// # Panics
/// Where the test does, and where Chromium or its driver is not installed.
pub async fn in_browser<F: Future<Output = ()> + Send + 'static>(daemon: &Daemon, test: impl FnOnce(Tab) -> F) {
    let mut driver = Command::new("chromedriver")
        .args(["--port=0", "--log-level=SEVERE"])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap_or_else(|error| panic!("`chromedriver` does not start ({error}): apt-get install chromium chromium-driver"));
    let port = said(driver.stdout.take().expect("piped"), "successfully on port ", "the driver says its port");
    let options = json!({
        "browserName": "chrome",
        "goog:loggingPrefs": { "browser": "ALL", "performance": "ALL" },
        "goog:chromeOptions": { "args": [
            "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars",
            "--force-color-profile=srgb", "--window-size=1280,900", "--lang=en",
        ] },
    });
    let Value::Object(capabilities) = options else { unreachable!("an object") };
    let client = ClientBuilder::new(HttpConnector::new()).capabilities(capabilities).connect(&format!("http://127.0.0.1:{port}")).await;
    let outcome = match client {
        Ok(client) => {
            let tab = Tab { client: client.clone(), address: daemon.address.clone(), expected: Arc::default() };
            let test = test(tab.clone());
            let whole = async move {
                test.await;
                let complaints = tab.complaints().await;
                assert!(complaints.is_empty(), "the browser saw what no page may do: {complaints:#?}");
            };
            let outcome = tokio::spawn(tokio::time::timeout(Duration::from_secs(400), whole)).await;
            let _closed = client.close().await;
            outcome.map(|in_time| in_time.expect("the test ends in time"))
        }
        Err(error) => {
            let _ended = driver.kill();
            panic!("Chromium does not start: {error}");
        }
    };
    let _ended = driver.kill();
    let _reaped = driver.wait();
    if let Err(error) = outcome {
        std::panic::resume_unwind(error.into_panic());
    }
}

/// A command of chromedriver's own.
#[derive(Debug)]
struct Own(&'static str, Value);

impl WebDriverCompatibleCommand for Own {
    fn endpoint(&self, base: &Url, session: Option<&str>) -> Result<Url, url::ParseError> {
        base.join(&format!("session/{}/{}", session.unwrap_or_default(), self.0))
    }

    fn method_and_body(&self, _: &Url) -> (http::Method, Option<String>) {
        (http::Method::POST, Some(self.1.to_string()))
    }
}

/// How wide a page is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Width {
    /// 1280 CSS pixels.
    Wide,
    /// 1025 CSS pixels: where tables are still tables, just.
    Middle,
    /// 769 CSS pixels: where cards stand side by side.
    Narrow,
    /// 390 CSS pixels, with a touch screen.
    Phone,
    /// 320 CSS pixels, the least that a page must do with (WCAG 2.2, 1.4.10): small phones, and large letters on others.
    Small,
}

/// `prefers-color-scheme`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
    /// Dark on light.
    Light,
    /// Light on dark.
    Dark,
}

impl Tab {
    /// A command of the DevTools protocol.
    pub async fn cdp(&self, command: &str, parameters: Value) -> Value {
        let own = Own("goog/cdp/execute", json!({ "cmd": command, "params": parameters }));
        self.client.issue_cmd(own).await.unwrap_or_else(|error| panic!("{command}: {error}"))
    }

    /// What an expression comes to, awaited.
    pub async fn eval(&self, expression: &str) -> Value {
        let asked = json!({ "expression": expression, "awaitPromise": true, "returnByValue": true });
        let answer = self.cdp("Runtime.evaluate", asked).await;
        assert!(answer["exceptionDetails"].is_null(), "{expression:.200}: {answer:#}");
        answer["result"]["value"].clone()
    }

    /// Opens an address of the daemon.
    pub async fn open(&self, path: &str) {
        self.client.goto(&format!("http://{}{path}", self.address)).await.unwrap_or_else(|error| panic!("{path}: {error}"));
    }

    /// Opens an address as it is.
    pub async fn open_whole(&self, address: &str) {
        self.client.goto(address).await.unwrap_or_else(|error| panic!("{address}: {error}"));
    }

    /// Opens an address that is an error's page.
    pub async fn open_error(&self, path: &str, status: u16) {
        self.expect(&format!("the server responded with a status of {status}"));
        self.open(path).await;
    }

    /// Lets the browser say something.
    pub fn expect(&self, words: &str) {
        self.expected.lock().expect("no panic holds it").push(words.to_owned());
    }

    /// Path and query.
    pub async fn address(&self) -> String {
        let url = self.client.current_url().await.expect("an address");
        assert_eq!(url.authority(), self.address, "still at the daemon");
        url.query().map_or_else(|| url.path().to_owned(), |query| format!("{}?{query}", url.path()))
    }

    /// Waits until one is at an address that is as wanted.
    pub async fn arrive(&self, wanted: impl Fn(&str) -> bool) -> String {
        let end = Instant::now() + PATIENCE;
        loop {
            let address = self.address().await;
            if wanted(&address) && self.eval("document.readyState").await == "complete" {
                return address;
            }
            assert!(Instant::now() < end, "never got there; at {address}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// The first element of a selector.
    pub async fn find(&self, css: &str) -> Element {
        match self.client.find(Locator::Css(css)).await {
            Ok(element) => element,
            Err(error) => panic!("no `{css}` at {}: {error}", self.address().await),
        }
    }

    /// Every element of a selector.
    pub async fn find_all(&self, css: &str) -> Vec<Element> {
        self.client.find_all(Locator::Css(css)).await.unwrap_or_else(|error| panic!("`{css}`: {error}"))
    }

    /// Clicks, as a person can: on what is seen, in the middle of the window, where nothing sticks over it.
    pub async fn click(&self, css: &str) {
        self.eval(&format!("document.querySelector({})?.scrollIntoView({{ block: 'center' }})", json!(css))).await;
        self.find(css).await.click().await.unwrap_or_else(|error| panic!("`{css}` cannot be clicked: {error}"));
    }

    /// Clicks a link by its words.
    pub async fn click_words(&self, words: &str) {
        let of = format!("[...document.links].find(e => e.innerText.trim() === {})", json!(words));
        self.eval(&format!("{of}?.scrollIntoView({{ block: 'center' }})")).await;
        let link = self.client.find(Locator::LinkText(words)).await.unwrap_or_else(|error| panic!("no link `{words}`: {error}"));
        link.click().await.unwrap_or_else(|error| panic!("`{words}` cannot be clicked: {error}"));
    }

    /// Writes into a field in place of what is in it.
    pub async fn write(&self, css: &str, text: &str) {
        let field = self.find(css).await;
        field.clear().await.unwrap_or_else(|error| panic!("`{css}` cannot be cleared: {error}"));
        field.send_keys(text).await.unwrap_or_else(|error| panic!("`{css}` takes no keys: {error}"));
    }

    /// Chooses from a list.
    pub async fn choose(&self, css: &str, value: &str) {
        let list = self.find(css).await;
        list.select_by_value(value).await.unwrap_or_else(|error| panic!("`{css}` has no `{value}`: {error}"));
    }

    /// Text as it is seen.
    pub async fn text(&self, css: &str) -> String {
        self.find(css).await.text().await.unwrap_or_else(|error| panic!("`{css}`: {error}"))
    }

    /// What an expression says of each element of a selector, called `e`.
    pub async fn each(&self, css: &str, expression: &str) -> Vec<String> {
        let found = self.eval(&format!("[...document.querySelectorAll({})].map(e => String({expression}))", json!(css))).await;
        found.as_array().expect("a list").iter().map(|value| value.as_str().unwrap_or_default().to_owned()).collect()
    }

    /// Nothing of a page runs any more.
    pub async fn switch_script_off(&self) {
        self.cdp("Emulation.setScriptExecutionDisabled", json!({ "value": true })).await;
    }

    /// As wide as this.
    pub async fn be(&self, width: Width) {
        let (wide, high, mobile) = match width {
            Width::Wide => (1280, 900, false),
            Width::Middle => (1025, 768, false),
            Width::Narrow => (769, 1024, false),
            Width::Phone => (390, 844, true),
            Width::Small => (320, 640, true),
        };
        let metrics = json!({ "width": wide, "height": high, "deviceScaleFactor": 1, "mobile": mobile });
        self.cdp("Emulation.setDeviceMetricsOverride", metrics).await;
        self.cdp("Emulation.setTouchEmulationEnabled", json!({ "enabled": mobile })).await;
    }

    /// In this scheme.
    pub async fn prefer(&self, scheme: Scheme) {
        let value = match scheme {
            Scheme::Light => "light",
            Scheme::Dark => "dark",
        };
        let features = json!({ "features": [{ "name": "prefers-color-scheme", "value": value }] });
        self.cdp("Emulation.setEmulatedMedia", features).await;
    }

    /// Keeps a picture of the whole page, of its first 12,000 pixels at most.
    pub async fn picture(&self, name: &str) {
        let size = self.cdp("Page.getLayoutMetrics", json!({})).await;
        let of = |side: &str| size["cssContentSize"][side].as_f64().expect("a size");
        let clip = json!({ "x": 0, "y": 0, "width": of("width"), "height": of("height").min(12_000.0), "scale": 1 });
        let asked = json!({ "format": "png", "captureBeyondViewport": true, "clip": clip });
        let answer = self.cdp("Page.captureScreenshot", asked).await;
        let png = base64::engine::general_purpose::STANDARD.decode(answer["data"].as_str().expect("a picture")).expect("base64");
        let folder = std::path::PathBuf::from(crate::setting("GPURATE_PICTURES"));
        std::fs::create_dir_all(&folder).expect("a folder");
        std::fs::write(folder.join(format!("{name}.png")), png).expect("written");
    }

    /// Whether the page is wider than what shows it; then what sticks out.
    pub async fn sticking_out(&self) -> Vec<String> {
        let wide = self.eval("document.documentElement.scrollWidth - document.documentElement.clientWidth").await;
        if wide.as_i64() == Some(0) {
            return Vec::new();
        }
        let out = "e.tagName + ' ' + e.className + ' ' + e.textContent.slice(0, 60)";
        let of = format!("e.getBoundingClientRect().right > document.documentElement.clientWidth ? {out} : ''");
        let mut found = self.each("body *", &of).await;
        found.retain(|text| !text.is_empty());
        found.insert(0, format!("{wide} pixels too wide"));
        found
    }

    /// What axe-core finds wrong with the page as it is seen now, one line per rule.
    pub async fn violations(&self) -> Vec<String> {
        self.violations_of("{ resultTypes: ['violations'] }").await
    }

    /// The same of the rules about colours alone: for a page whose scheme changed and nothing else.
    pub async fn violations_of_colours(&self) -> Vec<String> {
        self.violations_of("{ resultTypes: ['violations'], runOnly: ['color-contrast', 'link-in-text-block'] }").await
    }

    async fn violations_of(&self, options: &str) -> Vec<String> {
        if self.eval("typeof window.axe").await != "object" {
            let source = std::fs::read_to_string(crate::setting("GPURATE_AXE")).expect("axe-core is there");
            self.eval(&format!("{source}; 0")).await;
        }
        let lines = "axe.run(document, OPTIONS).then(found => found.violations.map(rule =>
            `${rule.impact} ${rule.id}: ${rule.help}: ` + rule.nodes.slice(0, 4).map(node =>
                node.target + ' ' + node.html.slice(0, 160) + ' ' + node.failureSummary.replace(/\\s+/g, ' ').slice(0, 220)).join(' | ')
            + ` (${rule.nodes.length})`))";
        let found = self.eval(&lines.replace("OPTIONS", options)).await;
        found.as_array().expect("a list").iter().map(|line| line.as_str().unwrap_or_default().to_owned()).collect()
    }

    async fn log(&self, kind: &str) -> Vec<Value> {
        let answer = self.client.issue_cmd(Own("se/log", json!({ "type": kind }))).await.expect("a log");
        answer.as_array().cloned().unwrap_or_default()
    }

    /// What no page may do, of all since the last time: say anything on the console (a refused resource is said there),
    /// ask another host, leave a cookie.
    pub async fn complaints(&self) -> Vec<String> {
        let expected = self.expected.lock().expect("no panic holds it").clone();
        let mut complaints = Vec::new();
        for entry in self.log("browser").await {
            let message = entry["message"].as_str().unwrap_or_default().to_owned();
            if !expected.iter().any(|words| message.contains(words)) {
                complaints.push(message);
            }
        }
        let mut asked = 0;
        for entry in self.log("performance").await {
            let event: Value = serde_json::from_str(entry["message"].as_str().unwrap_or_default()).unwrap_or_default();
            if event["message"]["method"] != "Network.requestWillBeSent" {
                continue;
            }
            let url = event["message"]["params"]["request"]["url"].as_str().unwrap_or_default();
            asked += 1;
            if !url.starts_with(&format!("http://{}/", self.address)) && !url.starts_with("data:") {
                complaints.push(format!("asked {url}"));
            }
        }
        assert!(asked > 0, "the watch of requests is broken: it saw none");
        let cookies = self.cdp("Storage.getCookies", json!({})).await;
        complaints.extend(cookies["cookies"].as_array().expect("a list").iter().map(|cookie| format!("left a cookie: {cookie}")));
        complaints
    }
}
