// How forecasts of the past have fared, honestly beside a rule that costs nothing, and what is said today.

import { get, isOvertaken } from "../api";
import { Fifths, MetChart, Scores, type Met } from "../charts/calibration";
import { Figure, type Cell } from "../charts/figure";
import { segmented, type Segmented } from "../controls/segmented";
import { fill, h, text } from "../dom";
import { monthWords, percent, unitOf, unitText, write, writeFull, writeRange, yearOf } from "../format";
import type { App, Cause, Page } from "../page";

interface Point { series: string; unit: string; origin: string; at: string; observed: number; p05: number; p25: number; p50: number; p75: number; p95: number; grown: number; pit: number; crps: number; crps_point: number; crps_moved: number }
interface Board { name: string; title: string; coverage: Record<string, number>; calibration: number[]; mean_crps: number; mean_crps_point: number; mean_crps_moved: number; wins_crps_point: number; wins_crps_moved: number; points: Point[]; seen: Record<string, [number, number][]> }
interface Forecast { signal: string; label: string; meaning: string; unit: string; at: string; p05: number; p25: number; p50: number; p75: number; p95: number; file: string; caveat: string; observed: number | null; pit: number | null; inside: boolean | null }
interface Answer { gigawatt: string; data_date: string; draws: number; seed: number; all: Board; hindcasts: Board[]; ledger: Forecast[]; nowcast: Forecast[] }

const RULE = "last year's growth continued";

class Scoreboard implements Page {
  readonly name = "scoreboard";
  readonly title = "Scoreboard";
  readonly live = false;
  private app!: App;
  private answer: Answer | null = null;
  private asking = false;
  private which!: Segmented;
  private sentence!: HTMLElement;
  private losses!: HTMLElement;
  private problem!: HTMLElement;
  private body!: HTMLElement;
  private grid!: HTMLElement;
  private key!: HTMLElement;
  private scores!: { figure: Figure; plot: Scores };
  private fifths!: { figure: Figure; plot: Fifths };
  private ledgers!: { base: Figure; nowcast: Figure };
  private shown = "";

  render(root: HTMLElement, app: App): void {
    this.app = app;
    this.shown = "";
    this.sentence = h("p", { class: "headline", "aria-live": "polite" });
    this.losses = h("ul", { class: "causes" });
    this.problem = h("p", { class: "problem", role: "alert", hidden: true });
    this.scores = { figure: new Figure({ name: "scores", level: 2 }), plot: new Scores() };
    this.fifths = { figure: new Figure({ name: "calibration", level: 2 }), plot: new Fifths() };
    for (const { figure, plot } of [this.scores, this.fifths]) figure.plot.append(plot.node);
    this.ledgers = { nowcast: new Figure({ name: "ledger-nowcast", level: 2 }), base: new Figure({ name: "ledger", level: 2 }) };
    for (const figure of Object.values(this.ledgers)) figure.root.classList.add("only-table");
    this.which = segmented("Which forecasts", [["world", "The world"], ["buildout", "Build-out"], ["revenue", "Revenue"]], () => this.chosen(), (value) => app.commit({ view: { chosen: { ...app.state.view.chosen, "board.which": value } } }, "which forecasts"));
    this.key = h("p", { class: "small" });
    this.grid = h("div", { class: "grid" });
    this.body = h("div", { class: "stack", hidden: true },
      h("div", { class: "pair" }, this.scores.figure.root, this.fifths.figure.root),
      h("section", { "aria-labelledby": "board-met" }, h("div", { class: "row" }, h("h2", { id: "board-met" }, "Drawn over what happened"), this.which.root), this.key, this.grid),
      this.ledgers.nowcast.root, this.ledgers.base.root);
    fill(root,
      h("h1", {}, "Scoreboard"),
      h("p", { class: "lede" }, "A model that is never scored can say anything. Every forecast of the past stands here beside a rule that costs nothing, and what is said today is written down with the series that will score it."),
      this.problem, this.sentence, this.losses, this.body);
    this.update(app, "state");
  }

  update(_app: App, cause: Cause): void {
    if (cause === "drag" || cause === "run") return;
    this.which.update();
    if (this.answer) return this.draw(this.answer);
    if (this.asking) return;
    this.asking = true;
    text(this.sentence, "Forecasting from the dates of the past…");
    get<Answer>("api/scoreboard").then(
      (told) => {
        this.answer = told;
        this.draw(told);
      },
      (error: unknown) => {
        if (isOvertaken(error)) return;
        text(this.sentence, "");
        this.problem.hidden = false;
        text(this.problem, (error as Error).message);
      }).finally(() => (this.asking = false));
  }

