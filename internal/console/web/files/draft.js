// What was typed into the form that was sent last is kept as long as its tab: who goes back to it from what it would
// do, or is asked to sign in and comes back, finds it again. It is kept for one person, and goes when the form has done
// its work or somebody begins anew. Passwords are not kept, and files cannot be.
"use strict";
{
	const draftKey = "tongka-draft", awayKey = "tongka-away";
	const { person } = document.body.dataset, answers = "answers" in document.body.dataset;
	const forms = () => [...document.forms].filter((form) => form.method === "post");
	const twins = (action) => forms().filter((form) => form.action === action);

	// What is hidden and kept says what somebody has seen: so that whoever comes back is told of changes by others.
	const seen = (field) => field.type === "hidden" && (field.name === "version" || field.name.startsWith("was."));
	const never = ["hidden", "password", "file", "submit", "button"];
	const kept = (field) => field.name && (seen(field) || !never.includes(field.type));
	const ticks = (field) => field.type === "checkbox" || field.type === "radio";
	const nameOf = (field) => ticks(field) ? field.name + "=" + field.value : field.name;
	const chosen = (field) => [...field.options].filter((option) => option.selected).map((option) => option.value);

	const changed = (field) => {
		if (seen(field)) return true;
		if (ticks(field)) return field.checked !== field.defaultChecked;
		if (field.options) return [...field.options].some((option) => option.selected !== option.defaultSelected);
		return field.value !== field.defaultValue;
	};
	const valueOf = (field) => ticks(field) ? field.checked : field.options ? chosen(field) : field.value;
	const put = (field, value) => {
		if (ticks(field)) field.checked = value;
		else if (field.options) for (const option of field.options) option.selected = value.includes(option.value);
		else field.value = value;
	};

	// draft returns what is kept; nothing if the browser keeps nothing for pages.
	const draft = () => {
		try { return JSON.parse(sessionStorage.getItem(draftKey)); } catch { return null; }
	};
	const keep = (key, value) => {
		try {
			if (value === null) sessionStorage.removeItem(key);
			else sessionStorage.setItem(key, JSON.stringify(value));
		} catch { /* then what was typed is lost, as it is without a script */ }
	};

	const restore = (form, fields) => {
		for (const field of form.elements) {
			if (kept(field) && nameOf(field) in fields) put(field, fields[nameOf(field)]);
		}
		form.dispatchEvent(new Event("input", { bubbles: true }));
	};

	const came = () => {
		const found = draft(), form = found && twins(found.action)[found.at];
		const back = performance.getEntriesByType("navigation")[0]?.type === "back_forward";
		let away = false;
		try { away = sessionStorage.getItem(awayKey) !== null; } catch { /* as above */ }
		keep(awayKey, null);
		if (answers && !form && found?.person === person && !document.querySelector(".alert-success")) return; // it failed
		if (!form || found.person !== person || document.querySelector(".alert-success")) keep(draftKey, null);
		else if (!answers && (back || away)) restore(form, found.fields);
		else if (!answers) keep(draftKey, null);
	};

	const sent = (form) => {
		const found = draft(), at = twins(form.action).indexOf(form);
		const fields = answers && found?.action === form.action && found.at === at ? found.fields : {};
		for (const field of form.elements) {
			if (kept(field) && changed(field)) fields[nameOf(field)] = valueOf(field);
		}
		keep(draftKey, { person, action: form.action, at, fields });
	};

	if (person) {
		came();
		document.addEventListener("submit", (event) => {
			if (event.target.method === "post") sent(event.target);
		});
	} else {
		keep(awayKey, "yes");
	}
}
