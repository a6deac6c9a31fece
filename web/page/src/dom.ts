// Tiny helpers for HTML and SVG elements. Text goes in as text: nothing is ever parsed as markup.

type Child = Node | string | number | null | undefined | false;
type Value = string | number | boolean | null | undefined | ((event: never) => void);
export type Attributes = Record<string, Value>;

const SVG = "http://www.w3.org/2000/svg";

/** Set attributes; a function under `onclick` and the like is a listener; null, undefined and false take an attribute away. */
export function set<E extends Element>(element: E, attributes: Attributes): E {
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(name.slice(2), value as EventListener);
    else if (value === null || value === undefined || value === false) element.removeAttribute(name);
    else {
      const text = value === true ? "" : String(value);
      if (element.getAttribute(name) !== text) element.setAttribute(name, text);
    }
  }
  return element;
}

export function add<E extends Element>(element: E, children: readonly Child[]): E {
  for (const child of children) {
    if (child !== null && child !== undefined && child !== false) element.append(child instanceof Node ? child : String(child));
  }
  return element;
}

/** An HTML element: h("button", {class: "quiet", onclick: go}, "Go"). */
export function h<K extends keyof HTMLElementTagNameMap>(tag: K, attributes: Attributes = {}, ...children: Child[]): HTMLElementTagNameMap[K] {
  return add(set(document.createElement(tag), attributes), children);
}

/** An SVG element: s("path", {d}). */
export function s<K extends keyof SVGElementTagNameMap>(tag: K, attributes: Attributes = {}, ...children: Child[]): SVGElementTagNameMap[K] {
  return add(set(document.createElementNS(SVG, tag) as SVGElementTagNameMap[K], attributes), children);
}

/** Replace the children only if they differ in kind: a plain clear and fill. */
export function fill<E extends Element>(element: E, ...children: Child[]): E {
  element.replaceChildren();
  return add(element, children);
}

export function text(element: Element, words: string): void {
  if (element.textContent !== words) element.textContent = words;
}

/** Give a style through the object model, which the content policy allows. */
export function style(element: HTMLElement | SVGElement, styles: Record<string, string>): void {
  for (const [name, value] of Object.entries(styles)) element.style.setProperty(name, value);
}

/** Whether any of an element is within the window. */
export function inView(element: Element): boolean {
  const { top, bottom } = element.getBoundingClientRect();
  return bottom > 0 && top < window.innerHeight;
}

let ids = 0;
export function id(stem: string): string {
  ids += 1;
  return `${stem}-${ids}`;
}

/** Words spoken by screen readers and shown for a moment. */
export function say(words: string, kind: "note" | "error" = "note"): void {
  const box = document.getElementById("toast");
  if (!box) return;
  box.textContent = words;
  box.className = `toast ${kind} shown`;
  window.clearTimeout(Number(box.dataset["timer"] ?? 0));
  box.dataset["timer"] = String(window.setTimeout(() => box.classList.remove("shown"), kind === "error" ? 9000 : 3500));
}

/** Hand a text or bytes over as a file. */
export function download(name: string, content: Blob | string, type = "text/plain"): void {
  const address = URL.createObjectURL(content instanceof Blob ? content : new Blob([content], { type }));
  const link = h("a", { href: address, download: name });
  document.body.append(link);
  link.click();
  link.remove();
  window.setTimeout(() => URL.revokeObjectURL(address), 1000);
}

export async function copy(words: string, what: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(words);
    say(`${what} copied.`);
  } catch {
    // Without permission or a secure context: select the words so that the keyboard can copy them.
    const box = h("textarea", { class: "copybox", "aria-label": what }, words);
    document.body.append(box);
    box.select();
    const done = document.execCommand("copy");
    box.remove();
    say(done ? `${what} copied.` : `${what} could not be copied: the browser refuses.`, done ? "note" : "error");
  }
}
