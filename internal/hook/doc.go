// Package hook sends the entries of merchants' journals to their webhooks, as Standard Webhooks has it
// (https://www.standardwebhooks.com): each entry is one POST with an id that never changes, the time of the try and a
// signature over both and the body.
//
// A webhook gets every entry that it wants at least once. Those of one card go out one after the other, in the order of
// the journal; those of several cards go out side by side. An entry counts as delivered if the answer is a status of
// the 200s. Behind each webhook there is a cursor of its own, which only moves behind what was delivered, and one
// process at a time works for it, by a lease.
//
// What fails is tried again after a pause that grows, one entry at a time, and the webhook is paused after three days:
// it waits where it stands until somebody resumes or changes it. A webhook that fails costs the others nothing: it has
// requests, pauses and places of its own.
//
// Only public addresses are called, and those that the host lists, whatever a name resolves to. Redirects are not
// followed, and no more of an answer is read than needed.
package hook
