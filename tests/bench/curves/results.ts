import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { drawingOf } from './chart.ts';
import type { Curves } from './curve.ts';
import { SHAPES, type Shape } from './shapes.ts';

const FOLDER = fileURLToPath(new URL('../../../curve-results/', import.meta.url));

/** Where the report of the round at hand is, until the next one. */
export const REPORT = `${FOLDER}round.json`;

export function makeFolder(): void {
  mkdirSync(FOLDER, { recursive: true });
}

/** A shape's own file, so that the others keep what was measured of them before. */
export function keep(curves: Curves): void {
  writeFileSync(fileOf(curves.shape), `${JSON.stringify(curves, undefined, 2)}\n`);
  draw(curves, FOLDER);
}

/** Of all shapes that were ever measured here. */
export function keptCurves(): readonly Curves[] {
  const files = SHAPES.map(fileOf).filter((file) => existsSync(file));
  return files.map((file): Curves => JSON.parse(readFileSync(file, 'utf8')));
}

/** @param folder ends in a slash. */
export function draw(curves: Curves, folder: string): void {
  writeFileSync(`${folder}curves-${curves.shape.name}.svg`, drawingOf(curves));
}

function fileOf({ name }: Shape): string {
  return `${FOLDER}${name}.json`;
}
