import { h } from "../dom";
import type { Page } from "../page";
import type { PageName } from "../state";

/** A page that is not written yet. */
export const stub = (name: PageName, title: string): Page => ({
  name,
  title,
  live: false,
  render: (root) => root.append(h("h1", {}, title)),
  update: () => undefined,
});
