// A choice between few: native radio buttons that look like one switch.

import { h, id } from "../dom";

export interface Segmented {
  root: HTMLElement;
  update(): void;
}

export function segmented(label: string, options: readonly [string, string][], now: () => string, choose: (value: string) => void): Segmented {
  const name = id("choice");
  const inputs = options.map(([value, words]) => {
    const input = h("input", { type: "radio", name, value });
    input.addEventListener("change", () => input.checked && choose(value));
    return { input, node: h("label", {}, input, h("span", {}, words)) };
  });
  return {
    root: h("fieldset", { class: "segmented" }, h("legend", { class: "hidden" }, label), ...inputs.map((x) => x.node)),
    update: () => inputs.forEach(({ input }) => (input.checked = input.value === now())),
  };
}
