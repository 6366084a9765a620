# Words of the pages, English. One message is one sentence or label; markup stands in the templates.

## Every page
skip = Skip to the content
sample-title = Sample data.
sample-words = Every figure on this page is made up; none is a real price.
nav = Pages
nav-prices = Prices
nav-simulate = What would it cost me?
nav-guide = Guide
nav-compare = Two GPUs
nav-providers = Providers
nav-about = Method
data-offers = offers
data-history = history
data-week = hours of the week
data-collections = collections
data-problems = problems
same-data = The same data for programs:
as-of = As of
footer-promise = Every price shows its age and links to its evidence. No cookie, no script, nothing from another site.
footer-api = The API
unknown = not known
never = never
always = always
yes = yes
no = no
any = any
anywhere = anywhere
percent = { $x }%
gib = { $x } GiB
gb = { $x } GB
age-fresh = { $x } ago
age-ageing = ageing, { $x } ago
age-stale = stale, { $x } ago
last-seen = last seen { $x } ago
valid-from = valid from { $x }
offers = { $n ->
    [one] { $n } offer
   *[other] { $n } offers
}
providers = { $n ->
    [one] { $n } provider
   *[other] { $n } providers
}
times = { $n ->
    [one] once
   *[other] { $n } times
}
steps = { $n ->
    [one] { $n } step
   *[other] { $n } steps
}
median = median
in-dollars = Prices and medians of this page are in US dollars; what is quoted in another currency is converted by the European Central Bank's reference rate.
per-gpu-hour = per GPU-hour
price-from = from
no-offer-now = Nothing is offered now.
last-price-only = Nothing fresh: this is the last price and may no longer hold. The provider’s page says why.
no-rows = Nothing passes.
market-on-demand = on demand
market-spot = spot
market-serverless = serverless
segment-consumer = consumer
segment-workstation = workstation
segment-datacenter = data centre
continent-af = Africa
continent-an = Antarctica
continent-as = Asia
continent-eu = Europe
continent-na = North America
continent-oc = Oceania
continent-sa = South America
evidence-offer = evidence
evidence-page = answer
rent = rent
homepage = Its website
mark-held = a newer price is held back as unlikely
mark-missed = missing from the newest answer
mark-retired = retired series
mark-flapping = goes back and forth
mark-count-anomaly = more GPUs cost no more
not-rentable = not by the usual demands
with-vat = with { $x }% VAT

## How time is billed
billing-both = { $x }, { $y }
billing-per-second = per second
billing-per-minute = per minute
billing-per-hour = per hour
billing-per-seconds = in steps of { $n } s
billing-granularity-unknown = granularity not known
billing-minimum = minimum { $x }
billing-no-minimum = no minimum
billing-minimum-unknown = minimum not known

## Columns
col-gpu = GPU
col-pick = Compare
col-memory = Memory
col-rentable = Rentable, per GPU-hour
col-floor = Floor
col-provider = Provider
col-age = Age
col-offers = Offers
col-billing = Billing
col-evidence = Evidence
col-compared = Offers compared
col-parts-fresh = Fresh parts
col-oldest = Oldest price
col-state = State
col-sells = Sells
col-part = Part
col-last-accepted = Last accepted
col-last-attempt = Last attempt
col-result = Result
col-rejected = Rejected
col-quarantined = Quarantined
col-unmapped = Unmapped
col-changed = Changed
col-bytes = Bytes
col-when = When
col-fact = Fact
col-value = Value
col-source = Source
col-read-on = Read on
col-price = Per GPU-hour
col-market = Market
col-place = Place
col-stock = Stock
col-workload = Workload
col-variant = Variant
col-time = Time
col-time-image = Time of an image
col-thousand = 1,000 images
col-gate = Every card here has the memory for
col-larger = Larger ones also for
col-basis = How it is known
col-rank = Rank
col-total = Total
col-bill = Bill
col-useful-hour = Per useful hour
col-waited = Waiting
col-policy = Between sessions
col-line = For
col-quantity = How much
col-unit-price = Unit price
col-amount = Amount
col-key = Key
col-why = Why

## What an answer covers
coverage-summary = Providers in this answer: { $x } of { $y }.
coverage-parts-missing = { $n ->
    [one] { $n } part is missing.
   *[other] { $n } parts are missing.
}
coverage-caption = What is in this answer, and what is not, and why
included = in the answer
parts-missing = Parts that are not in the answer
parts-more = { $n ->
    [one] … and { $n } more
   *[other] … and { $n } more
}
last-price = last price:
reason-never-collected = not collected yet
reason-stale = too old
reason-failed = the last attempt got no answer
reason-refused = the last answer was not believed
reason-disabled = switched off, or a credential is missing
reason-older-than-asked = older than asked for
reason-not-asked = not asked about
reason-no-parts = has no parts

## Prices
home-title = GPU prices now
home-question = What would your way of working cost?
q-make = I make
q-with = images an evening with
q-evenings = evenings a week,
q-hours-after = hours each.
q-models = My models take
q-models-after = GB.
q-presence = While it computes I am
q-there = there
q-asleep = asleep
q-where = Where?
q-hosts = Hosts:
q-trusted = trusted
q-any-host = any
q-ask = What does it cost?
presets = Or begin from an example:
preset-evenings = FLUX, three evenings a week
preset-overnight = 20,000 SDXL images in one night
preset-lora-weekly = a LoRA a week
home-cheapest = Cheapest now
home-cheapest-words = For each GPU the cheapest offer that most people can rent, and the cheapest of anything.
home-how = What the figures mean
pick-words = Mark one card as A and one as B.
pick-ask = Compare A and B
home-caption = { $n ->
    [one] { $n } row
   *[other] { $n } rows
}
f-gpu = GPU
f-memory = Memory
gib-at-least = { $x } GiB or more
f-market = Market
f-continent = Where
f-currency = Currency
f-vat = VAT, %
f-more = More filters
f-provider = Provider
f-segment = Kind of card
f-granularity = Billed
f-minute-at-most = per minute or finer
f-price-max = At most, USD
f-by = A row per
by-gpu = GPU
by-provider = provider
by-region = region
by-market = market
f-unverified = unverified hosts too
f-retired = retired series too
f-persistent = with persistent storage
f-free-egress = with free egress
f-show = Show
f-reset = Without filters
last-known = Nothing that passes is fresh. These are the last prices, with their ages: they may no longer hold.
rate-of = { $x } by the European Central Bank's reference rate of { $y }; the exact dollar price stands beside it.
rate-none = The European Central Bank has no rate for { $x }: prices stay in dollars.
unknown-gpu-left-out = { $n ->
    [one] { $n } offer is left out because its GPU is not known exactly.
   *[other] { $n } offers are left out because their GPU is not known exactly.
}
defaults = “Rentable” means, unless you filter otherwise:
default-market = on demand: kept until you give it back
default-availability = not said to be out of stock
default-gpu-count = one whole GPU can be rented
default-slices = no part of a card
default-unverified = no host that its marketplace has not verified
default-retired = no retired series
default-reliability = a reliability score of at least 0.95, or none given
hidden-spot = { $n ->
    [one] { $n } cheaper as spot
   *[other] { $n } cheaper as spot
}
hidden-serverless = { $n ->
    [one] { $n } cheaper as serverless
   *[other] { $n } cheaper as serverless
}
hidden-multi-gpu = { $n ->
    [one] { $n } cheaper in packs of several
   *[other] { $n } cheaper in packs of several
}
hidden-slice = { $n ->
    [one] { $n } cheaper as part of a card
   *[other] { $n } cheaper as parts of a card
}
hidden-unverified = { $n ->
    [one] { $n } cheaper on an unverified host
   *[other] { $n } cheaper on unverified hosts
}
hidden-low-reliability = { $n ->
    [one] { $n } cheaper with a low score
   *[other] { $n } cheaper with low scores
}
hidden-retired = { $n ->
    [one] { $n } cheaper of a retired series
   *[other] { $n } cheaper of retired series
}
hidden-no-rate = { $n ->
    [one] { $n } without a dollar price
   *[other] { $n } without a dollar price
}

