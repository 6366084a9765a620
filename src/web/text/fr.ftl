# Les mots des pages, en français. Un message est une phrase ou une étiquette ; le balisage est dans les modèles.

## Toutes les pages
skip = Aller au contenu
sample-title = Données d’exemple.
sample-words = Tous les chiffres de cette page sont inventés ; aucun n’est un vrai prix.
nav = Pages
nav-prices = Prix
nav-simulate = Combien cela me coûterait-il ?
nav-guide = Guide
nav-compare = Deux GPU
nav-providers = Fournisseurs
nav-about = Méthode
data-offers = offres
data-history = historique
data-week = heures de la semaine
data-collections = collectes
data-problems = lignes écartées
same-data = Les mêmes données pour un programme :
as-of = État au
footer-promise = Chaque prix montre son âge et mène à sa preuve. Ni cookie, ni script, ni contenu d’un autre site.
footer-api = L’API
unknown = inconnu
never = jamais
always = toujours
yes = oui
no = non
any = indifférent
anywhere = partout
percent = { $x } %
gib = { $x } Gio
gb = { $x } Go
age-fresh = il y a { $x }
age-ageing = vieillit, il y a { $x }
age-stale = périmé, il y a { $x }
last-seen = vu pour la dernière fois il y a { $x }
valid-from = valable à partir du { $x }
offers = { $n ->
    [one] { $n } offre
   *[other] { $n } offres
}
providers = { $n ->
    [one] { $n } fournisseur
   *[other] { $n } fournisseurs
}
times = { $n ->
    [one] { $n } fois
   *[other] { $n } fois
}
steps = { $n ->
    [one] { $n } pas
   *[other] { $n } pas
}
median = médiane
in-dollars = Les prix et les médianes de cette page sont en dollars des États-Unis ; ce qui est donné dans une autre devise est converti au cours de référence de la Banque centrale européenne.
per-gpu-hour = par GPU et par heure
price-from = dès
no-offer-now = Rien n’est proposé en ce moment.
last-price-only = Rien de récent : c’est le dernier prix, qui n’est peut-être plus valable. La page du fournisseur dit pourquoi.
no-rows = Rien ne correspond.
market-on-demand = à la demande
market-spot = spot
market-serverless = sans serveur
segment-consumer = grand public
segment-workstation = station de travail
segment-datacenter = centre de données
continent-af = Afrique
continent-an = Antarctique
continent-as = Asie
continent-eu = Europe
continent-na = Amérique du Nord
continent-oc = Océanie
continent-sa = Amérique du Sud
evidence-offer = preuve
evidence-page = réponse
rent = louer
homepage = Son site
mark-held = un prix plus récent est retenu car peu vraisemblable
mark-missed = absent de la dernière réponse
mark-retired = gamme retirée
mark-flapping = fait des allers-retours
mark-count-anomaly = plus de GPU ne coûtent pas plus cher
not-rentable = hors des exigences habituelles
with-vat = avec { $x } % de TVA

## Facturation du temps
billing-both = { $x }, { $y }
billing-per-second = à la seconde
billing-per-minute = à la minute
billing-per-hour = à l’heure
billing-per-seconds = par tranches de { $n } s
billing-granularity-unknown = tranche inconnue
billing-minimum = minimum { $x }
billing-no-minimum = sans minimum
billing-minimum-unknown = minimum inconnu

## Colonnes
col-gpu = GPU
col-pick = Comparer
col-memory = Mémoire
col-rentable = À louer, par GPU et par heure
col-floor = Plancher
col-provider = Fournisseur
col-age = Âge
col-offers = Offres
col-billing = Facturation
col-evidence = Preuve
col-compared = Offres comparées
col-parts-fresh = Parties fraîches
col-oldest = Prix le plus ancien
col-state = État
col-sells = Vend
col-part = Partie
col-last-accepted = Dernière acceptée
col-last-attempt = Dernier essai
col-result = Résultat
col-rejected = Rejetées
col-quarantined = Retenues
col-unmapped = Non reconnues
col-changed = Changées
col-bytes = Octets
col-when = Quand
col-fact = Fait
col-value = Valeur
col-source = Source
col-read-on = Lu le
col-price = Par GPU et par heure
col-market = Marché
col-place = Lieu
col-stock = Stock
col-workload = Travail
col-variant = Variante
col-time = Durée
col-time-image = Durée d’une image
col-thousand = Les 1 000 images
col-gate = Toutes les cartes d’ici ont la mémoire pour
col-larger = Les plus grandes aussi pour
col-basis = D’où on le sait
col-rank = Rang
col-total = Total
col-bill = Facture
col-useful-hour = Par heure utile
col-waited = Attente
col-policy = Entre les séances
col-line = Pour
col-quantity = Quantité
col-unit-price = Prix unitaire
col-amount = Montant
col-key = Clé
col-why = Pourquoi

## Ce que couvre une réponse
coverage-summary = Fournisseurs dans cette réponse : { $x } sur { $y }.
coverage-parts-missing = { $n ->
    [one] { $n } partie manque.
   *[other] { $n } parties manquent.
}
coverage-caption = Ce qui est dans cette réponse, ce qui n’y est pas, et pourquoi
included = dans la réponse
parts-missing = Parties qui ne sont pas dans la réponse
parts-more = { $n ->
    [one] … et { $n } autre
   *[other] … et { $n } autres
}
last-price = dernier prix :
reason-never-collected = pas encore relevé
reason-stale = trop ancien
reason-failed = le dernier essai n’a pas eu de réponse
reason-refused = la dernière réponse n’a pas été crue
reason-disabled = désactivé, ou une clé d’accès manque
reason-older-than-asked = plus ancien que demandé
reason-not-asked = pas concerné par la question
reason-no-parts = n’a pas de parties

## Prix
home-title = Prix des GPU en ce moment
home-question = Combien coûterait votre façon de travailler ?
q-make = Je fais
q-with = images par soirée avec
q-evenings = soirées par semaine, de
q-hours-after = heures chacune.
q-models = Mes modèles prennent
q-models-after = Go.
q-presence = Pendant le calcul,
q-there = je suis là
q-asleep = je dors
q-where = Où ?
q-hosts = Hôtes :
q-trusted = de confiance
q-any-host = tous
q-ask = Combien ?
presets = Ou partez d’un exemple :
preset-evenings = FLUX, trois soirées par semaine
preset-overnight = 20 000 images SDXL en une nuit
preset-lora-weekly = un LoRA par semaine
home-cheapest = Les moins chers en ce moment
home-cheapest-words = Pour chaque GPU, l’offre la moins chère que la plupart des gens peuvent louer, et la moins chère de toutes.
home-how = Ce que veulent dire les chiffres
pick-words = Marquez une carte A et une carte B.
pick-ask = Comparer A et B
home-caption = { $n ->
    [one] { $n } ligne
   *[other] { $n } lignes
}
f-gpu = GPU
f-memory = Mémoire
gib-at-least = { $x } Gio ou plus
f-market = Marché
f-continent = Où
f-currency = Devise
f-vat = TVA, %
f-more = Plus de filtres
f-provider = Fournisseur
f-segment = Type de carte
f-granularity = Facturé
f-minute-at-most = à la minute ou plus fin
f-price-max = Au plus, en USD
f-by = Une ligne par
by-gpu = GPU
by-provider = fournisseur
by-region = région
by-market = marché
f-unverified = avec les hôtes non vérifiés
f-retired = avec les gammes retirées
f-persistent = avec stockage persistant
f-free-egress = avec trafic sortant gratuit
f-show = Afficher
f-reset = Sans filtres
last-known = Rien de ce qui correspond n’est frais. Voici les derniers prix, avec leur âge : ils ne sont peut-être plus valables.
rate-of = { $x } au cours de référence de la Banque centrale européenne du { $y } ; le prix exact en dollars est à côté.
rate-none = La Banque centrale européenne n’a pas de cours pour { $x } : les prix restent en dollars.
unknown-gpu-left-out = { $n ->
    [one] { $n } offre est laissée de côté car son GPU n’est pas connu exactement.
   *[other] { $n } offres sont laissées de côté car leur GPU n’est pas connu exactement.
}
defaults = « À louer » veut dire, sauf filtre contraire :
default-market = à la demande : gardé jusqu’à ce que vous le rendiez
default-availability = pas annoncé en rupture de stock
default-gpu-count = on peut louer un seul GPU, entier
default-slices = pas de fraction de carte
default-unverified = pas d’hôte que sa place de marché n’a pas vérifié
default-retired = pas de gamme retirée
default-reliability = une note de fiabilité d’au moins 0,95, ou aucune note
hidden-spot = { $n ->
    [one] { $n } moins chère en spot
   *[other] { $n } moins chères en spot
}
hidden-serverless = { $n ->
    [one] { $n } moins chère sans serveur
   *[other] { $n } moins chères sans serveur
}
hidden-multi-gpu = { $n ->
    [one] { $n } moins chère par lot de plusieurs
   *[other] { $n } moins chères par lots de plusieurs
}
hidden-slice = { $n ->
    [one] { $n } moins chère en fraction de carte
   *[other] { $n } moins chères en fraction de carte
}
hidden-unverified = { $n ->
    [one] { $n } moins chère chez un hôte non vérifié
   *[other] { $n } moins chères chez des hôtes non vérifiés
}
hidden-low-reliability = { $n ->
    [one] { $n } moins chère mal notée
   *[other] { $n } moins chères mal notées
}
hidden-retired = { $n ->
    [one] { $n } moins chère d’une gamme retirée
   *[other] { $n } moins chères de gammes retirées
}
hidden-no-rate = { $n ->
    [one] { $n } sans prix en dollars
   *[other] { $n } sans prix en dollars
}

