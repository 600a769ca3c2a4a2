package traffic

// Mix is what honest trade is made of. Shares are from 0 to 1. No public figure fits every shop: these are round
// numbers around what French trade reports (Fevad's yearly key figures for baskets, delivery and devices; the Banque
// de France's observatory of payment security for refusals), to be varied.
type Mix struct {
	New        float64 // baskets by somebody who never bought here
	Mobile     float64 // baskets from a telephone network, whose addresses thousands share
	Fetched    float64 // deliveries to a pick-up point or locker
	FarPickup  float64 // of those, in another town
	Digital    float64 // nothing is delivered
	Store      float64 // fetched from the shop
	Gift       float64 // of the deliveries to a door, sent to somebody in another town
	Office     float64 // of the deliveries to a door, to where the buyer works
	OtherDoor  float64 // of the deliveries to a door, to another one in the same town
	Nearby     float64 // of the deliveries to a door, to the next town
	Business   float64 // of the customers, those who buy for a company, often
	Foreign    float64 // of the customers, those who live abroad and have it sent there
	Shared     float64 // of the customers, those who join a household that buys here already
	NoDevice   float64 // baskets without a device id
	NoPhone    float64 // baskets without a telephone number
	Throwaway  float64 // of the customers, those with a throw-away mailbox
	Funds      float64 // orders refused for lack of money or for a limit
	Slips      float64 // orders with the date or the code mistyped
	OtherNo    float64 // orders refused for the issuer's other reasons
	Dear       float64 // factor on the amounts: 1 is a median of about 60 EUR
	Customers  int     // customers remembered; beyond, a newcomer takes the place of one of them
	Christmas  bool    // gifts double, as in December
	Disputes   float64 // orders charged back although honest (forgotten subscriptions, misread lines)
	Claims     float64 // orders with something missing or broken
	Returns    float64 // orders sent back and refunded
	NewDevice  float64 // baskets of a known customer from a device not seen before
	Locations  float64 // orders for which the country of the IP address is known
	Travelling float64 // baskets made from abroad
}

// DefaultMix is a French shop with something for everybody.
func DefaultMix() Mix {
	return Mix{New: 0.42, Mobile: 0.35, Fetched: 0.38, FarPickup: 0.12, Digital: 0.03, Store: 0.03,
		Gift: 0.04, Office: 0.05, OtherDoor: 0.03, Nearby: 0.03, Business: 0.02, Foreign: 0.05, Shared: 0.2,
		NoDevice: 0.06, NoPhone: 0.15, Throwaway: 0.004, Funds: 0.035, Slips: 0.02, OtherNo: 0.01, Dear: 1,
		Customers: 20_000, Disputes: 0.0004, Claims: 0.012, Returns: 0.06, NewDevice: 0.08, Locations: 0.7, Travelling: 0.01}
}
