package store_test

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// BenchmarkAgePayments is what it costs to pseudonymise one payment with its case, its decision and its operation.
func BenchmarkAgePayments(b *testing.B) {
	onBoth(b, func(b *testing.B, db bench) {
		b.StopTimer()
		p := db.withCanary(b, 1)
		raw := db.raw(b)
		for _, table := range []string{"payments", "cases", "decisions", "operations"} {
			rows, err := raw.Query("SELECT * FROM " + table + " WHERE 1 = 0")
			if err != nil {
				b.Fatal(err)
			}
			columns, err := rows.Columns()
			if err != nil || rows.Close() != nil {
				b.Fatal(err)
			}
			copied := strings.Join(columns, ", ")
			for _, own := range []string{"payment_id", "order_reference", "idempotency_key", "key"} {
				if own != "key" || table == "operations" {
					copied = strings.ReplaceAll(" "+copied, " "+own, " "+own+" || n")[1:]
				}
			}
			copied = strings.Replace(copied, "token_hash", "''", 1)
			if table == "cases" { // whose id is in its text as well
				copied = strings.Replace(copied, "body", `replace(body, '"case_000001"', '"case_000001' || n || '"')`, 1)
			}
			insert := fmt.Sprintf(`WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < %d)
 INSERT INTO %s (%s) SELECT %s FROM %s, numbers`, b.N, table, strings.Join(columns, ", "), "id || n"+strings.TrimPrefix(copied, "id"), table)
			if _, err := raw.Exec(insert); err != nil {
				b.Fatalf("%s: %v\n%s", table, err, insert)
			}
		}
		b.StartTimer()
		for looked := 0; looked <= b.N; {
			n, err := db.AgePayments(b.Context(), p.CreatedAt.Add(time.Hour), 200, left)
			if err != nil || n == 0 {
				b.Fatal(looked, n, err)
			}
			looked += n
		}
	})
}
