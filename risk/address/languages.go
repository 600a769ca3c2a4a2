package address

// The tables of one language each hold the abbreviations that mean something else elsewhere: "st" is a saint in France and a
// street in England.

var french = tableOf(
	group{pre, `
rue r, place pl plc, allee all al, chemin ch, quai q qu, route rt`},
	group{site, `
residence res, lotissement lot lots, hameau ham, quartier quart qrt, domaine dom`},
	group{unit, `
appartement app apt, escalier esc, lotissement lot`},
	group{named, `
residence res`},
	group{title, `
saint s`},
)

var german = tableOf(
	group{post, `
platz pl, allee al, strasse str`},
	group{unit, `
stock og ws, wohnung w`},
	group{named, `
haus geb`},
	group{alone, `
erdgeschoss eg`},
	group{stop, `
a`},
)

var dutch = tableOf(
	group{post, `
plein pl, laan ln, strasse straat str, kade kd, gracht gr`},
	group{unit, `
verdieping verd, appartement app apt`},
	group{alone, `
hs huis`},
)

var italian = tableOf(
	group{0, `
nazionale nazle naz, provinciale provle prov, statale`},
	group{adj, `
nuova nva, vecchia vcchia`},
	group{pre, `
via v, viale vle, localita loc, frazione fraz`},
	group{unit, `
interno int, scala sc, piano p, appartamento app`},
	group{title, `
saint s ss`},
)

var spanish = tableOf(
	group{pre, `
calle c cl, plaza pl pza, avenida av avda, paseo po ps, rua r, travessa tv`},
	group{unit, `
escalera esc, puerta pta, planta`},
	group{alone, `
izquierda izq izda, derecha dcha dta`},
)

var english = tableOf(
	group{post, `
strasse street st str, road rd, avenue ave av, boulevard blvd, lane ln, drive dr, court ct crt, close cl,
crescent cres, square sq, place pl, terrace ter, highway hwy`},
	group{unit, `
suite ste, apartment apt, floor fl, unit, room rm`},
)
