// The page that other pages show in a frame: one chart, its provenance, and the way back.

import { h } from "./dom";
import type { App, Cause, Page } from "./page";
import { ChartFigure } from "./pages/chart";

export class Embed implements Page {
  readonly name = "world";
  readonly title = "Chart";
  readonly live = true;
  private chart: ChartFigure | null = null;

  render(root: HTMLElement, app: App): void {
    this.chart = new ChartFigure(app, app.state.view.big, { big: true });
    root.append(h("h1", { class: "hidden" }, app.title()), this.chart.root, h("p", { class: "small" }, `${app.title()}. `, h("a", { href: `./${location.hash}`, target: "_blank", rel: "noopener" }, "Change it in gigawatt")));
  }

  update(app: App, cause: Cause): void {
    this.chart?.update(app, cause);
  }
}