## Fournisseurs
providers-title = Fournisseurs
providers-words = Ceux dont les prix sont relevés, comment cela se passe, et comment chacun facture. Une réponse manquée ou refusée ne renouvelle rien : le dernier bon prix reste, avec son âge.
providers-caption = { $n ->
    [one] { $n } source
   *[other] { $n } sources
}
kind-catalogue = liste de prix
kind-marketplace = place de marché
kind-rates = cours de change
sells-rates = cours de change
health-well = tout va bien
health-not-yet = { $n ->
    [one] tout va bien ; { $n } partie pas encore relevée
   *[other] tout va bien ; { $n } parties pas encore relevées
}
health-stale = { $n ->
    [one] { $n } partie périmée : pas interrogée depuis trop longtemps
   *[other] { $n } parties périmées : pas interrogées depuis trop longtemps
}
health-ageing = { $n ->
    [one] { $n } partie vieillissante
   *[other] { $n } parties vieillissantes
}
health-bad = { $n ->
    [one] { $n } partie échoue
   *[other] { $n } parties échouent
}
rules-only-title = Seule leur facturation est connue
rules-only-words = Leurs règles de facturation ont été lues et comptent dans le simulateur ; leurs prix ne sont pas relevés.
offers-now = { $n ->
    [one] { $n } offre en ce moment.
   *[other] { $n } offres en ce moment.
}
provider-freshness = Un prix est frais jusqu’à { $x } et périmé après { $y }.
provider-interval = Intervalle entre deux collectes d’une partie : { $x }.
provider-health = Santé
provider-parts = { $n ->
    [one] { $n } partie
   *[other] { $n } parties
}
provider-counts = Nombre d’offres au fil du temps : { $x }
provider-counts-words = Nombre d’offres de chaque réponse acceptée de { $x } au fil du temps
provider-attempts = { $n ->
    [one] Le dernier essai
   *[other] Les { $n } derniers essais
}
failures = { $n ->
    [one] ({ $n } échec depuis la dernière réponse acceptée)
   *[other] ({ $n } échecs depuis la dernière réponse acceptée)
}
outcome-accepted = acceptée
outcome-refused = refusée
outcome-failed = sans réponse
problems-rejected = { $n ->
    [one] { $n } ligne n’a pas pu être lue
   *[other] { $n } lignes n’ont pas pu être lues
}
problems-held = { $n ->
    [one] { $n } prix est retenu car peu vraisemblable
   *[other] { $n } prix sont retenus car peu vraisemblables
}
problems-unmapped = { $n ->
    [one] { $n } offre dont le GPU ou le nombre est inconnu
   *[other] { $n } offres dont le GPU ou le nombre est inconnu
}
provider-billing = Règle de facturation
provider-hosts = Serveurs interrogés
provider-redactions = Retiré avant qu’une réponse soit gardée :
rule-unknown = Sa règle de facturation est inconnue.
rule-left-out = Ce qui n’est pas dans ces tableaux est inconnu. Le simulateur le compte entre le moins cher et le plus cher.
rule-notes = Ce que les chiffres ne disent pas
rule-contradictions = Sources qui se contredisent
section-time = Temps
section-states = Arrêt et hibernation
section-storage = Stockage : { $x }
section-egress = Trafic sortant
section-ingress = Trafic entrant
section-spot = Spot
section-fees = Frais
section-environment = Environnement
fact-granularity = arrondi au multiple supérieur de
fact-minimum-seconds = durée minimale facturée par démarrage
fact-minimum = montant minimal par démarrage
fact-pricing-unit = prix affichés par
fact-meter-starts = le compteur démarre
fact-image-pull = le téléchargement de l’image est facturé
fact-idle-timeout = un processus attend, facturé, pendant
fact-stopped = calcul à l’arrêt
fact-stopped-surcharge = supplément par heure à l’arrêt
fact-hibernated = calcul en hibernation
fact-keeps-gpu = une machine arrêtée garde son GPU
fact-month = heures du mois tarifaire
fact-price = prix
fact-price-running = prix en marche
fact-price-stopped = prix à l’arrêt
fact-included = compris
fact-minimum-size = taille minimale
fact-sizes-double = facturé à la taille suivante, chacune le double de la précédente
fact-on-stop = à l’arrêt de la machine
fact-on-delete = à la suppression de la machine
fact-tied-to = lié à
fact-unit = unité
fact-free = gratuit par mois
fact-free-counted = la part gratuite se compte
fact-earned = ce qu’apporte une machine est acquis en tant d’heures
fact-per-offer = fixé par chaque offre
fact-spot-pricing = le prix est
fact-notice = préavis d’éviction
fact-on-eviction = à l’éviction
fact-max-runtime = durée maximale, en heures
fact-set-up = frais de mise en route par démarrage
fact-public-ip = adresse publique par heure
fact-public-ip-at-stop = l’adresse publique est rendue à l’arrêt
fact-vcpu = processeur par heure
fact-ram = Gio de mémoire par heure
fact-more-on-top = en plus
fact-prepaid = dépôt avant le premier démarrage
fact-cap = plafond mensuel, en heures
fact-prebuilt = images prêtes avec pilotes
fact-persistent = les données survivent à la machine
value-create = à la commande de la machine
value-boot = au démarrage du système
value-running = quand elle est prête
value-second = seconde
value-minute = minute
value-hour = heure
value-month = mois
value-free = gratuit
value-full = plein tarif
value-none = cet état n’existe pas
value-kept = gardé
value-wiped = effacé
value-machine = la machine
value-zone = la zone
value-region = la région
value-provider = le fournisseur
value-market = celui du marché, le même pour tous
value-bid = celui qu’on propose
value-fixed = fixe
value-gb = Go
value-gib = Gio
value-calendar = du calendrier
value-or-chosen = { $x } ; ou, si on le choisit : { $y }
value-up-to = jusqu’à { $x } : { $y }
value-beyond = au-delà : { $x }
per-gb = { $x } par Go
per-gib = { $x } par Gio
per-gb-month = { $x } par Go et par mois
per-gib-month = { $x } par Gio et par mois
per-gb-hour = { $x } par Go et par heure
per-gib-hour = { $x } par Gio et par heure
value-account-month = par compte et par mois
value-machine-month = par machine et par mois
value-machine-hour = par machine et par heure

## Un GPU
gpu-history = L’évolution de son prix
gpu-history-words = Prix le plus bas de { $x } par GPU et par heure au fil du temps, à la demande et en spot
gpu-history-note = Prix le plus bas par GPU et par heure, de l’heure ou du jour ; la bande va du quartile inférieur à la médiane, à la demande. Un trou est un temps sans prix digne de foi.
gpu-history-none = Rien n’en a été vu pendant ce temps.
week-title = Selon l’heure de la semaine
week-zone = Fuseau horaire
week-show = Afficher
week-median = La moitié du temps au plus
week-volatility = D’un jour à l’autre, il bouge de { $x } % (médiane)
week-rise = Pire hausse :
week-spot = Le spot coûte { $x } du prix à la demande
week-known = Sur 30 jours : { $x } sont connus, { $y } ne le sont pas, ou rien n’était offert
week-caption-rentable = { $x } à la demande, selon l’heure de { $y } : prix à louer le plus bas en dollars par GPU et par heure, au plus autant la moitié du temps. Plus c’est foncé, plus c’est cher.
week-caption-lowest = { $x } à la demande, selon l’heure de { $y } : prix le plus bas en dollars par GPU et par heure, au plus autant la moitié du temps. Plus c’est foncé, plus c’est cher.
weekday-mon = lun.
weekday-tue = mar.
weekday-wed = mer.
weekday-thu = jeu.
weekday-fri = ven.
weekday-sat = sam.
weekday-sun = dim.
window-day = jour
window-week = semaine
window-month = mois
window-year = année
gpu-offers = Offres
gpu-offers-first = { $n ->
    [one] L’offre la moins chère
   *[other] Les { $n } offres les moins chères, de toute sorte
}
gpu-offers-all = { $n ->
    [one] Une offre
   *[other] Les { $n } offres, de toute sorte
}
stock-available = disponible
stock-low = il en reste peu
stock-out = en rupture
stock-not-stated = non précisé
gpu-workloads = Ce qu’il fait tourner
gpu-workloads-words = La durée d’une image, d’une vidéo ou d’un pas d’entraînement avec la meilleure variante qui reste dans sa mémoire sans être compilée ; s’il n’y en a pas, avec une qui recourt à d’autres moyens, signalée.
gpu-workloads-caption = Travaux sur { $x }
tight = peut manquer de mémoire
estimate = estimation
does-not-fit = ne tient pas ou ne tourne pas
needs-gib = demande au moins { $x } Gio
range = { $x } à { $y }
unit-image = par image
unit-clip = par vidéo
unit-step = par pas d’entraînement
unit-gb-s = Go/s
basis-measured = { $n ->
    [one] mesuré sur cette carte, { $n } chiffre publié
   *[other] mesuré sur cette carte, { $n } chiffres publiés
}
basis-scaled = { $n ->
    [one] d’après { $x } sur cette carte, { $n } chiffre publié
   *[other] d’après { $x } sur cette carte, { $n } chiffres publiés
}
basis-estimated = d’après { $x }, par le rapport des indices de vitesse, { $y } contre { $z }
gpu-compare = À côté de { $x }
gpu-specs = Caractéristiques
spec-manufacturer = Fabricant
spec-architecture = Architecture
spec-memory = Mémoire
spec-bandwidth = Bande passante
spec-fp16 = FP16 tensoriel, dense
spec-fp16-fp32 = FP16 tensoriel, dense, cumul en FP32
spec-fp32 = FP32
spec-bf16 = BF16
spec-fp8 = FP8
spec-fp4 = FP4
spec-tdp = Puissance
spec-interconnect = Interconnexion
spec-year = Année de sortie
spec-segment = Type de carte
spec-source = Source :

