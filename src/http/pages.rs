//! Pages for people: asks the same views as the API and sends what `web` makes of them. Nothing is computed here.
//!
//! A language is an address (`/fr/...`). An error of a page's address is a page too, for who takes HTML; the API's addresses
//! stay JSON whoever asks.

use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use super::Shared;
use super::csv;
use super::evidence::{self, blocking, simulating};
use super::guides::{self, not_two};
use super::problem::Problem;
use super::query::{Pairs, Segment};
use crate::catalogue;
use crate::compare;
use crate::guide;
use crate::history;
use crate::past::PastError;
use crate::prices::{self, Filters};
use crate::simulate::{self, Plan};
use crate::web::{self, About, BusyCards, ComparePage, DataLink, Frame, Given, GpuPage, GuidePage, Home, Lang, ProblemPage, ProblemRows};
use crate::web::{ProviderPage, ProvidersPage, RulesPage, SimulatePage, Simulated, Sort};
use crate::workloads;

/// Offers on a GPU's page, at most.
const OFFERS_SHOWN: &str = "50";
/// Attempts that a provider's page draws, at most.
const ATTEMPTS_READ: u32 = 500;
/// Rows of each kind that are not in the prices, at most.
const PROBLEMS_SHOWN: u32 = 50;
/// Rows of a simulation on its page, unless asked.
const RANKED_SHOWN: &str = "15";

/// Adds the pages' addresses. They are for people and not in the API's document.
pub(super) fn routes(mut router: Router<Arc<Shared>>) -> Router<Arc<Shared>> {
    type Shares = State<Arc<Shared>>;
    for lang in Lang::ALL {
        let at = |path: &str| format!("{}{path}", lang.prefix());
        router = router
            .route(&at("/"), get(move |State(shared): Shares, uri: Uri, pairs: Pairs| async move { home(lang, &shared, &uri, pairs) }))
            .route(
                &at("/providers"),
                get(move |State(shared): Shares, uri: Uri, pairs: Pairs| async move { providers(lang, &shared, &uri, pairs) }),
            )
            .route(
                &at("/providers/{slug}"),
                get(move |State(shared): Shares, uri: Uri, Segment(slug): Segment, pairs: Pairs| provider(lang, shared, uri, slug, pairs)),
            )
            .route(
                &at("/gpus/{slug}"),
                get(move |State(shared): Shares, uri: Uri, Segment(slug): Segment, pairs: Pairs| gpu(lang, shared, uri, slug, pairs)),
            )
            .route(&at("/simulate"), get(move |State(shared): Shares, uri: Uri, pairs: Pairs| simulation(lang, shared, uri, pairs)))
            .route(&at("/compare"), get(move |State(shared): Shares, uri: Uri, pairs: Pairs| comparison(lang, shared, uri, pairs)))
            .route(&at("/guides"), get(move || async move { redirect(&format!("{}/guides/{}", lang.prefix(), guide::SLUGS[0])) }))
            .route(
                &at("/guides/{slug}"),
                get(move |State(shared): Shares, uri: Uri, Segment(slug): Segment, pairs: Pairs| guided(lang, shared, uri, slug, pairs)),
            )
            .route(
                &at("/about"),
                get(move |State(shared): Shares, uri: Uri, pairs: Pairs| async move { about(lang, &shared, &uri, pairs) }),
            );
    }
    router
        .route("/fr", get(|| async { redirect("/fr/") }))
        .route(web::style_address(), get(|| async { kept_for_ever("text/css; charset=utf-8", web::STYLE) }))
        .route("/static/icon.svg", get(|| async { kept_for_ever("image/svg+xml", web::ICON) }))
        // Where a browser looks for it beside a document of the API, which names none.
        .route("/favicon.ico", get(|| async { redirect("/static/icon.svg") }))
}

fn kept_for_ever(media_type: &'static str, body: &'static str) -> Response {
    let headers = [(header::CONTENT_TYPE, media_type), (header::CACHE_CONTROL, "public, max-age=31536000, immutable")];
    (headers, body).into_response()
}

fn redirect(to: &str) -> Response {
    match HeaderValue::from_str(to) {
        Ok(to) => (StatusCode::SEE_OTHER, [(header::LOCATION, to)]).into_response(),
        Err(_) => Problem::internal().into_response(),
    }
}

