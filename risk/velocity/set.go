package velocity

// set counts different values, the hashes or numbers of entities: open addressing, half full at most. The zero value is
// empty, and needs no memory of its own until it holds more than lists mostly do.
type set struct {
	size  int
	room  [128]uint64
	grown []uint64 // in place of room
}

// add takes in a value below 1<<64 - 1.
func (s *set) add(v uint64) {
	slots := s.grown
	if slots == nil {
		slots = s.room[:]
	}
	if !put(slots, v+1) {
		return
	}
	if s.size++; 2*s.size < len(slots) {
		return
	}
	s.grown = make([]uint64, 4*len(slots))
	for _, v := range slots {
		if v != 0 {
			put(s.grown, v)
		}
	}
}

// put puts a value that is not 0 in its slot, and reports whether it was not there. The length is a power of two.
func put(slots []uint64, v uint64) bool {
	const spread = 0x9E3779B97F4A7C15 // 1<<64 by the golden ratio: numbers given out one after the other lie apart
	i := int(v * spread >> 40)
	for ; slots[i&(len(slots)-1)] != 0; i++ {
		if slots[i&(len(slots)-1)] == v {
			return false
		}
	}
	slots[i&(len(slots)-1)] = v
	return true
}
