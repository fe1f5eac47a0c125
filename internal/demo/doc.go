// Package demo makes the year of trade that a demo opens onto: a merchant of its own with four shops and two thousand
// members, and what happened to their cards in the year that ends now.
//
// It decides nothing about money. What happens is drawn at random, and each act is a command of the core that is
// decided at its moment of the year, on what the commands before it have left. A command that is refused is a guest who
// pays otherwise, and leaves nothing. All of it is saved in one commit, so a demo has the whole year or none of it.
//
// The same seed, the same end and the same names of secrets give the same journal, entry for entry: each day draws its
// own numbers, and no map is gone through. Only a demo may have such books: nothing here is for a server.
package demo
