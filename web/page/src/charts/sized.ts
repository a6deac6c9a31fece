// What all charts share: an SVG in real pixels, drawn anew when its width changes. What those over time share: a cursor.

import { fill, h, s, set } from "../dom";

const NARROWEST = 40; // below this nothing can be read

export abstract class Sized<Data> {
  protected readonly svg = s("svg", { "aria-hidden": "true" });
  protected data: Data | null = null;
  private width = 0;

  constructor(readonly node: HTMLElement = h("div", { class: "plot" })) {
    node.append(this.svg);
    new ResizeObserver(([entry]) => {
      const width = Math.floor(entry?.contentRect.width ?? 0);
      if (width === this.width || width < NARROWEST) return;
      this.width = width;
      if (this.data) this.draw(this.data);
    }).observe(node);
  }

  draw(data: Data): void {
    this.data = data;
    if (!this.width) this.width = Math.floor(this.node.clientWidth);
    if (this.width >= NARROWEST) this.render(data, this.width);
  }

  protected abstract render(data: Data, width: number): void;

  protected show(width: number, height: number, ...parts: readonly Node[]): void {
    set(this.svg, { viewBox: `0 0 ${width} ${height}`, width, height });
    fill(this.svg, ...parts);
  }
}

const STEPS: Record<string, number> = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, PageDown: -12, PageUp: 12, Home: -Infinity, End: Infinity };

/** A chart over time: pointer and arrow keys move its cursor, which others may share. */
export abstract class Timed<Data extends { cursor: number }> extends Sized<Data> {
  protected readonly cursor = s("g", { class: "live cursor" });

  constructor(private readonly onCursor: (index: number) => void) {
    super();
    this.node.addEventListener("pointermove", (event) => this.point(event));
    this.node.addEventListener("pointerdown", (event) => this.point(event));
    this.node.addEventListener("keydown", (event) => this.key(event));
  }

  /** Dates of the data, by which the cursor counts. */
  protected abstract dates(data: Data): readonly number[];
  /** Where a date stands, in pixels. */
  protected abstract place(date: number): number;

  private point(event: PointerEvent): void {
    if (!this.data) return;
    const at = event.clientX - this.node.getBoundingClientRect().left;
    this.choose(nearest(this.dates(this.data).map((date) => this.place(date)), at));
  }

  private key(event: KeyboardEvent): void {
    const step = STEPS[event.key];
    if (!this.data || step === undefined || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    this.choose(Math.min(Math.max(this.data.cursor + step, 0), this.dates(this.data).length - 1));
  }

  private choose(index: number): void {
    if (this.data && index !== this.data.cursor) this.onCursor(index);
  }
}

/** Index of the value nearest to another. */
export function nearest(values: readonly number[], to: number): number {
  let best = 0;
  values.forEach((value, i) => {
    if (Math.abs(value - to) < Math.abs(values[best]! - to)) best = i;
  });
  return best;
}
