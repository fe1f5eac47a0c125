"use strict";

// Shows the changing member code, without the network once the page is here, and keeps a link that
// was used out of the history.
(() => {
  const stepMS = 30000; // how long a code is shown: Step of internal/codes
  const askMS = 3000; // how often the server is asked which code was used, while somebody looks

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

  // maker answers a function that makes the code of a step, as internal/codes does: nine digits of
  // HMAC-SHA-256 over alias and step, behind the alias. The key is forgotten but for the browser's own.
  const maker = async (box) => {
    const alias = Number(box.dataset.alias);
    const raw = Uint8Array.from(atob(box.dataset.key), (c) => c.charCodeAt(0));
    box.removeAttribute("data-key");
    if (!window.crypto || !crypto.subtle) {
      return async () => (await (await fetch("/m/code", { cache: "no-store" })).json()).code;
    }
    const key = await crypto.subtle.importKey("raw", raw, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
    raw.fill(0);
    const label = new TextEncoder().encode("member code\0");
    return async (step) => {
      const text = new Uint8Array(label.length + 16);
      text.set(label);
      const numbers = new DataView(text.buffer, label.length);
      numbers.setUint32(4, alias); // both are far below 2^32
      numbers.setUint32(12, step);
      const mac = new Uint8Array(await crypto.subtle.sign("HMAC", key, text));
      let rest = 0;
      for (let i = 0; i < 8; i++) rest = (rest * 256 + mac[i]) % 1e9;
      return "77" + String(alias).padStart(9, "0") + String(rest).padStart(9, "0");
    };
  };

  const showCode = async (box) => {
    const find = (id) => document.getElementById(id);
    const ahead = Number(box.dataset.now) - Date.now(); // of the phone's clock, which may be wrong
    const make = await maker(box);
    let shown = -1, making = false, used = Number(box.dataset.used);
    const tick = async () => {
      const now = Date.now() + ahead, current = Math.floor(now / stepMS);
      find("left").value = (stepMS - (now % stepMS)) / 1000;
      // Each code is good once. Where that of now is used the next one is, which tills take already.
      const step = Math.max(current, used + 1);
      find("used").hidden = step === current;
      find("wait").hidden = step <= current + 1;
      if (step > current + 1) {
        if (shown !== 0) {
          find("bars").firstElementChild.removeAttribute("d");
          find("digits").textContent = "—";
          shown = 0;
        }
        find("used").hidden = true;
        return;
      }
      if (step === shown || making) return;
      making = true;
      try {
        const code = await make(step);
        find("bars").firstElementChild.setAttribute("d", bars(code));
        find("digits").textContent = code.replace(/(\d{4})(?=\d)/g, "$1 ");
        shown = step;
        find("stale").hidden = true;
      } catch {
        find("stale").hidden = false;
      }
      making = false;
    };
    const ask = async () => {
      if (document.hidden) return;
      try {
        const answer = await fetch("/m/code", { cache: "no-store" });
        const told = answer.ok ? (await answer.json()).used : 0;
        if (told > used) {
          used = told;
          await tick();
        }
      } catch {
        // Without a network the codes change by the clock alone.
      }
    };
    await tick();
    setInterval(tick, 500);
    setInterval(ask, askMS);
  };

  const box = document.getElementById("code");
  if (box) showCode(box);

  const bind = document.getElementById("bind");
  if (bind) {
    bind.addEventListener("submit", () => {
      bind.querySelector("button").disabled = true; // once is enough
      history.replaceState(null, "", "/m/");
    });
  }
})();
