import { readdirSync } from 'node:fs';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The same folder of the package, from the source and from what is built of it. */
const FOLDER = new URL(
  import.meta.url.includes('/dist/cli/load/') ? '../../../cli/load/scenarios/' : './scenarios/',
  import.meta.url,
);

/** The names of the scenarios that come with the program. */
export function shippedScenarios(): string[] {
  const files = readdirSync(FOLDER).filter((file) => file.endsWith('.yaml'));
  return files.map((file) => basename(file, '.yaml')).sort();
}

export function shippedPath(name: string): string {
  return fileURLToPath(new URL(`${name}.yaml`, FOLDER));
}
