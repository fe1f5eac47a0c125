//go:build race

package cardfile

const underRace = true