## Deux GPU
compare-title = { $x } ou { $y }
compare-caption = Ce qu’ils sont, et ce qu’ils coûtent maintenant par GPU et par heure
compare-cheapest = Le moins cher, { $x }
compare-providers = Fournisseurs, { $x }
compare-median = Médiane, { $x }
compare-seen = Vu, { $x }
compare-gib-hour = Un Gio de mémoire par heure, { $x }
accumulate-fp16 = cumul en FP16 ; { $x } avec cumul en FP32
accumulate-either = cumul en FP16 ou en FP32
accumulate-unknown = mode de cumul non connu
compare-workloads = Ce qu’ils font tourner
compare-workloads-words = Durée et coût de la meilleure variante qui reste dans la mémoire de chaque carte sans être compilée ; s’il n’y en a pas, d’une qui recourt à d’autres moyens, signalée. Un coût est le prix à louer le plus bas multiplié par la durée : l’attente, le démarrage, l’arrondi et le stockage s’y ajoutent.
compare-workloads-caption = Travaux dont la durée est connue sur l’un des deux au moins ; vitesses réunies le { $x }
compare-tied = les intervalles des durées se recoupent
compare-other-series = Les deux durées viennent de séries de mesures différentes et se comparent mal.
compare-sources = { $x }, durée d’après :
compare-fit-both = Tiennent sur les deux, durées non connues :
compare-fit-one = Tiennent sur { $x } seul, durées non connues :
compare-fit-neither = Rien ne dit qu’ils tiennent sur l’un ou l’autre :
thousand-images = 1 000 images, { $x } :
thousand-clips = 1 000 vidéos, { $x } :
thousand-steps = 1 000 pas d’entraînement, { $x } :
known-measured = mesuré sur cette carte
known-scaled = d’après une autre variante sur cette carte
known-estimate = estimation d’après une autre carte
share-range = D’après les intervalles de durées et de prix : de { $x } à { $y }.
share-below = seulement en dessous de { $x }
share-no-offer = On ne sait pas quand la carte la plus chère coûte moins : aucune offre de { $x } n’est à louer à la demande en ce moment.
share-stale = On ne sait pas quand la carte la plus chère coûte moins : le dernier prix de { $x } à la demande est trop ancien.
share-no-fit = On ne peut pas dire quand la carte la plus chère coûte moins : ceci ne tourne pas sur { $x }.
share-no-speed = On ne sait pas quand la carte la plus chère coûte moins : la durée sur { $x } n’est pas connue.

## Le simulateur
simulate-title = Combien cela me coûterait-il ?
form-work = Le travail
form-model = Modèle
form-images = Images par séance
form-steps = Pas
form-work-hours = Heures de calcul par séance
form-vram = Mémoire nécessaire, Gio
form-models-gb = Modèles gardés, Go
form-kept = Images emportées par séance
form-when = Quand
form-evenings = Séances par semaine
form-sessions = Séances en tout
form-hours = Heures par séance
form-from = De
form-by = Fini à
form-days = Jours en tout
form-presence = Pendant le calcul
form-hosts = Hôtes
form-present-card = La carte que vous avez
form-limits = Limites
form-usual = selon le plan
form-on-demand = à la demande et sans serveur
form-spot-too = spot aussi
form-spot-only = spot seulement
form-budget = Budget, USD
form-policy = Entre les séances
form-own-card = Comparer à un achat
form-own-price = Son prix, USD
form-own-kwh = Le kWh, USD
form-none = aucune
policy-best = le moins cher
policy-keep = laisser tourner
policy-stop = arrêter
policy-delete = supprimer
policy-network-volume = supprimer, garder un volume
policy-serverless = processus à la requête
simulate-ranking = Classement
simulate-sessions = { $n ->
    [one] { $n } séance
   *[other] { $n } séances
}
simulate-images = { $n ->
    [one] { $n } image
   *[other] { $n } images
}
simulate-days = { $n ->
    [one] { $n } jour
   *[other] { $n } jours
}
simulate-how = Classé par le haut de la fourchette du total : carte lente, et chaque fait inconnu au plus cher.
simulate-caption = Les { $x } premières lignes sur { $y } ; une par fournisseur, GPU et gamme
tied = à égalité avec la première
sticker = { $n ->
    [one] { $n }re au prix horaire
   *[other] { $n }e au prix horaire
}
total-from = à partir de
total-open = son prix horaire est un prix « à partir de » : le total peut être plus élevé
not-in-time = pas fini à temps
bill-whole = La facture entière
bill-caption = Lignes dont la somme est le total
bill-rounded = Les lignes sont arrondies au centime ; la somme de leurs montants exacts, donnés dans le JSON de la facture, est le total.
bill-json = la facture en JSON
bar-words = De quoi se compose la facture de { $x } chez { $y }
line-offer-price = le prix de l’offre
row-variant = Variante : { $x }
row-seconds = { $x } par image,
row-estimate = une estimation
row-measured = mesuré
row-per-1000 = Les 1 000 images :
row-click = Du clic à la première image : { $x }
row-other-policy = Au lieu de cela, « { $x } » :
row-break-even = Arrêter coûte moins que laisser tourner pour des pauses de plus de { $x }
row-unknown = Inconnu :
row-hourly = Par GPU et par heure :
spot-evictions = { $x } évictions en moyenne.
spot-half = la moitié des tirages coûtent au plus
spot-95 = 95 % au plus
own-card = Votre propre { $x }
group-work = calcul
group-idle = en marche, vous attend
group-start = démarrage et téléchargements
group-rounding = arrondi et minimum
group-stopped = à l’arrêt
group-storage = stockage
group-traffic = trafic entrant et sortant
group-other = autres
line-work = calcul
line-idle = en marche, vous attend
line-boot = démarrage
line-image-pull = téléchargement de l’image
line-download = téléchargement des modèles
line-set-up = chargement des modèles
line-lost = évictions
line-rounding = arrondi et minimum
line-minimum = minimum par démarrage
line-cap = au-delà du plafond mensuel
line-stopped = à l’arrêt
line-hibernated = en hibernation
line-public-ip = adresse publique
line-set-up-fee = frais de mise en route
line-disk-running = disque, en marche
line-disk-stopped = disque, à l’arrêt
line-network-volume = volume réseau
line-egress = trafic sortant
line-ingress = trafic entrant
line-discount = remise
line-credit = crédit
line-tax = taxe
line-write-off = amortissement
line-electricity = électricité
unknown-granularity = à quel multiple le temps est arrondi
unknown-minimum = le minimum facturé par démarrage
unknown-meter-start = si le démarrage est facturé
unknown-image-pull = si le téléchargement d’une image est facturé
unknown-stopped = si une machine arrêtée est facturée
unknown-hibernated = si une machine en hibernation est facturée
unknown-disk = ce que coûte le disque de la machine
unknown-disk-stopped = ce que coûte le disque d’une machine arrêtée
unknown-network-volume = ce que coûte un volume réseau
unknown-month = combien d’heures a le mois d’un prix de stockage
unknown-egress = ce que coûte le trafic sortant
unknown-ingress = ce que coûte le trafic entrant
unknown-apart = combien de processeur et de mémoire est facturé à part
unknown-above-from = de combien le prix demandé dépasse son prix « à partir de »
unknown-more-on-top = ce qui s’ajoute encore au prix
unknown-speed = à quelle vitesse sa carte fait ce travail
deciding-title = Ce qui changerait la première place
deciding-row = La ligne { $n } serait première si ceci était au moins cher :
frontier-title = Le coût contre l’attente
frontier-words = Les lignes que rien ne bat sur les deux : en descendant la liste, on paie plus et on attend moins.
frontier-axes = En largeur : heures d’attente sur toute la durée. En hauteur : le total. En gris : les autres lignes.
frontier-waited = { $x } d’attente
frontier-price = une heure de moins coûte
busy-title = Quand la carte la plus chère coûte-t-elle moins ?
busy-one = Une carte
busy-other = L’autre
busy-ask = Comparer
busy-above = { $x } coûte moins là où { $y } calculerait plus de { $z } % du temps.
busy-always = { $x } coûte toujours moins, quelle que soit la part du temps où { $y } calculerait.
busy-never = { $x } ne coûte jamais moins : même en calculant tout le temps, elle ne rattrape pas son prix face à { $y }.
busy-undecided = On ne sait pas assez bien de combien { $x } est plus rapide que { $y } pour dire laquelle coûte moins.
busy-axes = En largeur : part du temps où la carte lente calcule. En hauteur : ce que son heure de travail coûte sur chacune.
assumptions-title = Ce qui a été supposé
assumptions-words = Chacune de ces valeurs se remplace en donnant sa clé dans l’adresse.
plan-presence = vous regardez entre les séries
plan-days = un mois
plan-evenings = séances par semaine
plan-burst = images entre deux regards
plan-hours = durée d’une séance
plan-present-card = la carte sur laquelle vos heures sont comptées
plan-looking = minutes de regard par séance : sa durée moins ce que calcule votre carte actuelle ; pareil sur toute carte
plan-policy = pour chaque offre, ce qui coûte le moins
plan-hosts = des hôtes vérifiés, et pas de gamme communautaire
plan-models = ce que prend ce modèle seul
plan-checkpoint = minutes de travail qu’une éviction détruit au plus
plan-evictions = spot : une hypothèse ; aucun fournisseur ne publie de taux horaire
plan-capacity = spot : minutes d’attente d’une autre machine ; une hypothèse
plan-set-up = secondes pour charger les modèles et lancer le programme ; aucun chiffre publié
plan-boot = secondes de la commande à la mise en marche ; aucun chiffre publié
plan-image = une image courante avec CUDA et une interface
plan-system = disque en plus des modèles et de l’image
plan-download = ce que donnent les sites de modèles ; un hôte plus lent donne moins
plan-cold-start = secondes avant qu’un processus sans serveur calcule ; aucun chiffre publié
plan-idle-timeout = secondes d’attente d’un processus sans serveur, quand la règle du fournisseur ne le dit pas
plan-machines = machines à la fois, pour finir à temps
plan-mb-per-image = la taille d’une image en fichier
plan-images-kept = toutes les images sont emportées
plan-from = quand cela commence
plan-market = ce qui peut être repris ne compte que si personne n’attend
plan-keep-running = personne n’arrête une machine pour une pause plus courte
left-no-speed = on ne sait pas à quelle vitesse cela y tourne : { $x }
plan-own-months = mois sur lesquels votre carte s’amortit
plan-own-watts = watts : le chiffre de la carte, et 150 pour le reste de la machine
plan-own-kwh = une hypothèse ; regardez votre facture
bound-seconds = { $x } s au plus
bound-per-gb-month = { $x } USD par Go et par mois au plus
bound-per-gb-out = { $x } USD par Go sortant au plus
bound-per-gb-in = { $x } USD par Go entrant au plus
bound-month-hours = de 672 à 744 heures
bound-left-out = laissé de côté
bound-at-that = compté à ce montant
bound-from = un prix « à partir de » : un minimum ; ces lignes viennent après les autres
bound-granularity = le multiple auquel le temps est arrondi, quand une règle ne le dit pas
bound-minimum = le minimum que coûte un démarrage, quand une règle ne le dit pas
bound-storage = le prix du stockage : le plus cher des règles connues, { $x }
bound-egress = le prix du trafic sortant : le plus cher des règles connues, { $x }
bound-ingress = le prix du trafic entrant : le plus cher des règles connues, { $x }
bound-month = le nombre d’heures du mois d’un prix de stockage
bound-more-on-top = ce qui s’ajoute et que seule une commande révèle
left-out-title = Offres qui ne sont pas comparées

