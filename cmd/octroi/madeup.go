package main

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"strconv"
	"strings"
	"time"

	"golang.org/x/image/font"
	"golang.org/x/image/font/basicfont"
	"golang.org/x/image/math/fixed"

	"octroi/gateway/payment"
	"octroi/providers"
)

// Everything below is invented: no line of it is a person. The cards are of the ranges of Adyen's documented test cards, each
// buyer's its own, and come as Adyen's browser library would send them.
var (
	firstNames = strings.Fields("Camille Louis Emma Hugo Chloé Jules Léa Adam Inès Nathan Jeanne Malik Rose Théo Nina Karim Alice Paul Sarah Victor Zoé Bastien Margaux Yanis")
	lastNames  = strings.Fields("Morel Fontaine Lemoine Garnier Haddad Perrin Chevalier Diallo Rousseau Meunier Benali Caron Leclercq Barbier Marchand Nguyen Renaud Colin Boucher Lacroix")
	homes      = []payment.Address{
		home("14 rue des Tanneurs", "59800", "Lille"), home("3 place Bellecour", "69002", "Lyon"),
		home("27 rue Sainte-Catherine", "33000", "Bordeaux"), home("8 quai de la Fosse", "44000", "Nantes"),
		home("51 avenue Jean Médecin", "06000", "Nice"), home("112 bd Voltaire", "75011", "Paris"),
		home("6 rue d'Antibes", "06400", "Cannes"), home("19 rue du Faubourg National", "67000", "Strasbourg"),
		home("40 rue Nationale", "37000", "Tours"), home("2 allée Jean Jaurès", "31000", "Toulouse"),
		home("75 cours Lafayette", "69006", "Lyon"), home("9 rue Saint-Jean", "14000", "Caen"),
	}
	goods = []payment.Item{
		{SKU: "DDR5-32", Name: "DDR5 32 Go 6000 MHz", Category: "memory", Quantity: 1, UnitAmount: 10990},
		{SKU: "SSD-1T", Name: "SSD NVMe 1 To", Category: "storage", Quantity: 1, UnitAmount: 8490},
		{SKU: "INK-603", Name: "Cartouches d'encre, lot de 4", Category: "ink", Quantity: 1, UnitAmount: 3290},
		{SKU: "MOUSE-G", Name: "Souris de jeu", Category: "gaming", Quantity: 1, UnitAmount: 5990},
		{SKU: "KEYB-M", Name: "Clavier mécanique", Category: "gaming", Quantity: 1, UnitAmount: 12900},
		{SKU: "GPU-4", Name: "Carte graphique 16 Go", Category: "graphics", Quantity: 1, UnitAmount: 62900},
		{SKU: "LAPTOP-14", Name: "Portable 14 pouces", Category: "laptop", Quantity: 1, UnitAmount: 114900},
	}
	cards = strings.Fields("4977949494949497 4035501000000008 5136333333333335 4111111111111111 5555444433331111 4988438843884305")
	tried = strings.Fields("4111111145551142 4988438843884305 4166676667666746 4646464646464644 4000060000000006 4444333322221111 " +
		"2222400070000005 5555341244441115 2222410740360010 5555555555554444")
	// refusals are Adyen's test holder names, the commonest reasons first.
	refusals = strings.Fields("NOT_ENOUGH_BALANCE EXPIRY_INCORRECT BLOCK_CARD CVC_DECLINED NOT_ENOUGH_BALANCE ISSUER_UNAVAILABLE")
)

func home(line, code, city string) payment.Address {
	return payment.Address{Lines: []string{line}, PostalCode: code, City: city, Country: "FR"}
}

// madeUp is one invented order and what becomes of it.
type madeUp struct {
	request payment.Request
	facts   struct {
		Reference string `json:"reference"`
	}
	name   string
	guilty bool // a thief's, which a careful analyst rejects
}

