import type { Colour } from '../support/cell.ts';

export const BACKGROUND = '#17191f';
export const FOREGROUND = '#d6d9e0';

/** Black to white, then the bright ones. */
const SIXTEEN = [
  ...['#3b4048', '#e4717a', '#8cc570', '#dcb465', '#6aa9f0', '#c586d8', '#55b8c4', '#c3c8d1'],
  ...['#6b7280', '#ff8b94', '#a9dd8d', '#f2cd80', '#8dc1ff', '#dda3ee', '#78d3de', '#f4f6fa'],
];
/** Of the six steps of the colour cube. */
const STEPS = [0, 95, 135, 175, 215, 255];
const CUBE_STARTS = 16;
const GREYS_START = 232;

export function hexOf(colour: Colour, fallback: string): string {
  if (colour === 'default') return fallback;
  if (typeof colour === 'string') return colour;
  if (colour >= GREYS_START) return hex(Array.from({ length: 3 }, () => 8 + 10 * (colour - GREYS_START)));
  const inCube = colour - CUBE_STARTS;
  return (
    SIXTEEN[colour] ??
    hex([Math.floor(inCube / 36), Math.floor(inCube / 6) % 6, inCube % 6].map((step) => STEPS[step] ?? 0))
  );
}

/** Half of each. */
export function between(one: string, other: string): string {
  const parts = (colour: string) => [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16));
  const others = parts(other);
  return hex(parts(one).map((value, index) => Math.round((value + (others[index] ?? 0)) / 2)));
}

function hex(parts: readonly number[]): string {
  return `#${parts.map((part) => part.toString(16).padStart(2, '0')).join('')}`;
}
