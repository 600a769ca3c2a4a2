package velocity

// boxes hold a great many small things in few large blocks, which the garbage collector walks as one each, and use the
// place of what is gone again. What is in them does not move.
type boxes[T any] struct {
	full []*[boxSize]T
	made int32 // places ever used
	free []int32
}

const boxSize = 256

func (b *boxes[T]) at(place int32) *T { return &b.full[place/boxSize][place%boxSize] }

// take gives an empty place.
func (b *boxes[T]) take() (int32, *T) {
	if n := len(b.free); n > 0 {
		place := b.free[n-1]
		b.free = b.free[:n-1]
		t := b.at(place)
		*t = *new(T)
		return place, t
	}
	if int(b.made) == len(b.full)*boxSize {
		b.full = append(b.full, new([boxSize]T))
	}
	b.made++
	return b.made - 1, b.at(b.made - 1)
}

// give gives a place back.
func (b *boxes[T]) give(place int32) { b.free = append(b.free, place) }