## Providers
providers-title = Providers
providers-words = Whose prices are collected, how that goes, and how each bills. A failed or refused answer renews nothing: the last good price stays, with its age.
providers-caption = { $n ->
    [one] { $n } source
   *[other] { $n } sources
}
kind-catalogue = price list
kind-marketplace = marketplace
kind-rates = exchange rates
sells-rates = exchange rates
health-well = well
health-not-yet = { $n ->
    [one] well; { $n } part not collected yet
   *[other] well; { $n } parts not collected yet
}
health-stale = { $n ->
    [one] { $n } part stale: not asked for too long
   *[other] { $n } parts stale: not asked for too long
}
health-ageing = { $n ->
    [one] { $n } part ageing
   *[other] { $n } parts ageing
}
health-bad = { $n ->
    [one] { $n } part fails
   *[other] { $n } parts fail
}
rules-only-title = Only their billing is known
rules-only-words = Their billing rules were read and count in the simulator; their prices are not collected.
offers-now = { $n ->
    [one] { $n } offer now.
   *[other] { $n } offers now.
}
provider-freshness = A price is fresh up to { $x } and stale after { $y }.
provider-interval = Each part is asked every { $x }.
provider-health = Health
provider-parts = { $n ->
    [one] { $n } part
   *[other] { $n } parts
}
provider-counts = Offers over time: { $x }
provider-counts-words = Offers in each accepted answer of { $x } over time
provider-attempts = { $n ->
    [one] The last attempt
   *[other] The last { $n } attempts
}
failures = { $n ->
    [one] ({ $n } failure since the last accepted answer)
   *[other] ({ $n } failures since the last accepted answer)
}
outcome-accepted = accepted
outcome-refused = refused
outcome-failed = failed
problems-rejected = { $n ->
    [one] { $n } row could not be read
   *[other] { $n } rows could not be read
}
problems-held = { $n ->
    [one] { $n } price is held back as unlikely
   *[other] { $n } prices are held back as unlikely
}
problems-unmapped = { $n ->
    [one] { $n } offer whose GPU or count is not known
   *[other] { $n } offers whose GPU or count is not known
}
provider-billing = Billing rule
provider-hosts = Hosts that are asked
provider-redactions = Removed before an answer is kept:
rule-unknown = Its billing rule is not known.
rule-left-out = What is not in these tables is not known. The simulator counts it between its cheapest and its dearest.
rule-notes = What the figures cannot say
rule-contradictions = Sources that disagree
section-time = Time
section-states = Stopped and hibernated
section-storage = Storage: { $x }
section-egress = Data out
section-ingress = Data in
section-spot = Spot
section-fees = Fees
section-environment = Environment
fact-granularity = rounded up to a multiple of
fact-minimum-seconds = least time billed per start
fact-minimum = least amount per start
fact-pricing-unit = prices are listed per
fact-meter-starts = the meter starts
fact-image-pull = pulling the image is billed
fact-idle-timeout = a worker waits, billed, for
fact-stopped = computing while stopped
fact-stopped-surcharge = on top per hour while stopped
fact-hibernated = computing while hibernated
fact-keeps-gpu = a stopped machine keeps its GPU
fact-month = hours of the price's month
fact-price = price
fact-price-running = price while running
fact-price-stopped = price while stopped
fact-included = included
fact-minimum-size = smallest size
fact-sizes-double = billed by the next size, each twice the one before
fact-on-stop = when the machine stops
fact-on-delete = when the machine is deleted
fact-tied-to = tied to
fact-unit = unit
fact-free = free per month
fact-free-counted = the free part is counted
fact-earned = what a machine brings is earned over so many hours
fact-per-offer = set by each offer
fact-spot-pricing = the price is
fact-notice = warning before eviction
fact-on-eviction = on eviction
fact-max-runtime = longest run, hours
fact-set-up = set-up fee per start
fact-public-ip = public address per hour
fact-public-ip-at-stop = the public address goes back at a stop
fact-vcpu = processor per hour
fact-ram = GiB of memory per hour
fact-more-on-top = on top
fact-prepaid = deposit before the first start
fact-cap = monthly cap, hours
fact-prebuilt = ready images with drivers
fact-persistent = data can outlive the machine
value-create = when the machine is asked for
value-boot = when it boots
value-running = when it runs
value-second = second
value-minute = minute
value-hour = hour
value-month = month
value-free = free
value-full = the full price
value-none = there is no such state
value-kept = kept
value-wiped = gone
value-machine = the machine
value-zone = the zone
value-region = the region
value-provider = the provider
value-market = the market's, the same for all
value-bid = what one bids
value-fixed = fixed
value-gb = GB
value-gib = GiB
value-calendar = of the calendar
value-or-chosen = { $x }; or, if one chooses so: { $y }
value-up-to = up to { $x }: { $y }
value-beyond = beyond: { $x }
per-gb = { $x } per GB
per-gib = { $x } per GiB
per-gb-month = { $x } per GB and month
per-gib-month = { $x } per GiB and month
per-gb-hour = { $x } per GB and hour
per-gib-hour = { $x } per GiB and hour
value-account-month = per account and month
value-machine-month = per machine and month
value-machine-hour = per machine and hour

## A GPU
gpu-history = How its price moved
gpu-history-words = Lowest price of { $x } per GPU-hour over time, on demand and as spot
gpu-history-note = Lowest price per GPU-hour of the hour or day; the band behind it goes from the lower quartile to the median, on demand. A gap is a time without a believed price.
gpu-history-none = Nothing was seen of it in this time.
week-title = By hour of the week
week-zone = Time zone
week-show = Show
week-median = Half of the time at most
week-volatility = From one day to the next it moves by { $x } % (median)
week-rise = Worst rise:
week-spot = Spot costs { $x } of on demand
week-known = Of 30 days: { $x } are known, { $y } are not, or nothing was offered
week-caption-rentable = { $x } on demand, by hour in { $y }: lowest rentable price in dollars per GPU-hour, at most so much half of the time. The darker, the dearer.
week-caption-lowest = { $x } on demand, by hour in { $y }: lowest price in dollars per GPU-hour, at most so much half of the time. The darker, the dearer.
weekday-mon = Mon
weekday-tue = Tue
weekday-wed = Wed
weekday-thu = Thu
weekday-fri = Fri
weekday-sat = Sat
weekday-sun = Sun
window-day = day
window-week = week
window-month = month
window-year = year
gpu-offers = Offers
gpu-offers-first = { $n ->
    [one] The cheapest offer
   *[other] The { $n } cheapest offers, of any kind
}
gpu-offers-all = { $n ->
    [one] One offer
   *[other] All { $n } offers, of any kind
}
stock-available = available
stock-low = few left
stock-out = out of stock
stock-not-stated = not stated
gpu-workloads = What it runs
gpu-workloads-words = How long one image, clip or training step takes with the best variant that stays in its memory and is not compiled; where there is none, with one that takes means, marked.
gpu-workloads-caption = Workloads on { $x }
tight = may run out of memory
estimate = estimate
does-not-fit = does not fit or run
needs-gib = needs { $x } GiB at least
range = { $x } to { $y }
unit-image = per image
unit-clip = per clip
unit-step = per training step
unit-gb-s = GB/s
basis-measured = { $n ->
    [one] measured on this card, { $n } published figure
   *[other] measured on this card, { $n } published figures
}
basis-scaled = { $n ->
    [one] from { $x } on this card, { $n } published figure
   *[other] from { $x } on this card, { $n } published figures
}
basis-estimated = from { $x }, by the ratio of the speed indices, { $y } to { $z }
gpu-compare = Side by side with { $x }
gpu-specs = Specifications
spec-manufacturer = Manufacturer
spec-architecture = Architecture
spec-memory = Memory
spec-bandwidth = Bandwidth
spec-fp16 = FP16 tensor, dense
spec-fp16-fp32 = FP16 tensor, dense, FP32 accumulate
spec-fp32 = FP32
spec-bf16 = BF16
spec-fp8 = FP8
spec-fp4 = FP4
spec-tdp = Power
spec-interconnect = Interconnect
spec-year = Release year
spec-segment = Kind of card
spec-source = Source:

## Two GPUs
compare-title = { $x } or { $y }
compare-caption = What they are, and what they cost now per GPU-hour
compare-cheapest = Cheapest, { $x }
compare-providers = Providers, { $x }
compare-median = Median, { $x }
compare-seen = Seen, { $x }
compare-gib-hour = A GiB of memory an hour, { $x }
accumulate-fp16 = FP16 accumulate; { $x } with FP32 accumulate
accumulate-either = FP16 or FP32 accumulate
accumulate-unknown = accumulate mode not known
compare-workloads = What they run
compare-workloads-words = Time and cost of the best variant that stays in each card’s memory and is not compiled; where there is none, of one that takes means, marked. A cost is the cheapest rentable price times the time: waiting, starting, rounding and storage come on top.
compare-workloads-caption = Workloads with a known time on one of the two at least; speeds compiled on { $x }
compare-tied = the ranges of the times overlap
compare-other-series = The two times are of different series of measurements and say little against each other.
compare-sources = { $x }, time from:
compare-fit-both = Fit both, times not known:
compare-fit-one = Fit { $x } alone, times not known:
compare-fit-neither = Not known to fit either:
thousand-images = 1,000 images, { $x }:
thousand-clips = 1,000 clips, { $x }:
thousand-steps = 1,000 training steps, { $x }:
known-measured = measured on this card
known-scaled = from another variant on this card
known-estimate = estimate from another card
share-range = By the ranges of times and prices: { $x } to { $y }.
share-below = only below { $x }
share-no-offer = When the dearer card is the cheaper one is not known: nothing rentable is offered of { $x } on demand now.
share-stale = When the dearer card is the cheaper one is not known: the last price of { $x } on demand is too old.
share-no-fit = When the dearer card is the cheaper one cannot be said: this does not run on { $x }.
share-no-speed = When the dearer card is the cheaper one is not known: how long this takes on { $x } is not known.

## The simulator
simulate-title = What would it cost me?
form-work = The work
form-model = Model
form-images = Images a session
form-steps = Steps
form-work-hours = Hours of computing a session
form-vram = Memory needed, GiB
form-models-gb = Models kept, GB
form-kept = Images taken home a session
form-when = When
form-evenings = Sessions a week
form-sessions = Sessions in all
form-hours = Hours a session
form-from = From
form-by = Done by
form-days = Days in all
form-presence = While it computes
form-hosts = Hosts
form-present-card = The card you have now
form-limits = Limits
form-usual = as the plan needs
form-on-demand = on demand and serverless
form-spot-too = spot too
form-spot-only = spot only
form-budget = Budget, USD
form-policy = Between sessions
form-own-card = Compare with buying
form-own-price = Its price, USD
form-own-kwh = A kWh, USD
form-none = none
policy-best = whatever is cheapest
policy-keep = keep running
policy-stop = stop
policy-delete = delete
policy-network-volume = delete, keep a volume
policy-serverless = workers on request
simulate-ranking = Ranking
simulate-sessions = { $n ->
    [one] { $n } session
   *[other] { $n } sessions
}
simulate-images = { $n ->
    [one] { $n } image
   *[other] { $n } images
}
simulate-days = { $n ->
    [one] { $n } day
   *[other] { $n } days
}
simulate-how = Ranked by the dear end of the total: slow card, and every unknown fact at its dearest.
simulate-caption = The first { $x } of { $y } rows; one per provider, GPU and tier
tied = tied with the first
sticker = { $n ->
   *[other] no. { $n } by the hour
}
total-from = from
total-open = its hourly price is a “from” price: the total may be higher
not-in-time = not done in time
bill-whole = The whole bill
bill-caption = Lines that add up to the total
bill-rounded = Lines are shown to the cent; their exact amounts, which are in the JSON of the bill, add up to the total.
bill-json = the bill as JSON
bar-words = What the bill of { $x } at { $y } is made of
line-offer-price = the offer's price
row-variant = Variant: { $x }
row-seconds = { $x } an image,
row-estimate = an estimate
row-measured = measured
row-per-1000 = Per 1,000 images:
row-click = From click to first image: { $x }
row-other-policy = Instead “{ $x }”:
row-break-even = Stopping costs less than running on for gaps longer than { $x }
row-unknown = Not known:
row-hourly = Per GPU-hour:
spot-evictions = { $x } evictions on average.
spot-half = half of the runs cost at most
spot-95 = 95% at most
own-card = Your own { $x }
group-work = computing
group-idle = running, waiting for you
group-start = starting and fetching
group-rounding = rounding and minimum
group-stopped = stopped
group-storage = storage
group-traffic = data in and out
group-other = other
line-work = computing
line-idle = running, waiting for you
line-boot = booting
line-image-pull = pulling the image
line-download = fetching models
line-set-up = loading models
line-lost = evictions
line-rounding = rounding and minimum
line-minimum = minimum per start
line-cap = above the monthly cap
line-stopped = stopped
line-hibernated = hibernated
line-public-ip = public address
line-set-up-fee = set-up fee
line-disk-running = disk, running
line-disk-stopped = disk, stopped
line-network-volume = network volume
line-egress = data out
line-ingress = data in
line-discount = discount
line-credit = credit
line-tax = tax
line-write-off = writing off
line-electricity = electricity
unknown-granularity = to what multiple time is rounded up
unknown-minimum = the least that is billed per start
unknown-meter-start = whether booting is billed
unknown-image-pull = whether pulling an image is billed
unknown-stopped = whether a stopped machine is billed
unknown-hibernated = whether a hibernated machine is billed
unknown-disk = what the machine's disk costs
unknown-disk-stopped = what the disk of a stopped machine costs
unknown-network-volume = what a network volume costs
unknown-month = how many hours the month of a storage price has
unknown-egress = what data out costs
unknown-ingress = what data in costs
unknown-apart = how much processor and memory is billed apart
unknown-more-on-top = what else comes on top of the price
unknown-above-from = how much more than its “from” price is asked
unknown-speed = how fast its card does this work
deciding-title = What would change the first place
deciding-row = Row { $n } would be first, were this at its cheapest:
frontier-title = Cost against waiting
frontier-words = Rows that nothing beats in both: going down the list you pay more and wait less.
frontier-axes = Across: hours waited in the whole time. Up: the total. Grey: the other rows.
frontier-waited = { $x } of waiting
frontier-price = an hour less of it costs
busy-title = When is the dearer card the cheaper one?
busy-one = One card
busy-other = The other
busy-ask = Compare
busy-above = { $x } is the cheaper one where { $y } would compute more than { $z }% of the time.
busy-always = { $x } is always the cheaper one, however much of the time { $y } would compute.
busy-never = { $x } is never the cheaper one: not even computing all the time makes up for its price against { $y }.
busy-undecided = How much faster { $x } is than { $y } is not known well enough to say which costs less.
busy-axes = Across: share of the time that the slower card computes. Up: what its hour of work costs on either.
assumptions-title = What was assumed
assumptions-words = Each of these is replaced by giving its key in the address.
plan-presence = you look between bursts
plan-days = a month
plan-evenings = sessions a week
plan-burst = images between two looks
plan-hours = how long a session lasts
plan-present-card = the card that your hours are counted on
plan-looking = minutes of looking a session: its length less what your present card computes; the same on any card
plan-policy = for each offer what costs least
plan-hosts = verified hosts, and no community tiers
plan-models = what this model alone takes
plan-checkpoint = minutes of work that an eviction destroys at most
plan-evictions = spot: an assumption; no provider publishes a rate per hour
plan-capacity = spot: minutes one waits for another machine; an assumption
plan-set-up = seconds for loading models and starting the program; no published figure
plan-boot = seconds from the order until it runs; no published figure
plan-image = a usual image with CUDA and a user interface
plan-system = disk beside models and image
plan-download = what the sites of models give; a slower host gives less
plan-cold-start = seconds until a serverless worker computes; no published figure
plan-idle-timeout = seconds a serverless worker waits, where the provider's rule does not say
plan-machines = machines at once, to be done in time
plan-mb-per-image = the size of one image as a file
plan-images-kept = every image is taken home
plan-from = when it begins
plan-market = what can be taken away counts only where nobody waits
plan-keep-running = nobody stops a machine for a shorter gap
left-no-speed = how fast it runs there is not known: { $x }
plan-own-months = months in which your card is written off
plan-own-watts = watts: the card's own figure and 150 for the rest of the machine
plan-own-kwh = an assumption; look at your bill
bound-seconds = { $x } s at most
bound-per-gb-month = { $x } USD per GB and month at most
bound-per-gb-out = { $x } USD per GB out at most
bound-per-gb-in = { $x } USD per GB in at most
bound-month-hours = 672 to 744 hours
bound-left-out = left out
bound-at-that = counted at that
bound-from = a price that is “from” so much: a lower bound; such rows stand behind the others
bound-granularity = to what multiple time is rounded up, where a rule does not say
bound-minimum = the least that a start costs, where a rule does not say
bound-storage = what storage costs: the dearest that a known rule has, { $x }
bound-egress = what data out costs: the dearest that a known rule has, { $x }
bound-ingress = what data in costs: the dearest that a known rule has, { $x }
bound-month = how many hours the month of a storage price has
bound-more-on-top = what comes on top and only an order tells
left-out-title = Offers that are not compared

