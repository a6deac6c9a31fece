// A chart as a file: SVG with its colours written in, and PNG painted from the same elements. Nothing is fetched.

import { download } from "../dom";

const STYLES = ["fill", "fill-opacity", "stroke", "stroke-width", "stroke-opacity", "stroke-dasharray", "stroke-linejoin", "opacity", "font-size", "font-weight", "font-family", "text-anchor", "display"];
const MARGIN = 16;
const LINE = 17;

export interface Words {
  title: string;
  unit: string;
  caption: string;
}

interface Piece {
  tag: string;
  element: SVGGraphicsElement;
  style: Record<string, string>;
  x: number;
  y: number;
}

/** The drawn elements in order, with computed styles and the offset of their groups. */
function pieces(svg: SVGSVGElement): Piece[] {
  const found: Piece[] = [];
  const walk = (parent: Element, x: number, y: number): void => {
    for (const element of Array.from(parent.children) as SVGGraphicsElement[]) {
      if (element.classList.contains("live")) continue; // cursor and hit areas are no part of the picture
      const computed = getComputedStyle(element);
      if (computed.display === "none") continue;
      const move = /translate\(([-\d.]+)[ ,]+([-\d.]+)\)/.exec(element.getAttribute("transform") ?? "");
      const [dx, dy] = move ? [x + Number(move[1]), y + Number(move[2])] : [x, y];
      if (element.tagName === "g") walk(element, dx, dy);
      else if (["path", "line", "rect", "circle", "text"].includes(element.tagName)) {
        found.push({ tag: element.tagName, element, style: Object.fromEntries(STYLES.map((name) => [name, computed.getPropertyValue(name)])), x: dx, y: dy });
      }
    }
  };
  walk(svg, 0, 0);
  return found;
}

const sizeOf = (svg: SVGSVGElement): [number, number] => [svg.viewBox.baseVal.width, svg.viewBox.baseVal.height];

/** Break words into lines of a width. */
function wrapped(words: string, width: number, measure: (line: string) => number): string[] {
  const lines: string[] = [];
  for (const word of words.split(" ")) {
    const last = lines.at(-1);
    if (last !== undefined && measure(`${last} ${word}`) <= width) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}

/** Where title, unit and caption go around the plot. */
function laid(svg: SVGSVGElement, words: Words): { width: number; height: number; top: number; lines: { text: string; x: number; y: number; kind: "title" | "small" }[] } {
  const [width, height] = sizeOf(svg);
  const rough = (size: number) => (line: string): number => line.length * size * 0.53;
  const lines: { text: string; x: number; y: number; kind: "title" | "small" }[] = [];
  let y = MARGIN + 8;
  for (const line of wrapped(words.title, width, rough(15))) lines.push({ text: line, x: MARGIN, y: (y += LINE + 1) - 8, kind: "title" });
  if (words.unit) lines.push({ text: words.unit, x: MARGIN, y: (y += LINE) - 8, kind: "small" });
  const top = y;
  y = top + height + 8;
  for (const line of wrapped(words.caption, width, rough(11))) lines.push({ text: line, x: MARGIN, y: (y += LINE - 2), kind: "small" });
  return { width: width + 2 * MARGIN, height: y + MARGIN - 4, top, lines };
}

function look(): { ink: string; faint: string; paper: string; font: string } {
  const root = getComputedStyle(document.documentElement);
  return { ink: root.getPropertyValue("--ink").trim(), faint: root.getPropertyValue("--faint").trim(), paper: root.getPropertyValue("--paper").trim(), font: getComputedStyle(document.body).fontFamily };
}

const escape = (x: string): string => x.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");

export function svgText(svg: SVGSVGElement, words: Words): string {
  const { width, height, top, lines } = laid(svg, words);
  const { ink, faint, paper, font } = look();
  const body = pieces(svg).map(({ element, style, x, y, tag }) => {
    const kept = ["d", "x", "y", "x1", "x2", "y1", "y2", "cx", "cy", "r", "rx", "width", "height"].flatMap((name) => {
      const value = element.getAttribute(name);
      return value === null ? [] : [`${name}="${escape(value)}"`];
    });
    const drawn = Object.entries(style).filter(([name, value]) => value && value !== "none" && name !== "display" && (tag === "text" || !/^(font|text)/.test(name)) || name === "fill");
    const given = drawn.map(([name, value]) => `${name}="${escape(name === "font-family" ? font : value)}"`);
    const open = `<${tag} ${[...kept, ...given].join(" ")} transform="translate(${x + MARGIN} ${y + top})"`;
    return tag === "text" ? `${open}>${escape(element.textContent ?? "")}</text>` : `${open}/>`;
  });
  const told = lines.map(({ text, x, y, kind }) => `<text x="${x}" y="${y}" font-family="${escape(font)}" font-size="${kind === "title" ? 15 : 11}" font-weight="${kind === "title" ? 600 : 400}" fill="${kind === "title" ? ink : faint}">${escape(text)}</text>`);
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}"><title>${escape(words.title)}</title><rect width="${width}" height="${height}" fill="${paper}"/>${told.join("")}${body.join("")}</svg>\n`;
}