## Erreurs
problem-bad-parameter = Une valeur est inutilisable
problem-not-found = Introuvable
problem-method = Cette adresse demande une autre méthode
problem-too-often = Trop de requêtes
problem-unavailable = Indisponible pour le moment
problem-not-allowed = Non autorisé
problem-internal = Une faute de ce programme
problem-parameter = La valeur en cause :
problem-allowed = Permis :
fix-bad-parameter = Changez la valeur dans l’adresse, ou revenez en arrière et choisissez-en une autre.
problem-no-gpu = aucun GPU ne s’appelle « { $name } » ; la page des prix donne ceux qui sont en vente : { "" }
problem-no-workload = aucun travail ne s’appelle « { $name } » ; une page les donne : { "" }
problem-no-workload-near = aucun travail ne s’appelle « { $name } » ; vouliez-vous dire « { $near } » ? Une page les donne : { "" }
problem-no-key = aucune clé de plan ne s’appelle « { $name } » ; le formulaire du simulateur a les plus courantes : { "" }
problem-no-key-near = aucune clé de plan ne s’appelle « { $name } » ; vouliez-vous dire « { $near } » ? Le formulaire du simulateur a les plus courantes : { "" }
problem-nothing-here = Il n’y a pas de page à cette adresse.
fix-not-found = Cherchez-le sur l’une de ces pages.
fix-later = Redemandez dans un instant.
fix-other = Revenez à l’une de ces pages.

## Méthode
about-title = Méthode
about-what = gpurate relève ce que les fournisseurs demandent pour louer des GPU, à la demande, en spot et sans serveur, le ramène à une seule unité, le dollar par heure d’un GPU entier, et calcule ce que coûte vraiment une façon de travailler quand l’arrondi, les minimums, les démarrages, le stockage et le trafic sont dans la facture.
about-source-title = D’où viennent les prix
about-source = Chaque fournisseur est interrogé à intervalles réguliers, par ses propres interfaces et dans ses limites. Un fournisseur a des parties (une région, un modèle de GPU) ; une partie est prise entière ou pas du tout. Ce qui ne correspond à aucun GPU connu est gardé et compté comme non reconnu, jamais deviné.
about-evidence = La réponse où un prix a été lu est gardée. « Preuve » mène à tout ce qu’on sait d’une offre, « réponse » à la réponse du fournisseur telle qu’elle est venue, sans les données personnelles.
about-ages-title = Âges
about-ages = Un âge est le temps passé depuis qu’une réponse acceptée contenait l’offre. Le moment d’une réponse manquée ou qui n’a pas été crue ne compte pas.
about-stale = Ce qui est frais dépend de la source : les places de marché et le spot se périment en quelques heures, les listes de prix en quelques jours. Un prix périmé quitte « les moins chers » et se signale par un mot là où il reste visible.
about-gaps = Chaque réponse dit quels fournisseurs y sont et lesquels n’y sont pas, et pourquoi : un fournisseur qui se tait ne doit pas ressembler à une hausse. Dans un graphique, ce temps est un trou.
about-live-title = En direct et recopié
about-live = Un prix en direct a été lu à une source qui dit ce qui est en vente maintenant. Tous les prix montrés ici sont en direct.
about-listed = Un prix recopié a été lu sur une page par quelqu’un qui l’a noté avec son adresse et sa date, parce que le fournisseur n’a pas de source ouverte. Son âge compte à partir de ce jour. Les deux ne sont jamais mêlés sans le dire.
about-figures-title = À louer, plancher, médiane
about-rentable = « À louer » est l’offre la moins chère qui convient à la plupart des gens : à la demande, un GPU entier, en stock pour autant qu’on sache, chez un hôte qui n’est pas non vérifié.
about-floor = « Plancher » est la moins chère de tout ce qui passe vos filtres : spot, fractions de carte et hôtes non vérifiés compris. La ligne dit combien d’offres moins chères chaque exigence a cachées.
about-median = La médiane prend chaque machine une fois, pour qu’un hôte aux offres nombreuses ne pèse pas plus.
about-currency = Les autres devises sont converties au cours de référence de la Banque centrale européenne du jour indiqué. Un prix donné en euros est montré en euros tel quel.
about-gate-title = Ce qui est cru
about-gate = Une réponse qui a perdu sa forme ou une grande part de ses lignes est refusée en entier, et un prix qui a bougé de plus d’un facteur trois est retenu jusqu’à ce qu’il se répète. Le dernier bon prix reste alors, avec son vrai âge.
about-billing-title = Règles de facturation
about-billing = Chaque fait d’une règle de facturation a sa source et le jour où il a été lu. Ce qui est inconnu reste inconnu ; le simulateur compte alors du moins cher au plus cher, et dit quel fait déciderait.
about-speed-title = Vitesses
about-speed = Les durées par image sont des mesures publiées quand il y en a, sinon des estimations par le rapport d’indices de vitesse, signalées comme telles et avec leur fourchette. Les lignes dont les fourchettes se recouvrent sont à égalité.
about-simulator-title = Le simulateur
about-simulator = Une facture est une liste de lignes dont la somme est exactement le total. Regarder des images prend le même temps sur toute carte ; calculer, non. Tout ce qui a été supposé est montré et peut être remplacé.
about-language-title = Langues
about-language = Les pages sont en français et en anglais. Ce que disent les sources, les fournisseurs et les notes des fiches, et les messages d’erreur plus rares, est montré dans sa langue, le plus souvent l’anglais.
about-privacy-title = Vous
about-privacy = Ni cookie, ni script, ni contenu d’un autre site, et votre plan n’est nulle part ailleurs que dans l’adresse.