/// The language of an address, and the address without it. It begins with one slash: with two it would be another host's
/// where a page links to itself.
fn taken_apart(path: &str) -> (Lang, String) {
    let (lang, rest) = match path.strip_prefix("/fr") {
        Some(rest) if rest.is_empty() || rest.starts_with('/') => (Lang::Fr, rest),
        _ => (Lang::En, path),
    };
    (lang, format!("/{}", rest.trim_start_matches(['/', '\\'])))
}

fn frame(shared: &Shared, uri: &Uri, data: Vec<DataLink>) -> Frame {
    let (lang, path) = taken_apart(uri.path());
    let query = uri.query().unwrap_or("").to_owned();
    Frame { lang, path, query, as_of: shared.as_of(), sample: shared.daemon.market().sample, data }
}

fn html(lang: Lang, page: &impl Template) -> Response {
    let body = match web::render(page) {
        Ok(body) => body,
        Err(error) => {
            tracing::error!(%error, "a page cannot be written");
            return Problem::internal().into_response();
        }
    };
    let headers = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CONTENT_LANGUAGE, lang.code()),
        (header::CONTENT_SECURITY_POLICY, web::POLICY),
        (header::CACHE_CONTROL, "public, max-age=10"),
    ];
    (headers, body).into_response()
}

/// A form sends its empty fields too: the address without them is the one to keep and to share.
fn tidied(uri: &Uri, pairs: &[(String, String)]) -> Option<Response> {
    if pairs.iter().all(|(_, value)| !value.trim().is_empty()) {
        return None;
    }
    let query = query_of(pairs.iter().filter(|(_, value)| !value.trim().is_empty()));
    Some(redirect(&format!("{}{query}", uri.path())))
}

/// Pairs as they stand in an address, with `?` where there are any.
fn query_of<'a>(pairs: impl Iterator<Item = &'a (String, String)>) -> String {
    let query: String = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
    if query.is_empty() { query } else { format!("?{query}") }
}

/// Takes the pairs of one name out; the last one counts.
fn take(pairs: &mut Vec<(String, String)>, name: &str) -> Option<String> {
    let value = pairs.iter().rev().find(|(known, _)| known == name).map(|(_, value)| value.clone());
    pairs.retain(|(known, _)| known != name);
    value
}

fn one_of(name: &str, value: Option<String>, words: &[&'static str], usual: &'static str) -> Result<&'static str, Problem> {
    let Some(value) = value else { return Ok(usual) };
    words.iter().find(|word| **word == value).copied().ok_or_else(|| {
        let shown: String = value.chars().take(40).collect();
        let allowed = words.iter().map(|word| (*word).to_owned()).collect();
        Problem::parameter(name, shown.clone(), allowed, format!("`{shown}` is no value of `{name}`: one of `{}`", words.join("`, `")))
    })
}

/// `/`: the question in a sentence, and what is cheapest now.
fn home(lang: Lang, shared: &Shared, uri: &Uri, Pairs(mut pairs): Pairs) -> Result<Response, Problem> {
    if let Some(tidied) = tidied(uri, &pairs) {
        return Ok(tidied);
    }
    let words: Vec<&'static str> = Sort::words().collect();
    let sort = Sort::from_word(one_of("sort", take(&mut pairs, "sort"), &words, "price")?).unwrap_or_default();
    let filters = Filters::parse(pairs.clone().into_iter()).map_err(|error| Problem::of_filter(error, &pairs))?;
    let gpus: Vec<&(String, String)> = pairs.iter().filter(|(name, _)| name == "gpu").collect();
    let as_csv = ("format".to_owned(), "csv".to_owned());
    let data = vec![
        DataLink::new("JSON", format!("/api/v1/cheapest{}", query_of(pairs.iter()))),
        DataLink::new("CSV", format!("{}{}", csv::address("/api/v1/cheapest"), query_of(pairs.iter()))),
        DataLink::new("CSV (offers)", format!("/api/v1/export/offers{}", query_of(std::iter::once(&as_csv).chain(gpus)))),
    ];
    let p = frame(shared, uri, data);
    let answer = prices::cheapest(&shared.daemon.market(), &filters, p.as_of);
    Ok(html(lang, &Home::new(p, answer, Given(pairs), sort)))
}

/// `/providers`: how the collections of each go.
fn providers(lang: Lang, shared: &Shared, uri: &Uri, pairs: Pairs) -> Result<Response, Problem> {
    let [] = pairs.only([])?;
    let p = frame(shared, uri, vec![DataLink::new("JSON", "/api/v1/providers"), DataLink::new("CSV", csv::address("/api/v1/providers"))]);
    let answer = prices::providers(&shared.daemon.market(), p.as_of);
    let rules_only = catalogue::rules_only().iter().map(|(slug, rules)| (*slug, rules.name.clone())).collect();
    Ok(html(lang, &ProvidersPage { p, answer, rules_only }))
}

