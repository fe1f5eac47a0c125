"use strict";

// Answers for the server when there is no network: the card's page by one that makes codes of what the phone has kept,
// and the files that pages load. page.js decides what is kept. Nothing of a card ever is: no page that has something of
// one passes through the cache, and the key of the codes is not even in a page that is kept.
self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

self.addEventListener("fetch", (event) => {
  const { request } = event, url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== self.location.origin) return;
  if (request.mode === "navigate" && (url.pathname === "/m/" || url.pathname === "/m")) {
    event.respondWith(fetch(request).catch(async () =>
      (await caches.match("/m/offline", { ignoreSearch: true })) || Response.error()));
  } else if (url.pathname.startsWith("/m/assets/")) {
    event.respondWith(caches.match(request).then((kept) => kept || fetch(request)));
  }
});