## Le guide
guide-title = Quel GPU louer pour générer des images ?
guide-what = De combien de mémoire votre modèle a besoin, quelles cartes l’ont, ce que chacune coûte en ce moment et combien de temps y prend une image, et quelle offre revient le moins cher pour trois façons de travailler. Chaque chiffre est recalculé d’après le marché ; quand les prix du jour contredisent le conseil habituel, le guide le dit.
guide-workload = Ce que vous faites
guide-usage = Comment vous travaillez
usage-either = l’un ou l’autre
usage-interactive = devant l’écran
usage-batch = par lots, sans surveiller
guide-counts = Durées et coûts sont ceux d’une image de { $x }
guide-compiled = Vitesses rassemblées le { $x }.
guide-picks = Trois façons de travailler, trois choix
guide-picks-words = Chaque plan a été passé au simulateur avec toutes les offres du moment : arrondi, minimums, démarrages, stockage et trafic sont dans le total. Le conseil habituel lui a été opposé.
guide-chart = Coût et durée d’un coup d’œil
guide-chart-words = Ce que coûtent 1 000 images pendant que la carte calcule, et combien de temps en prend une, avec les cartes où le modèle tient en entier. Le trait fin va du moins au plus quand la durée n’est pas connue exactement.
guide-chart-none = D’aucune carte proposée en ce moment on ne sait ce que coûtent 1 000 images de { $x }.
guide-chart-more = { $n ->
    [one] { $n } autre est dans les tableaux ci-dessous.
   *[other] { $n } autres sont dans les tableaux ci-dessous.
}
guide-tiers = La mémoire est la barrière
guide-tiers-words = Une carte sous la barrière ne fait pas tourner le modèle du tout, ou seulement en déplaçant des poids entre l’hôte et la carte, ce qui est lent. Moins de bits prennent moins de mémoire et souvent moins de temps ; l’image diffère de celle du modèle d’origine.
guide-gates-caption = Ce qui tourne avec cette mémoire
guide-gpus-caption = Cartes proposées en ce moment ; durée et coût sont ceux de { $x }
sim-gpus = { $n } GPU
guide-gpus-more = { $n ->
    [one] { $n } autre carte
   *[other] { $n } autres cartes
}
guide-compare = { $x } et { $y } côte à côte
guide-not-offered = Pas proposées en ce moment :
guide-beyond = Au-delà de la vitesse et du prix
guide-beyond-words = D’après les règles de facturation de ceux qui ont quelque chose à louer en ce moment. Ce qu’une règle ne dit pas est inconnu.
guide-questions = Quatre questions
pick-interactive = Devant l’écran
pick-overnight = Pendant la nuit
pick-fine-tuning = Affinage
pick-plan-evenings = FLUX.1 dev, trois soirées de 2,5 h par semaine, 150 images chacune, 20 gardées, chez des hôtes de confiance.
pick-plan-overnight = 20 000 images SDXL à 30 pas en une nuit, finies à 8 h, interruptible permis, toutes gardées.
pick-plan-lora = Un LoRA par semaine : 6 h d’entraînement sur une carte de 24 Go avec un point de reprise toutes les 30 min, puis une heure d’essais, à la demande.
pick-but-with = Ici avec { $x }.
pick-tied = Ne s’en distinguent pas :
pick-less-waiting = Attendre moins, pour plus cher
pick-simulate = { $n ->
    [one] Ce plan dans le simulateur, { $n } ligne
   *[other] Ce plan dans le simulateur, { $n } lignes
}
verdict-confirmed = Conforme au conseil.
verdict-contradicted = Contre le conseil.
verdict-undecided = Indécis.
verdict-unknown = Rien à lui opposer.
gpu-at = { $x } chez { $y }
tier-bounds = De { $x } à moins de { $y } Gio
tier-open = { $x } Gio et plus
tier-nothing-fits = Rien ne dit que cela tourne ici :
gate-none = rien dont toutes les cartes d’ici aient la mémoire
variants-all = { $n ->
   *[other] Les { $n } manières, dans les données
}
gate-same = pareil
gate-else = sinon : { $x }
pick-plan-total = total du plan
workload-lora = Entraînement de LoRA, { $x }
workload-fine-tune = Affinage complet, { $x }
workload-upscale-4 = Agrandissement par 4, { $x }
workload-upscale = Agrandissement, { $x }
tier-sources = Les manières par leur nom, avec leurs sources
variant-full = 16 bits, comme à l’origine
variant-bits = { $x } bits
variant-speed = { $x } × la vitesse en 16 bits
variant-speed-unknown = vitesse non mesurée
variant-offload = déplace des poids entre l’hôte et la carte
variant-compiled = compilé d’abord
variant-needs = demande { $x }
feature-bf16 = bf16
feature-int8 = des noyaux d’entiers de 8 bits
feature-svdquant = des noyaux SVDQuant de 4 bits
feature-torchao = des noyaux torchao de 4 bits
feature-fp8 = des cœurs tensoriels fp8
feature-fp4 = des cœurs tensoriels fp4
sources-more = { $n ->
    [one] et { $n } autre
   *[other] et { $n } autres
}
beyond-granularity = Facturé
beyond-minimum = Minimum
beyond-eviction = Spot repris
beyond-persistent = Données gardées
beyond-volume = Volume
beyond-images = Images prêtes
beyond-egress = Trafic sortant
beyond-no-spot = pas d’offre spot à louer dans les conditions habituelles en ce moment
beyond-unknown-for-some = inconnu pour certaines offres
unit-gb = Go
unit-gib = Gio
unit-gb-month = Go et par mois
unit-gib-month = Gio et par mois
unit-gb-hour = Go et par heure
unit-gib-hour = Gio et par heure
evicted-stop = arrêtée, disque gardé
evicted-pause = mise en pause, disque gardé
evicted-hibernate = en hibernation, disque gardé
evicted-delete = supprimée
evicted-wipe = déplacée avec un disque vide
evicted-choice = { $x }, ou au choix { $y }
question-vram = De combien de mémoire SDXL et FLUX ont-ils besoin ?
question-faster = Un GPU plus rapide vaut-il son prix ?
question-spot = Spot ou à la demande ?
question-granularity = Pourquoi la tranche de facturation compte-t-elle ?
answer-age = Le plus ancien des prix cités a été vu il y a { $x }.
home-guide-words = Pas sûr de la carte ?
gpu-guide = Sa place dans le guide