/// `/providers/{slug}`: health, billing rule, what is not in its prices.
async fn provider(lang: Lang, shared: Arc<Shared>, uri: Uri, slug: String, pairs: Pairs) -> Result<Response, Problem> {
    let [] = pairs.only([])?;
    if let Some((_, rules)) = catalogue::rules_only().iter().find(|(known, _)| *known == slug) {
        let p = frame(&shared, &uri, Vec::new());
        let rule = rules.billing.general(Some(p.as_of.date_naive()));
        return Ok(html(lang, &RulesPage { p, name: rules.name.clone(), homepage: rules.homepage.clone(), rule }));
    }
    let data = vec![
        DataLink::new("JSON", format!("/api/v1/providers/{slug}")),
        DataLink::new("JSON (collections)", format!("/api/v1/collections?provider={slug}")),
        DataLink::new("JSON (problems)", format!("/api/v1/problems?provider={slug}")),
        DataLink::new("CSV", format!("/api/v1/export/offers?format=csv&provider={slug}")),
    ];
    let p = frame(&shared, &uri, data);
    let market = shared.daemon.market();
    let Some(answer) = prices::provider(&market, &slug, p.as_of) else {
        let shown: String = slug.chars().take(40).collect();
        let near = crate::words::nearest(&shown, catalogue::slugs())
            .map_or_else(|| "; /providers lists them".to_owned(), |near| format!("; did you mean `{near}`?"));
        return Err(Problem::not_found(format!("no provider is called `{shown}`{near}")));
    };
    let limit = PROBLEMS_SHOWN as usize;
    let held = evidence::held_rows(&market, Some(&slug), limit);
    let held = held.into_iter().map(|row| (row.id, row.sku.unwrap_or_default(), row.reason, row.seen.len())).collect();
    let unmapped = evidence::unmapped_rows(&market, Some(&slug), limit);
    let unmapped = unmapped.into_iter().map(|row| (row.id, row.sku, row.gpu_name_raw)).collect();
    let (attempts, rejected) = blocking(&shared, move |daemon| {
        let reader = daemon.store.reader()?;
        Ok((reader.collections(Some(&slug), None, ATTEMPTS_READ)?, reader.rejected(Some(&slug), PROBLEMS_SHOWN)?))
    })
    .await?;
    let rejected = rejected.into_iter().map(|row| (row.part, row.sku, row.reason)).collect();
    Ok(html(lang, &ProviderPage { p, answer, attempts, problems: ProblemRows { rejected, held, unmapped } }))
}