  private chosen(): string {
    return this.app.state.view.chosen["board.which"] ?? "world";
  }

  private draw(told: Answer): void {
    if (!this.sentence.isConnected) return;
    const caption = `gigawatt ${told.gigawatt} · data to ${told.data_date} · seed ${told.seed} · ${told.draws.toLocaleString("en")} draws`;
    this.body.hidden = false;
    if (!this.shown) this.drawOnce(told, caption);
    if (this.chosen() !== this.shown) this.drawMet(told, caption);
    this.shown = this.chosen();
  }

  private drawOnce(told: Answer, caption: string): void {
    const { all } = told;
    const n = all.points.length;
    const better = all.mean_crps < all.mean_crps_moved;
    text(this.sentence, `${n} forecasts met: ${percent(all.coverage["90"] ?? NaN)} of what came lies in the 90\u00a0% band, ${percent(all.coverage["50"] ?? NaN)} in the 50\u00a0% band. Against ${RULE} the model is ${better ? "better" : "worse"} in the mean and at ${all.wins_crps_moved} of ${n} points.`);
    const lost = told.hindcasts.filter((board) => board.mean_crps > board.mean_crps_moved).map((board) => `We lose: ${board.title}. Score ${board.mean_crps.toFixed(3)} against ${board.mean_crps_moved.toFixed(3)} of ${RULE} with the same width.`);
    const fewer = told.hindcasts.filter((board) => board.mean_crps <= board.mean_crps_moved && board.wins_crps_moved * 2 < board.points.length).map((board) => `We win in the mean and lose at most points: ${board.title}, ${board.wins_crps_moved} of ${board.points.length}.`);
    const missed = told.ledger.filter((f) => f.inside === false).map((f) => {
      const unit = unitOf(f.signal, f.unit);
      return `Missed already: ${f.meaning}${f.label ? ` of ${f.label}` : ""}, ${monthWords(f.at)}: ${writeFull(unit, f.observed)} came; base says ${write(unit, f.p50)} (${writeRange(unit, f.p05, f.p50, f.p95)}).`;
    });
    fill(this.losses, ...[...lost, ...fewer, ...missed].map((words) => h("li", {}, words)));
    const boards = [...told.hindcasts, all];
    this.scores.figure.tell({
      title: "Score of each hindcast", unit: `mean CRPS of the natural logarithm, lower is better; circle: model, square: ${RULE} with the model's width, cross: as a bare number`, caption,
      table: () => ({
        columns: [{ head: "Forecasts" }, ...["Points", "Model", "Same width", "Bare number", "Better at", "In 50 %", "In 90 %"].map((head) => ({ head, number: true }))],
        rows: boards.map((b): (Cell | string)[] => [b.title, String(b.points.length), { words: b.mean_crps.toFixed(3), value: b.mean_crps }, { words: b.mean_crps_moved.toFixed(3), value: b.mean_crps_moved }, { words: b.mean_crps_point.toFixed(3), value: b.mean_crps_point }, `${b.wins_crps_moved} of ${b.points.length}`, { words: percent(b.coverage["50"] ?? NaN), value: b.coverage["50"] ?? null }, { words: percent(b.coverage["90"] ?? NaN), value: b.coverage["90"] ?? null }]),
      }),
    });
    this.scores.plot.draw({ label: "Mean scores", rows: boards.map((b) => ({ label: `${b.title} (${b.points.length})`, model: b.mean_crps, moved: b.mean_crps_moved, bare: b.mean_crps_point })) });
    this.fifths.figure.tell({
      title: "Calibration", unit: `share of all ${n} points by fifths of their forecast; calibrated: each reaches the dashed line`, caption: `${caption}. Neighbouring points are not independent.`,
      table: () => ({ columns: [{ head: "Forecasts" }, ...["0–20 %", "20–40 %", "40–60 %", "60–80 %", "80–100 %"].map((head) => ({ head, number: true }))], rows: boards.map((b) => [b.title, ...b.calibration.map((x) => ({ words: percent(x), value: x }))]) }),
    });
    this.fifths.plot.draw({ label: "Where in the forecast what came has fallen", shares: all.calibration });
    this.drawLedger(this.ledgers.nowcast, "what is said from the newest start, of dates to come", told.nowcast, caption);
    this.drawLedger(this.ledgers.base, "what base says of dates to come", told.ledger, caption);
  }

