// Dialogs: one way to open them, and the one that explains keys and reading.

import { h } from "./dom";

/** A modal dialog that Escape and a click outside close; focus goes back where it was. */
export function openDialog(title: string, content: (Node | string)[]): HTMLDialogElement {
  const close = h("button", { class: "quiet", onclick: () => dialog.close() }, "Close");
  const dialog = h("dialog", { "aria-label": title }, h("div", { class: "dialog-head" }, h("h2", {}, title), close), h("div", { class: "dialog-body" }, ...content));
  dialog.addEventListener("close", () => dialog.remove());
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
  document.body.append(dialog);
  dialog.showModal();
  return dialog;
}

const KEYS: [string, string][] = [
  ["1 to 6", "pages: World, Bet, Compare, Why, Scoreboard, Sources"],
  ["Tab", "next control; arrow keys move a slider, Page Up and Page Down by more, Home and End to its ends"],
  ["arrows in a chart", "move the cursor by a month; Page Up and Page Down by a year"],
  ["u, Shift+u", "undo, redo (also Ctrl+Z, Ctrl+Y)"],
  ["r", "replay the last change"],
  ["p", "pin these numbers as the baseline, or take it away"],
  ["t, d", "table; distribution"],
  ["l, g, b", "linear or log; level or growth; industry or labs"],
  ["s, e", "share; export and import"],
  ["/", "search"],
  ["?", "this help"],
];

export function openHelp(): void {
  if (document.querySelector("dialog[open]")) return;
  const keys = h("input", { type: "checkbox", checked: localStorage.getItem("keys") !== "off" });
  keys.addEventListener("change", () => localStorage.setItem("keys", keys.checked ? "on" : "off"));
  openDialog("Keys and help", [
    h("table", { class: "keys" }, h("tbody", {}, ...KEYS.map(([key, what]) => h("tr", {}, h("th", { scope: "row" }, h("kbd", {}, key)), h("td", {}, what))))),
    h("p", {}, h("label", {}, keys, " Single keys act (switch off if they get in the way of your tools)")),
    h("h3", {}, "How to read the charts"),
    h("p", {}, "The line is the median of all draws. Half of the draws lie in the dark band, nine tenths in the light one. All scenarios share the same draws and the same luck: a difference between two of them is not noise."),
    h("p", {}, "Moving a slider sets that number for sure: its own uncertainty leaves the bands. The mark on the track is the default, the thick part its stated range from 5 to 95 %."),
  ]);
}