/// `/gpus/{slug}`: what it is, costs and runs, and how its price moved.
async fn gpu(lang: Lang, shared: Arc<Shared>, uri: Uri, slug: String, Pairs(mut pairs): Pairs) -> Result<Response, Problem> {
    // A name in another spelling leads to the card's own address.
    let table = catalogue::gpus();
    if let (None, Some(index)) = (table.by_slug(&slug), table.find_one(&slug)) {
        let query = uri.query().map(|query| format!("?{query}")).unwrap_or_default();
        return Ok(redirect(&format!("{}/gpus/{}{query}", lang.prefix(), table.gpu(index).slug)));
    }
    let windows: Vec<&'static str> = web::WINDOWS.iter().map(|(window, _)| *window).collect();
    let since = one_of("since", take(&mut pairs, "since"), &windows, "30d")?;
    let [zone] = Pairs(pairs).only(["time_zone"])?;
    let zone = zone.filter(|zone| !zone.trim().is_empty()).unwrap_or_else(|| "UTC".to_owned());
    let step = if since == "365d" { "day" } else { "hour" };
    let past = format!("gpu={slug}&market=on_demand,spot&since={since}&step={step}");
    let data = vec![
        DataLink::new("JSON", format!("/api/v1/gpus/{slug}")),
        DataLink::new("JSON (offers)", format!("/api/v1/offers?gpu={slug}")),
        DataLink::new("JSON (history)", format!("/api/v1/history?{past}")),
        DataLink::new("JSON (hours of the week)", format!("/api/v1/history?{}", query_of_week(&slug, &zone))),
        DataLink::new("CSV (offers)", format!("/api/v1/export/offers?format=csv&gpu={slug}")),
        DataLink::new("CSV (history)", format!("/api/v1/export/series?format=csv&gpu={slug}&since={since}")),
    ];
    let p = frame(&shared, &uri, data);
    let market = shared.daemon.market();
    let Some(answer) = prices::gpu(&market, &slug, p.as_of) else { return Err(super::prices::no_gpu(&slug)) };
    let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let of_filter = |error| Problem::of_filter(error, &[]);
    let filters = Filters::parse_for_offers([pair("gpu", &slug), pair("limit", OFFERS_SHOWN)].into_iter()).map_err(of_filter)?;
    let offers = prices::offers(&market, &filters, p.as_of);
    let question = workloads::Question::parse([Some(slug.clone()), None, None, None, None, None, None]);
    // The memory and the variants that comparisons count with too.
    let usable = answer.items.first().and_then(|row| compare::usable(&market, row));
    let workloads = question.and_then(|question| workloads::workloads(workloads::table(), &question.counted_with(usable)));
    let workloads = workloads.map_err(|error| Problem::parameter(error.parameter, error.value, Vec::new(), error.message))?;
    let now = shared.now();
    let asked = [pair("gpu", &slug), pair("market", "on_demand,spot"), pair("since", since), pair("step", step)];
    let question = history::Question::parse(asked.into_iter(), now).map_err(of_filter)?;
    let of_week = url::form_urlencoded::parse(query_of_week(&slug, &zone).as_bytes()).into_owned().collect::<Vec<_>>();
    let of_week =
        history::Question::parse(of_week.into_iter(), now).map_err(|error| Problem::of_filter(error, &[pair("time_zone", &zone)]))?;
    let (history, week) = blocking(&shared, move |daemon| {
        let reader = daemon.store.reader()?;
        let told = |question| {
            history::history(&reader, &daemon.market(), question, now).map_err(|error| match error {
                PastError::Question(error) => Problem::of_filter(error, &[]),
                PastError::Store(error) => error.into(),
                error @ PastError::NoImport(_) => Problem::not_found(error.to_string()),
            })
        };
        Ok((told(&question)?, told(&of_week)?))
    })
    .await?;
    Ok(html(lang, &GpuPage { p, answer, offers, history, since, week, workloads }))
}

/// What is asked of the last weeks, as it stands in an address.
fn query_of_week(slug: &str, zone: &str) -> String {
    let pairs = [("gpu", slug), ("since", "30d"), ("figures", "true"), ("time_zone", zone)];
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
}

/// `/simulate`: the plan as a form, and what it costs with each offer.
async fn simulation(lang: Lang, shared: Arc<Shared>, uri: Uri, Pairs(mut pairs): Pairs) -> Result<Response, Problem> {
    if let Some(tidied) = tidied(&uri, &pairs) {
        return Ok(tidied);
    }
    let (card, other) = (take(&mut pairs, "card"), take(&mut pairs, "other"));
    let is_plan = |(name, _): &&(String, String)| name != "limit";
    let given = Given(pairs.iter().filter(is_plan).cloned().collect());
    // More rows of the plan that stands there before any is given.
    if given.0.is_empty() {
        pairs.push(("preset".to_owned(), "evenings".to_owned()));
    }
    let asked = query_of(pairs.iter());
    let data = vec![
        DataLink::new("JSON", format!("/api/v1/simulate{asked}")),
        DataLink::new("CSV", format!("{}{asked}", csv::address("/api/v1/simulate"))),
    ];
    let p = frame(&shared, &uri, data);
    if pairs.iter().all(|(name, _)| name != "limit") {
        pairs.push(("limit".to_owned(), RANKED_SHOWN.to_owned()));
    }
    let problem = |error: simulate::PlanError| Problem::parameter(error.key, "", Vec::new(), error.message);
    let plan = Plan::parse(pairs).map_err(problem)?;
    let as_of = p.as_of;
    let simulated = simulating(&shared, move |daemon| {
        let market = daemon.market();
        let answer = simulate::simulate(&market, &plan, as_of).map_err(problem)?;
        let mut cards = BusyCards::of(&answer, card, other);
        let two = !cards.card.is_empty() && !cards.other.is_empty() && cards.card != cards.other;
        let busy = match two.then(|| simulate::compare(&market, &plan, [&cards.card, &cards.other], as_of)) {
            Some(Ok(busy)) => Some(busy),
            Some(Err(error)) => {
                cards.why_not = Some(error.message);
                None
            }
            None => None,
        };
        Ok(Simulated { answer, busy, cards })
    })
    .await?;
    Ok(html(lang, &SimulatePage::new(p, &given, simulated)))
}

