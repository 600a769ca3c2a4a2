package main

import (
	"bufio"
	"compress/gzip"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"
)

// handbookOrders writes the Fraud Detection Handbook's payments down as recorded orders; the path comes from the
// environment, the data never from the tree. The customer is the buyer and the card, the terminal stands in the metadata,
// and a fraud is a chargeback dated at its payment.
func handbookOrders(t *testing.T) string {
	t.Helper()
	path := os.Getenv("OCTROI_HANDBOOK")
	if path == "" {
		t.Skip("OCTROI_HANDBOOK is not set: the published models were not compared with")
	}
	in, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = in.Close() }()
	z, err := gzip.NewReader(in)
	if err != nil {
		t.Fatal(err)
	}
	orders := filepath.Join(t.TempDir(), "orders.jsonl")
	out, err := os.Create(orders)
	if err != nil {
		t.Fatal(err)
	}
	w, rows := bufio.NewWriter(out), csv.NewReader(z)
	_, err = rows.Read()
	for err == nil {
		var row []string
		if row, err = rows.Read(); err == nil {
			err = handbookPayment(w, row)
		}
	}
	if err = errors.Join(w.Flush(), out.Close(), noEOF(err)); err != nil {
		t.Fatal(err)
	}
	return orders
}

func noEOF(err error) error {
	if errors.Is(err, io.EOF) {
		return nil
	}
	return err
}

func handbookPayment(w io.Writer, row []string) error {
	seconds, err := strconv.ParseInt(row[1], 10, 64)
	euros, err2 := strconv.ParseFloat(row[4], 64)
	if err := errors.Join(err, err2); err != nil {
		return err
	}
	at := time.Unix(seconds, 0).UTC().Format(time.RFC3339)
	_, err = fmt.Fprintf(w, `{"at":%q,"id":%q,"order":{"order":{"reference":%q},"amount":{"value":%d,"currency":"EUR"},`+
		`"card":{"fingerprint":%q},"buyer":{"id":%q,"email":"c%s@example.org"},"metadata":{"terminal":%q}}}`+"\n",
		at, row[0], row[0], int64(math.Round(euros*100)), row[2], row[2], row[2], row[3])
	if err == nil && row[5] == "1" {
		_, err = fmt.Fprintf(w, `{"at":%q,"id":%q,"event":{"type":"chargeback"}}`+"\n", at, row[0])
	}
	return err
}

type handbookFigures struct {
	Orders           int     `json:"orders"`
	Fraud            int     `json:"fraud"`
	AUC              float64 `json:"auc_roc"`
	AveragePrecision float64 `json:"average_precision"`
	CardPrecision    float64 `json:"card_precision"`
}

// handbookWeek fits the starting policy on one week and tests it on another, seven days after its end.
func handbookWeek(t *testing.T, orders, train, test string) (f handbookFigures) {
	t.Helper()
	start, fitted := filepath.Join("..", "..", "risk", "backtest", "testdata", "handbook.yaml"), filepath.Join(t.TempDir(), "fitted.yaml")
	if code, _, errs := command(t, "policy", "fit", start, "--input", orders, "--train", train, "--out", fitted); code != 0 || errs != "" {
		t.Fatalf("fit: %d %s", code, errs)
	}
	code, out, errs := command(t, "policy", "backtest", fitted, "--input", orders, "--train", train, "--test", test, "--drop-known", "--json")
	if err := json.Unmarshal([]byte(out), &f); code != 0 || err != nil {
		t.Fatalf("backtest: %d %v %s", code, err, errs)
	}
	t.Logf("trained on %s, tested on %s: %+v", train, test, f)
	return f
}

// TestAFittedScorecardBeatsThePublishedModels holds the commands to the Handbook's protocol and figures (chapter 3,
// Baseline fraud detection system): the best of its four models in each column reach 0.871, 0.658 and 0.291.
func TestAFittedScorecardBeatsThePublishedModels(t *testing.T) {
	orders := handbookOrders(t)
	f := handbookWeek(t, orders, "2018-07-25..2018-07-31", "2018-08-08..2018-08-14")
	if f.Orders != 58264 || f.Fraud != 385 {
		t.Errorf("the protocol leaves 58264 orders and 385 frauds, not %d and %d", f.Orders, f.Fraud)
	}
	if f.AUC < 0.88 || f.AveragePrecision < 0.70 || f.CardPrecision < 0.296 {
		t.Errorf("%+v", f)
	}
	// A week before: another test of the same policy, for which nothing is published.
	if f = handbookWeek(t, orders, "2018-07-18..2018-07-24", "2018-08-01..2018-08-07"); f.AUC < 0.875 || f.AveragePrecision < 0.68 || f.CardPrecision < 0.291 {
		t.Errorf("%+v", f)
	}
}