// madeUp invents the i-th order. Of a hundred, about sixteen go elsewhere with an unknown mailbox and are held (more
// than any shop's, for there to be something to look at), seven are refused by the issuer, twelve go to a pick-up point, a burst tries stolen cards, and the rest are good.
func (s *seeder) madeUp(i int) madeUp {
	pick := func(words []string) string { return words[s.rand.IntN(len(words))] }
	first, last := pick(firstNames), pick(lastNames)
	b := madeUp{name: first + " " + last}
	b.facts.Reference = fmt.Sprintf("W-%05d", 20001+i)
	from := homes[s.rand.IntN(len(homes))]
	item := goods[s.rand.IntN(len(goods)-2)] // the dear ones are for those who go elsewhere
	ip := fmt.Sprintf("203.0.113.%d", 1+i%250)
	if i >= 250 {
		ip = fmt.Sprintf("198.51.100.%d", 1+i%250)
	}
	mail := fmt.Sprintf("%s.%s%d@courriel.example", plainWord(first), plainWord(last), i)
	b.request = payment.Request{
		Order: payment.Order{Reference: b.facts.Reference, Delivery: payment.Delivery{Method: "home", Recipient: b.name, Address: from}},
		Method: payment.Method{Type: "card", EncryptedNumber: "test_" + madeUpCard(pick(cards), i), EncryptedExpiryMonth: "test_03",
			EncryptedExpiryYear: "test_2030", EncryptedCVC: "test_737", HolderName: b.name},
		Billing: payment.Party{Name: b.name, Address: from},
		Buyer: payment.Buyer{ID: fmt.Sprintf("c-%d", 1000+i), Email: mail, IP: ip, DeviceID: fmt.Sprintf("d-%d", i), Locale: "fr-FR",
			AccountCreatedAt: s.clock.Now().Add(-time.Duration(30+s.rand.IntN(900)) * 24 * time.Hour)},
		Capture: payment.CaptureAutomatic,
	}
	switch kind := s.rand.IntN(100); {
	case kind < 16:
		item = goods[len(goods)-1-s.rand.IntN(4)]
		s.elsewhere(&b, from)
	case kind < 23:
		b.request.Method.HolderName = pick(refusals)
	case kind < 35:
		b.request.Order.Delivery = payment.Delivery{Method: "pickup_point", Recipient: b.name,
			Address: home("Relais Colis, 4 rue de la Gare", from.PostalCode, from.City)}
	}
	if s.inBurst(i) {
		item = goods[2]
		s.tryCard(&b, i-s.burst())
	}
	b.request.Order.Items = []payment.Item{item}
	b.request.Amount = providers.Amount{Value: item.UnitAmount + 590, Currency: "EUR"}
	return b
}

// madeUpCard is the n-th number beside a test card: of the same issuer, with its own check digit.
func madeUpCard(like string, n int) providers.Secret {
	const issuer = 8
	body := like[:issuer] + fmt.Sprintf("%0*d", len(like)-issuer-1, n)
	for digit := range 10 {
		if number := body + strconv.Itoa(digit); providers.Luhn(number) {
			return providers.Secret(number)
		}
	}
	return providers.Secret(like) // one digit in ten always fits
}

// tryCard is the n-th card that somebody tries from one device: in the clear, so that they are seen to differ.
func (s *seeder) tryCard(b *madeUp, n int) {
	b.guilty = true
	b.request.Buyer.DeviceID, b.request.Buyer.IP = "d-burst", "192.0.2.66"
	b.request.Method = payment.Method{Type: "card", Number: providers.Secret(tried[n%len(tried)]), ExpiryMonth: "03", ExpiryYear: "2030",
		CVC: "737", HolderName: "NOT_ENOUGH_BALANCE"}
}

// elsewhere sends the order to another town and another name, from a buyer nobody knows.
func (s *seeder) elsewhere(b *madeUp, from payment.Address) {
	to := homes[s.rand.IntN(len(homes))]
	for to.City == from.City {
		to = homes[s.rand.IntN(len(homes))]
	}
	b.guilty = s.rand.IntN(3) == 0
	b.request.Order.Delivery.Address = to
	b.request.Order.Delivery.Recipient = firstNames[s.rand.IntN(len(firstNames))] + " " + lastNames[s.rand.IntN(len(lastNames))]
	b.request.Buyer.AccountCreatedAt = s.clock.Now().Add(-time.Hour)
}

var unaccent = strings.NewReplacer("é", "e", "è", "e", "ë", "e", "É", "e", "Ë", "e")

func plainWord(s string) string { return strings.ToLower(unaccent.Replace(s)) }

// tokenOf is the last part of a proof link.
func tokenOf(link string) string { return link[strings.LastIndexByte(link, '/')+1:] }

// madeUpStatement draws the bank-statement extract that the buyer sent: the holder's name and the one line asked for.
func madeUpStatement(b madeUp) ([]byte, error) {
	img := image.NewRGBA(image.Rect(0, 0, 640, 400))
	draw.Draw(img, img.Bounds(), image.White, image.Point{}, draw.Src)
	draw.Draw(img, image.Rect(0, 0, 640, 54), image.NewUniform(color.RGBA{R: 24, G: 62, B: 92, A: 255}), image.Point{}, draw.Src)
	holder := b.name
	if b.guilty {
		holder = "Lucien Faure"
	}
	write := func(x, y int, c color.Color, text string) {
		d := font.Drawer{Dst: img, Src: image.NewUniform(c), Face: basicfont.Face7x13, Dot: fixed.P(x, y)}
		d.DrawString(unaccent.Replace(text))
	}
	write(24, 34, color.White, "BANQUE DES DEUX RIVES (specimen)")
	for i, line := range []string{"Extrait de compte", "Titulaire : " + holder, "", "Date        Operation                              Debit",
		"----------  -------------------------------------  ----------",
		fmt.Sprintf("            CB MEMOIRE VIVE %-22s %10s", b.facts.Reference, b.request.Amount)} {
		write(24, 96+26*i, color.Black, line)
	}
	var out bytes.Buffer
	err := png.Encode(&out, img)
	return out.Bytes(), err
}