/// `/compare`: two cards side by side, as `gpus=a,b` or `a=…&b=…`; the usual two where none is named.
async fn comparison(lang: Lang, shared: Arc<Shared>, uri: Uri, pairs: Pairs) -> Result<Response, Problem> {
    if let Some(tidied) = tidied(&uri, &pairs.0) {
        return Ok(tidied);
    }
    let given = pairs.only(["gpus", "a", "b"])?;
    let names: Vec<&str> = given.iter().flatten().map(String::as_str).collect();
    let list = if names.is_empty() { web::USUAL.join(",") } else { names.join(",") };
    compare::pair(&list).and_then(compare::slugs).map_err(|error| not_two_of_form(error, &given))?;
    let mut p = frame(&shared, &uri, Vec::new());
    let as_of = p.as_of;
    let comparison = blocking(&shared, move |daemon| {
        compare::pair(&list).and_then(|pair| compare::compare(&daemon.market(), pair, as_of)).map_err(not_two)
    })
    .await?;
    let data = ComparePage::data_address(&comparison);
    p.data = vec![DataLink::new("JSON", &data), DataLink::new("CSV", csv::address(&data))];
    Ok(html(lang, &ComparePage { p, comparison }))
}

/// The page's form has a field for each card: the one at fault is named, and what stands in it.
fn not_two_of_form(error: compare::CompareError, given: &[Option<String>; 3]) -> Problem {
    let [None, a, b] = given else { return not_two(error) };
    let (name, value) = match (a, b) {
        (None, None) => return not_two(error),
        (None, Some(_)) => ("a", ""),
        (Some(_), None) => ("b", ""),
        // An error of one card has that card as its value; one of both is mended in the second field.
        (Some(a), Some(_)) if error.value == compare::shown(a) => ("a", a.as_str()),
        (Some(_), Some(b)) => ("b", b.as_str()),
    };
    Problem::parameter(name, compare::shown(value), Vec::new(), error.message)
}

/// `/guides/{slug}`: which card for which work, by today's prices.
async fn guided(lang: Lang, shared: Arc<Shared>, uri: Uri, slug: String, pairs: Pairs) -> Result<Response, Problem> {
    if let Some(tidied) = tidied(&uri, &pairs.0) {
        return Ok(tidied);
    }
    let query = query_of(pairs.0.iter());
    let [workload, usage] = pairs.only(["workload", "usage"])?;
    let options = guide::Options::parse(workload.as_deref(), usage.as_deref()).map_err(guides::problem)?;
    let mut p = frame(&shared, &uri, Vec::new());
    let as_of = p.as_of;
    // Its picks are three plans: they take their turn among those.
    let guide = simulating(&shared, move |daemon| guide::guide(&slug, options, &daemon.market(), as_of).map_err(guides::problem)).await?;
    let data = format!("/api/v1/guides/{}{query}", guide.slug);
    p.data = vec![DataLink::new("JSON", &data), DataLink::new("CSV", csv::address(&data))];
    Ok(html(lang, &GuidePage { p, guide }))
}

/// `/about`: what the figures mean.
fn about(lang: Lang, shared: &Shared, uri: &Uri, pairs: Pairs) -> Result<Response, Problem> {
    let [] = pairs.only([])?;
    Ok(html(lang, &About { p: frame(shared, uri, Vec::new()) }))
}

/// Whether an address is of the pages, or of nothing.
fn is_of_pages(path: &str) -> bool {
    !path.starts_with("/api/") && !matches!(path, "/metrics" | "/healthz" | "/readyz")
}

fn takes_html(headers: &HeaderMap) -> bool {
    let accepted = headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok());
    accepted.flat_map(|value| value.split(',')).any(|kind| kind.split(';').next().unwrap_or("").trim().eq_ignore_ascii_case("text/html"))
}