## Les phrases des vues : les mêmes chiffres, par leur nom.
said-means-both = seulement en déplaçant des poids entre l’hôte et la carte, et après compilation
said-means-offload = seulement en déplaçant des poids entre l’hôte et la carte
said-means-compile = seulement après des minutes de compilation
said-fit-no-way = on ne connaît aucune façon de le faire tourner sur un seul GPU
said-fit-too-large = { $variant } : demande { $needed } Gio et 1 de plus, on en obtient { $usable }
said-fit-smaller-card = { $variant } : dit tourner sur une carte de { $card } Gio, celle-ci en a { $usable }
said-fit-lacks = { $variant } : il manque à la carte { $feature }
said-fit-other-make = { $variant } : son logiciel est pour d’autres marques de carte
said-fit-memory-unknown = { $variant } : on ne sait pas combien de mémoire il lui faut
said-advice-interactive = Conseil habituel : devant l’écran, prendre la plus rapide de { $first }, { $second } et { $third } ; elle vaut son prix horaire plus élevé.
said-advice-batch = Conseil habituel : pour un lot que personne ne surveille, prendre le prix horaire le plus bas, spot compris.
said-advice-fine-tuning = Conseil habituel : pour un affinage, prendre celle de { $first }, { $second } et { $third } qui a le plus de mémoire et de bande passante, à la demande.
said-finding-confirmed = Les prix du jour le confirment : { $gpu } chez { $provider } ({ $market }, { $price } $/h, prix vu il y a { $age }) revient le moins cher, { $total } $ en { $days }.
said-finding-contradicted = Les prix du jour disent le contraire : { $gpu } chez { $provider } ({ $market }, { $price } $/h, prix vu il y a { $age }) revient à { $total } $ en { $days }, { $usual_gpu }, conseillée, chez { $usual_provider } ({ $usual_market }, { $usual_price } $/h, prix vu il y a { $usual_age }), à { $usual_total } $.
said-finding-contradicted-waiting = Pour le coût, les prix du jour disent le contraire : { $gpu } chez { $provider } ({ $market }, { $price } $/h, prix vu il y a { $age }) revient à { $total } $ en { $days }, { $usual_gpu }, conseillée, chez { $usual_provider } ({ $usual_market }, { $usual_price } $/h, prix vu il y a { $usual_age }), à { $usual_total } $ ; avec celle-ci on attend { $saved } de moins, à { $per_hour } $ l’heure d’attente évitée.
said-finding-contradicted-late = Les offres du jour disent le contraire : { $gpu } chez { $provider } ({ $market }, { $price } $/h, prix vu il y a { $age }) revient à { $total } $ et finit à temps, { $usual_gpu }, conseillée, chez { $usual_provider } ({ $usual_market }, { $usual_price } $/h, prix vu il y a { $usual_age }), non.
said-finding-undecided = Les prix du jour ne tranchent pas : { $gpu } chez { $provider } ({ $market }, { $price } $/h, prix vu il y a { $age }) revient à { $total } $ en { $days }, { $usual_gpu }, conseillée, chez { $usual_provider } ({ $usual_market }, { $usual_price } $/h, prix vu il y a { $usual_age }), à { $usual_total } $.
said-finding-not-offered = { $gpu } chez { $provider } ({ $market }, { $price } $/h, prix vu il y a { $age }) vient en tête avec { $total } $ en { $days } ; rien de ce que vise le conseil n’est proposé en ce moment.
said-finding-confirmed-tied = Les prix du jour le confirment pour autant qu’ils le peuvent : { $gpu } chez { $provider } ({ $market }, { $price } $/h, prix vu il y a { $age }) vient en tête avec { $total } $ en { $days } ; les fourchettes d’autres offres, au nombre de { $tied }, l’atteignent : on ne sait pas laquelle revient le moins cher.
said-finding-stale = Ce qui pourrait le faire n’a que des prix trop anciens : `gpurate collect` interroge de nouveau, et `/api/v1/providers` dit ce qui a échoué.
said-finding-late = Rien de ce qui est proposé en ce moment ne finirait à temps ; le moins cher de ce qui serait en retard est { $gpu } chez { $provider } ({ $market }, { $price } $/h, prix vu il y a { $age }), { $total } $.
said-finding-nothing = Rien de ce qui pourrait le faire n’est proposé en ce moment.
said-finding-nothing-because = Rien de ce qui est proposé en ce moment ne peut être classé pour cela : { $reason }.
said-finding-no-plan = Ce plan ne peut pas se faire avec { $workload } : { $reason }.
said-vram-three = { $workload } prend { $gib_16 } Gio en 16 bits, { $gib_8 } en 8 bits et { $gib_4 } en 4 bits avec tout dans la mémoire de la carte, et il doit rester 1 Gio.
said-vram-two = { $workload } prend { $gib_16 } Gio en 16 bits et { $gib_less } en { $bits } bits avec tout dans la mémoire de la carte, et il doit rester 1 Gio.
said-vram-one = { $workload } prend { $gib } Gio en { $bits } bits avec tout dans la mémoire de la carte, et il doit rester 1 Gio.
said-vram-unknown = On ne sait pas combien de mémoire prend { $workload } quand tout y est.
said-vram-offload = En déplaçant des poids entre l’hôte et la carte, { $workload } tourne à partir de { $gib } Gio, à { $percent } % de la vitesse en 16 bits.
said-vram-offload-unmeasured = En déplaçant des poids entre l’hôte et la carte, { $workload } tourne à partir de { $gib } Gio ; de combien il ralentit, personne ne l’a mesuré.
said-vram-slower = { $workload } tourne aussi dans { $gib } Gio en { $bits } bits, à { $percent } % de la vitesse du 16 bits ordinaire.
said-vram-tensors = Pour { $workload }, le total en { $bits } bits ne compte que les tenseurs : l’allocateur prend environ 2,3 Gio de plus.
said-vram-last-price = Des cartes du palier qui commence à { $from } Gio, aucun prix à la demande n’est récent ; le dernier était de { $price } $ l’heure : { $gpu } chez { $provider }, prix vu il y a { $age }.
said-vram-price = À partir de { $from } Gio, mais sous { $below }, une carte coûte au moins { $price } $ l’heure : { $gpu } chez { $provider }, prix vu il y a { $age }.
said-vram-price-open = À partir de { $from } Gio, une carte coûte au moins { $price } $ l’heure : { $gpu } chez { $provider }, prix vu il y a { $age }.
said-vram-no-price = Des cartes du palier qui commence à { $from } Gio, rien n’est à louer à la demande en ce moment.
said-faster-above = { $faster } fait une image de { $workload } en { $faster_seconds } s pour { $faster_price } $ l’heure, { $slower } en { $slower_seconds } s pour { $slower_price } (prix vus il y a { $age } au plus) : aux durées typiques, la plus rapide coûte moins là où { $slower } calculerait plus de { $share } % du temps ; en dessous, la plus lente.
said-faster-always = { $faster } fait une image de { $workload } en { $faster_seconds } s pour { $faster_price } $ l’heure, { $slower } en { $slower_seconds } s pour { $slower_price } (prix vus il y a { $age } au plus) : la plus rapide coûte moins, quelle que soit la façon de travailler.
said-faster-never = { $faster } fait une image de { $workload } en { $faster_seconds } s pour { $faster_price } $ l’heure, { $slower } en { $slower_seconds } s pour { $slower_price } (prix vus il y a { $age } au plus) : la plus lente coûte moins, même sans jamais se reposer.
said-faster-undecided = { $faster } fait une image de { $workload } en { $faster_seconds } s pour { $faster_price } $ l’heure, { $slower } en { $slower_seconds } s pour { $slower_price } (prix vus il y a { $age } au plus) : ces fourchettes ne disent pas laquelle coûte moins.
said-faster-ends = D’après les fourchettes des durées, cette part va de { $low } à { $high } %.
said-faster-ends-never = D’après les fourchettes des durées, cette part est d’au moins { $low } %, et il se peut que la plus rapide ne coûte jamais moins.
said-faster-ends-always = D’après les fourchettes des durées, cette part est d’au plus { $high } %, et il se peut que la plus rapide coûte toujours moins.
said-faster-ends-any = D’après les fourchettes des durées, il se peut que la plus rapide coûte toujours moins, ou jamais.
said-faster-waiting-estimate = Devant l’écran, la carte plus rapide qui suit { $gpu } chez { $provider } est { $faster } chez { $faster_provider } : d’après des durées estimées, on attend environ { $saved } de moins en { $days } et on paie environ { $more } $ de plus, environ { $per_hour } $ par heure d’attente évitée.
said-faster-batch-tied = Sans surveillance, { $gpu } chez { $provider } ({ $market }, prix vu il y a { $age }) vient en tête à la durée typique : { $usd } $ les 1 000 images de { $workload } ; les fourchettes d’autres cartes, au nombre de { $tied }, l’atteignent : on ne sait pas laquelle coûte le moins.
said-faster-unknown = Parmi les cartes que l’on compare d’habitude, il n’y en a pas deux qui aient en ce moment un prix récent et une vitesse connue pour { $workload }.
said-faster-waiting = Devant l’écran, la carte plus rapide qui suit { $gpu } chez { $provider } est { $faster } chez { $faster_provider } : on attend { $saved } de moins en { $days } et on paie { $more } $ de plus, { $per_hour } $ par heure d’attente évitée, à l’extrémité lente des deux.
said-faster-no-less-waiting = Devant l’écran, aucune autre carte plus chère que { $gpu } chez { $provider } ne fait attendre moins.
said-faster-batch = Sans surveillance, { $gpu } chez { $provider } ({ $market }, prix vu il y a { $age }) coûte le moins : { $usd } $ les 1 000 images de { $workload }, à la durée typique.
said-spot-cheaper = Sur { $gpu }, 1 000 images de { $workload } coûtent { $spot } $ en spot (chez { $spot_provider }, prix vu il y a { $spot_age }) et { $on_demand } $ à la demande (chez { $provider }, prix vu il y a { $age }), évictions non comprises : { $percent } % de moins.
said-spot-not-cheaper = Le spot ne paie pas en ce moment : sur { $gpu }, 1 000 images de { $workload } coûtent { $spot } $ en spot (chez { $spot_provider }, prix vu il y a { $spot_age }) et { $on_demand } $ à la demande (chez { $provider }, prix vu il y a { $age }).
said-spot-alone = 1 000 images de { $workload } coûtent { $spot } $ sur { $gpu } en spot (chez { $spot_provider }, prix vu il y a { $spot_age }) ; à la demande, cette carte n’a pas en ce moment de prix à lui opposer.
said-spot-bounds = Sur { $gpu }, 1 000 images de { $workload } coûtent { $spot } $ en spot (chez { $spot_provider }, prix vu il y a { $spot_age }) et { $on_demand } $ à la demande (chez { $provider }, prix vu il y a { $age }) : l’un des deux est un minimum, on ne sait donc pas de combien c’est moins.
said-spot-stale = Tous les prix spot sont trop anciens, le plus récent a été vu il y a { $age } : on ne sait pas si le spot paie en ce moment ; `gpurate collect` interroge de nouveau.
said-spot-none = Aucune offre spot à louer n’a de vitesse connue pour { $workload } en ce moment : il n’y a rien à comparer.
said-spot-night = La nuit du plan nocturne coûte, à l’extrémité lente des durées et évictions comptées en moyenne, { $spot } $ en spot ({ $spot_gpu } chez { $spot_provider }) et { $on_demand } $ à la demande ({ $gpu } chez { $provider }).
said-spot-night-one = Le plan nocturne ne peut finir à temps que d’une des deux façons : { $market }, { $usd } $ à l’extrémité lente des durées et évictions comptées en moyenne ({ $gpu } chez { $provider }).
said-spot-eviction = Fournisseurs avec du spot à louer dans les conditions habituelles : { $providers }. Gardent le disque de la machine qu’ils reprennent : { $keep } ; la suppriment ou la vident : { $lose } ; on ne sait pas : { $unknown }. Un lot repart de sa dernière image, un travail à la main est coupé.
said-spot-eviction-none = Aucun fournisseur n’a de spot à louer dans les conditions habituelles en ce moment : la question de savoir s’il convient aux lots ou au travail à la main ne se pose pas.
said-granularity-count = Fournisseurs qui vendent à la demande en ce moment : { $providers }. Facturent à la minute ou plus finement : { $short } ; par tranches plus longues : { $long } ; on ne sait pas : { $unknown }.
said-granularity-example = { $used } sur { $gpu } chez { $provider } ({ $price } $ l’heure, prix vu il y a { $age }) sont facturées { $billed } et coûtent { $usd } $ ; en heures entières, elles coûteraient { $hour_usd } $.
said-granularity-example-least = { $used } sur { $gpu } chez { $provider } ({ $price } $ l’heure, prix vu il y a { $age }) sont facturées { $billed } au moins et coûtent { $usd } $, son minimum étant inconnu ; en heures entières, elles coûteraient { $hour_usd } $.
said-granularity-example-long = { $used } sur { $gpu } chez { $provider } ({ $price } $ l’heure, prix vu il y a { $age }) sont facturées { $billed } et coûtent { $usd } $ ; à la seconde, elles coûteraient { $second_usd } $.
said-granularity-no-example = D’aucune carte proposée à la demande en ce moment qui fasse tourner { $workload } on ne connaît la tranche de facturation.
said-granularity-bill = Parmi ce que l’on connaît, l’arrondi et les minimums coûtent le plus dans le plan des soirées chez { $provider } ({ $gpu }) : { $usd } $ sur { $total } $ en { $days }, à l’extrémité chère.
said-granularity-bill-unknown = Ce que coûtent l’arrondi et les minimums dans le plan des soirées n’est connu pour aucune offre.
said-granularity-bill-none = Dans le plan des soirées, l’arrondi et les minimums ne coûtent rien là où on les connaît.
said-beyond-yes = oui
said-beyond-no = non
said-beyond-per-second = à la seconde
said-beyond-per-minute = à la minute
said-beyond-per-hour = à l’heure
said-beyond-per-seconds = par tranches de { $seconds } s
said-beyond-no-minimum = aucun
said-beyond-minimum = { $time }
said-beyond-amount = { $amount }
said-beyond-evicted = { $does }
said-beyond-free = gratuit
said-beyond-price = { $price } par { $unit }
said-beyond-price-allowance = { $price } par { $unit }, { $free } { $unit } gratuits par mois
said-beyond-steps = de { $first } à { $last } par { $unit } selon le volume
said-beyond-steps-allowance = de { $first } à { $last } par { $unit } selon le volume, { $free } { $unit } gratuits par mois
said-beyond-per-offer = chaque offre a son prix
said-beyond-unknown = inconnu
said-empty-nothing-collected = rien n’a encore été relevé : lancez `gpurate collect`, ou voyez dans `/api/v1/providers` ce qui a échoué
said-empty-stale = ce qui correspond est périmé ou absent de sa dernière réponse ; les derniers prix sont là avec leur âge : lancez `gpurate collect`, ou voyez dans `/api/v1/providers` ce qui a échoué
said-empty-no-tier = aucune offre n’est de la gamme « { $name } »
said-empty-no-tier-near = aucune offre n’est de la gamme « { $name } » ; vouliez-vous dire « { $near } » ?
said-empty-no-region = aucune offre n’est de la région « { $name } »
said-empty-no-region-near = aucune offre n’est de la région « { $name } » ; vouliez-vous dire « { $near } » ?
said-empty-market = aucune offre de ce marché ne convient ; il y en a sur un autre marché : demandez-le par son nom (`market`)
said-empty-availability = ce qui convient est en rupture de stock ; `availability=any` le montre
said-empty-without = les filtres ne laissent rien ; sans « { $name } », il reste quelque chose
said-empty-loosen = les filtres ne laissent rien ; relâchez « { $names } »
said-speed-measured-one = mesuré sur cette carte ({ $source }, { $date })
said-speed-measured = mesuré sur cette carte ({ $count } chiffres)
said-speed-scaled-one = mesuré sur cette carte avec { $variants } ({ $source }, { $date })
said-speed-scaled = mesuré sur cette carte avec { $variants } ({ $count } chiffres)
said-speed-estimated-one = estimation : mesuré sur { $gpu } ({ $source }, { $date })
said-speed-estimated = estimation : mesuré sur { $gpu } ({ $count } chiffres)
said-speed-estimated-as-one = estimation : mesuré sur { $gpu } ({ $source }, { $date }) avec { $variants }
said-speed-estimated-as = estimation : mesuré sur { $gpu } ({ $count } chiffres) avec { $variants }
said-speed-factors = multiplié par les facteurs des variantes
said-speed-ratio = par le rapport des indices de vitesse : { $index } ici ({ $index_basis }), { $anchor_index } là-bas ({ $anchor_index_basis })
said-speed-of-plan = comme le dit le plan, sur cette carte même
said-speed-from-plan = estimation : la durée du plan sur { $gpu } par le rapport des indices de vitesse
said-index-measured = séries de mesures : { $count }
said-index-estimate = ESTIMATION (modèle)
said-index-estimate-fp32 = ESTIMATION (modèle), débit FP32 utilisé
said-index-estimate-a10 = ESTIMATION (comme l’A10 : son propre débit est peu sûr)
said-index-not-estimated = pas estimé
said-caution-steps-three = de { $one }, { $two } et { $three } pas à { $steps }, en proportion
said-caution-steps-two = de { $one } et { $two } pas à { $steps }, en proportion
said-caution-steps = de { $other } pas à { $steps }, en proportion
said-caution-index-training = l’indice est celui de la génération, pas de l’entraînement
said-caution-steps-only = les pas seuls : l’encodage du texte et le décodage de l’image peuvent ne pas y être
said-caution-lent = par pas comme { $workload } : l’encodage et le décodage pèsent plus quand les pas sont peu nombreux
said-caution-fp16-mostly = surtout en fp16 : au choix des utilisateurs
said-caution-fp16-or-bf16 = en fp16 ou en bf16 : au choix des utilisateurs
said-caution-resolution-default = résolution non notée : celle de l’outil par défaut est supposée
said-caution-resolution = résolution non précisée : celle par défaut est supposée
said-caution-frames-size = nombre d’images non précisé : { $count } supposées, en { $resolution }
said-caution-frames = nombre d’images non précisé : { $count } supposées
said-caution-steps-assumed = pas non précisés par la source : { $count } supposés
said-caution-one-report = le récit d’un seul utilisateur
said-caution-transformer = le transformeur seul : un appel est un pas
said-caution-approximate = le chiffre approximatif des auteurs
said-caution-checkpointing = « gradient checkpointing » non précisé : lu comme sans
said-caution-form = { $name } sans sa forme : lu comme { $gpu }
said-caution-section = nommée par la section de la page, pas à côté du chiffre
said-caution-other = { $words }
said-error-no-gpu-near = aucun GPU ne s’appelle « { $name } » ; vouliez-vous dire « { $near } » ?
said-error-no-gpu = aucun GPU ne s’appelle « { $name } » ; `gpurate gpus` et `/api/v1/gpus` donnent les noms
said-error-family = « { $name } » est une famille de plusieurs cartes ; écrivez l’une de celles-ci : { $members }
said-error-not-two-none = on compare exactement deux GPU, par exemple `rtx-5090,rtx-4090` ; il n’y en a aucun
said-error-not-two-one = on compare exactement deux GPU, par exemple `rtx-5090,rtx-4090` ; « { $name } » n’en est qu’un : nommez-en un autre à côté
said-error-not-two-many = on compare exactement deux GPU, par exemple `rtx-5090,rtx-4090` ; « { $names } » en font { $count } : n’en laissez que deux
said-error-same-twice = « { $name } » est donné deux fois ; on compare exactement deux GPU différents : nommez-en un autre à côté
said-error-no-provider-near = aucun fournisseur ne s’appelle « { $name } » ; vouliez-vous dire « { $near } » ?
said-error-no-provider-known = aucun fournisseur ne s’appelle « { $name } » ; on connaît : { $known }
said-error-no-provider-listed = aucun fournisseur ne s’appelle « { $name } » ; /providers en donne la liste
said-error-no-provider = aucun fournisseur ne s’appelle « { $name } »
said-error-no-guide-near = aucun guide ne s’appelle « { $name } » ; vouliez-vous dire « { $near } » ?
said-error-no-guide = aucun guide ne s’appelle « { $name } » ; il y a « { $known } »
said-error-no-usage = « { $name } » n’est pas une valeur de `usage` ; c’est `interactive` ou `batch`
said-error-no-workload-near = aucun travail ne s’appelle « { $name } » ; vouliez-vous dire « { $near } » ? Voyez `gpurate workloads`
said-error-no-workload = aucun travail ne s’appelle « { $name } » ; voyez `gpurate workloads`
said-error-no-images = « { $name } » ne fait pas des images, mais une unité d’un autre genre ({ $unit }) ; un guide de génération d’images se demande avec un modèle qui en fait, comme `flux-dev`
said-error-no-parameter-near = aucun paramètre ne s’appelle « { $name } » ; vouliez-vous dire « { $near } » ?
said-error-no-parameter = aucun paramètre ne s’appelle « { $name } »
said-error-no-filter-near = il n’y a pas de paramètre « { $name } » ; vouliez-vous dire « { $near } » ?
said-error-no-filter = il n’y a pas de paramètre « { $name } » ; on connaît : { $known }
said-error-no-key-near = aucune clé de plan ne s’appelle « { $name } » ; vouliez-vous dire « { $near } » ? `gpurate simulate --keys` les donne toutes
said-error-no-key = aucune clé de plan ne s’appelle « { $name } » ; `gpurate simulate --keys` les donne toutes
said-error-no-preset-near = aucun exemple ne s’appelle « { $name } » ; vouliez-vous dire « { $near } » ? Il y a : { $known }
said-error-no-preset = aucun exemple ne s’appelle « { $name } » ; il y a : { $known }
said-error-twice-once = « { $name } » est donné deux fois ; donnez-le une fois
said-error-twice = « { $name } » est donné deux fois
said-error-no-value-near = « { $value } » n’est pas une valeur de `{ $name }` : l’une de celles-ci : { $known } ; vouliez-vous dire « { $near } » ?
said-error-no-value = « { $value } » n’est pas une valeur de `{ $name }` : l’une de celles-ci : { $known }
said-error-present-card = on ne sait pas à quelle vitesse votre carte ({ $gpu }) fait tourner `{ $workload }` ({ $why }) : donnez `looking_minutes`, ou une autre `present_card`
said-error-hours = { $images } images prennent { $minutes } min rien que sur { $gpu }, et une séance dure { $session } min : donnez plus de `hours` ou moins de `images`
said-error-busy-no-offer = aucune offre de « { $name } » ne passe en ce moment les filtres du plan
said-error-no-variant-fits = aucune de ses variantes ne tient
said-error-memory-unknown = sa mémoire est inconnue
said-error-clip = une vidéo
said-error-training-step = un pas d’entraînement
said-error-no-address = il n’y a rien à cette adresse ; voyez /api/v1/openapi.json
said-error-method = cette adresse demande une autre méthode ; voyez /api/v1/openapi.json
said-error-too-often = ce client demande trop souvent : attendez une seconde ; voyez `server.requests_per_second_per_client_max`
said-error-too-many = trop de requêtes à la fois : redemandez dans un instant
said-error-database = la base de données ne peut pas être lue en ce moment ; /readyz en dit plus
said-error-internal = une faute de ce programme ; son journal en dit plus
said-error-no-zone-near = « { $name } » n’est pas un fuseau horaire ; écrivez-le comme `Europe/Paris` ou `UTC` ; vouliez-vous dire « { $near } » ?
said-error-no-zone = « { $name } » n’est pas un fuseau horaire ; écrivez-le comme `Europe/Paris` ou `UTC`
said-error-no-value-whole = « { $value } » n’est pas une valeur de `{ $name }` ; écrivez un nombre entier
said-error-out-of-range = « { $value } » est hors limites ; `{ $name }` va de 0 à { $most }
said-error-number = { $why } ; `{ $name }` est un nombre comme `0.5`
said-error-not-decimal = « { $value } » n’est pas un nombre décimal
said-error-too-large = « { $value } » est hors limites
said-error-country = « { $value } » n’est pas un code de pays ISO 3166-1 à deux lettres ; écrivez deux lettres, comme `FR`
said-error-currency = « { $value } » n’est pas une devise ; écrivez trois lettres, comme `EUR`
said-error-gpu-count = « { $value } » n’est pas un nombre de GPU ; écrivez `1`, `8` ou `1/8`
said-error-no-page = « { $value } » ne fait pas une page ; `limit` va de 1 à { $most }
said-error-no-cursor = « { $value } » n’est pas un curseur ; prenez `next_cursor` de la page précédente, ou laissez-le de côté
said-error-vram-order = `vram_max_gib` est inférieur à `vram_min_gib` ; rien ne peut être les deux
said-error-empty-filter = `{ $name }` n’a pas de valeur ; laissez-le de côté pour ne pas filtrer
said-error-empty-key = `{ $name }` n’a pas de valeur ; laissez-la de côté pour garder celle par défaut
said-error-too-long = `{ $name }` a plus de { $most } caractères ; raccourcissez
said-error-item-too-long = une valeur de `{ $name }` a plus de { $most } caractères ; raccourcissez
said-error-too-many-values = `{ $name }` a plus de { $most } valeurs ; posez plusieurs questions
said-error-no-fact-near = aucun GPU n’a « { $value } » pour `{ $fact }` ; vouliez-vous dire « { $near } » ?
said-error-no-fact = aucun GPU n’a « { $value } » pour `{ $fact }` ; on connaît : { $known }
said-error-long-query = une adresse a au plus { $count } paramètres de { $most } caractères
said-error-no-text = cette adresse contient des octets qui ne sont pas du texte
said-error-at-once = ce client fait tourner tout ce qu’il peut à la fois : attendez qu’une partie soit finie
said-error-long-plan = un plan a au plus { $most } caractères ; raccourcissez sa `trace`
said-error-two-ways = `{ $one }` et `{ $other }` disent la même chose de deux façons ; n’en donnez qu’un
said-error-plan-number = `{ $name }` vaut « { $value } » ; écrivez un nombre de { $least } à { $most }, comme `{ $example }`
said-error-plan-whole = `{ $name }` vaut « { $value } » ; écrivez un nombre entier de { $least } à { $most }
said-error-plan-dollars = `{ $name }` vaut « { $value } » ; écrivez des dollars de 0 à 1000000, comme `40`
said-error-plan-card = `{ $name }` vaut « { $value } » ; écrivez une carte, comme `rtx-4090` ou `a100-80gb-sxm`
said-error-plan-day = `rules_on` vaut « { $value } » ; écrivez un jour, comme `2025-06-01`
said-error-plan-time = `{ $name }` vaut « { $value } » ; écrivez une heure du jour, comme `08:00`
said-error-plan-word = `{ $name }` vaut « { $value } » ; écrivez l’un de ces mots : { $known }
said-error-evictions-small = `evictions_per_hour` est inférieur à 0.001 ; écrivez 0 pour jamais
said-error-image-time = `seconds_per_image` vaut 0 ; écrivez ce que prend une image, comme `6.5`
said-error-no-work = dites ce que vous faites tourner : `model`, par exemple `flux1-dev`, ou `seconds_per_image`, ou `work_hours`, ou un exemple (`preset`)
said-error-training = « { $name } » est un entraînement : donnez `work_hours`, les heures qu’il prend sur la carte que vous avez
said-error-evenings = `evenings` vaut 0 ; écrivez combien de séances a une semaine, comme `3` (0.5 pour une en deux semaines)
said-error-images = dites combien d’images fait une séance, comme `images = 150`
said-error-sessions = { $count } séances de { $hours } h ne tiennent pas dans { $days } jours ; donnez moins de `sessions` ou plus de `days`
said-error-work-hours = le travail d’une séance prend { $minutes } min rien que sur { $gpu }, et une séance dure { $session } min : donnez plus de `hours` ou moins de `work_hours`
said-error-trace-entry = « { $value } » n’est pas une entrée de `trace` : écrivez `début-fin:images` en minutes depuis le départ, la fin après le début et avant { $days } jours, comme `0-30:12`
said-error-trace-order = « { $value } » commence avant la fin de l’entrée précédente ; mettez-les dans l’ordre
said-error-trace-long = une `trace` a au plus { $most } entrées
said-error-trace-empty = une `trace` a au moins une entrée, comme `0-30:12`
said-error-own-price = dites ce que coûte votre carte, comme `own_card_price_usd = 1900` (0 si elle est payée)
said-error-own-watts = on ne sait pas ce que cette carte consomme : donnez `own_card_watts`
said-error-own-work = { $gpu } ne peut pas faire ce travail : { $why }
said-error-no-variant-near = `{ $workload }` n’a pas de variante « { $name } » ; vouliez-vous dire « { $near } » ? Il a : { $known }
said-error-no-variant = `{ $workload }` n’a pas de variante « { $name } » ; il a : { $known }
said-error-variant-stopped = « { $name } » n’y tourne pas : { $why }
said-error-runs-not = on ne sait pas à quelle vitesse cela y tourne : { $why }
said-error-gpu-bare = aucun GPU ne s’appelle « { $name } »
said-error-workload-bare-near = aucun travail ne s’appelle « { $name } » ; vouliez-vous dire « { $near } » ?
said-error-workload-bare = aucun travail ne s’appelle « { $name } »
said-error-of-card = « { $name } » : { $why }
said-left-card-unknown = on ne sait pas exactement de quelle carte il s’agit (la mémoire ou la forme manque)
said-left-memory-unknown = on ne sait pas combien de mémoire on obtient
said-left-less-memory = moins de mémoire utilisable que le plan n’en demande
said-left-no-variant = aucune variante du modèle ne tient ou ne tourne sur la carte
said-left-untrusted = un hôte qui n’est ni vérifié ni sécurisé (`hosts = any` l’accepte)
said-left-policy = ce que le plan veut entre les séances n’y est pas possible
said-left-budget = au-dessus du budget, même au moins cher
said-left-no-index = aucun indice de vitesse ne relie la carte à celle du plan
said-nothing-fresh = ce qui passe les filtres du plan est périmé ou absent de sa dernière réponse : lancez `gpurate collect`, ou voyez dans `/api/v1/providers` ce qui a échoué
said-nothing-left-out = offres laissées de côté : { $offers }, car { $why }
said-nothing-passes = aucune offre ne passe les filtres du plan : élargissez-les (`market`, `country`, `gpu`, `hosts = any`), ou regardez `gpurate cheapest`

