package adyensim

// failure is one of Adyen's error bodies.
type failure struct {
	Status    int    `json:"status"`
	ErrorCode string `json:"errorCode"`
	Message   string `json:"message"`
	ErrorType string `json:"errorType"`
}

// The errors the simulator gives, with the numbers of Adyen's page on API error codes.
var (
	errUnauthorised  = failure{401, "000", "HTTP Status Response - Unauthorized", "security"}
	errAccount       = failure{403, "901", "Invalid Merchant Account", "security"}
	errJSON          = failure{400, "702", "Problem parsing request", "validation"}
	errInternal      = failure{500, "903", "Internal error", "internal"}
	errInProgress    = failure{422, "704", "request already processed or in progress", "validation"}
	errKeyTooLong    = failure{422, "158", "Idempotency-Key exceeds 64 characters", "validation"}
	errNoAmount      = failure{422, "100", "No amount specified", "validation"}
	errNumber        = failure{422, "101", "Invalid card number", "validation"}
	errCVCLength     = failure{422, "103", "CVC is not the right length", "validation"}
	errExpiry        = failure{422, "129", "Expiry Date Invalid", "validation"}
	errReference     = failure{422, "130", "Reference Missing", "validation"}
	errAmount        = failure{422, "137", "Invalid amount specified", "validation"}
	errCurrency      = failure{422, "138", "Unsupported currency specified", "validation"}
	errExpiryPast    = failure{422, "140", "Invalid expiryMonth[1..12] / expiryYear[>2000], or before now", "validation"}
	errExpiryRange   = failure{422, "141", "Invalid expiryMonth[1..12] / expiryYear[>2000]", "validation"}
	errCVC           = failure{422, "153", "Invalid CVC", "validation"}
	errUsed          = failure{422, "106", "The session has been used already", "validation"}
	errNoMethod      = failure{422, "158", "Required field 'paymentMethod' is not provided.", "validation"}
	errOriginal      = failure{422, "167", "Original pspReference required for this operation", "validation"}
	errUndecryptable = failure{422, "174", "Unable to decrypt data", "validation"}
	errNoPaymentData = failure{422, "14_002", "Required field 'paymentData' is not provided.", "validation"}
	errNoDetails     = failure{422, "14_006", "Required object 'details' is not provided.", "validation"}
	errPayload       = failure{422, "14_018", "Invalid payload provided", "validation"}
	errReturnURL     = failure{422, "14_030", "Return URL is missing.", "validation"}
	errMethod        = failure{422, "905", "Payment details are not supported", "configuration"}
	errNoConnection  = failure{500, "905_1", "Could not find an acquirer account for the provided txvariant.", "configuration"}
	errIO            = failure{500, "904", "Unable to Process", "internal"}
)

func refuse(f failure) outcome { return outcome{status: f.Status, body: f} }