/// The same answer for programs, of a page that is an error; the words that only the page has are left out.
fn data_of_error(uri: &Uri) -> Vec<DataLink> {
    let (_, path) = taken_apart(uri.path());
    let pairs = || url::form_urlencoded::parse(uri.query().unwrap_or("").as_bytes()).into_owned();
    let with = |path: &str, left_out: &[&str]| {
        let pairs: Vec<(String, String)> = pairs().filter(|(name, _)| !left_out.contains(&name.as_str())).collect();
        format!("/api/v1/{path}{}", query_of(pairs.iter()))
    };
    let address = match path.trim_start_matches('/').split('/').collect::<Vec<_>>().as_slice() {
        [""] => with("cheapest", &["sort"]),
        ["simulate"] => with("simulate", &["card", "other"]),
        ["compare"] => {
            let names: Vec<String> =
                pairs().filter(|(name, _)| ["gpus", "a", "b"].contains(&name.as_str())).map(|(_, value)| value).collect();
            format!("/api/v1/compare{}", query_of(std::iter::once(&("gpus".to_owned(), names.join(",")))))
        }
        ["guides", slug] if !slug.is_empty() => with(&format!("guides/{slug}"), &[]),
        [kind @ ("gpus" | "providers"), slug] if !slug.is_empty() => format!("/api/v1/{kind}/{slug}"),
        ["providers"] => "/api/v1/providers".to_owned(),
        _ => return Vec::new(),
    };
    vec![DataLink::new("JSON", address)]
}

/// An error at a page's address is a page, where the client takes one; status and `Retry-After` stay.
pub(super) async fn errors(State(shared): State<Arc<Shared>>, request: Request, next: Next) -> Response {
    let wanted = is_of_pages(request.uri().path()) && takes_html(request.headers());
    let uri = request.uri().clone();
    let response = next.run(request).await;
    if !wanted {
        return response;
    }
    let Some(problem) = response.extensions().get::<Problem>().cloned() else { return response };
    let p = frame(&shared, &uri, data_of_error(&uri));
    let mut page = html(p.lang, &ProblemPage { p, problem });
    // A page that cannot be written is a problem in its turn, and stays one.
    if page.status() != StatusCode::OK {
        return response;
    }
    *page.status_mut() = response.status();
    page.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    for name in [header::RETRY_AFTER, header::ALLOW] {
        if let Some(value) = response.headers().get(&name) {
            page.headers_mut().insert(name, value.clone());
        }
    }
    page
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_a_language_and_a_path_of_this_host() {
        for (path, lang, rest) in [
            ("/", Lang::En, "/"),
            ("/fr", Lang::Fr, "/"),
            ("/fr/", Lang::Fr, "/"),
            ("/fr/gpus/rtx-4090", Lang::Fr, "/gpus/rtx-4090"),
            ("/french", Lang::En, "/french"),
            ("//example.com/x", Lang::En, "/example.com/x"),
            ("/fr//example.com", Lang::Fr, "/example.com"),
            ("/\\example.com", Lang::En, "/example.com"),
        ] {
            assert_eq!(taken_apart(path), (lang, rest.to_owned()), "{path}");
        }
    }

    #[test]
    fn an_error_leads_to_the_same_answer_for_programs() {
        let href = |address: &str| {
            let uri: Uri = address.parse().expect("an address");
            data_of_error(&uri).into_iter().next().map(|link| link.href)
        };
        for (page, data) in [
            ("/fr/?vat_percent=500&sort=gpu", "/api/v1/cheapest?vat_percent=500"),
            ("/fr/simulate?preset=evenings&hours=-1&card=l4", "/api/v1/simulate?preset=evenings&hours=-1"),
            ("/compare?a=l4&b=L4", "/api/v1/compare?gpus=l4%2CL4"),
            ("/fr/gpus/nothing?since=7d", "/api/v1/gpus/nothing"),
            ("/providers/nobody", "/api/v1/providers/nobody"),
            ("/guides/image-generation?usage=x", "/api/v1/guides/image-generation?usage=x"),
        ] {
            assert_eq!(href(page).as_deref(), Some(data), "{page}");
        }
        assert_eq!((href("/nothing"), href("/fr/about?x=1"), href("/gpus/")), (None, None, None));
    }

    #[test]
    fn only_who_names_html_takes_a_page() {
        let takes = |accept: &str| takes_html(&HeaderMap::from_iter([(header::ACCEPT, HeaderValue::from_str(accept).expect("a value"))]));
        assert!(takes("text/html,application/xml;q=0.9,*/*;q=0.8") && takes("application/json, Text/HTML;q=0.5"));
        assert!(!takes("*/*") && !takes("application/json") && !takes_html(&HeaderMap::new()));
        assert!(is_of_pages("/") && is_of_pages("/nothing") && !is_of_pages("/api/v1/gpus") && !is_of_pages("/readyz"));
    }
}
