package flow_test

import (
	"bytes"
	"image"
	"image/jpeg"
	"math/rand/v2"
	"testing"

	"octroi/gateway/hold"
)

// BenchmarkReceive5MBPhoto is all that happens to a phone's photo of 12 megapixels between the HTTP face and the answer:
// looked at in a child, made anew, sealed to disk, looked for among earlier ones, and committed.
func BenchmarkReceive5MBPhoto(b *testing.B) {
	rnd := rand.New(rand.NewPCG(1, 2))
	img := image.NewYCbCr(image.Rect(0, 0, 4000, 3000), image.YCbCrSubsampleRatio420)
	for i := range img.Y {
		img.Y[i] = byte(i/4000/12+i%4000/16) + byte(rnd.IntN(30))
	}
	for i := range img.Cb {
		img.Cb[i], img.Cr[i] = byte(128+i%2000/40), byte(128+i/2000/50)
	}
	var photo bytes.Buffer
	check(b, jpeg.Encode(&photo, img, &jpeg.Options{Quality: 90}))
	w := beginOn(b, databases["SQLite"](b), everyOrderHeld(b))
	b.SetBytes(int64(photo.Len()))
	n := 0
	for b.Loop() {
		b.StopTimer()
		p := w.holds(n, 1)[0]
		n++
		b.StartTimer()
		check(b, w.flow.ReceiveDocument(b.Context(), token(p), hold.Identity, "photo.jpg", "image/jpeg", photo.Bytes()))
	}
	b.ReportMetric(float64(photo.Len())/1e6, "MB")
}
