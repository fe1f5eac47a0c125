// Forms that are sent with a passkey's answer: the server says what to ask the browser for, and the form brings the
// answer. Where the browser has no passkeys they stay hidden.
"use strict";
{
	const show = (form, said) => {
		const place = form.querySelector("[data-fault]");
		place.textContent = said;
		place.hidden = !said;
	};

	// prove returns what the browser answers to what the server asks.
	const prove = async (form) => {
		const asked = await fetch(form.dataset.ask, { method: "POST", body: new URLSearchParams(new FormData(form)) });
		const options = await asked.json();
		if (!asked.ok) throw { fault: options.fault };
		if (options.rp) {
			const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(options);
			return navigator.credentials.create({ publicKey });
		}
		const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(options);
		return navigator.credentials.get({ publicKey });
	};

	const send = async (form) => {
		const button = form.querySelector("button");
		const place = form.querySelector("[data-fault]");
		button.disabled = true;
		show(form, "");
		try {
			const proof = await prove(form);
			form.elements.answer.value = JSON.stringify(proof.toJSON());
			form.submit();
		} catch (error) {
			show(form, error.fault || (error.name === "InvalidStateError" ? place.dataset.twice : place.dataset.fault));
			button.disabled = false;
		}
	};

	if (window.PublicKeyCredential && PublicKeyCredential.parseCreationOptionsFromJSON) {
		for (const form of document.querySelectorAll("form[data-ask]")) {
			form.hidden = false;
			form.addEventListener("submit", (event) => {
				event.preventDefault();
				event.stopPropagation();
				send(form);
			});
		}
		for (const line of document.querySelectorAll("[data-unable]")) line.hidden = true;
	}
}