## Errors
problem-bad-parameter = A value cannot be used
problem-not-found = Not found
problem-method = This address takes another method
problem-too-often = Too many requests
problem-unavailable = Not available now
problem-not-allowed = Not allowed
problem-internal = A fault of this program
problem-parameter = The value at fault:
problem-allowed = Allowed:
fix-bad-parameter = Change the value in the address, or go back and choose another.
problem-no-gpu = no GPU is called `{ $name }`; the page of prices lists those that are on sale: { "" }
problem-no-workload = no workload is called `{ $name }`; a page lists them: { "" }
problem-no-workload-near = no workload is called `{ $name }`; did you mean `{ $near }`? A page lists them: { "" }
problem-no-key = no key of a plan is called `{ $name }`; the form of the simulator has the most used ones: { "" }
problem-no-key-near = no key of a plan is called `{ $name }`; did you mean `{ $near }`? The form of the simulator has the most used ones: { "" }
problem-nothing-here = There is no page at this address.
fix-not-found = Look for it on one of these pages.
fix-later = Ask again in a moment.
fix-other = Go back to one of these pages.

## Method
about-title = Method
about-what = gpurate collects what providers ask for rented GPUs, on demand, as spot and serverless, brings it to one unit, dollars per hour of one whole GPU, and works out what a way of working really costs once rounding, minimum charges, starting, storage and traffic are in the bill.
about-source-title = Where prices come from
about-source = Each provider is asked on a schedule, at its own interfaces, within its limits. A provider has parts (a region, a GPU model); a part is taken whole or not at all. What cannot be mapped to a known GPU is kept and counted as unmapped, never guessed.
about-evidence = The answer that a price was read from is kept. “Evidence” leads to everything known of an offer, “answer” to the provider's own answer as it came, but for redacted personal data.
about-ages-title = Ages
about-ages = An age is the time since an accepted answer last held the offer. The time of an answer that failed or was not believed does not count.
about-stale = What counts as fresh depends on the source: marketplaces and spot go stale within hours, price lists within days. A stale price leaves “cheapest” and is marked in words where it is still shown.
about-gaps = Every answer says which providers are in it and which are not, and why: a provider that falls silent must not look like a rise in price. In a chart that time is a gap.
about-live-title = Live and listed
about-live = A live price was read from a source that says what is on sale now. All prices shown here are live.
about-listed = A listed price is one that somebody read on a page and wrote down with its address and date, because the provider has no open source. Its age counts from that day. The two are never mixed without saying so.
about-figures-title = Rentable, floor, median
about-rentable = “Rentable” is the cheapest offer that passes what most people need: on demand, one whole GPU, in stock as far as known, on a host that is not unverified.
about-floor = “Floor” is the cheapest of anything that passes your filters: spot, parts of a card and unverified hosts too. The row says how many cheaper offers each demand hid.
about-median = The median takes each machine once, so that a host with many offers does not weigh more.
about-currency = Other currencies are converted by the European Central Bank's reference rate of the day that is named. A price quoted in euros is shown in euros as it was quoted.
about-gate-title = What is believed
about-gate = An answer that lost its shape or a large share of its rows is refused as a whole, and a price that moved by more than a factor of three is held back until it repeats. The last good price then stays, with its true age.
about-billing-title = Billing rules
about-billing = Every fact of a billing rule has its source and the day it was read. What is not known stays not known; the simulator then counts from its cheapest to its dearest, and says which fact would decide.
about-speed-title = Speeds
about-speed = Times per image are published measurements where there are some, else estimates by the ratio of speed indices, marked as such and with their range. Rows whose ranges overlap are tied.
about-simulator-title = The simulator
about-simulator = A bill is a list of lines that add up to its total exactly. Looking at images takes the same time on any card; computing does not. All that was assumed is listed and can be replaced.
about-language-title = Languages
about-language = The pages are in English and French. What sources, providers and notes of manifests say, and rarer error messages, is shown in the language it was written in, mostly English.
about-privacy-title = You
about-privacy = No cookie, no script, nothing from another site, and your plan is nowhere but in the address.