## Petits mots
colon = { " : " }
semicolon = { " ; " }
hours = { $x } h
frontier-row = ligne { $n }
simulate-more = plus de lignes
eviction-stop = elle est arrêtée, son disque est gardé et facturé
eviction-pause = elle est mise en pause jusqu’à ce que l’enchère l’emporte à nouveau, son disque est gardé et facturé
eviction-hibernate = elle hiberne, son disque est gardé et facturé
eviction-delete = elle est supprimée
eviction-wipe = elle continue ailleurs avec un disque vide
eviction-assumed = { $x } (supposé : la règle du fournisseur ne le dit pas)
speed-steps-unknown = ce travail n’a pas de nombre de pas habituel
speed-other-resolution = inconnu à cette résolution
speed-nothing-published = aucun chiffre publié de ce travail n’est utilisable
speed-factor-unknown = on ne sait pas à quelle vitesse va cette variante par rapport à ce qui a été mesuré
speed-no-index = mesuré seulement sur d’autres cartes, et l’indice de vitesse de celle-ci ou de celles-là est inconnu
speed-implausible = ce qui est publié demanderait plus que la vitesse maximale de la carte

## Une page dans un dossier

snapshot-title = Instantané du
snapshot-words = Les prix et leurs âges sont ceux de ce moment ; rien sur ces pages ne change tout seul.
snapshot-live = Cette page maintenant
snapshot-contents = Ce qu’il contient
snapshot-form = Filtrer, choisir et calculer avec vos propres chiffres demandent un gpurate en marche ; un instantané ne le peut pas.
snapshot-form-live = Le faire sur cette page d’un gpurate en marche
snapshot-form-none = Cet instantané n’en indique aucun : « gpurate serve » en lance un.
snapshot-left-out = pas dans cet instantané

## Une séance, pas à pas

timeline-title = La première séance, pas à pas
timeline-of = Une séance avec { $x }, { $y }
timeline-how = La première de la ligne classée en tête, pas à pas ; celle de chaque autre ligne est sous sa facture.
timeline-machines = Chacune des { $n } machines en fait autant en même temps.
timeline-eviction = Une éviction n’y est pas.
timeline-words = La première séance en barre, { $x } de la commande à la fin ; ses parties sont listées dessous
timeline-free = non payé
timeline-bursts = Le calcul se fait en { $n } rafales ; après chacune vous regardez ce qu’elle a donné.
then-keep = puis elle reste en marche, { $x } en moyenne
then-stop = puis elle est à l’arrêt, { $x } en moyenne
then-delete = puis elle est supprimée ; la séance suivante vient après { $x } en moyenne
then-network-volume = puis elle est supprimée et son volume gardé, { $x } en moyenne