export function saveSvg(svg: SVGSVGElement, words: Words, name: string): void {
  download(`${name}.svg`, svgText(svg, words), "image/svg+xml");
}

/** Painted on a canvas at twice the size, for slides. */
export function savePng(svg: SVGSVGElement, words: Words, name: string): void {
  const { width, height, top, lines } = laid(svg, words);
  const { ink, faint, paper, font } = look();
  const canvas = document.createElement("canvas");
  const zoom = 2;
  canvas.width = Math.round(width * zoom);
  canvas.height = Math.round(height * zoom);
  const paint = canvas.getContext("2d");
  if (!paint) return;
  paint.scale(zoom, zoom);
  paint.fillStyle = paper;
  paint.fillRect(0, 0, width, height);
  for (const line of lines) {
    paint.font = line.kind === "title" ? `600 15px ${font}` : `11px ${font}`;
    paint.fillStyle = line.kind === "title" ? ink : faint;
    paint.fillText(line.text, line.x, line.y);
  }
  for (const piece of pieces(svg)) {
    paint.save();
    paint.translate(piece.x + MARGIN, piece.y + top);
    drawPiece(paint, piece);
    paint.restore();
  }
  canvas.toBlob((blob) => blob && download(`${name}.png`, blob));
}

function drawPiece(paint: CanvasRenderingContext2D, { tag, element, style }: Piece): void {
  const number = (name: string): number => Number(element.getAttribute(name) ?? 0);
  paint.globalAlpha = Number(style["opacity"] || 1);
  if (tag === "text") {
    paint.font = `${style["font-weight"]} ${style["font-size"]} ${style["font-family"]}`;
    paint.fillStyle = style["fill"] ?? "";
    paint.textAlign = { middle: "center", end: "right" }[style["text-anchor"] ?? ""] as CanvasTextAlign | undefined ?? "left";
    return paint.fillText(element.textContent ?? "", number("x"), number("y"));
  }
  const path = new Path2D(tag === "path" ? element.getAttribute("d") ?? "" : "");
  if (tag === "line") {
    path.moveTo(number("x1"), number("y1"));
    path.lineTo(number("x2"), number("y2"));
  } else if (tag === "rect") path.rect(number("x"), number("y"), number("width"), number("height"));
  else if (tag === "circle") path.arc(number("cx"), number("cy"), number("r"), 0, 2 * Math.PI);
  const alpha = paint.globalAlpha;
  if (style["fill"] && style["fill"] !== "none" && tag !== "line") {
    paint.globalAlpha = alpha * Number(style["fill-opacity"] || 1);
    paint.fillStyle = style["fill"];
    paint.fill(path);
  }
  if (style["stroke"] && style["stroke"] !== "none") {
    paint.globalAlpha = alpha * Number(style["stroke-opacity"] || 1);
    paint.strokeStyle = style["stroke"];
    paint.lineWidth = parseFloat(style["stroke-width"] ?? "1");
    const dashes = (style["stroke-dasharray"] ?? "none").split(/[ ,]+/).map(parseFloat).filter(Number.isFinite);
    paint.setLineDash(dashes);
    paint.lineJoin = "round";
    paint.stroke(path);
  }
}
