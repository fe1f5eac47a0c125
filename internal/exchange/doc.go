// Package exchange keeps what tills sent and were answered, for those who connect them.
//
// Tills never wait for it: what they sent is copied into a queue with a bound, and one goroutine decodes, masks and
// saves it, some rows at a time. What finds no room is counted and dropped. Of passwords, codes, tokens, signatures
// that are right, phones and identity numbers nothing is kept that could be used or read.
package exchange
