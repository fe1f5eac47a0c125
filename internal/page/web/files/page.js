"use strict";

// Shows the changing member code, without the network once the page was here, and keeps a link that was used out of the
// history.
(() => {
  const stepMS = 30000; // how long a code is shown: Step of internal/codes
  const askMS = 3000; // how often the server is asked which code was used, while somebody looks
  const patienceMS = 10000; // how long an answer may take

  // Widths of the bars and spaces of each symbol of Code 128, six to a symbol and seven to the last.
  const widths =
    "212222222122222221121223121322131222122213122312132212221213221312231212112232122132122231113222" +
    "123122123221223211221132221231213212223112312131311222321122321221312212322112322211212123212321" +
    "232121111323131123131321112313132113132311211313231113231311112133112331132131113123113321133121" +
    "313121211331231131213113213311213131311123311321331121312113312311332111314111221411431111111224" +
    "111422121124121421141122141221112214112412122114122411142112142211241211221114413111241112134111" +
    "111242121142121241114212124112124211411212421112421211212141214121412121111143111341131141114113" +
    "1143114111134113111131411141313111414111312114122112142112322331112";
  const startC = 105, stop = 106;

  // bars is the outline of a symbol of Code 128, set C, one unit a module.
  const bars = (digits) => {
    const symbols = [startC];
    for (let i = 0; i < digits.length; i += 2) symbols.push(Number(digits.slice(i, i + 2)));
    const check = symbols.reduce((sum, symbol, place) => sum + symbol * place, startC);
    symbols.push(check % 103, stop);
    let outline = "", x = 0;
    for (const symbol of symbols) {
      const pattern = widths.slice(6 * symbol, 6 * symbol + (symbol === stop ? 7 : 6));
      for (let i = 0; i < pattern.length; i++) {
        const width = Number(pattern[i]);
        if (i % 2 === 0) outline += `M${x} 0h${width}v1h-${width}z`;
        x += width;
      }
    }
    return outline;
  };

  // QR: version 1 with error correction Q, which holds 27 digits, and so the 20 of a code.
  const side = 21, dataWords = 13, checkWords = 13, level = 3;

  // Powers and logarithms in GF(256) over x^8 + x^4 + x^3 + x^2 + 1.
  const power = [], log = [];
  for (let i = 0, x = 1; i < 255; i++) {
    power[i] = x;
    log[x] = i;
    x <<= 1;
    if (x > 255) x ^= 0x11d;
  }
  const times = (a, b) => (a && b ? power[(log[a] + log[b]) % 255] : 0);

  // words are the digits as QR holds numbers, ten bits for three of them, followed by their Reed-Solomon words.
  const words = (digits) => {
    let bits = "0001" + digits.length.toString(2).padStart(10, "0");
    for (let i = 0; i < digits.length; i += 3) {
      const group = digits.slice(i, i + 3);
      bits += Number(group).toString(2).padStart(3 * group.length + 1, "0");
    }
    bits += "0000";
    bits = bits.padEnd(Math.ceil(bits.length / 8) * 8, "0");
    const data = bits.match(/.{8}/g).map((byte) => parseInt(byte, 2));
    for (let fill = 236; data.length < dataWords; fill ^= 236 ^ 17) data.push(fill);
    let divisor = [1];
    for (let i = 0; i < checkWords; i++) {
      const next = [...divisor, 0];
      divisor.forEach((factor, place) => { next[place + 1] ^= times(factor, power[i]); });
      divisor = next;
    }
    const rest = [...data, ...Array(checkWords).fill(0)];
    for (let i = 0; i < dataWords; i++) {
      const lead = rest[i];
      divisor.forEach((factor, place) => { rest[i + place] ^= times(factor, lead); });
    }
    return [...data, ...rest.slice(dataWords)];
  };

  // masks say which modules are turned over, so that a code looks like noise.
  const masks = [
    (x, y) => (x + y) % 2, (x, y) => y % 2, (x) => x % 3, (x, y) => (x + y) % 3,
    (x, y) => (Math.floor(x / 3) + Math.floor(y / 2)) % 2, (x, y) => ((x * y) % 2) + ((x * y) % 3),
    (x, y) => (((x * y) % 2) + ((x * y) % 3)) % 2, (x, y) => (((x + y) % 2) + ((x * y) % 3)) % 2,
  ];

  // symbol has the modules of a QR code by row, under one mask.
  const symbol = (content, mask) => {
    const grid = Array.from({ length: side }, () => Array(side).fill(null));
    const square = (left, top) => { // a corner, with the light line around it
      for (let y = -1; y < 8; y++) {
        for (let x = -1; x < 8; x++) {
          if (!grid[top + y] || grid[top + y][left + x] === undefined) continue;
          const ring = Math.max(Math.abs(x - 3), Math.abs(y - 3));
          grid[top + y][left + x] = ring === 2 || ring > 3 ? 0 : 1;
        }
      }
    };
    square(0, 0);
    square(side - 7, 0);
    square(0, side - 7);
    for (let i = 8; i < side - 8; i++) grid[6][i] = grid[i][6] = 1 - (i % 2);
    let format = ((level << 3) | mask) << 10;
    for (let bit = 14; bit >= 10; bit--) if ((format >> bit) & 1) format ^= 0x537 << (bit - 10);
    format = ((((level << 3) | mask) << 10) | format) ^ 0x5412;
    for (let i = 0; i < 15; i++) {
      const bit = (format >> i) & 1;
      grid[i < 6 ? i : i < 8 ? i + 1 : side - 15 + i][8] = bit;
      grid[8][i < 8 ? side - 1 - i : i < 9 ? 7 : 14 - i] = bit;
    }
    grid[side - 8][8] = 1;
    let next = 0;
    for (let right = side - 1; right > 0; right -= 2) {
      if (right === 6) right = 5; // the column of the clock has no content
      for (let i = 0; i < side; i++) {
        const y = (right + 1) & 2 ? i : side - 1 - i;
        for (const x of [right, right - 1]) {
          if (grid[y][x] !== null) continue;
          const bit = (content[next >> 3] >> (7 - (next & 7))) & 1;
          grid[y][x] = masks[mask](x, y) === 0 ? 1 - bit : bit;
          next++;
        }
      }
    }
    return grid;
  };

  // blots counts what makes a QR code hard to read: long lines, blocks, what looks like a corner, too much of a colour.
  const blots = (grid) => {
    const lines = [...grid, ...grid.map((_, x) => grid.map((row) => row[x]))].map((line) => line.join(""));
    let sum = 0;
    for (const line of lines) {
      for (const run of line.match(/0{5,}|1{5,}/g) || []) sum += run.length - 2;
      sum += 40 * [...line.matchAll(/(?=10111010000|00001011101)/g)].length;
    }
    for (let y = 1; y < side; y++) {
      for (let x = 1; x < side; x++) {
        const four = grid[y][x] + grid[y - 1][x] + grid[y][x - 1] + grid[y - 1][x - 1];
        if (four % 4 === 0) sum += 3;
      }
    }
    const dark = grid.flat().reduce((all, module) => all + module, 0);
    return sum + 10 * Math.floor(Math.abs((20 * dark) / (side * side) - 10));
  };

  // qr is the outline of the QR code of a code, one unit a module.
  const qr = (digits) => {
    const content = words(digits);
    const best = masks.map((_, mask) => symbol(content, mask)).sort((a, b) => blots(a) - blots(b))[0];
    let outline = "";
    best.forEach((row, y) => row.forEach((dark, x) => { if (dark) outline += `M${x} ${y}h1v1h-1z`; }));
    return outline;
  };

  // The phone keeps what it makes codes of, so that the page works after a reload without the network: a key that no
  // script can read, in the browser's own database. It is in no cache, and gone when the card is.
  const kept = (mode, act) => new Promise((resolve, reject) => {
    const open = indexedDB.open("tongka", 1);
    open.onupgradeneeded = () => open.result.createObjectStore("pass");
    open.onerror = () => reject(open.error);
    open.onsuccess = () => {
      const base = open.result, all = base.transaction("pass", mode), asked = act(all.objectStore("pass"));
      all.oncomplete = () => { base.close(); resolve(asked.result); };
      all.onabort = () => { base.close(); reject(all.error); };
    };
  });
  const nothing = () => undefined; // a browser that keeps nothing shows codes while the page is open
  const keepPass = (pass) => kept("readwrite", (store) => store.put(pass, "now")).catch(nothing);
  const keptPass = () => kept("readonly", (store) => store.get("now")).catch(nothing);
  const forgetPass = () => kept("readwrite", (store) => store.delete("now")).catch(nothing);

  // passOf returns what codes are made of: what the server has put into the page, or offline what the phone has kept.
  // The key is forgotten but for the browser's own.
  const passOf = async (box) => {
    const { dataset } = box;
    if (dataset.kept !== undefined) {
      const pass = await keptPass();
      if (pass && Date.now() + pass.ahead < pass.until) return pass;
      await forgetPass();
      return null;
    }
    const raw = Uint8Array.from(atob(dataset.key), (c) => c.charCodeAt(0));
    box.removeAttribute("data-key");
    const pass = {
      alias: Number(dataset.alias), used: Number(dataset.used), until: Number(dataset.until),
      ahead: Number(dataset.now) - Date.now(), // of the phone's clock, which may be wrong
      shop: dataset.shop, number: dataset.number,
    };
    if (window.crypto && crypto.subtle) {
      pass.key = await crypto.subtle.importKey("raw", raw, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
      await keepPass(pass);
    }
    raw.fill(0);
    return pass;
  };

  // maker returns a function that makes the code of a step, as internal/codes does: nine digits of HMAC-SHA-256 over
  // alias and step, behind the alias.
  const maker = (pass) => {
    if (!pass.key) return async () => (await (await fetch("/m/code", { cache: "no-store" })).json()).code;
    const label = new TextEncoder().encode("member code\0");
    return async (step) => {
      const text = new Uint8Array(label.length + 16);
      text.set(label);
      const numbers = new DataView(text.buffer, label.length);
      numbers.setUint32(4, pass.alias); // both are far below 2^32
      numbers.setUint32(12, step);
      const mac = new Uint8Array(await crypto.subtle.sign("HMAC", pass.key, text));
      let rest = 0;
      for (let i = 0; i < 8; i++) rest = (rest * 256 + mac[i]) % 1e9;
      return "77" + String(pass.alias).padStart(9, "0") + String(rest).padStart(9, "0");
    };
  };

  // tell says what was paid, and shows the card as it is now.
  const tell = async (told) => {
    const news = document.getElementById("news");
    news.firstElementChild.textContent = told.said;
    news.lastElementChild.textContent = told.balance;
    news.hidden = false;
    const answer = await fetch("/m/", { cache: "no-store" });
    if (!answer.ok) return;
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    for (const id of ["card", "coupons"]) {
      const now = fresh.getElementById(id);
      if (now) document.getElementById(id).replaceWith(document.adoptNode(now));
    }
  };

  // draw shows a code wherever the page has a place for one; without a code, nothing is left to be read.
  const draw = (code) => {
    const put = (selector, outline) => {
      for (const path of document.querySelectorAll(selector)) path.setAttribute("d", outline);
    };
    put(".bars path", code ? bars(code) : "");
    put(".qr path", code ? qr(code) : "");
    for (const line of document.querySelectorAll(".digits")) {
      line.textContent = code ? code.replace(/(\d{4})(?=\d)/g, "$1 ") : "—";
    }
  };

  const showCode = async (box) => {
    const find = (id) => document.getElementById(id);
    const pass = await passOf(box), offline = box.dataset.kept !== undefined;
    if (!pass) {
      box.hidden = true;
      find("no-pass").hidden = false;
      return;
    }
    if (offline) {
      find("kept-shop").textContent = pass.shop;
      find("kept-number").textContent = pass.number;
    }
    const make = maker(pass);
    let shown = -1, making = false, seq = Number(box.dataset.seq);
    const tick = async () => {
      const now = Date.now() + pass.ahead, current = Math.floor(now / stepMS);
      find("left").value = (stepMS - (now % stepMS)) / 1000;
      // Each code is good once. Where that of now is used the next one is, which tills take already.
      const step = Math.max(current, pass.used + 1);
      find("used").hidden = step === current;
      find("wait").hidden = step <= current + 1;
      if (step > current + 1) {
        if (shown !== 0) draw("");
        shown = 0;
        find("used").hidden = true;
        return;
      }
      if (step === shown || making) return;
      making = true;
      try {
        draw(await make(step));
        shown = step;
        find("stale").hidden = true;
      } catch {
        find("stale").hidden = false;
      }
      making = false;
    };
    // The kept page knows of no entries. It asks whether the server answers again, as soon as it did before: see sw.js.
    const address = () => (offline ? "/m/code" : "/m/code?since=" + seq);
    let asking = false; // questions that nobody answers must not pile up
    const ask = async () => {
      if (document.hidden || asking) return;
      asking = true;
      try {
        const signal = AbortSignal.timeout(offline ? askMS : patienceMS);
        const answer = await fetch(address(), { cache: "no-store", signal });
        if (!answer.ok) return;
        const told = await answer.json();
        if (told.over) await forgetPass(); // this phone has no code any more
        if (told.over || offline) {
          location.replace("/m/"); // where the server says what is so now
          return;
        }
        if (told.used > pass.used) {
          pass.used = told.used;
          if (pass.key) await keepPass(pass);
          await tick();
        }
        if (told.seq > seq) {
          seq = told.seq;
          if (told.said) await tell(told);
        }
      } catch {
        // Without a network the codes change by the clock alone.
      } finally {
        asking = false;
      }
    };
    await tick();
    setInterval(tick, 500);
    setInterval(ask, askMS);
    document.addEventListener("visibilitychange", ask); // whoever looks again need not wait
    window.addEventListener("online", ask);
    if (!offline && pass.key) await keepPage().catch(nothing);
  };

  // keepPage has the browser keep the page that works offline, and the files it loads. Neither has anything of a card.
  const keepPage = async () => {
    if (!navigator.serviceWorker || !window.caches) return;
    await navigator.serviceWorker.register("/m/worker", { scope: "/m/" });
    const page = new URL("/m/offline?" + document.documentElement.lang, location.href).href;
    const files = [...document.querySelectorAll("link[rel=icon], link[rel=stylesheet], script[src]")];
    const wanted = [page, ...files.map((file) => file.href || file.src)];
    const cache = await caches.open("tongka");
    const have = (await cache.keys()).map((request) => request.url);
    const missing = wanted.filter((url) => !have.includes(url));
    if (missing.length > 0) await cache.addAll(wanted);
    for (const url of have) if (!wanted.includes(url)) await cache.delete(url);
  };

  // big shows the code alone on a white screen that stays on, for scanners that find it hard to read.
  const big = document.getElementById("big");
  if (big) {
    let awake = null;
    document.getElementById("enlarge").addEventListener("click", async () => {
      big.showModal();
      if (big.requestFullscreen) big.requestFullscreen().catch(nothing);
      if (navigator.wakeLock) awake = await navigator.wakeLock.request("screen").catch(nothing);
    });
    big.addEventListener("click", () => big.close());
    big.addEventListener("close", () => {
      if (document.fullscreenElement) document.exitFullscreen().catch(nothing);
      if (awake) awake.release().catch(nothing);
      awake = null;
    });
    document.addEventListener("fullscreenchange", () => {
      if (!document.fullscreenElement && big.open) big.close();
    });
  }

  if (document.body.dataset.forget !== undefined) forgetPass();
  const box = document.getElementById("code");
  if (box) showCode(box);

  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-print]")) window.print();
  });

  const bind = document.getElementById("bind");
  if (bind) {
    bind.addEventListener("submit", () => {
      bind.querySelector("button").disabled = true; // once is enough
      history.replaceState(null, "", "/m/");
    });
  }
})();
