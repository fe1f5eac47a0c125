// The colours follow the system, before anything is drawn.
"use strict";
const dark = window.matchMedia("(prefers-color-scheme: dark)");
const paint = () => document.documentElement.setAttribute("data-bs-theme", dark.matches ? "dark" : "light");
paint();
dark.addEventListener("change", paint);

// A menu closes when something else is chosen.
document.addEventListener("click", (event) => {
	for (const menu of document.querySelectorAll("details:is(.who, .more)[open]")) {
		if (!menu.contains(event.target)) menu.removeAttribute("open");
	}
});
document.addEventListener("keydown", (event) => {
	if (event.key !== "Escape") return;
	for (const menu of document.querySelectorAll("details:is(.who, .more)[open]")) menu.removeAttribute("open");
});

// Where the menu is wider than the window, the page that one is on is in sight.
document.addEventListener("DOMContentLoaded", () => {
	const ways = document.querySelector(".ways"), here = ways?.querySelector("[aria-current]");
	const middle = (box) => (box.left + box.right) / 2;
	if (here) ways.scrollLeft += middle(here.getBoundingClientRect()) - middle(ways.getBoundingClientRect());
});

document.addEventListener("click", (event) => {
	if (event.target.closest("[data-print]")) window.print();
});

// A text is copied where the browser lets it be.
document.addEventListener("click", (event) => {
	const button = event.target.closest("[data-copy]");
	if (!button) return;
	navigator.clipboard?.writeText(document.getElementById(button.dataset.copy).textContent)
		.then(() => { button.textContent = "✓"; }, () => {});
});

// A page that answers a form can be gone back to, and asked for anew, without sending the form once more.
history.replaceState(history.state, "", location.href);

// A form is sent once.
document.addEventListener("submit", (event) => {
	if (event.target.dataset.sent) { event.preventDefault(); return; }
	event.target.dataset.sent = "yes";
	setTimeout(() => { delete event.target.dataset.sent; }, 8000);
});
