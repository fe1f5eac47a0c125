// Charts are drawn from figures that stand in a table beside them, in the colours of the page.
"use strict";
const drawn = new Map();
const inks = {
	light: ["#066fd1", "#f76707", "#2fb344", "#ae3ec9", "#0ca678", "#d63939", "#f59f00", "#667382"],
	dark: ["#4dabf7", "#ff922b", "#51cf66", "#da77f2", "#38d9a9", "#ff6b6b", "#fcc419", "#adb5bd"],
};

const draw = (box) => {
	const data = JSON.parse(box.dataset.chart);
	const page = document.documentElement;
	const styles = getComputedStyle(box);
	const ink = styles.color;
	const faint = styles.getPropertyValue("--tblr-border-color").trim() || ink;
	const language = page.lang;
	const number = (value) => Number(value).toLocaleString(language, { maximumFractionDigits: 2 });
	const short = (value) => Number(value).toLocaleString(language, { notation: "compact" });
	if (drawn.has(box)) drawn.get(box).dispose();
	const chart = echarts.init(box, null, { renderer: "svg", locale: language.startsWith("zh") ? "ZH" : "EN" });
	drawn.set(box, chart);
	chart.setOption({
		animation: false,
		color: inks[page.dataset.bsTheme] || inks.light,
		textStyle: { color: ink, fontFamily: styles.fontFamily },
		legend: { top: 0, left: 0, type: "scroll", textStyle: { color: ink }, pageTextStyle: { color: ink } },
		grid: { top: 40, left: 8, right: 16, bottom: 8, outerBoundsMode: "same", outerBoundsContain: "axisLabel" },
		tooltip: { trigger: "axis", renderMode: "richText", confine: true, valueFormatter: number },
		xAxis: {
			type: "category", data: data.labels, axisLabel: { color: ink, hideOverlap: true },
			axisLine: { lineStyle: { color: faint } }, axisTick: { lineStyle: { color: faint } },
		},
		yAxis: { type: "value", minInterval: 1, axisLabel: { color: ink, formatter: short }, splitLine: { lineStyle: { color: faint } } },
		series: data.series.map((one) => ({
			name: one.name, data: one.values, type: data.drawn === "line" ? "line" : "bar",
			stack: data.drawn === "stack" ? "all" : undefined,
			showSymbol: false, barMaxWidth: 32,
		})),
	});
};

const drawAll = () => { for (const box of document.querySelectorAll("[data-chart]")) draw(box); };
drawAll();
new MutationObserver(drawAll).observe(document.documentElement, { attributes: true, attributeFilter: ["data-bs-theme"] });
window.addEventListener("resize", () => { for (const chart of drawn.values()) chart.resize(); });