  private drawMet(told: Answer, caption: string): void {
    const board = told.hindcasts.find((x) => x.name === this.chosen()) ?? told.hindcasts[0];
    if (!board) return;
    const origins = [...new Set(board.points.map((p) => p.origin))].sort();
    const signs = origins.map((origin, i) => h("span", { class: `origin c${[0, 2, 3][i] ?? 0}` }, `from the end of ${monthWords(origin.slice(0, 7))}`));
    fill(this.key, `Light: 90 % of the forecast, dark: half of it; line and circles: what happened; cross: ${RULE}; ticks: 1 January. Forecast `, ...signs.flatMap((sign, i) => (i ? [", ", sign] : [sign])), ".");
    const names = [...new Set(board.points.map((p) => p.series))];
    fill(this.grid, ...names.map((name) => {
      const own = board.points.filter((p) => p.series === name).sort((a, b) => a.at.localeCompare(b.at));
      const unit = unitOf("", own[0]?.unit ?? "1");
      const figure = new Figure({ name: `met-${name.toLowerCase().replace(/[^a-z]+/g, "-")}`, level: 3 });
      const plot = new MetChart();
      figure.plot.append(plot.node);
      const points: Met[] = own.map((p) => ({ at: yearOf(p.at.slice(0, 7)), origin: origins.indexOf(p.origin), shift: 5 * (origins.indexOf(p.origin) - (origins.length - 1) / 2), observed: p.observed, quantiles: [p.p05, p.p25, p.p50, p.p75, p.p95], grown: p.grown }));
      figure.tell({
        title: name, unit: `${unitText(unit)}, log scale`, caption,
        table: () => ({
          columns: [{ head: "Date" }, { head: "From" }, ...["Came", "Forecast", "90 %", "Rule", "CRPS", "Rule's, same width"].map((head) => ({ head, number: true }))],
          rows: own.map((p): (Cell | string)[] => [p.at, p.origin, { words: write(unit, p.observed), value: p.observed }, { words: write(unit, p.p50), value: p.p50 }, writeRange(unit, p.p05, p.p50, p.p95), { words: write(unit, p.grown), value: p.grown }, { words: p.crps.toFixed(2), value: p.crps }, { words: p.crps_moved.toFixed(2), value: p.crps_moved }]),
        }),
      });
      queueMicrotask(() => plot.draw({ label: name, unit, points, seen: board.seen[name] ?? [] }));
      return figure.root;
    }));
  }

  private drawLedger(figure: Figure, what: string, said: Forecast[], caption: string): void {
    const dates = [...new Set(said.map((f) => f.at))].sort();
    const rows = [...new Map(said.map((f) => [`${f.signal}|${f.label}|${f.meaning}`, f])).entries()];
    figure.tell({
      title: `Ledger: ${what}`, unit: "median (5–95 %) at the end of each month; in brackets what came, where the series reaches it already", caption: `${caption}. As a file: gigawatt scoreboard --out DIR.`,
      table: () => ({
        columns: [{ head: "Quantity" }, ...dates.map((head) => ({ head, number: true })), { head: "Scored by" }],
        rows: rows.map(([key, of]): (Cell | string)[] => {
          const unit = unitOf(of.signal, of.unit);
          return [`${of.meaning}${of.label ? ` of ${of.label}` : ""}${unit.text ? `, ${unit.text}` : ""}`,
            ...dates.map((at): Cell | string => {
              const f = said.find((x) => x.at === at && `${x.signal}|${x.label}|${x.meaning}` === key);
              if (!f) return "–";
              const came = f.observed === null ? "" : ` [came ${write(unit, f.observed)}${f.inside ? "" : ", outside"}]`;
              return { words: `${write(unit, f.p50)} (${writeRange(unit, f.p05, f.p50, f.p95).replaceAll("–", "\u2060–\u2060")})${came}`, value: f.p50 };
            }), `${of.file}: ${of.caveat}`];
        }),
      }),
    });
    figure.show(true);
  }
}

export const scoreboard = new Scoreboard();
