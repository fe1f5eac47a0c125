package demo

import (
	"cmp"
	"container/heap"
	"time"
)

// event is something that will happen.
type event struct {
	at   time.Time
	turn int // of two at the same time the one that was planned first comes first
	do   func()
}

// queue has what will happen, the next first.
type queue struct {
	events []event
	turns  int
}

// plan adds something that will happen.
func (q *queue) plan(at time.Time, do func()) {
	q.turns++
	heap.Push(q, event{at, q.turns, do})
}

// next takes out what happens next, if that is before a time.
func (q *queue) next(before time.Time) (e event, ok bool) {
	if len(q.events) == 0 || !q.events[0].at.Before(before) {
		return event{}, false
	}
	return heap.Pop(q).(event), true
}

// Len, Less, Swap, Push and Pop are container/heap's.
func (q *queue) Len() int { return len(q.events) }

func (q *queue) Less(i, j int) bool {
	a, b := q.events[i], q.events[j]
	return cmp.Or(a.at.Compare(b.at), cmp.Compare(a.turn, b.turn)) < 0
}

func (q *queue) Swap(i, j int) { q.events[i], q.events[j] = q.events[j], q.events[i] }

func (q *queue) Push(e any) { q.events = append(q.events, e.(event)) }

func (q *queue) Pop() any {
	last := len(q.events) - 1
	e := q.events[last]
	q.events[last] = event{}
	q.events = q.events[:last]
	return e
}