## The guide
guide-title = Which cloud GPU for image generation?
guide-what = How much memory your model needs, which cards have it, what each costs now and how long an image takes on it, and which offer comes out cheapest for three ways of working. Every figure is recomputed from the market; where today's prices contradict the usual advice, the guide says so.
guide-workload = What you make
guide-usage = How you work
usage-either = either way
usage-interactive = at the screen
usage-batch = batches, unattended
guide-counts = Times and costs are of one image of { $x }
guide-compiled = Speeds compiled on { $x }.
guide-picks = Three ways of working, three picks
guide-picks-words = Each plan was put through the simulator with every offer of now: rounding, minimums, starting, storage and traffic are in the total. The usual advice was held against it.
guide-chart = Cost and time at a glance
guide-chart-words = What 1,000 images cost while the card computes, and how long one takes, of cards that hold the model whole. The thin line goes from the least to the most where the time is not known exactly.
guide-chart-none = Of no card that is offered now it is known what 1,000 images of { $x } cost.
guide-chart-more = { $n ->
    [one] { $n } more is in the tables below.
   *[other] { $n } more are in the tables below.
}
guide-tiers = Memory is the gate
guide-tiers-words = A card below the gate does not run the model at all, or only by moving weights between host and card, which is slow. Fewer bits take less memory and often less time; the picture differs from that of the model as it was made.
guide-gates-caption = What runs with so much memory
guide-gpus-caption = Cards that are offered now; time and cost are of { $x }
sim-gpus = { $n ->
    [one] { $n } GPU
   *[other] { $n } GPUs
}
guide-gpus-more = { $n ->
    [one] { $n } more card
   *[other] { $n } more cards
}
guide-compare = { $x } and { $y } side by side
guide-not-offered = Not offered now:
guide-beyond = Beyond speed and price
guide-beyond-words = From the billing rules of who sells something rentable now. What a rule does not say is not known.
guide-questions = Four questions
pick-interactive = At the screen
pick-overnight = Overnight
pick-fine-tuning = Fine-tuning
pick-plan-evenings = FLUX.1 dev, three evenings a week of 2.5 h, 150 images each, 20 kept, on hosts one can trust.
pick-plan-overnight = 20,000 SDXL images at 30 steps in one night, done by 08:00, interruptible allowed, all kept.
pick-plan-lora = A LoRA a week: 6 h of training on a 24 GB card with a checkpoint every 30 min, then an hour of trying, on demand.
pick-but-with = Here with { $x }.
pick-tied = Not told apart from it:
pick-less-waiting = Waiting less, for more
pick-simulate = { $n ->
    [one] This plan in the simulator, { $n } row
   *[other] This plan in the simulator, { $n } rows
}
verdict-confirmed = As advised.
verdict-contradicted = Against the advice.
verdict-undecided = Undecided.
verdict-unknown = Nothing to hold it against.
gpu-at = { $x } at { $y }
tier-bounds = { $x } to less than { $y } GiB
tier-open = { $x } GiB and more
tier-nothing-fits = Not known to run here:
gate-none = nothing that every card here has memory for
variants-all = { $n ->
   *[other] All { $n } ways, in the data
}
gate-same = the same
gate-else = else: { $x }
pick-plan-total = the plan's total
workload-lora = LoRA training, { $x }
workload-fine-tune = Full fine-tune, { $x }
workload-upscale-4 = Upscaling by 4, { $x }
workload-upscale = Upscaling, { $x }
tier-sources = The ways by name, with their sources
variant-full = 16 bit, as it was made
variant-bits = { $x } bit
variant-speed = { $x } × the speed of 16 bit
variant-speed-unknown = speed not measured
variant-offload = moves weights between host and card
variant-compiled = compiled first
variant-needs = needs { $x }
feature-bf16 = bf16
feature-int8 = 8-bit integer kernels
feature-svdquant = 4-bit SVDQuant kernels
feature-torchao = 4-bit torchao kernels
feature-fp8 = fp8 tensor cores
feature-fp4 = fp4 tensor cores
sources-more = { $n ->
    [one] and { $n } more
   *[other] and { $n } more
}
beyond-granularity = Billed
beyond-minimum = Minimum
beyond-eviction = Spot taken away
beyond-persistent = Persistent data
beyond-volume = Volume
beyond-images = Images ready
beyond-egress = Data out
beyond-no-spot = no spot offer within the usual requirements now
beyond-unknown-for-some = of some offers not known
unit-gb = GB
unit-gib = GiB
unit-gb-month = GB and month
unit-gib-month = GiB and month
unit-gb-hour = GB and hour
unit-gib-hour = GiB and hour
evicted-stop = stopped, disk kept
evicted-pause = paused, disk kept
evicted-hibernate = hibernated, disk kept
evicted-delete = deleted
evicted-wipe = moved with an empty disk
evicted-choice = { $x }, or by choice { $y }
question-vram = How much VRAM do SDXL and FLUX need?
question-faster = Is a faster GPU worth it?
question-spot = Spot or on demand?
question-granularity = Why does billing granularity matter?
answer-age = Of the prices in it the oldest was seen { $x } ago.
home-guide-words = Not sure which card?
gpu-guide = Its place in the guide

