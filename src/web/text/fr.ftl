# Les mots des pages, en français. Un message est une phrase ou une étiquette ; le balisage est dans les modèles.

## Toutes les pages
skip = Aller au contenu
sample-title = Données d’exemple.
sample-words = Tous les chiffres de cette page sont inventés ; aucun n’est un vrai prix.
nav = Pages
nav-prices = Prix
nav-simulate = Combien cela me coûterait-il ?
nav-compare = Deux GPU
nav-providers = Fournisseurs
nav-about = Méthode
same-data = Les mêmes données pour un programme :
as-of = État au
footer-promise = Chaque prix montre son âge et mène à sa preuve. Ni cookie, ni script, ni contenu d’un autre site.
footer-api = L’API
unknown = inconnu
never = jamais
yes = oui
no = non
any = indifférent
anywhere = partout
percent = { $x } %
gib = { $x } Gio
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
per-gpu-hour = par GPU et par heure
no-offer-now = Rien n’est proposé en ce moment.
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
col-memory = Mémoire
col-rentable = Louable, par GPU et par heure
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
coverage-summary = { $x } fournisseurs sur { $y } sont dans cette réponse.
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
defaults = « Louable » veut dire, sauf filtre contraire :
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
provider-interval = Chaque partie est demandée toutes les { $x }.
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
fact-on-stop = à l’arrêt de la machine
fact-on-delete = à la suppression de la machine
fact-tied-to = lié à
fact-unit = unité
fact-free = gratuit par mois
fact-free-counted = la part gratuite se compte
fact-per-offer = fixé par chaque offre
fact-spot-pricing = le prix est
fact-notice = préavis d’éviction
fact-on-eviction = à l’éviction
fact-max-runtime = durée maximale, en heures
fact-set-up = frais de mise en route par démarrage
fact-public-ip = adresse publique par heure
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
week-caption-rentable = { $x } à la demande, selon l’heure de { $y } : prix louable le plus bas en dollars par GPU et par heure, au plus autant la moitié du temps. Plus c’est foncé, plus c’est cher.
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
gpu-workloads-words = La meilleure variante qui tient dans sa mémoire, et la durée d’une image, d’une vidéo ou d’un pas d’entraînement.
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
compare-workloads-words = Durée et coût de la meilleure variante qui tient sur chacun. Un coût est le prix louable le plus bas multiplié par la durée : l’attente, le démarrage, l’arrondi et le stockage s’y ajoutent.
compare-workloads-caption = Travaux dont la durée est connue sur l’un des deux au moins ; vitesses réunies le { $x }
compare-tied = les intervalles des durées se recoupent
compare-other-series = Les deux durées viennent de séries de mesures différentes et se comparent mal.
compare-sources = { $x }, durée d’après :
compare-fit-both = Tiennent sur les deux, durées non connues :
compare-fit-one = Tiennent sur { $x } seul, durées non connues :
compare-fit-neither = Non connus pour tenir sur l’un ou l’autre :
thousand-images = 1 000 images, { $x } :
thousand-clips = 1 000 vidéos, { $x } :
thousand-steps = 1 000 pas d’entraînement, { $x } :
known-measured = mesuré sur cette carte
known-scaled = d’après une autre variante sur cette carte
known-estimate = estimation d’après une autre carte
means-both = seulement en déplaçant des poids entre l’hôte et la carte, et après compilation
means-offload = seulement en déplaçant des poids entre l’hôte et la carte
means-compile = seulement après des minutes de compilation
share-range = Aux extrémités des deux intervalles de durées : { $x } % à { $y } %.
share-no-offer = On ne sait pas quand la carte la plus chère coûte moins : rien de louable n’est proposé de { $x } à la demande en ce moment.
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
    [one] { $n }re à l’heure
   *[other] { $n }e à l’heure
}
total-from = à partir de
not-in-time = pas fini à temps
bill-whole = La facture entière
bill-caption = Lignes dont la somme est le total
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
busy-always = { $x } coûte toujours moins : plus rapide que { $y } et pas plus chère à l’heure.
busy-never = { $x } ne coûte jamais moins : même en calculant tout le temps, elle ne rattrape pas son prix face à { $y }.
busy-undecided = On ne sait pas assez bien laquelle de { $x } et { $y } est la plus rapide pour le dire.
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
left-out-title = Offres qui ne sont pas comparées
left-card-unknown = on ne sait pas exactement de quelle carte il s’agit
left-memory-unknown = on ne sait pas combien de mémoire on obtient
left-less-memory = moins de mémoire utilisable que le plan n’en demande
left-no-variant = aucune variante du modèle ne tient ou ne tourne sur la carte
left-untrusted = l’hôte n’est ni vérifié ni sécurisé
left-policy = ce que le plan veut entre les séances n’y est pas possible
left-budget = au-dessus du budget, même au moins cher

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
about-figures-title = Louable, plancher, médiane
about-rentable = « Louable » est l’offre la moins chère qui convient à la plupart des gens : à la demande, un GPU entier, en stock pour autant qu’on sache, chez un hôte qui n’est pas non vérifié.
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
about-language = Les pages sont en français et en anglais. Ce que disent les sources, les fournisseurs et les messages d’erreur est montré dans sa langue, le plus souvent l’anglais.
about-privacy-title = Vous
about-privacy = Ni cookie, ni script, ni contenu d’un autre site, et votre plan n’est nulle part ailleurs que dans l’adresse.

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
