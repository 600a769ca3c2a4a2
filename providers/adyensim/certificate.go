package adyensim

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"io"
	"math/big"
	"net"
	"time"
)

// certificateLife is how long a made certificate is good for.
const certificateLife = 30 * 24 * time.Hour

// SelfSigned makes a certificate for the given host names and addresses, valid for thirty days from now, and the same in
// PEM for whoever is to trust it. Clients that speak nothing but https, such as Adyen's own for Node, need one.
func SelfSigned(now time.Time, random io.Reader, hosts ...string) (tls.Certificate, []byte, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), random)
	if err != nil {
		return tls.Certificate{}, nil, fmt.Errorf("adyensim: make a key: %w", err)
	}
	var serial [16]byte
	if _, err := io.ReadFull(random, serial[:]); err != nil {
		return tls.Certificate{}, nil, fmt.Errorf("adyensim: draw a serial number: %w", err)
	}
	// An hour of grace for a client whose clock is behind.
	c := x509.Certificate{SerialNumber: new(big.Int).SetBytes(serial[:]), Subject: pkix.Name{CommonName: "Simulated Adyen"},
		NotBefore: now.Add(-time.Hour), NotAfter: now.Add(certificateLife), IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}}
	for _, h := range hosts {
		if ip := net.ParseIP(h); ip != nil {
			c.IPAddresses = append(c.IPAddresses, ip)
		} else {
			c.DNSNames = append(c.DNSNames, h)
		}
	}
	der, err := x509.CreateCertificate(random, &c, &c, key.Public(), key)
	if err != nil {
		return tls.Certificate{}, nil, fmt.Errorf("adyensim: make a certificate: %w", err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), nil
}