## Sentences of the views: the same figures, by name. The English ones are the views' own.
said-means-both = only by moving weights between host and card, and after compiling
said-means-offload = only by moving weights between host and card
said-means-compile = only after minutes of compiling
said-fit-no-way = no way of running it on one GPU is known
said-fit-too-large = { $variant }: needs { $needed } GiB and 1 more, one gets { $usable }
said-fit-smaller-card = { $variant }: said to run on a card of { $card } GiB, this one has { $usable }
said-fit-lacks = { $variant }: the card lacks { $feature }
said-fit-other-make = { $variant }: its software is for other makes of card
said-fit-memory-unknown = { $variant }: how much memory it needs is not known
said-advice-interactive = Usual advice: at the screen take the fastest of { $first }, { $second } and { $third }; it is worth the higher price per hour.
said-advice-batch = Usual advice: for a batch that nobody watches take the lowest price per hour, spot included.
said-advice-fine-tuning = Usual advice: for fine-tuning take the one of { $first }, { $second } and { $third } with most memory and bandwidth, on demand.
said-finding-confirmed = Today's prices agree: { $gpu } at { $provider } ({ $market }, { $price } USD/h, seen { $age } ago) costs least, { $total } USD in { $days }.
said-finding-contradicted = Today's prices say otherwise: { $gpu } at { $provider } ({ $market }, { $price } USD/h, seen { $age } ago) costs { $total } USD in { $days }, the advised { $usual_gpu } at { $usual_provider } ({ $usual_market }, { $usual_price } USD/h, seen { $usual_age } ago) { $usual_total } USD.
said-finding-contradicted-waiting = By cost today's prices say otherwise: { $gpu } at { $provider } ({ $market }, { $price } USD/h, seen { $age } ago) costs { $total } USD in { $days }, the advised { $usual_gpu } at { $usual_provider } ({ $usual_market }, { $usual_price } USD/h, seen { $usual_age } ago) { $usual_total } USD; that one waits { $saved } less, for { $per_hour } USD an hour not waited.
said-finding-contradicted-late = Today's offers say otherwise: { $gpu } at { $provider } ({ $market }, { $price } USD/h, seen { $age } ago) costs { $total } USD and is done in time, the advised { $usual_gpu } at { $usual_provider } ({ $usual_market }, { $usual_price } USD/h, seen { $usual_age } ago) is not.
said-finding-undecided = Today's prices do not decide it: { $gpu } at { $provider } ({ $market }, { $price } USD/h, seen { $age } ago) costs { $total } USD in { $days }, the advised { $usual_gpu } at { $usual_provider } ({ $usual_market }, { $usual_price } USD/h, seen { $usual_age } ago) { $usual_total } USD.
said-finding-not-offered = { $gpu } at { $provider } ({ $market }, { $price } USD/h, seen { $age } ago) comes first with { $total } USD in { $days }; nothing of what the advice means is offered now.
said-finding-confirmed-tied = Today's prices agree as far as they go: { $gpu } at { $provider } ({ $market }, { $price } USD/h, seen { $age } ago) comes first with { $total } USD in { $days }; the ranges of { $tied } others reach it, so which costs least is not known.
said-finding-stale = What could do it has only prices that are too old: `gpurate collect` asks anew, and `/api/v1/providers` says what failed.
said-finding-late = Nothing that is offered now would be done in time; cheapest of what would be late is { $gpu } at { $provider } ({ $market }, { $price } USD/h, seen { $age } ago), { $total } USD.
said-finding-nothing = Nothing that could do it is offered now.
said-finding-nothing-because = Nothing that is offered now can be ranked for it: { $reason }.
said-finding-no-plan = This plan cannot be made with { $workload }: { $reason }.
said-vram-three = { $workload } takes { $gib_16 } GiB in 16 bit, { $gib_8 } in 8 bit and { $gib_4 } in 4 bit with everything in the card's memory, and 1 GiB must be left.
said-vram-two = { $workload } takes { $gib_16 } GiB in 16 bit and { $gib_less } in { $bits } bit with everything in the card's memory, and 1 GiB must be left.
said-vram-one = { $workload } takes { $gib } GiB in { $bits } bit with everything in the card's memory, and 1 GiB must be left.
said-vram-unknown = How much memory { $workload } takes with everything in it is not known.
said-vram-offload = With weights moved between host and card { $workload } runs from { $gib } GiB on, at { $percent } % of the speed of 16 bit.
said-vram-offload-unmeasured = With weights moved between host and card { $workload } runs from { $gib } GiB on; how much slower nobody measured.
said-vram-slower = { $workload } also runs in { $gib } GiB in { $bits } bit, at { $percent } % of the speed of plain 16 bit.
said-vram-tensors = Of { $workload } the figure in { $bits } bit counts tensors alone: the allocator takes about 2.3 GiB more.
said-vram-last-price = Of the cards of the step that begins at { $from } GiB nothing fresh is on sale on demand; the last price was { $price } USD an hour: { $gpu } at { $provider }, seen { $age } ago.
said-vram-price = With { $from } GiB and more, but less than { $below }, a card costs { $price } USD an hour at least: { $gpu } at { $provider }, seen { $age } ago.
said-vram-price-open = With { $from } GiB and more a card costs { $price } USD an hour at least: { $gpu } at { $provider }, seen { $age } ago.
said-vram-no-price = Of the cards of the step that begins at { $from } GiB nothing rentable is offered on demand now.
said-faster-above = { $faster } makes an image of { $workload } in { $faster_seconds } s for { $faster_price } USD an hour, { $slower } in { $slower_seconds } s for { $slower_price } (seen { $age } ago at most): by the typical times the faster one costs less where { $slower } would compute more than { $share } % of the time, below that the slower one.
said-faster-always = { $faster } makes an image of { $workload } in { $faster_seconds } s for { $faster_price } USD an hour, { $slower } in { $slower_seconds } s for { $slower_price } (seen { $age } ago at most): the faster one costs less however you work.
said-faster-never = { $faster } makes an image of { $workload } in { $faster_seconds } s for { $faster_price } USD an hour, { $slower } in { $slower_seconds } s for { $slower_price } (seen { $age } ago at most): the slower one costs less even if it never rests.
said-faster-undecided = { $faster } makes an image of { $workload } in { $faster_seconds } s for { $faster_price } USD an hour, { $slower } in { $slower_seconds } s for { $slower_price } (seen { $age } ago at most): these ranges do not say which costs less.
said-faster-ends = By the ranges of the times that share is { $low } to { $high } %.
said-faster-ends-never = By the ranges of the times that share is { $low } % at least, and the faster one may never cost less.
said-faster-ends-always = By the ranges of the times that share is { $high } % at most, and the faster one may always cost less.
said-faster-ends-any = By the ranges of the times the faster one may always cost less, or never.
said-faster-waiting-estimate = At the screen the next faster card after { $gpu } at { $provider } is { $faster } at { $faster_provider }: by estimated times it waits about { $saved } less in { $days } and costs about { $more } USD more, about { $per_hour } USD for each hour not waited.
said-faster-batch-tied = Left alone, { $gpu } at { $provider } ({ $market }, seen { $age } ago) comes first by the typical time: { $usd } USD for 1,000 images of { $workload }; the ranges of { $tied } other cards reach it, so which costs least is not known.
said-faster-unknown = Of the cards that are usually compared no two have both a fresh price and a known speed for { $workload } now.
said-faster-waiting = At the screen the next faster card after { $gpu } at { $provider } is { $faster } at { $faster_provider }: it waits { $saved } less in { $days } and costs { $more } USD more, { $per_hour } USD for each hour not waited, at the slow end of both.
said-faster-no-less-waiting = At the screen no other card that costs more than { $gpu } at { $provider } waits less.
said-faster-batch = Left alone, { $gpu } at { $provider } ({ $market }, seen { $age } ago) costs least: { $usd } USD for 1,000 images of { $workload } by the typical time.
said-spot-cheaper = On { $gpu } 1,000 images of { $workload } cost { $spot } USD as spot (at { $spot_provider }, seen { $spot_age } ago) and { $on_demand } on demand (at { $provider }, seen { $age } ago), evictions not counted: { $percent } % less.
said-spot-not-cheaper = Spot does not pay now: on { $gpu } 1,000 images of { $workload } cost { $spot } USD as spot (at { $spot_provider }, seen { $spot_age } ago) and { $on_demand } on demand (at { $provider }, seen { $age } ago).
said-spot-alone = 1,000 images of { $workload } cost { $spot } USD on { $gpu } as spot (at { $spot_provider }, seen { $spot_age } ago); on demand that card has no rentable price now to hold against it.
said-spot-bounds = On { $gpu } 1,000 images of { $workload } cost { $spot } USD as spot (at { $spot_provider }, seen { $spot_age } ago) and { $on_demand } on demand (at { $provider }, seen { $age } ago): one of the two is a lower bound, so how much less it is is not known.
said-spot-stale = Every price of spot is too old, the newest was seen { $age } ago: whether spot pays now is not known; `gpurate collect` asks anew.
said-spot-none = No rentable spot offer has a known speed for { $workload } now, so there is nothing to compare.
said-spot-night = The night of the overnight plan costs, at the slow end of the times and with evictions counted on average, { $spot } USD as spot ({ $spot_gpu } at { $spot_provider }) and { $on_demand } on demand ({ $gpu } at { $provider }).
said-spot-night-one = The overnight plan can be done in time in one of the two ways only: { $market }, { $usd } USD at the slow end of the times and with evictions counted on average ({ $gpu } at { $provider }).
said-spot-eviction = Of { $providers } providers with spot offers within the usual requirements { $keep } keep a machine's disk when they take it away, { $lose } delete or empty it, and of { $unknown } it is not known: a batch goes on from its last picture, work by hand is cut off.
said-spot-eviction-none = No provider has a spot offer within the usual requirements now: whether it would fit batches or work by hand does not arise.
said-granularity-count = Of { $providers } providers that sell on demand now { $short } bill by the minute or finer, { $long } in longer steps, and of { $unknown } it is not known.
said-granularity-example = { $used } on { $gpu } at { $provider } ({ $price } USD an hour, seen { $age } ago) are billed as { $billed } and cost { $usd } USD; in whole hours they would cost { $hour_usd }.
said-granularity-example-least = { $used } on { $gpu } at { $provider } ({ $price } USD an hour, seen { $age } ago) are billed as { $billed } at least and cost { $usd } USD, its minimum is not known; in whole hours they would cost { $hour_usd }.
said-granularity-example-long = { $used } on { $gpu } at { $provider } ({ $price } USD an hour, seen { $age } ago) are billed as { $billed } and cost { $usd } USD; by the second they would cost { $second_usd }.
said-granularity-no-example = Of no card that runs { $workload } and is offered on demand now the granularity is known.
said-granularity-bill = Of what is known, rounding and minimums cost most in the evenings' plan at { $provider } ({ $gpu }): { $usd } of { $total } USD in { $days }, at the dear end.
said-granularity-bill-unknown = What rounding and minimums cost in the evenings' plan is not known of any offer.
said-granularity-bill-none = In the evenings' plan rounding and minimums cost nothing anywhere that they are known.
said-beyond-yes = yes
said-beyond-no = no
said-beyond-per-second = per second
said-beyond-per-minute = per minute
said-beyond-per-hour = per hour
said-beyond-per-seconds = per { $seconds } s
said-beyond-no-minimum = none
said-beyond-minimum = { $time }
said-beyond-amount = { $amount }
said-beyond-evicted = { $does }
said-beyond-free = free
said-beyond-price = { $price } per { $unit }
said-beyond-price-allowance = { $price } per { $unit }, { $free } { $unit } a month free
said-beyond-steps = { $first } to { $last } per { $unit } by volume
said-beyond-steps-allowance = { $first } to { $last } per { $unit } by volume, { $free } { $unit } a month free
said-beyond-per-offer = each offer has its own price
said-beyond-unknown = not known
said-empty-nothing-collected = nothing has been collected yet: run `gpurate collect`, or see `/api/v1/providers` for what failed
said-empty-stale = what passes is stale or missing from its newest answer; `last_known` has the last prices with their ages: run `gpurate collect`, or see `/api/v1/providers` for what failed
said-empty-no-tier = no offer has the tier `{ $name }`
said-empty-no-tier-near = no offer has the tier `{ $name }`; did you mean `{ $near }`?
said-empty-no-region = no offer has the region `{ $name }`
said-empty-no-region-near = no offer has the region `{ $name }`; did you mean `{ $near }`?
said-empty-market = no offer of this market passes; another `market` has some: ask for it by name
said-empty-availability = what passes is out of stock; `availability=any` shows it
said-empty-without = the filters leave nothing; without `{ $name }` something is left
said-empty-loosen = the filters leave nothing; loosen `{ $names }`
said-speed-measured-one = measured on this card ({ $source }, { $date })
said-speed-measured = measured on this card ({ $count } figures)
said-speed-scaled-one = measured on this card as { $variants } ({ $source }, { $date })
said-speed-scaled = measured on this card as { $variants } ({ $count } figures)
said-speed-estimated-one = estimate: measured on { $gpu } ({ $source }, { $date })
said-speed-estimated = estimate: measured on { $gpu } ({ $count } figures)
said-speed-estimated-as-one = estimate: measured on { $gpu } ({ $source }, { $date }) as { $variants }
said-speed-estimated-as = estimate: measured on { $gpu } ({ $count } figures) as { $variants }
said-speed-factors = multiplied by the factors of the variants
said-speed-ratio = by the ratio of the diffusion indices: { $index } here ({ $index_basis }), { $anchor_index } there ({ $anchor_index_basis })
said-speed-of-plan = as the plan says, on this very card
said-speed-from-plan = estimate: the plan's time on { $gpu } by the ratio of the diffusion indices
said-index-measured = measured in { $count } series
said-index-estimate = ESTIMATE (model)
said-index-estimate-fp32 = ESTIMATE (model) fp32 rate used
said-index-estimate-a10 = ESTIMATE (set equal to A10: own rate is low confidence)
said-index-not-estimated = not estimated
said-caution-steps-three = from { $one } and { $two } and { $three } to { $steps } steps in proportion
said-caution-steps-two = from { $one } and { $two } to { $steps } steps in proportion
said-caution-steps = from { $other } to { $steps } steps in proportion
said-caution-index-training = the index is of generating, not of training
said-caution-steps-only = steps only: encoding of text and decoding of the picture may not be in it
said-caution-lent = per step as { $workload }: encoding and decoding weigh more where steps are few
said-caution-fp16-mostly = fp16 mostly: users chose
said-caution-fp16-or-bf16 = fp16 or bf16: users chose
said-caution-resolution-default = resolution not recorded: the tool's default is assumed
said-caution-resolution = resolution not stated: the default is assumed
said-caution-frames-size = frames not stated: { $count } assumed, and { $resolution }
said-caution-frames = frames not stated: { $count } assumed
said-caution-steps-assumed = steps not stated by the source: { $count } assumed
said-caution-one-report = one user's report
said-caution-transformer = the transformer alone: one call is one step
said-caution-approximate = the authors' approximate figure
said-caution-checkpointing = gradient checkpointing not stated: read as without
said-caution-form = { $name } without its form: read as { $gpu }
said-caution-section = named by the section of the page, not beside the figure
said-caution-other = { $words }
said-error-no-gpu-near = no GPU is called `{ $name }`; did you mean `{ $near }`?
said-error-no-gpu = no GPU is called `{ $name }`; `gpurate gpus` and `/api/v1/gpus` have the names
said-error-family = `{ $name }` is a family of several cards; write one of `{ $members }`
said-error-not-two-none = exactly two GPUs are compared, as `rtx-5090,rtx-4090`; none is given
said-error-not-two-one = exactly two GPUs are compared, as `rtx-5090,rtx-4090`; `{ $name }` is one: name another beside it
said-error-not-two-many = exactly two GPUs are compared, as `rtx-5090,rtx-4090`; `{ $names }` are { $count }: leave out all but two
said-error-same-twice = `{ $name }` is given twice; exactly two different GPUs are compared: name another beside it
said-error-no-provider-near = no provider is called `{ $name }`; did you mean `{ $near }`?
said-error-no-provider-known = no provider is called `{ $name }`; known are `{ $known }`
said-error-no-provider-listed = no provider is called `{ $name }`; /providers lists them
said-error-no-provider = no provider is called `{ $name }`
said-error-no-guide-near = no guide is called `{ $name }`; did you mean `{ $near }`?
said-error-no-guide = no guide is called `{ $name }`; there is `{ $known }`
said-error-no-usage = `{ $name }` is no `usage`; it is `interactive` or `batch`
said-error-no-workload-near = no workload is called `{ $name }`; did you mean `{ $near }`?; see `gpurate workloads`
said-error-no-workload = no workload is called `{ $name }`; see `gpurate workloads`
said-error-no-images = `{ $name }` makes no images but a { $unit }; a guide of image generation is asked for with one that does, as `flux-dev`
said-error-no-parameter-near = no parameter is called `{ $name }`; did you mean `{ $near }`?
said-error-no-parameter = no parameter is called `{ $name }`
said-error-no-filter-near = there is no parameter `{ $name }`; did you mean `{ $near }`?
said-error-no-filter = there is no parameter `{ $name }`; known are `{ $known }`
said-error-no-key-near = no key of a plan is called `{ $name }`; did you mean `{ $near }`?; `gpurate simulate --keys` lists them
said-error-no-key = no key of a plan is called `{ $name }`; `gpurate simulate --keys` lists them
said-error-no-preset-near = no preset is called `{ $name }`; did you mean `{ $near }`?; there are `{ $known }`
said-error-no-preset = no preset is called `{ $name }`; there are `{ $known }`
said-error-twice-once = `{ $name }` is given twice; give it once
said-error-twice = `{ $name }` is given twice
said-error-no-value-near = `{ $value }` is no value of `{ $name }`: one of `{ $known }`; did you mean `{ $near }`?
said-error-no-value = `{ $value }` is no value of `{ $name }`: one of `{ $known }`
said-error-present-card = how fast your card ({ $gpu }) runs `{ $workload }` is not known ({ $why }): say `looking_minutes`, or another `present_card`
said-error-hours = { $images } images take { $minutes } min on a { $gpu } alone, and a session lasts { $session } min: give more `hours` or fewer `images`
said-error-busy-no-offer = nothing is offered of `{ $name }` now that passes the plan's filters
said-error-no-variant-fits = no variant of it fits
said-error-memory-unknown = its memory is not known
said-error-clip = clip
said-error-training-step = training step
said-error-no-address = nothing is at this address; see /api/v1/openapi.json
said-error-method = this address takes another method; see /api/v1/openapi.json
said-error-too-often = this client asks too often: wait a second; see `server.requests_per_second_per_client_max`
said-error-too-many = too many requests at once: ask again in a moment
said-error-database = the database cannot be read now; /readyz says more
said-error-internal = a fault of this program; its log says more
said-error-no-zone-near = `{ $name }` is no time zone; write it as `Europe/Paris` or `UTC`; did you mean `{ $near }`?
said-error-no-zone = `{ $name }` is no time zone; write it as `Europe/Paris` or `UTC`
said-error-no-value-whole = `{ $value }` is no value of `{ $name }`; write a whole number
said-error-out-of-range = `{ $value }` is out of range; `{ $name }` is 0 to { $most }
said-error-number = { $why }; `{ $name }` is a number as `0.5`
said-error-not-decimal = `{ $value }` is not a decimal number
said-error-too-large = `{ $value }` is out of range
said-error-country = `{ $value }` is not an ISO 3166-1 alpha-2 country code; write two letters, as `FR`
said-error-currency = `{ $value }` is not a currency; write three letters, as `EUR`
said-error-gpu-count = `{ $value }` is not a count of GPUs; write `1`, `8` or `1/8`
said-error-no-page = `{ $value }` is no page; `limit` is 1 to { $most }
said-error-no-cursor = `{ $value }` is no cursor; take `next_cursor` of the page before, or leave it out
said-error-vram-order = `vram_max_gib` is below `vram_min_gib`; nothing can be both
said-error-empty-filter = `{ $name }` has no value; leave it out to not filter by it
said-error-empty-key = `{ $name }` has no value; leave it out to use the default
said-error-too-long = `{ $name }` has more than { $most } characters; shorten it
said-error-item-too-long = a value of `{ $name }` has more than { $most } characters; shorten it
said-error-too-many-values = `{ $name }` has more than { $most } values; ask in several questions
said-error-no-fact-near = no GPU has the { $fact } `{ $value }`; did you mean `{ $near }`?
said-error-no-fact = no GPU has the { $fact } `{ $value }`; known are `{ $known }`
said-error-long-query = a query has at most { $count } parameters of { $most } characters
said-error-no-text = this address holds bytes that are no text
said-error-at-once = this client has as much running at once as it may: wait until some of it has ended
said-error-long-plan = a plan has at most { $most } characters; shorten its trace
said-error-two-ways = `{ $one }` and `{ $other }` say the same in two ways; give one of them
said-error-plan-number = `{ $name }` is `{ $value }`; write a number from { $least } to { $most }, as `{ $example }`
said-error-plan-whole = `{ $name }` is `{ $value }`; write a whole number from { $least } to { $most }
said-error-plan-dollars = `{ $name }` is `{ $value }`; write dollars from 0 to 1000000, as `40`
said-error-plan-card = `{ $name }` is `{ $value }`; write one card, as `rtx-4090` or `a100-80gb-sxm`
said-error-plan-day = `rules_on` is `{ $value }`; write a day, as `2025-06-01`
said-error-plan-time = `{ $name }` is `{ $value }`; write a time of day, as `08:00`
said-error-plan-word = `{ $name }` is `{ $value }`; write `{ $known }`
said-error-evictions-small = `evictions_per_hour` is below 0.001; write 0 for never
said-error-image-time = `seconds_per_image` is 0; write how long one image takes, as `6.5`
said-error-no-work = say what you run: `model = flux1-dev` (see `gpurate workloads`), or `seconds_per_image`, or `work_hours`, or a `preset`
said-error-training = `{ $name }` is training: say `work_hours`, how long a run takes on the card you have now
said-error-evenings = `evenings` is 0; write how many sessions a week has, as `3` (0.5 for one in two weeks)
said-error-images = say how many images a session makes, as `images = 150`
said-error-sessions = { $count } sessions of { $hours } h do not fit into { $days } days; give fewer `sessions` or more `days`
said-error-work-hours = the session's work takes { $minutes } min on a { $gpu } alone, and a session lasts { $session } min: give more `hours` or less `work_hours`
said-error-trace-entry = `{ $value }` is no entry of `trace`: write `begin-end:images` in minutes from the start, end after begin and within { $days } days, as `0-30:12`
said-error-trace-order = `{ $value }` begins before the entry before it ends; put them in order
said-error-trace-long = a trace has at most { $most } entries
said-error-trace-empty = a trace has one entry at least, as `0-30:12`
said-error-own-price = say what your card costs, as `own_card_price_usd = 1900` (0 for one that is paid)
said-error-own-watts = how much this card draws is not known: say `own_card_watts`
said-error-own-work = the work cannot be done on { $gpu }: { $why }
said-error-no-variant-near = `{ $workload }` has no variant `{ $name }`; did you mean `{ $near }`?; it has `{ $known }`
said-error-no-variant = `{ $workload }` has no variant `{ $name }`; it has `{ $known }`
said-error-variant-stopped = `{ $name }` does not run there: { $why }
said-error-runs-not = how fast it runs there is not known: { $why }
said-error-gpu-bare = no GPU is called `{ $name }`
said-error-workload-bare-near = no workload is called `{ $name }`; did you mean `{ $near }`?
said-error-workload-bare = no workload is called `{ $name }`
said-error-of-card = `{ $name }`: { $why }
said-left-card-unknown = which card it is is not known exactly (memory or form is missing)
said-left-memory-unknown = how much memory one gets is not known
said-left-less-memory = less usable memory than the plan asks for
said-left-no-variant = no variant of the model fits or runs on the card
said-left-untrusted = a host that is neither verified nor secure (`hosts = any` takes it)
said-left-policy = the plan's policy is not possible there
said-left-budget = above the budget, even at its cheap end
said-left-no-index = no diffusion index relates the card to the plan's card
said-nothing-fresh = what passes the plan's filters is stale or missing from its newest answer: run `gpurate collect`, or see `/api/v1/providers` for what failed
said-nothing-left-out = { $offers } offers were left out: { $why }
said-nothing-passes = no offer passes the plan's filters: widen them (`market`, `country`, `gpu`, `hosts = any`), or look at `gpurate cheapest`

