package address

// The tables hold what posts and people commonly abbreviate in French, German, Dutch, Italian, Spanish and English; the
// French street kinds and titles follow the usage of the norm NF Z 10-011. They are words of the languages, not a register
// of streets.

// shared are full words and safe abbreviations, good in every country.
var shared = tableOf(
	group{stop, `
de d du des le la les l a au aux et en the of, der die das dem den zum zur am im an auf und, van het op ter ten
aan, di del della delle dei degli dello dell da dal dalla al alla e il lo gli i nel in, el los las y do dos das
da`},
	group{pre, `
rue rues, avenue av ave aven avn, boulevard bd bld blvd boul bvd boulv, place, route rte, chemin chem che chm,
allee allees, impasse imp, quai, cours crs, cour, square sq, passage pass psg, promenade prom, ruelle rle,
ruellette, sentier sent, sente, venelle ven, voie, esplanade esp, traverse tra trav, montee mte, rampe, rocade,
rondpoint rpt, faubourg fbg fg faub, chaussee chs, contour, cite, carrefour car, via, viale, piazza pzza pza,
piazzale ple, corso cso, largo lgo, vicolo vlo, borgo, campo cpo, calle, strada, lungomare, fondamenta,
contrada, salita, plaza, paseo, avenida avda, carrer, carretera ctra, camino, travesia, rua, praca, ulica ul`},
	group{post, `
strasse str straat street, platz, plein, weg, gasse, gracht, laan, kade, dijk, steeg, damm, ufer, ring, road,
lane, drive, close, crescent, singel`},
	group{site, `
residence residences, lotissement, hameau, quartier, domaine, lieudit, villa, clos, parc, za, zi, zac, cc, port,
chalet chalets, resid, siedlung, urbanizacion, poligono, packstation, packingstation`},
	group{unit, `
appartement appt appart, etage etg, porte, escalier, entree, chambre, boite bte bus, flat, apartment, suite,
floor, room, wohnung whg, stock stw, verdieping, interno, scala, piano, puerta, piso, escalera, postnummer,
stiege, top, cage, code digicode`},
	group{alone, `
rdc, erdgeschoss, hinterhaus, vorderhaus, parterre, bajo, sinistra, destra, links, rechts, gauche, droite`},
	group{named, `
batiment bat bt, immeuble imm, bloc, building bldg, palazzina, gebaude, residence, galerie, mairie, hotel,
batiments, portal, centre, espace, service`},
	group{box, `
bp cs tsa postfach postbus pobox apartado`},
	group{care, `
chez, attn, presso, zhd`},
	group{numero, `
numero n no nr num nro`},
	group{adj, `
grand grande gd gde grands grandes, petit petite pt, vieux vieille vx, basse bas, haute haut, nouvelle nouveau,
ancien ancienne anc, neuf neuve, belle, alte alter altes, neue neuer, grosse grosser, kleine kleiner, obere
oberer, untere unterer, vordere vorderer, hintere hinterer, nieuwe, oude, grote, korte, lange, nuova nuovo,
vecchia vecchio, antica, nueva nuevo, north, south, east, west, old, new, great, little, upper, lower`},
	group{month, `
janvier, fevrier, mars, avril, mai, juin, juillet, aout, septembre, octobre, novembre, decembre, mai, juni,
juli, oktober, november, januar, marz, gennaio, febbraio, marzo, aprile, maggio, giugno, luglio, settembre,
novembre, dicembre, mayo, julio, octubre`},
	group{given, `
charles, alfred, alexandre, alexis, antoine, bernard, bertrand, catherine, diane, francois, gerard, guillaume,
guy, henri, honore, jacques, jean, jeanne, joachim, johan, johann, louis, ludwig, lorenzo, leonardo, madeleine,
marguerite, marie, maurice, max, michel, olivier, olympe, paul, philippe, pierre, rene, robert, roger, simone,
theodore, thomas, vincent, wolfgang`},
	group{title, `
saint st sankt san santo santa sant sint sainte ste sta sto snt, general gal gen gnl generale gral, marechal mal
mchal, docteur dr doct doctor doktor dottor dott dokter, professeur prof pr professor professore, president pdt
pres presidente, capitaine cne cpt capitano, colonel col colonnello, commandant cdt cmdt comandante, lieutenant
lt, sergent sgt, adjudant adj, abbe, monseigneur mgr mons, amiral, chanoine, madame mme, mademoiselle mlle,
monsieur, burgemeester burg, fratelli flli`},
	group{0, `
nationale nat nale, departementale, regiment rgt, republique rep repub, notredame nd, sur, sous, prolongee prol,
1 premier premiere ier primo eerste, 2 deux due tweede, 3 trois tre derde, 4 quatre quattro, 5 cinq cinque, 6
six, 7 sept, 8 huit, 9 nove, 10 dix, 11 onze, 12 douze, 13 treize, 14 quatorze, 15 quinze, 16 seize, 18 dixhuit,
19 dixneuf, 20 vingt venti`},
)
