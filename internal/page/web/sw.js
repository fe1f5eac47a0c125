"use strict";

// Answers for the server when there is no network, or no answer soon: the card's page by one that makes codes of what
// the phone has kept, and the files that pages load. page.js decides what is kept. Nothing of a card ever is: no page
// that has something of one passes through the cache, and the key of the codes is not even in a page that is kept.
self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

const waitMS = 3000; // how long the server may take before the kept page is shown

const keptPage = () => caches.match("/m/offline", { ignoreSearch: true });

// cardPage is the server's if it comes in time, and else the kept one. Where none is kept, the server is waited for.
// What is waited for no longer is given up, or the browser would hold back the next request for the same page.
const cardPage = async (request) => {
  const givenUp = new AbortController();
  const asked = fetch(request, { signal: givenUp.signal }).catch(() => null);
  const late = new Promise((resolve) => { setTimeout(resolve, waitMS, null); });
  const answer = await Promise.race([asked, late]);
  if (answer) return answer;
  const kept = await keptPage();
  if (kept) givenUp.abort();
  return kept || (await asked) || Response.error();
};

self.addEventListener("fetch", (event) => {
  const { request } = event, url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== self.location.origin) return;
  if (request.mode === "navigate" && (url.pathname === "/m/" || url.pathname === "/m")) {
    event.respondWith(cardPage(request));
  } else if (url.pathname.startsWith("/m/assets/")) {
    event.respondWith(caches.match(request).then((kept) => kept || fetch(request)));
  }
});