## Small words
colon = { ": " }
semicolon = { "; " }
hours = { $x } h
frontier-row = row { $n }
simulate-more = more rows
eviction-stop = it is stopped, its disk is kept and billed
eviction-pause = it is paused until the bid leads again, its disk is kept and billed
eviction-hibernate = it is hibernated, its disk is kept and billed
eviction-delete = it is deleted
eviction-wipe = it goes on elsewhere with an empty disk
eviction-assumed = { $x } (assumed: the provider's rule does not say)
speed-steps-unknown = the workload has no usual number of steps
speed-other-resolution = not known at this resolution
speed-nothing-published = no published figure of this workload can be used
speed-factor-unknown = how fast this variant is against what was measured is not known
speed-no-index = measured on other cards only, and the speed index of this card or of those is not known
speed-implausible = what is published would need more than the card's peak rate

## A page in a folder

snapshot-title = Snapshot of
snapshot-words = Prices and ages are as they were at that moment; nothing on these pages changes by itself.
snapshot-live = This page now
snapshot-contents = What is in it
snapshot-form = Filtering, choosing and computing with figures of your own need a running gpurate; a snapshot cannot do it.
snapshot-form-live = Do it on this page of a running gpurate
snapshot-form-none = This snapshot names none: “gpurate serve” starts one.
snapshot-left-out = not in this snapshot

## A session, step by step

timeline-title = The first session, step by step
timeline-of = A session with { $x }, { $y }
timeline-how = The first one of the row that stands first, step by step; that of every other row is under its bill.
timeline-machines = Each of { $n } machines does this at the same time.
timeline-eviction = An eviction is not in it.
timeline-words = The first session as a bar, { $x } from the order to the end; its parts are listed below
timeline-free = not paid
timeline-bursts = Computing comes in { $n } bursts; after each you look at what came of it.
then-keep = then it runs on, for { $x } on average
then-stop = then it is stopped, for { $x } on average
then-delete = then it is deleted; the next session begins after { $x } on average
then-network-volume = then it is deleted and its volume kept, for { $x } on average
