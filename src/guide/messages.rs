//! The guide's sentences in English.

use crate::said::Table;

/// Every sentence: its id, and its English text with the names of figures in braces.
pub const MESSAGES: Table = &[
    (
        "advice-interactive",
        "Usual advice: at the screen take the fastest of {first}, {second} and {third}; it is worth the higher price per hour.",
    ),
    ("advice-batch", "Usual advice: for a batch that nobody watches take the lowest price per hour, spot included."),
    (
        "advice-fine-tuning",
        "Usual advice: for fine-tuning take the one of {first}, {second} and {third} with most memory and bandwidth, on demand.",
    ),
    (
        "finding-confirmed",
        "Today's prices agree: {gpu} at {provider} ({market}, {price} USD/h, seen {age} ago) costs least, {total} USD in {days}.",
    ),
    (
        "finding-contradicted",
        "Today's prices say otherwise: {gpu} at {provider} ({market}, {price} USD/h, seen {age} ago) costs {total} USD in {days}, the advised {usual_gpu} at {usual_provider} ({usual_market}, {usual_price} USD/h, seen {usual_age} ago) {usual_total} USD.",
    ),
    (
        "finding-contradicted-waiting",
        "By cost today's prices say otherwise: {gpu} at {provider} ({market}, {price} USD/h, seen {age} ago) costs {total} USD in {days}, the advised {usual_gpu} at {usual_provider} ({usual_market}, {usual_price} USD/h, seen {usual_age} ago) {usual_total} USD; that one waits {saved} less, for {per_hour} USD an hour not waited.",
    ),
    (
        "finding-contradicted-late",
        "Today's offers say otherwise: {gpu} at {provider} ({market}, {price} USD/h, seen {age} ago) costs {total} USD and is done in time, the advised {usual_gpu} at {usual_provider} ({usual_market}, {usual_price} USD/h, seen {usual_age} ago) is not.",
    ),
    (
        "finding-undecided",
        "Today's prices do not decide it: {gpu} at {provider} ({market}, {price} USD/h, seen {age} ago) costs {total} USD in {days}, the advised {usual_gpu} at {usual_provider} ({usual_market}, {usual_price} USD/h, seen {usual_age} ago) {usual_total} USD.",
    ),
    (
        "finding-not-offered",
        "{gpu} at {provider} ({market}, {price} USD/h, seen {age} ago) comes first with {total} USD in {days}; nothing of what the advice means is offered now.",
    ),
    (
        "finding-confirmed-tied",
        "Today's prices agree as far as they go: {gpu} at {provider} ({market}, {price} USD/h, seen {age} ago) comes first with {total} USD in {days}; the ranges of {tied} others reach it, so which costs least is not known.",
    ),
    (
        "finding-stale",
        "What could do it has only prices that are too old: `gpurate collect` asks anew, and `/api/v1/providers` says what failed.",
    ),
    (
        "finding-late",
        "Nothing that is offered now would be done in time; cheapest of what would be late is {gpu} at {provider} ({market}, {price} USD/h, seen {age} ago), {total} USD.",
    ),
    ("finding-nothing", "Nothing that could do it is offered now."),
    ("finding-nothing-because", "Nothing that is offered now can be ranked for it: {reason}."),
    ("finding-no-plan", "This plan cannot be made with {workload}: {reason}."),
    (
        "vram-three",
        "{workload} takes {gib_16} GiB in 16 bit, {gib_8} in 8 bit and {gib_4} in 4 bit with everything in the card's memory, and 1 GiB must be left.",
    ),
    (
        "vram-two",
        "{workload} takes {gib_16} GiB in 16 bit and {gib_less} in {bits} bit with everything in the card's memory, and 1 GiB must be left.",
    ),
    ("vram-one", "{workload} takes {gib} GiB in {bits} bit with everything in the card's memory, and 1 GiB must be left."),
    ("vram-unknown", "How much memory {workload} takes with everything in it is not known."),
    ("vram-offload", "With weights moved between host and card {workload} runs from {gib} GiB on, at {percent} % of the speed of 16 bit."),
    (
        "vram-offload-unmeasured",
        "With weights moved between host and card {workload} runs from {gib} GiB on; how much slower nobody measured.",
    ),
    ("vram-slower", "{workload} also runs in {gib} GiB in {bits} bit, at {percent} % of the speed of plain 16 bit."),
    ("vram-tensors", "Of {workload} the figure in {bits} bit counts tensors alone: the allocator takes about 2.3 GiB more."),
    (
        "vram-last-price",
        "Of the cards of the step that begins at {from} GiB nothing fresh is on sale on demand; the last price was {price} USD an hour: {gpu} at {provider}, seen {age} ago.",
    ),
    (
        "vram-price",
        "With {from} GiB and more, but less than {below}, a card costs {price} USD an hour at least: {gpu} at {provider}, seen {age} ago.",
    ),
    ("vram-price-open", "With {from} GiB and more a card costs {price} USD an hour at least: {gpu} at {provider}, seen {age} ago."),
    ("vram-no-price", "Of the cards of the step that begins at {from} GiB nothing rentable is offered on demand now."),
    (
        "faster-above",
        "{faster} makes an image of {workload} in {faster_seconds} s for {faster_price} USD an hour, {slower} in {slower_seconds} s for {slower_price} (seen {age} ago at most): by the typical times the faster one costs less where {slower} would compute more than {share} % of the time, below that the slower one.",
    ),
    (
        "faster-always",
        "{faster} makes an image of {workload} in {faster_seconds} s for {faster_price} USD an hour, {slower} in {slower_seconds} s for {slower_price} (seen {age} ago at most): the faster one costs less however you work.",
    ),
    (
        "faster-never",
        "{faster} makes an image of {workload} in {faster_seconds} s for {faster_price} USD an hour, {slower} in {slower_seconds} s for {slower_price} (seen {age} ago at most): the slower one costs less even if it never rests.",
    ),
    (
        "faster-undecided",
        "{faster} makes an image of {workload} in {faster_seconds} s for {faster_price} USD an hour, {slower} in {slower_seconds} s for {slower_price} (seen {age} ago at most): these ranges do not say which costs less.",
    ),
    ("faster-ends", "By the ranges of the times that share is {low} to {high} %."),
    ("faster-ends-never", "By the ranges of the times that share is {low} % at least, and the faster one may never cost less."),
    ("faster-ends-always", "By the ranges of the times that share is {high} % at most, and the faster one may always cost less."),
    ("faster-ends-any", "By the ranges of the times the faster one may always cost less, or never."),
    (
        "faster-waiting-estimate",
        "At the screen the next faster card after {gpu} at {provider} is {faster} at {faster_provider}: by estimated times it waits about {saved} less in {days} and costs about {more} USD more, about {per_hour} USD for each hour not waited.",
    ),
    (
        "faster-batch-tied",
        "Left alone, {gpu} at {provider} ({market}, seen {age} ago) comes first by the typical time: {usd} USD for 1,000 images of {workload}; the ranges of {tied} other cards reach it, so which costs least is not known.",
    ),
    ("faster-unknown", "Of the cards that are usually compared no two have both a fresh price and a known speed for {workload} now."),
    (
        "faster-waiting",
        "At the screen the next faster card after {gpu} at {provider} is {faster} at {faster_provider}: it waits {saved} less in {days} and costs {more} USD more, {per_hour} USD for each hour not waited, at the slow end of both.",
    ),
    ("faster-no-less-waiting", "At the screen no other card that costs more than {gpu} at {provider} waits less."),
    (
        "faster-batch",
        "Left alone, {gpu} at {provider} ({market}, seen {age} ago) costs least: {usd} USD for 1,000 images of {workload} by the typical time.",
    ),
    (
        "spot-cheaper",
        "On {gpu} 1,000 images of {workload} cost {spot} USD as spot (at {spot_provider}, seen {spot_age} ago) and {on_demand} on demand (at {provider}, seen {age} ago), evictions not counted: {percent} % less.",
    ),
    (
        "spot-not-cheaper",
        "Spot does not pay now: on {gpu} 1,000 images of {workload} cost {spot} USD as spot (at {spot_provider}, seen {spot_age} ago) and {on_demand} on demand (at {provider}, seen {age} ago).",
    ),
    (
        "spot-alone",
        "1,000 images of {workload} cost {spot} USD on {gpu} as spot (at {spot_provider}, seen {spot_age} ago); on demand that card has no rentable price now to hold against it.",
    ),
    (
        "spot-bounds",
        "On {gpu} 1,000 images of {workload} cost {spot} USD as spot (at {spot_provider}, seen {spot_age} ago) and {on_demand} on demand (at {provider}, seen {age} ago): one of the two is a lower bound, so how much less it is is not known.",
    ),
    (
        "spot-stale",
        "Every price of spot is too old, the newest was seen {age} ago: whether spot pays now is not known; `gpurate collect` asks anew.",
    ),
    ("spot-none", "No rentable spot offer has a known speed for {workload} now, so there is nothing to compare."),
    (
        "spot-night",
        "The night of the overnight plan costs, at the slow end of the times and with evictions counted on average, {spot} USD as spot ({spot_gpu} at {spot_provider}) and {on_demand} on demand ({gpu} at {provider}).",
    ),
    (
        "spot-night-one",
        "The overnight plan can be done in time in one of the two ways only: {market}, {usd} USD at the slow end of the times and with evictions counted on average ({gpu} at {provider}).",
    ),
    (
        "spot-eviction",
        "Of {providers} providers with spot offers within the usual requirements {keep} keep a machine's disk when they take it away, {lose} delete or empty it, and of {unknown} it is not known: a batch goes on from its last picture, work by hand is cut off.",
    ),
    (
        "spot-eviction-none",
        "No provider has a spot offer within the usual requirements now: whether it would fit batches or work by hand does not arise.",
    ),
    (
        "granularity-count",
        "Of {providers} providers that sell on demand now {short} bill by the minute or finer, {long} in longer steps, and of {unknown} it is not known.",
    ),
    (
        "granularity-example",
        "{used} on {gpu} at {provider} ({price} USD an hour, seen {age} ago) are billed as {billed} and cost {usd} USD; in whole hours they would cost {hour_usd}.",
    ),
    (
        "granularity-example-least",
        "{used} on {gpu} at {provider} ({price} USD an hour, seen {age} ago) are billed as {billed} at least and cost {usd} USD, its minimum is not known; in whole hours they would cost {hour_usd}.",
    ),
    (
        "granularity-example-long",
        "{used} on {gpu} at {provider} ({price} USD an hour, seen {age} ago) are billed as {billed} and cost {usd} USD; by the second they would cost {second_usd}.",
    ),
    ("granularity-no-example", "Of no card that runs {workload} and is offered on demand now the granularity is known."),
    (
        "granularity-bill",
        "Of what is known, rounding and minimums cost most in the evenings' plan at {provider} ({gpu}): {usd} of {total} USD in {days}, at the dear end.",
    ),
    ("granularity-bill-unknown", "What rounding and minimums cost in the evenings' plan is not known of any offer."),
    ("granularity-bill-none", "In the evenings' plan rounding and minimums cost nothing anywhere that they are known."),
    ("beyond-yes", "yes"),
    ("beyond-no", "no"),
    ("beyond-per-second", "per second"),
    ("beyond-per-minute", "per minute"),
    ("beyond-per-hour", "per hour"),
    ("beyond-per-seconds", "per {seconds} s"),
    ("beyond-no-minimum", "none"),
    ("beyond-minimum", "{time}"),
    ("beyond-amount", "{amount}"),
    ("beyond-evicted", "{does}"),
    ("beyond-free", "free"),
    ("beyond-price", "{price} per {unit}"),
    ("beyond-price-allowance", "{price} per {unit}, {free} {unit} a month free"),
    ("beyond-steps", "{first} to {last} per {unit} by volume"),
    ("beyond-steps-allowance", "{first} to {last} per {unit} by volume, {free} {unit} a month free"),
    ("beyond-per-offer", "each offer has its own price"),
    ("beyond-unknown", "not known"),
];
