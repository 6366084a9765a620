//! Which pages there are. A new page is one line here.

/// Name of the page for screenshots and messages, and its address in English; French is the same under `/fr`.
pub const PAGES: &[(&str, &str)] = &[
    ("home", "/"),
    ("home-filtered", "/?vram_min_gib=24&currency=EUR&vat_percent=20&by=provider&sort=memory"),
    ("home-nothing-passes", "/?price_max=0.0001"),
    ("gpu", "/gpus/rtx-4090"),
    ("gpu-without-offers", "/gpus/titan-v?since=24h"),
    ("compare", "/compare"),
    ("compare-others", "/compare?a=l40s&b=rtx-3090"),
    ("simulate", "/simulate"),
    ("simulate-overnight", "/simulate?preset=overnight&market=on_demand,spot,serverless&own_card=rtx-4090&own_card_price_usd=1900"),
    ("guide", "/guides/image-generation"),
    ("guide-batch", "/guides/image-generation?workload=sdxl&usage=batch"),
    ("providers", "/providers"),
    ("provider", "/providers/vastai"),
    ("provider-rules-only", "/providers/modal"),
    ("about", "/about"),
    ("not-found", "/nothing"),
    ("bad-value", "/?gpu=rtx4900"),
];

/// Prefix of the addresses of each language, by its code.
pub const LANGUAGES: [(&str, &str); 2] = [("en", ""), ("fr", "/fr")];
