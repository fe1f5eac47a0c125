//go:build !race

package scheme

const underRace = false
